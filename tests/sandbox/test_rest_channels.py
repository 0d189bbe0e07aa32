"""Channels and overwrites over REST, with Discord's limits and its hidden rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.payloads import HIDDEN_FLAG, HIDDEN_NAME
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType, Overwrite, OverwriteType

if TYPE_CHECKING:
    from sandbox.state import Channel
    from tests.sandbox.conftest import Api

VIEW = int(Permission.VIEW_CHANNEL)
ROLE, MEMBER = OverwriteType.ROLE, OverwriteType.MEMBER


def closed_to_all_but(*target_ids: int, api: Api) -> list[dict[str, Any]]:
    """Return overwrites that close a room to everyone but some members and the bot."""
    entries: list[dict[str, Any]] = [
        {"id": str(api.server.id), "type": 0, "allow": "0", "deny": str(VIEW)},
        {"id": str(api.bot.id), "type": 1, "allow": str(VIEW), "deny": "0"},
    ]
    entries += [{"id": str(key), "type": 1, "allow": str(VIEW)} for key in target_ids]
    return entries


async def test_a_channel_is_made(api: Api) -> None:
    """The answer is 201; text channels are named in lower case with dashes."""
    body = {"name": "Trail  Running", "type": 0, "topic": "which path?", "nsfw": False}
    answer = await api.call("POST", f"/guilds/{api.server.id}/channels", body, reason="act 8")
    assert answer.status == 201
    assert answer.body["name"] == "trail-running"
    channel = api.server.channel("trail-running")
    assert (channel.topic, channel.position) == ("which path?", 1)
    assert [data["id"] for data in api.heard.named("CHANNEL_CREATE")] == [str(channel.id)]
    assert api.server.audit_log[-1].reason == "act 8"
    voice = await api.guild("POST", "/channels", {"name": "The Kitchen", "type": 2})
    assert voice.body["name"] == "The Kitchen"


async def test_500_channels_are_the_most(api: Api) -> None:
    """Categories count."""
    for number in range(499):
        api.channel(f"c{number}")
    answer = await api.guild("POST", "/channels", {"name": "one-more"})
    assert (answer.status, answer.code) == (400, 30013)


async def test_50_categories_are_the_most(api: Api) -> None:
    """The fifty-first is refused with its own code."""
    for number in range(50):
        api.channel(f"c{number}", ChannelType.CATEGORY)
    assert (await api.guild("POST", "/channels", {"name": "x", "type": 4})).code == 30030
    assert (await api.guild("POST", "/channels", {"name": "x"})).status == 201


async def test_50_channels_fill_a_category(api: Api) -> None:
    """Neither a new channel nor a moved one gets in; the form error names the category."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    for number in range(50):
        api.channel(f"c{number}", parent=homes)
    made = await api.guild("POST", "/channels", {"name": "x", "parent_id": str(homes.id)})
    moved = await api.call("PATCH", f"/channels/{api.room.id}", {"parent_id": str(homes.id)})
    for answer in (made, moved):
        assert answer.code == 50035
        fault = answer.body["errors"]["parent_id"]["_errors"][0]
        assert fault["code"] == "CHANNEL_PARENT_MAX_CHANNELS"
        assert fault["message"] == "Maximum number of channels in category reached (50)"
    assert api.room.parent_id is None


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_100_overwrites_a_call_are_the_most(api: Api, method: str) -> None:
    """One more is a form error, in a new channel and in an old one."""
    people = [api.join(f"p{number}") for number in range(99)]
    entries = closed_to_all_but(*(person.id for person in people), api=api)
    path = f"/guilds/{api.server.id}/channels" if method == "POST" else f"/channels/{api.room.id}"
    body: dict[str, Any] = {"name": "general", "permission_overwrites": entries}
    answer = await api.call(method, path, body)
    assert answer.code == 50035
    fault = answer.body["errors"]["permission_overwrites"]["_errors"][0]
    assert fault["message"] == "Must be 100 or fewer in length."
    body["permission_overwrites"] = entries[:100]
    answer = await api.call(method, path, body)
    assert answer.status in {200, 201}
    assert len(answer.body["permission_overwrites"]) == 100


async def test_1000_overwrites_fill_a_channel(api: Api) -> None:
    """The next one is refused with 30060; changing one that is there is not."""
    for number in range(1000):
        api.room.overwrites[number] = Overwrite(number, MEMBER, allow=1)
    path = f"/channels/{api.room.id}/permissions/{api.kim.id}"
    assert (await api.call("PUT", path, {"type": 1, "allow": str(VIEW)})).code == 30060
    del api.room.overwrites[999]
    assert (await api.call("PUT", path, {"type": 1, "allow": str(VIEW)})).status == 204
    assert (await api.call("PUT", path, {"type": 1, "allow": "0"})).status == 204


