"""Messages over REST: sending, nonces, mentions, history, reactions, pins, DMs."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import acts
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType, Overwrite, OverwriteType
from sandbox.told import ATTACHMENT_LIMIT

if TYPE_CHECKING:
    from sandbox.state import Channel, Message
    from tests.sandbox.conftest import Api


def write(api: Api, content: str, **more: Any) -> Message:
    """Let Kim write in #general."""
    return acts.send(api.world, api.kim.user, api.room, acts.Draft(content, **more))


def deny(api: Api, *bits: Permission) -> None:
    """Take permissions from everyone in #general."""
    taken = sum(int(bit) for bit in bits)
    api.room.overwrites[api.server.id] = Overwrite(api.server.id, OverwriteType.ROLE, deny=taken)


async def test_a_message_is_sent(api: Api) -> None:
    """Its time is the virtual one, its event carries the writer as a member."""
    answer = await api.say("  hello  ")
    assert answer.status == 200
    assert answer.body["content"] == "hello"
    assert answer.body["timestamp"] == api.clock.now().isoformat()
    (told,) = api.heard.named("MESSAGE_CREATE")
    assert told["guild_id"] == str(api.server.id)
    assert told["member"]["roles"] == [str(api.bot_role.id)]
    assert api.room.last_message_id == int(answer.body["id"])


UNSENDABLE: list[tuple[dict[str, Any], int]] = [
    ({}, 50006),
    ({"content": "  \n "}, 50006),
    ({"content": "x" * 2001}, 50035),
    ({"nonce": "x" * 26, "content": "x"}, 50035),
    ({"embeds": [{"title": "x" * 257}]}, 50035),
    ({"embeds": [{"description": "x" * 3001}] * 2}, 50035),
    ({"embeds": [{"fields": [{"name": "x"}]}]}, 50035),
    ({"components": [{"type": 1, "components": []}]}, 50035),
    ({"content": "x", "flags": 32768}, 50035),
    ({"content": "x", "message_reference": {"message_id": "5"}}, 50035),
]


@pytest.mark.parametrize(
    ("body", "code"),
    UNSENDABLE,
    ids=[
        "nothing",
        "only blanks",
        "too long",
        "nonce too long",
        "embed title too long",
        "embeds too long together",
        "field without value",
        "empty row",
        "content beside components v2",
        "answer to nothing",
    ],
)
async def test_what_cannot_be_sent(api: Api, body: dict[str, Any], code: int) -> None:
    """Refused with Discord's code, and nothing appears."""
    answer = await api.call("POST", f"/channels/{api.room.id}/messages", body)
    assert (answer.status, answer.code) == (400, code)
    assert len(api.room.history) == 0
    assert api.heard.events == []


async def test_a_nested_fault_is_told_where_it_is(api: Api) -> None:
    """The errors follow the body's own nesting."""
    answer = await api.say(embeds=[{"title": "fine"}, {"title": "x" * 257}])
    fault = answer.body["errors"]["embeds"]["1"]["title"]["_errors"][0]
    assert fault["code"] == "BASE_TYPE_MAX_LENGTH"


async def test_an_enforced_nonce_sends_once(api: Api) -> None:
    """The second request gets the first message back, and no event is sent."""
    first = await api.say("hello", nonce="ritual-7", enforce_nonce=True)
    second = await api.say("hello again", nonce="ritual-7", enforce_nonce=True)
    assert first.body == second.body
    assert first.body["nonce"] == "ritual-7"
    assert len(api.room.history) == 1
    assert api.heard.names == ["MESSAGE_CREATE"]
    await api.say("other", nonce="ritual-7")
    await api.say("other", nonce="ritual-8", enforce_nonce=True)
    assert len(api.room.history) == 3
    listed = (await api.call("GET", f"/channels/{api.room.id}/messages")).body
    assert all("nonce" not in message for message in listed)


