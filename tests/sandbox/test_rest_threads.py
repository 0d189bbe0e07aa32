"""Threads over REST: opening, who sees them, closing, and what happens by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import acts
from sandbox.errors import ApiError
from sandbox.permissions import EVERYONE_DEFAULT, Permission
from sandbox.state import ADDED, STARTER, ChannelType, Overwrite, OverwriteType, Thread

if TYPE_CHECKING:
    from sandbox.state import Message
    from tests.sandbox.conftest import Api, Reply

OPENS = Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS
LOCKED: dict[str, Any] = {"archived": True, "locked": True}


@pytest.fixture
def api(api: Api) -> Api:
    """A server in which the bot may open threads and everybody may write in them."""
    api.bot_role.permissions |= int(OPENS)
    assert EVERYONE_DEFAULT & Permission.SEND_MESSAGES_IN_THREADS
    return api


async def opened(api: Api, *, private: bool = False, **more: Any) -> Thread:
    """Let the bot open a thread beside the messages of #general."""
    body = {"name": "Two at a table", "type": 12 if private else 11, **more}
    answer = await api.call("POST", f"/channels/{api.room.id}/threads", body)
    assert answer.status == 201, answer.body
    return api.server.threads[int(answer.body["id"])]


async def on(api: Api, message: Message, name: str = "On it") -> Reply:
    """Let the bot open a thread on a message."""
    path = f"/channels/{api.room.id}/messages/{message.id}/threads"
    return await api.call("POST", path, {"name": name, "auto_archive_duration": 1440})


def write(api: Api, thread: Thread, content: str = "hello", **more: Any) -> Message:
    """Let Kim write in a thread."""
    return acts.send(api.world, api.kim.user, thread, acts.Draft(content, **more))


async def patch(api: Api, thread: Thread, **body: Any) -> Reply:
    """Let the bot change a thread."""
    api.pass_time()
    return await api.call("PATCH", f"/channels/{thread.id}", body)