async def test_an_overwrite_is_written_and_removed(api: Api) -> None:
    """Each step is one event and one audit entry of its own kind."""
    path = f"/channels/{api.room.id}/permissions/{api.kim.id}"
    for body in ({"type": 1, "allow": str(VIEW)}, {"type": 1, "deny": str(VIEW)}):
        for _ in range(2):
            assert (await api.call("PUT", path, body)).status == 204
    assert api.room.overwrites[api.kim.id] == Overwrite(api.kim.id, MEMBER, 0, VIEW)
    assert (await api.call("DELETE", path)).status == 204
    assert api.room.overwrites == {}
    assert (await api.call("DELETE", path)).code == 10009
    assert api.heard.names.count("CHANNEL_UPDATE") == 3
    assert [entry.action for entry in api.server.audit_log] == [
        AuditAction.OVERWRITE_CREATE,
        AuditAction.OVERWRITE_UPDATE,
        AuditAction.OVERWRITE_DELETE,
    ]
    assert api.server.audit_log[0].options == {"id": str(api.kim.id), "type": "1"}


async def test_only_held_bits_can_be_written(api: Api) -> None:
    """A bit that the bot lacks, and Manage Roles itself, are refused; a standing one may stay."""
    kick, manage = int(Permission.KICK_MEMBERS), int(Permission.MANAGE_ROLES)
    path = f"/channels/{api.room.id}/permissions/{api.kim.id}"
    for bits in (kick, manage):
        for side in ("allow", "deny"):
            assert (await api.call("PUT", path, {"type": 1, side: str(bits)})).code == 50013
        body = {"name": "x", "permission_overwrites": [{"id": str(api.kim.id), "type": 1}]}
        body["permission_overwrites"] = [{"id": str(api.kim.id), "type": 1, "allow": str(bits)}]
        assert (await api.guild("POST", "/channels", body)).code == 50013
    api.room.overwrites[api.kim.id] = Overwrite(api.kim.id, MEMBER, allow=kick)
    entries = [{"id": str(api.kim.id), "type": 1, "allow": str(kick | VIEW)}]
    answer = await api.call("PATCH", f"/channels/{api.room.id}", {"permission_overwrites": entries})
    assert answer.status == 200
    api.bot_role.permissions |= Permission.ADMINISTRATOR
    assert (await api.call("PUT", path, {"type": 1, "allow": str(manage)})).status == 204


async def test_overwrites_are_for_someone_who_exists(api: Api) -> None:
    """An unknown role or account is refused with 10009."""
    for kind in (0, 1):
        path = f"/channels/{api.room.id}/permissions/77"
        assert (await api.call("PUT", path, {"type": kind, "allow": "0"})).code == 10009


async def test_a_new_room_takes_its_categorys_overwrites(api: Api) -> None:
    """Unless it brings its own."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    homes.overwrites[api.kim.id] = Overwrite(api.kim.id, MEMBER, allow=VIEW)
    body: dict[str, Any] = {"name": "riverside", "parent_id": str(homes.id)}
    synced = (await api.guild("POST", "/channels", body)).body
    own = (await api.guild("POST", "/channels", {**body, "permission_overwrites": []})).body
    assert [entry["id"] for entry in synced["permission_overwrites"]] == [str(api.kim.id)]
    assert own["permission_overwrites"] == []


async def test_synced_rooms_follow_their_category(api: Api) -> None:
    """A room with overwrites of its own does not."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    synced, own = api.channel("synced", parent=homes), api.channel("own", parent=homes)
    own.overwrites[api.owner.id] = Overwrite(api.owner.id, MEMBER, allow=VIEW)
    path = f"/channels/{homes.id}/permissions/{api.kim.id}"
    assert (await api.call("PUT", path, {"type": 1, "allow": str(VIEW)})).status == 204
    assert api.kim.id in synced.overwrites
    assert api.kim.id not in own.overwrites
    assert synced.overwrites[api.kim.id] is not homes.overwrites[api.kim.id]


def hide(api: Api, channel: Channel) -> None:
    """Close a channel to everyone, the bot included."""
    channel.overwrites[api.server.id] = Overwrite(api.server.id, ROLE, deny=VIEW)


async def test_a_hidden_room_is_left_out(api: Api) -> None:
    """It is missing in the list; asking for it is 50001, an unknown one 10003."""
    secret = api.channel("secret")
    hide(api, secret)
    listed = (await api.guild("GET", "/channels")).body
    assert [channel["name"] for channel in listed] == ["general"]
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/messages")):
        assert (await api.call(method, f"/channels/{secret.id}{path}", {})).code == 50001
    assert (await api.say("hello", secret)).code == 50001
    assert (await api.call("GET", "/channels/5")).code == 10003