async def test_a_nonce_is_forgotten_after_a_while(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few real minutes the same nonce sends again."""
    now = 100.0
    monkeypatch.setattr("sandbox.acts.messages.time.monotonic", lambda: now)
    await api.say("hello", nonce="n", enforce_nonce=True)
    now = 281.0
    await api.say("hello", nonce="n", enforce_nonce=True)
    assert len(api.room.history) == 2


Pinged = tuple[list[str], list[str], bool]
ALLOWED: list[tuple[dict[str, list[str]] | None, Pinged]] = [
    (None, (["kim"], ["open", "shut"], True)),
    ({"parse": []}, ([], [], False)),
    ({"parse": ["users"]}, (["kim"], [], False)),
    ({"parse": ["roles", "everyone"]}, ([], ["open", "shut"], True)),
    ({"users": ["kim"], "roles": ["open"]}, (["kim"], ["open"], False)),
    ({"users": ["5"]}, ([], [], False)),
]


@pytest.mark.parametrize(("allowed", "expected"), ALLOWED)
async def test_allowed_mentions_are_honoured(
    api: Api, allowed: dict[str, list[str]] | None, expected: Pinged
) -> None:
    """Who is pinged is what the text names and the sender allows."""
    ids = {"kim": api.kim.id, "open": api.role("open").id, "shut": api.role("shut").id}
    api.server.roles[ids["open"]].mentionable = True
    text = f"<@{ids['kim']}> <@&{ids['open']}> <@&{ids['shut']}> @everyone <@77>"
    more: dict[str, Any] = {}
    if allowed is not None:
        named = {key: [str(ids.get(v, v)) for v in value] for key, value in allowed.items()}
        more["allowed_mentions"] = named
    message = (await api.say(text, **more)).body
    users, roles, everyone = expected
    assert [user["id"] for user in message["mentions"]] == [str(ids[name]) for name in users]
    assert message["mention_roles"] == [str(ids[name]) for name in roles]
    assert message["mention_everyone"] is everyone


async def test_people_ping_only_what_they_may(api: Api) -> None:
    """Without the permission, only mentionable roles and no @everyone."""
    role = api.role("open")
    role.mentionable = True
    shut = api.role("shut")
    message = write(api, f"@here {role.mention} {shut.mention} {api.owner.mention}")
    assert message.mention_roles == [role.id]
    assert not message.mention_everyone
    assert message.mentions == [api.owner.user]


async def test_contradicting_mentions_are_refused(api: Api) -> None:
    """A kind is parsed or listed, not both."""
    allowed = {"parse": ["users"], "users": [str(api.kim.id)]}
    assert (await api.say("x", allowed_mentions=allowed)).code == 50035


async def test_an_answer_names_what_it_answers(api: Api) -> None:
    """The quoted message comes along, and its writer is pinged unless that is turned off."""
    question = write(api, "which path?")
    reference = {"message_id": str(question.id)}
    answer = (await api.say("this one", message_reference=reference)).body
    assert answer["type"] == 19
    assert answer["message_reference"]["message_id"] == str(question.id)
    assert answer["referenced_message"]["content"] == "which path?"
    assert [user["username"] for user in answer["mentions"]] == ["Kim"]
    silent = await api.say(
        "or that", message_reference=reference, allowed_mentions={"parse": ["users"]}
    )
    assert silent.body["mentions"] == []
    loose = {"message_id": "5", "fail_if_not_exists": False}
    assert (await api.say("x", message_reference=loose)).body["type"] == 0


async def test_rights_in_a_room(api: Api) -> None:
    """Writing, embedding and answering are asked for one by one."""
    question = write(api, "which path?")
    deny(api, Permission.SEND_MESSAGES)
    assert (await api.say("x")).code == 50013
    deny(api, Permission.EMBED_LINKS)
    assert (await api.say(embeds=[{"title": "x"}])).code == 50013
    assert (await api.say("x")).status == 200
    deny(api, Permission.READ_MESSAGE_HISTORY)
    reference = {"message_id": str(question.id)}
    assert (await api.say("x", message_reference=reference)).code == 160002
    path = f"/channels/{api.room.id}/messages"
    assert (await api.call("GET", path)).body == []
    assert (await api.call("GET", f"{path}/{question.id}")).code == 50013
    assert (await api.say("x", api.channel("Homes", ChannelType.CATEGORY))).code == 50008


async def test_history_from_every_side(api: Api) -> None:
    """Newest first, whatever is asked for."""
    ids = [write(api, str(number)).id for number in range(10)]
    path = f"/channels/{api.room.id}/messages"

    async def page(**query: Any) -> list[int]:
        found = await api.call("GET", path, **query)
        return [ids.index(int(message["id"])) for message in found.body]

    assert await page() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert await page(limit=2) == [9, 8]
    assert await page(limit=3, before=ids[5]) == [4, 3, 2]
    assert await page(limit=3, after=ids[5]) == [8, 7, 6]
    assert await page(limit=3, after=0) == [2, 1, 0]
    assert await page(limit=3, around=ids[5]) == [6, 5, 4]
    for limit in (0, 101):
        assert (await api.call("GET", path, limit=limit)).code == 50035


async def test_content_is_for_those_with_the_intent(api: Api) -> None:
    """Without it, others' messages are blank unless they mention the bot or stand in its DM."""
    api.state.application.content_intent = False
    write(api, "a secret")
    write(api, f"hello {api.bot.mention}")
    await api.say("mine")
    listed = (await api.call("GET", f"/channels/{api.room.id}/messages")).body
    assert [message["content"] for message in listed] == ["mine", "hello <@10>", ""]
    assert all(message["author"]["username"] for message in listed)


async def test_editing(api: Api) -> None:
    """Only one's own, never to nothing; components v2 stay."""
    message_id = (await api.say("draft")).body["id"]
    path = f"/channels/{api.room.id}/messages/{message_id}"
    api.pass_time(virtual=timedelta(minutes=3))
    edited = (await api.call("PATCH", path, {"content": "final"})).body
    assert (edited["content"], edited["edited_timestamp"]) == ("final", api.clock.now().isoformat())
    assert api.heard.named("MESSAGE_UPDATE")[0]["content"] == "final"
    assert (await api.call("PATCH", path, {"content": None})).code == 50006
    other = write(api, "mine")
    path = f"/channels/{api.room.id}/messages/{other.id}"
    assert (await api.call("PATCH", path, {"content": "yours"})).code == 50005
    assert (await api.call("PATCH", f"/channels/{api.room.id}/messages/5", {})).code == 10008


async def test_components_are_numbered(api: Api) -> None:
    """Every component gets an id, as Discord gives one; the custom ids come back."""
    row = {
        "type": 1,
        "components": [{"type": 2, "style": 1, "label": "Wave", "custom_id": "wave:7"}],
    }
    sent = (await api.say("hello", components=[row])).body
    assert sent["components"][0]["id"] == 1
    button = sent["components"][0]["components"][0]
    assert (button["id"], button["custom_id"]) == (2, "wave:7")
    layout = [{"type": 10, "content": f"hi {api.kim.mention}"}]
    v2 = (await api.say(components=layout, flags=32768)).body
    assert v2["flags"] == 32768
    assert [user["id"] for user in v2["mentions"]] == [str(api.kim.id)]


async def test_deleting(api: Api) -> None:
    """One's own freely, another's with the right, and that is logged; never twice."""
    own, other = (await api.say("x")).body["id"], write(api, "y")
    base = f"/channels/{api.room.id}/messages"
    assert (await api.call("DELETE", f"{base}/{own}")).status == 204
    assert (await api.call("DELETE", f"{base}/{own}")).code == 10008
    assert api.server.audit_log == []
    assert (await api.call("DELETE", f"{base}/{other.id}")).code == 50013
    api.bot_role.permissions |= Permission.MANAGE_MESSAGES
    assert (await api.call("DELETE", f"{base}/{other.id}")).status == 204
    entry = api.server.audit_log[-1]
    assert (entry.action, entry.target_id) == (AuditAction.MESSAGE_DELETE, api.kim.id)
    assert len(api.heard.named("MESSAGE_DELETE")) == 2


async def test_bulk_deleting(api: Api) -> None:
    """From 2 to 100 messages of the last two weeks."""
    api.bot_role.permissions |= Permission.MANAGE_MESSAGES
    old = write(api, "old")
    api.pass_time(virtual=timedelta(days=15))
    new = [write(api, str(number)) for number in range(3)]
    path = f"/channels/{api.room.id}/messages/bulk-delete"
    assert (await api.call("POST", path, {"messages": [str(old.id)]})).code == 50035
    both = {"messages": [str(old.id), str(new[0].id)]}
    assert (await api.call("POST", path, both)).code == 50034
    some = {"messages": [str(message.id) for message in new[:2]]}
    assert (await api.call("POST", path, some)).status == 204
    assert list(api.room.history) == [old, new[2]]


async def test_reactions(api: Api) -> None:
    """One each, counted, taken back once; the event says whose message it is."""
    message = write(api, "look")
    base = f"/channels/{api.room.id}/messages/{message.id}/reactions"
    for _ in range(2):
        assert (await api.call("PUT", f"{base}/%F0%9F%91%8B/@me")).status == 204
        api.pass_time()
    acts.add_reaction(api.world, api.kim.user, api.room, message, "👋")
    told = api.heard.named("MESSAGE_REACTION_ADD")
    assert [event["user_id"] for event in told] == ["10", str(api.kim.id)]
    assert told[0]["message_author_id"] == str(api.kim.id)
    listed = (await api.call("GET", f"/channels/{api.room.id}/messages")).body
    assert (listed[0]["reactions"][0]["count"], listed[0]["reactions"][0]["me"]) == (2, True)
    who = (await api.call("GET", f"{base}/%F0%9F%91%8B")).body
    assert [user["id"] for user in who] == ["10", str(api.kim.id)]
    assert (await api.call("DELETE", f"{base}/%F0%9F%91%8B/@me")).status == 204
    api.pass_time()
    assert (await api.call("DELETE", f"{base}/%F0%9F%91%8B/{api.kim.id}")).code == 50013
    acts.remove_reaction(api.world, api.kim.user, api.room, message, "👋")
    assert message.reactions == {}
    api.pass_time()
    assert (await api.call("DELETE", f"{base}/%F0%9F%91%8B/@me")).code == 10014
    api.pass_time()
    assert (await api.call("PUT", f"{base}/hello/@me")).code == 10014


async def test_20_different_reactions_are_the_most(api: Api) -> None:
    """One more of the same goes, one more kind does not."""
    message = write(api, "look")
    for number in range(20):
        acts.add_reaction(api.world, api.kim.user, api.room, message, chr(0x1F600 + number))
    base = f"/channels/{api.room.id}/messages/{message.id}/reactions"
    assert (await api.call("PUT", f"{base}/%F0%9F%91%8B/@me")).code == 30010
    api.pass_time()
    assert (await api.call("PUT", f"{base}/%F0%9F%98%80/@me")).status == 204


async def test_pins(api: Api) -> None:
    """Listed last pinned first, with a notice in the room; taken down again."""
    first, second = write(api, "one"), write(api, "two")
    base = f"/channels/{api.room.id}/messages/pins"
    for message in (first, second):
        api.pass_time(virtual=timedelta(minutes=1))
        assert (await api.call("PUT", f"{base}/{message.id}")).status == 204
    listed = (await api.call("GET", base)).body
    assert [item["message"]["content"] for item in listed["items"]] == ["two", "one"]
    assert not listed["has_more"]
    assert (await api.call("GET", base, limit=1)).body["has_more"]
    assert [message.type for message in api.room.history] == [0, 0, 6, 6]
    assert (await api.call("DELETE", f"{base}/{first.id}")).status == 204
    assert len((await api.call("GET", base)).body["items"]) == 1
    assert "CHANNEL_PINS_UPDATE" in api.heard.names


async def test_typing(api: Api) -> None:
    """Shown to those who listen for it."""
    assert (await api.call("POST", f"/channels/{api.room.id}/typing")).status == 204
    assert api.heard.names == ["TYPING_START"]


async def open_dm(api: Api) -> Channel:
    """Open the bot's DM with Kim."""
    answer = await api.call("POST", "/users/@me/channels", {"recipient_id": str(api.kim.id)})
    assert answer.body["recipients"][0]["username"] == "Kim"
    return api.state.dms[int(answer.body["id"])]


async def test_a_dm(api: Api) -> None:
    """Opened once, told without a server."""
    channel = await open_dm(api)
    assert await open_dm(api) is channel
    assert (await api.say("psst", channel)).status == 200
    (told,) = api.heard.named("MESSAGE_CREATE")
    assert "guild_id" not in told
    assert (await api.call("GET", f"/channels/{channel.id}")).body["type"] == 1
    for bad in ({}, {"recipient_id": "x"}):
        assert (await api.call("POST", "/users/@me/channels", bad)).code == 50035
    assert (await api.call("POST", "/users/@me/channels", {"recipient_id": "5"})).code == 50033


@pytest.mark.parametrize("why", ["closed", "left"])
async def test_a_dm_that_does_not_arrive(api: Api, why: str) -> None:
    """Opening goes; sending is 50007 when they accept none or share no server with the bot."""
    channel = await open_dm(api)
    if why == "closed":
        api.kim.user.accepts_dms = False
    else:
        acts.leave_server(api.world, api.server, api.kim)
    answer = await api.say("psst", channel)
    assert (answer.status, answer.code) == (403, 50007)
    assert len(channel.history) == 0


async def test_a_message_with_a_file(api: Api) -> None:
    """A multipart request keeps name, kind and size of what came along."""
    from aiohttp import FormData  # noqa: PLC0415 - only this test speaks multipart

    form = FormData()
    payload = '{"content": "see", "attachments": [{"id": 0, "description": "a plan"}]}'
    form.add_field("payload_json", payload)
    form.add_field("files[0]", b"abcd", filename="plan.png", content_type="image/png")
    path = f"/api/v10/channels/{api.room.id}/messages"
    headers = {"Authorization": "Bot MTA.x.y"}
    async with api.client.post(path, data=form, headers=headers) as answer:
        body = await answer.json()
    (attachment,) = body["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("plan.png", 4)
    assert (attachment["content_type"], attachment["description"]) == ("image/png", "a plan")
    assert "width" not in attachment  # these four bytes are no picture
    assert api.world.state.files[int(attachment["id"])] == b"abcd"


async def test_what_discord_does_not_take_with_a_file(api: Api) -> None:
    """Words of more than 1,024 characters and files past the limit are refused."""
    from aiohttp import FormData  # noqa: PLC0415 - only these tests speak multipart

    path = f"/api/v10/channels/{api.room.id}/messages"
    headers = {"Authorization": "Bot MTA.x.y"}

    async def sent(description: str, content: bytes) -> tuple[int, int]:
        form = FormData()
        words = json.dumps({"attachments": [{"id": 0, "description": description}]})
        form.add_field("payload_json", words)
        form.add_field("files[0]", BytesIO(content), filename="a.png", content_type="image/png")
        async with api.client.post(path, data=form, headers=headers) as answer:
            return answer.status, (await answer.json())["code"]

    assert await sent("x" * 1025, b"abcd") == (400, 50035)
    assert await sent("", b"x" * (ATTACHMENT_LIMIT + 1)) == (413, 40005)
    assert len(api.room.history) == 0


async def test_the_audit_log_is_read_from_both_ends(api: Api) -> None:
    """Filtered by actor, action and target; newest first, with `after` oldest first."""
    for name in ("a", "b", "c"):
        await api.call("POST", f"/guilds/{api.server.id}/roles", {"name": name}, reason=name)
    acts.create_role(api.world, api.server, api.owner, {"name": "d"}, reason="by hand")
    await api.call("DELETE", f"/guilds/{api.server.id}/roles/{api.server.role('a').id}")

    async def reasons(**query: object) -> list[str | None]:
        log = (await api.guild("GET", "/audit-logs", **query)).body
        return [entry.get("reason") for entry in log["audit_log_entries"]]

    assert await reasons() == [None, "by hand", "c", "b", "a"]
    assert await reasons(limit=2) == [None, "by hand"]
    assert await reasons(user_id=api.owner.id) == ["by hand"]
    assert await reasons(action_type=32) == [None]
    assert await reasons(target_id=api.server.role("b").id) == ["b"]
    middle = api.server.audit_log[2].id
    assert await reasons(before=middle) == ["b", "a"]
    assert await reasons(after=middle) == ["by hand", None]
    log = (await api.guild("GET", "/audit-logs", user_id=api.owner.id)).body
    assert [user["username"] for user in log["users"]] == ["Ada"]
    api.pass_time(virtual=timedelta(days=46))
    assert await reasons() == []
    api.bot_role.permissions &= ~Permission.VIEW_AUDIT_LOG
    assert (await api.guild("GET", "/audit-logs")).code == 50013