async def test_a_thread_on_a_message_has_its_id(api: Api) -> None:
    """A second one is refused; the message tells of it; the thread begins with where it stands."""
    message = acts.send(api.world, api.kim.user, api.room, acts.Draft("shall we?"))
    answer = await on(api, message)
    assert answer.status == 201
    assert answer.body["id"] == str(message.id)
    assert answer.body["thread_metadata"]["auto_archive_duration"] == 1440
    again = await on(api, message)
    assert (again.status, again.code) == (400, 160004)
    told = await api.call("GET", f"/channels/{api.room.id}/messages/{message.id}")
    assert told.body["thread"]["name"] == "On it"
    assert told.body["flags"] == 1 << 5
    (first,) = (await api.call("GET", f"/channels/{message.id}/messages")).body
    assert first["type"] == STARTER
    assert first["message_reference"]["channel_id"] == str(api.room.id)
    assert first["referenced_message"]["content"] == "shall we?"
    assert api.heard.names == [
        "MESSAGE_CREATE",
        "THREAD_CREATE",
        "THREAD_MEMBERS_UPDATE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]
    (created,) = api.heard.named("THREAD_CREATE")
    assert created["newly_created"]
    assert created["member"]["user_id"] == str(api.bot.id)


async def test_a_private_thread_is_seen_by_its_own(api: Api) -> None:
    """By who is mentioned in it and sees its room, by who manages threads, by nobody else."""
    guest, stranger = api.join("Mara"), api.join("Theo")
    hidden = Overwrite(stranger.id, OverwriteType.MEMBER, deny=int(Permission.VIEW_CHANNEL))
    api.room.overwrites[stranger.id] = hidden
    thread = await opened(api, private=True)
    assert not api.world.permissions(api.kim, thread)
    text = f"{api.kim.mention} {stranger.mention} meet"
    named = {"parse": [], "users": [str(api.kim.id), str(stranger.id)]}
    await api.say(text, thread, allowed_mentions=named)
    assert set(thread.members) == {api.bot.id, api.kim.id}
    assert api.world.permissions(api.kim, thread)
    assert not api.world.permissions(guest, thread)
    assert not api.world.permissions(stranger, thread)
    assert [m.type for m in thread.history] == [0, ADDED]
    api.role("Moderators", permissions=int(Permission.MANAGE_THREADS))
    guest.roles.add(max(api.server.roles))
    assert api.world.permissions(guest, thread)


async def test_who_is_only_named_in_a_text_stays_outside(api: Api) -> None:
    """A mention that may not ping adds nobody."""
    thread = await opened(api, private=True)
    await api.say(api.kim.mention, thread, allowed_mentions={"parse": []})
    assert api.kim.id not in thread.members


async def test_the_bot_hears_nothing_of_private_threads_it_is_not_in(api: Api) -> None:
    """Neither that it is there nor by its id; with Manage Threads it does."""
    api.server.everyone.permissions |= int(Permission.CREATE_PRIVATE_THREADS)
    thread = acts.start_thread(api.world, api.kim.user, api.room, {"name": "ours"}, private=True)
    assert api.heard.named("THREAD_CREATE") == []
    assert (await api.call("GET", f"/channels/{thread.id}")).code == 50001
    assert (await api.guild("GET", "/threads/active")).body["threads"] == []
    api.bot_role.permissions |= int(Permission.MANAGE_THREADS)
    (one,) = (await api.guild("GET", "/threads/active")).body["threads"]
    assert one["id"] == str(thread.id)
    assert "member" not in one


async def test_threads_have_the_rights_of_their_room(api: Api) -> None:
    """But writing in them has a permission of its own."""
    thread = await opened(api)
    mute = Overwrite(api.server.id, OverwriteType.ROLE, deny=int(Permission.SEND_MESSAGES))
    api.room.overwrites[api.server.id] = mute
    write(api, thread)
    mute.deny = int(Permission.SEND_MESSAGES_IN_THREADS)
    with pytest.raises(ApiError, match="50013"):
        write(api, thread)
    mute.deny = int(Permission.VIEW_CHANNEL)
    assert not api.world.permissions(api.kim, thread)


@pytest.mark.parametrize("private", [False, True])
async def test_opening_takes_a_right(api: Api, *, private: bool) -> None:
    """One for each kind; none opens a thread in a thread or a voice room."""
    api.bot_role.permissions &= ~int(OPENS)
    api.server.everyone.permissions &= ~int(OPENS)
    body = {"name": "x", "type": 12 if private else 11}
    answer = await api.call("POST", f"/channels/{api.room.id}/threads", body)
    assert answer.code == 50013
    api.bot_role.permissions |= int(OPENS)
    voice = api.channel("Talk", ChannelType.VOICE)
    assert (await api.call("POST", f"/channels/{voice.id}/threads", body)).code == 50024
    thread = await opened(api, private=private)
    assert (await api.call("POST", f"/channels/{thread.id}/threads", body)).code == 50024


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "x" * 101}, {"name": "x", "auto_archive_duration": 5}],
)
async def test_what_cannot_be_opened(api: Api, body: dict[str, Any]) -> None:
    """No name, too long a one, a duration that there is not."""
    answer = await api.call("POST", f"/channels/{api.room.id}/threads", body)
    assert (answer.status, answer.code) == (400, 50035)