async def test_the_bot_is_told_less_about_what_it_cannot_see(api: Api) -> None:
    """A room closed to the bot becomes a place without name, topic and overwrites."""
    api.room.topic = "plans"
    path = f"/channels/{api.room.id}"
    entries = closed_to_all_but(api.kim.id, api=api)
    del entries[1]
    assert (await api.call("PATCH", path, {"permission_overwrites": entries})).status == 200
    (told,) = api.heard.named("CHANNEL_UPDATE")
    assert (told["name"], told["flags"], told["topic"]) == (HIDDEN_NAME, HIDDEN_FLAG, None)
    assert told["permission_overwrites"] == [
        {"id": str(api.server.id), "type": 0, "allow": "0", "deny": str(VIEW)}
    ]


async def test_a_role_opens_rooms_to_the_bot(api: Api) -> None:
    """Getting a role that may look is followed by the room's full data."""
    key = api.role("key")
    hide(api, api.room)
    api.room.overwrites[key.id] = Overwrite(key.id, ROLE, allow=VIEW)
    assert (await api.guild("PUT", f"/members/{api.bot.id}/roles/{key.id}")).status == 204
    assert [data["name"] for data in api.heard.named("CHANNEL_UPDATE")] == ["general"]
    assert (await api.guild("DELETE", f"/members/{api.bot.id}/roles/{key.id}")).status == 204
    assert [data["name"] for data in api.heard.named("CHANNEL_UPDATE")][1:] == [HIDDEN_NAME]


async def test_a_category_shows_with_its_rooms(api: Api) -> None:
    """The bot sees a closed category as soon as it sees one room in it."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    hide(api, homes)
    assert len((await api.guild("GET", "/channels")).body) == 1
    body = {"name": "riverside", "permission_overwrites": closed_to_all_but(api=api)}
    answer = await api.guild("POST", "/channels", {**body, "parent_id": str(homes.id)})
    assert answer.status == 201
    names = [channel["name"] for channel in (await api.guild("GET", "/channels")).body]
    assert sorted(names) == ["Homes", "general", "riverside"]
    assert [data["name"] for data in api.heard.named("CHANNEL_UPDATE")] == ["Homes"]


async def test_channels_are_changed_and_moved(api: Api) -> None:
    """Several places in one request, but only one new category."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    other = api.channel("other")
    path = f"/channels/{api.room.id}"
    answer = await api.call("PATCH", path, {"name": "Lounge", "rate_limit_per_user": 5})
    assert (answer.body["name"], api.room.slowmode) == ("lounge", 5)
    moves = [{"id": str(c.id), "parent_id": str(homes.id)} for c in (api.room, other)]
    assert (await api.guild("PATCH", "/channels", moves)).code == 40009
    places = [{**moves[0], "position": 7}, {"id": str(other.id), "position": 8}]
    assert (await api.guild("PATCH", "/channels", places)).status == 204
    assert (api.room.parent_id, api.room.position, other.position) == (homes.id, 7, 8)


async def test_a_deleted_category_lets_its_rooms_go(api: Api) -> None:
    """The rooms stay, in no category."""
    homes = api.channel("Homes", ChannelType.CATEGORY)
    room = api.channel("riverside", parent=homes)
    answer = await api.call("DELETE", f"/channels/{homes.id}", reason="over")
    assert (answer.status, answer.body["id"]) == (200, str(homes.id))
    assert homes.id not in api.server.channels
    assert room.parent_id is None
    assert api.heard.names[:2] == ["CHANNEL_DELETE", "CHANNEL_UPDATE"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "topic": "x" * 1025}, "topic"),
        ({"name": "x", "type": 99}, "type"),
        ({"name": "x", "parent_id": "5"}, "parent_id"),
        ({"name": "x", "rate_limit_per_user": 21601}, "rate_limit_per_user"),
        ({"type": 0}, "name"),
    ],
)
async def test_a_wrong_channel_names_its_field(
    api: Api, body: dict[str, object], field: str
) -> None:
    """Nothing is made, and the fault stands under the field's name."""
    answer = await api.guild("POST", "/channels", body)
    assert answer.code == 50035
    assert list(answer.body["errors"]) == [field]
    assert len(api.server.channels) == 1


async def test_channels_need_manage_channels(api: Api) -> None:
    """50013 for making, changing and deleting without it."""
    api.bot_role.permissions &= ~Permission.MANAGE_CHANNELS
    assert (await api.guild("POST", "/channels", {"name": "x"})).code == 50013
    path = f"/channels/{api.room.id}"
    assert (await api.call("PATCH", path, {"name": "x"})).code == 50013
    assert (await api.call("DELETE", path)).code == 50013