async def test_a_server_has_so_many_active_threads(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was archived counts no longer."""
    monkeypatch.setattr("sandbox.acts.threads.MAX_ACTIVE", 1)
    thread = await opened(api)
    body = {"name": "x", "type": 11}
    answer = await api.call("POST", f"/channels/{api.room.id}/threads", body)
    assert answer.code == 160006
    assert (await patch(api, thread, archived=True)).status == 200
    await opened(api)


async def test_nobody_changes_what_is_archived(api: Api) -> None:
    """No reaction, no edit; a message opens it again; deleting is allowed."""
    thread = await opened(api)
    first, second = write(api, thread), write(api, thread, "two")
    await patch(api, thread, archived=True)
    (told,) = api.heard.named("THREAD_UPDATE")
    assert told["thread_metadata"]["archived"]
    emoji = f"/channels/{thread.id}/messages/{first.id}/reactions/👍/@me"
    assert (await api.call("PUT", emoji)).code == 50083
    with pytest.raises(ApiError, match="50083"):
        acts.edit_message(api.world, api.kim.user, thread, first, acts.MessageEdit(content="other"))
    acts.delete_message(api.world, api.kim.user, thread, second)
    assert thread.archived
    write(api, thread, "three")
    assert not thread.archived
    api.pass_time()
    assert (await api.call("PUT", emoji)).status == 204


async def test_a_locked_thread_is_the_moderators(api: Api) -> None:
    """Its maker may archive it; locking, writing and opening it again takes Manage Threads."""
    thread = await opened(api)
    write(api, thread)
    assert (await patch(api, thread, **LOCKED)).code == 50013
    api.bot_role.permissions |= int(Permission.MANAGE_THREADS)
    assert (await patch(api, thread, **LOCKED)).status == 200
    with pytest.raises(ApiError, match="50083"):
        write(api, thread)
    assert (await patch(api, thread, name="later")).code == 50083
    assert (await api.say("still mine", thread)).status == 200
    assert not thread.archived
    with pytest.raises(ApiError, match="160005"):
        write(api, thread)
    assert (await patch(api, thread, archived=True)).status == 200
    api.bot_role.permissions &= ~int(Permission.MANAGE_THREADS)
    assert (await patch(api, thread, archived=False)).code == 50013


async def test_a_quiet_thread_is_archived_by_itself(api: Api) -> None:
    """So many minutes after the last message; the moment is told as it was."""
    thread = await opened(api, auto_archive_duration=60)
    api.pass_time(virtual=timedelta(minutes=30))
    write(api, thread)
    api.pass_time(virtual=timedelta(minutes=59))
    acts.archive_due(api.world)
    assert not thread.archived
    api.pass_time(virtual=timedelta(minutes=1))
    acts.archive_due(api.world)
    assert thread.archived
    assert thread.changed_at == api.clock.now()


async def test_people_come_and_go(api: Api) -> None:
    """One by one, or by writing; a thread's list needs the members intent."""
    mara = api.join("Mara")
    thread = await opened(api)
    path = f"/channels/{thread.id}/thread-members"
    assert (await api.call("PUT", f"{path}/{api.kim.id}")).status == 204
    acts.send(api.world, mara.user, thread, acts.Draft("hi"))
    listed = (await api.call("GET", path)).body
    assert [int(one["user_id"]) for one in listed] == [api.bot.id, api.kim.id, mara.id]
    assert (await api.call("GET", f"{path}/{mara.id}")).status == 200
    assert (await api.call("DELETE", f"{path}/{mara.id}")).code == 50013
    assert (await api.call("DELETE", f"{path}/@me")).status == 204
    assert (await api.call("GET", f"{path}/@me")).code == 10007
    told = api.heard.named("THREAD_MEMBERS_UPDATE")
    assert told[-1]["removed_member_ids"] == [str(api.bot.id)]
    assert (await api.call("PUT", f"{path}/999")).code == 10013
    api.state.application.members_intent = False
    assert (await api.call("GET", path)).code == 50001


async def test_a_deleted_thread_is_told_and_its_message_stays(api: Api) -> None:
    """It takes Manage Threads; with the room goes every thread in it."""
    message = acts.send(api.world, api.kim.user, api.room, acts.Draft("shall we?"))
    await on(api, message)
    assert (await api.call("DELETE", f"/channels/{message.id}")).code == 50013
    api.bot_role.permissions |= int(Permission.MANAGE_THREADS)
    assert (await api.call("DELETE", f"/channels/{message.id}")).status == 200
    (gone,) = api.heard.named("THREAD_DELETE")
    assert gone == {
        "id": str(message.id),
        "guild_id": str(api.server.id),
        "parent_id": str(api.room.id),
        "type": 11,
    }
    assert api.room.history.get(message.id) is message
    thread = await opened(api)
    acts.delete_channel(api.world, api.server, api.owner, api.room)
    assert api.server.threads == {}
    assert (await api.call("GET", f"/channels/{thread.id}")).code == 10003


async def test_a_room_that_opens_brings_its_threads(api: Api) -> None:
    """The bot is told of those that are active in it."""
    thread = await opened(api)
    deny = Overwrite(api.bot.id, OverwriteType.MEMBER, deny=int(Permission.VIEW_CHANNEL))
    acts.set_overwrite(api.world, api.server, api.owner, api.room, deny)
    write(api, thread)
    assert (await api.call("GET", f"/channels/{thread.id}")).code == 50001
    acts.delete_overwrite(api.world, api.server, api.owner, api.room, api.bot.id)
    (synced,) = api.heard.named("THREAD_LIST_SYNC")
    assert synced["channel_ids"] == [str(api.room.id)]
    assert [one["id"] for one in synced["threads"]] == [str(thread.id)]


async def test_no_overwrites_in_threads(api: Api) -> None:
    """They have their room's."""
    thread = await opened(api)
    path = f"/channels/{thread.id}/permissions/{api.kim.id}"
    assert (await api.call("PUT", path, {"type": 1, "allow": "0"})).code == 50024
    assert (await api.call("DELETE", path)).code == 50024
