"""Messages that come with threads, each exactly once, whatever breaks in between."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.message import Attached, Button, Drawn, Line, Message, Thread
from bot.services import keepers, takedowns
from bot.services.keepers import Keeper
from models import FailedEffect, OutboxMessage, Server, Takedown
from sandbox import acts
from sandbox.permissions import Permission
from sandbox.state import ADDED, STARTER
from sandbox.state import Thread as Opened
from tests.bot.post_office import GROUP, MESSAGES, Post, custom_id, office, settled, until

ON_MESSAGE = "/channels/*/messages/*/threads"
BESIDE = "/channels/*/threads"
NAME = Line("rituals.prompt", {"prompt": "Two at a table"})


@pytest.fixture
async def post(database: Database, now: datetime) -> AsyncIterator[Post]:
    """A server whose #general is the commons and whose #welcome is the room of group 1."""
    async with office(database, now) as opened:
        yield opened


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int | None, ...]]:
    """What the keeper of messages of the kind "test" was told: message, channel, thread."""
    heard: list[tuple[int | None, ...]] = []

    async def sent(_: AsyncSession, row: OutboxMessage, message_id: int, _now: datetime) -> None:
        heard.append((message_id, row.channel_id, row.thread_id))

    async def dropped(_: AsyncSession, row: OutboxMessage) -> None:
        heard.append((row.id,))

    monkeypatch.setitem(keepers.KEEPERS, "test", Keeper(sent, dropped))
    return heard


def said(key: str, thread: Thread | None = None, **more: Any) -> Message:
    """Return a message whose button carries its key."""
    line = Line("facilitators.waits", {"user": 1})
    return Message((line,), (Button("home.open", f"open:{key}"),), thread=thread, **more)


PUBLIC, PRIVATE = Thread(NAME), Thread(NAME, private=True)


async def owe(post: Post, thread: Thread = PUBLIC, **more: Any) -> None:
    """Owe group 1's room a message that comes with a thread."""
    message = said("pair", thread, users=more.pop("users", ()))
    await post.owe("pair", "room", group_id=GROUP, message=message, **more)


def threads(post: Post) -> list[Opened]:
    """Return every thread there is."""
    return list(post.guild.threads.values())


def kept(post: Post, thread: Opened) -> list[str]:
    """Return what our messages in a thread are known by, in order."""
    return [custom_id(m) for m in post.from_bot(thread) if m.type not in {ADDED, STARTER}]


def stands_once(post: Post, *, private: bool) -> Opened:
    """Return the one thread, after a look that the message stands once and in its place."""
    (thread,) = threads(post)
    where = thread if private else post.room
    assert [custom_id(m) for m in post.from_bot(where) if m.components] == ["open:pair"]
    assert thread.private is private
    return thread


async def test_a_public_thread_is_opened_on_its_message(
    post: Post, told: list[tuple[int | None, ...]]
) -> None:
    """It has the message's id, its name and its patience; the keeper is told all three."""
    await owe(post, Thread(NAME, minutes=1440))
    await post.deliver()
    thread = stands_once(post, private=False)
    (message,) = post.from_bot(post.room)
    assert (thread.id, thread.parent_id) == (message.id, post.room.id)
    assert thread.name.endswith("Two at a table")
    assert thread.auto_archive == 1440
    assert told == [(message.id, post.room.id, thread.id)]
    assert await post.rows(OutboxMessage) == []


async def test_a_private_thread_takes_in_who_is_named(
    post: Post, told: list[tuple[int | None, ...]]
) -> None:
    """The two see it and what was said; nobody else does, and the room has no message."""
    people = [await post.sandbox.person(post.guild) for _ in range(3)]
    await owe(post, PRIVATE, users=(people[0].id, people[1].id))
    await post.deliver()
    thread = stands_once(post, private=True)
    assert [one.sees(thread) for one in people] == [True, True, False]
    assert post.from_bot(post.room) == []
    (message,) = [m for m in post.from_bot(thread) if m.components]
    assert [user.id for user in message.mentions] == [people[0].id, people[1].id]
    assert told == [(message.id, thread.id, thread.id)]


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("route", ["message", "thread"])
@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize("kind", ["503", "502", "reset", "slow"])
async def test_an_answer_that_is_lost(
    post: Post,
    told: list[tuple[int | None, ...]],
    kind: Any,
    *,
    effect: bool,
    route: str,
    private: bool,
) -> None:
    """Whichever step fails, before or after its effect: one message, one thread."""
    on = MESSAGES if route == "message" else BESIDE if private else ON_MESSAGE
    post.sandbox.faults.add(kind, "POST", on, effect=effect)
    await owe(post, PRIVATE if private else PUBLIC)
    await post.deliver(unconfirmed_after=5.0)
    thread = stands_once(post, private=private)
    assert [line[2] for line in told] == [thread.id]
    assert await post.rows(OutboxMessage) == []


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("route", ["message", "thread"])
async def test_killed_before_the_answer(post: Post, *, route: str, private: bool) -> None:
    """The process dies with a step carried out and not written down; hours later it is found."""
    on = MESSAGES if route == "message" else BESIDE if private else ON_MESSAGE
    post.sandbox.faults.add("silence", "POST", on, effect=True)
    await owe(post, PRIVATE if private else PUBLIC)
    places = post.guild.threads
    async with post.outbox():
        if route == "thread":
            await until(lambda: places)
        else:
            rooms = lambda: [post.room, *places.values()]  # noqa: E731 - it is looked at anew
            await until(lambda: any(m.components for r in rooms() for m in post.from_bot(r)))
    post.pass_time(timedelta(hours=3))
    post.sandbox.world.nonces.clear()
    await post.deliver()
    stands_once(post, private=private)
    assert await post.rows(OutboxMessage) == []


@pytest.mark.parametrize("private", [False, True])
async def test_killed_after_the_claim(post: Post, *, private: bool) -> None:
    """Nothing was done yet: nothing is found, and all is done once."""
    await owe(post, PRIVATE if private else PUBLIC)
    await post.claim()
    await post.deliver()
    stands_once(post, private=private)


async def test_a_thread_of_the_same_name_is_another_pair_s(post: Post) -> None:
    """In doubt, a thread that holds somebody else's message is not taken for ours."""
    for key in ("first", "second"):
        message = said(key, PRIVATE)
        await post.owe(key, "room", group_id=GROUP, message=message)
    async with post.outbox() as outbox:
        await until(lambda: threads(post) and kept(post, threads(post)[0]))
        await settled(outbox)
    assert len(threads(post)) == 2
    await owe(post, PRIVATE)
    await post.claim()
    await post.deliver()
    assert [kept(post, one) for one in threads(post)] == [
        ["open:first"],
        ["open:second"],
        ["open:pair"],
    ]


async def test_a_public_thread_that_is_refused(
    post: Post, told: list[tuple[int | None, ...]]
) -> None:
    """The message stands without, the owners read why, and the next thread settles it."""
    await deny(post, Permission.CREATE_PUBLIC_THREADS)
    await owe(post)
    await post.deliver()
    assert threads(post) == []
    (message,) = post.from_bot(post.room)
    assert told == [(message.id, post.room.id, None)]
    (failed,) = await post.rows(FailedEffect)
    assert (failed.subject, failed.action, failed.code) == (f"group:{GROUP}", "thread", 50013)
    await post.guild.owner.delete_overwrite(post.room, bot_role(post))
    await post.owe("again", "room", group_id=GROUP, message=said("again", PUBLIC))
    await post.deliver()
    assert len(threads(post)) == 1
    assert await post.rows(FailedEffect) == []


@pytest.mark.parametrize(
    "bit", [Permission.CREATE_PRIVATE_THREADS, Permission.SEND_MESSAGES_IN_THREADS]
)
async def test_a_private_thread_that_is_refused(
    post: Post, told: list[tuple[int | None, ...]], bit: Permission
) -> None:
    """What was said instead stands in the room, once; no request was made for the thread."""
    await deny(post, bit)
    before = post.sandbox.requests.snapshot()
    await owe(post, PRIVATE, fallback=said("instead"))
    await post.deliver()
    assert threads(post) == []
    (message,) = post.from_bot(post.room)
    assert custom_id(message) == "open:instead"
    assert told == [(message.id, post.room.id, None)]
    assert post.sandbox.requests.since(before).total == 1
    (failed,) = await post.rows(FailedEffect)
    assert failed.action == "thread"


async def test_without_a_fallback_a_refused_private_thread_is_refused(
    post: Post, told: list[tuple[int | None, ...]]
) -> None:
    """Nothing meant for two is said to all; the keeper hears that it was dropped."""
    await deny(post, Permission.CREATE_PRIVATE_THREADS)
    await owe(post, PRIVATE)
    await post.deliver()
    assert post.from_bot(post.room) == []
    assert [len(line) for line in told] == [1]
    (failed,) = await post.rows(FailedEffect)
    assert (failed.action, failed.code) == ("message:test", 50013)


@pytest.mark.parametrize("private", [False, True])
async def test_too_many_active_threads(
    post: Post, monkeypatch: pytest.MonkeyPatch, *, private: bool
) -> None:
    """Discord's own cap: a public message stands without, a private one falls back."""
    monkeypatch.setattr("sandbox.acts.threads.MAX_ACTIVE", 0)
    thread = PRIVATE if private else PUBLIC
    await owe(post, thread, fallback=said("instead"))
    await post.deliver()
    assert threads(post) == []
    (message,) = post.from_bot(post.room)
    assert custom_id(message) == ("open:instead" if private else "open:pair")
    (failed,) = await post.rows(FailedEffect)
    assert (failed.action, failed.code) == ("thread", 160006)


async def test_killed_after_the_fallback_was_sent(post: Post) -> None:
    """It is found, even if threads may be opened by then."""
    await deny(post, Permission.CREATE_PRIVATE_THREADS)
    post.sandbox.faults.add("silence", "POST", MESSAGES, effect=True)
    await owe(post, PRIVATE, fallback=said("instead"))
    async with post.outbox():
        await until(lambda: post.from_bot(post.room))
    await post.guild.owner.delete_overwrite(post.room, bot_role(post))
    post.sandbox.world.nonces.clear()
    await post.deliver()
    assert threads(post) == []
    assert len(post.from_bot(post.room)) == 1
    assert await post.rows(OutboxMessage) == []


async def test_the_limit_of_new_threads_is_waited_for(post: Post) -> None:
    """A message whose thread has to wait is not sent again meanwhile."""
    post.client.http.max_ratelimit_timeout = 60.0
    post.sandbox.faults.add("429", "POST", ON_MESSAGE, retry_after=400.0)
    await owe(post)
    await post.deliver()
    assert len(post.from_bot(post.room)) == 1
    (row,) = await post.rows(OutboxMessage)
    assert (row.state, row.message_id) == ("claimed", post.from_bot(post.room)[0].id)
    post.pass_time(timedelta(hours=1))
    await post.deliver()
    stands_once(post, private=False)


async def test_too_late_for_a_thread(post: Post) -> None:
    """A message that stands is recorded; a thread is not opened for it days later."""
    post.client.http.max_ratelimit_timeout = 60.0
    post.sandbox.faults.add("429", "POST", ON_MESSAGE, retry_after=400.0)
    await owe(post, expires_in=timedelta(hours=1))
    await post.deliver()
    post.pass_time(timedelta(hours=2))
    await post.deliver()
    assert len(post.from_bot(post.room)) == 1
    assert threads(post) == []
    assert await post.rows(OutboxMessage) == []


async def test_a_later_message_in_a_thread(post: Post) -> None:
    """It opens one that fell asleep; the room hears nothing."""
    await owe(post, PRIVATE)
    await post.deliver()
    (thread,) = threads(post)
    post.pass_time(timedelta(days=8))
    acts.archive_due(post.sandbox.world)
    assert thread.archived
    await post.owe("later", "thread", thread_id=thread.id)
    await post.deliver()
    assert not thread.archived
    assert kept(post, thread) == ["open:pair", "open:later"]
    assert post.from_bot(post.room) == []


@pytest.mark.parametrize("asleep", [False, True])
async def test_a_thread_that_somebody_locked(
    post: Post, told: list[tuple[int | None, ...]], *, asleep: bool
) -> None:
    """Their decision stands: nothing more is written into it."""
    await owe(post, PRIVATE)
    await post.deliver()
    (thread,) = threads(post)
    await post.guild.owner.edit_thread(thread, locked=True, archived=asleep)
    known = post.client.get_channel
    await until(lambda: getattr(known(thread.id), "locked", known(thread.id) is None))
    told.clear()
    await post.owe("later", "thread", thread_id=thread.id)
    await post.deliver()
    assert kept(post, thread) == ["open:pair"]
    assert thread.archived is asleep
    assert [len(line) for line in told] == [1]


@pytest.mark.parametrize("gone", ["thread", "room"])
async def test_a_thread_that_somebody_deleted(
    post: Post, told: list[tuple[int | None, ...]], gone: str
) -> None:
    """What was meant for it is dropped, its keeper hears of it, and no owner has to do anything."""
    await owe(post, PRIVATE)
    await post.deliver()
    (thread,) = threads(post)
    if gone == "thread":
        await post.guild.owner.delete_thread(thread)
    else:
        await post.guild.owner.delete_channel(post.room)
    told.clear()
    await post.owe("later", "thread", thread_id=thread.id)
    await post.deliver()
    assert [len(line) for line in told] == [1]
    assert await post.rows(OutboxMessage) == []
    assert await post.rows(FailedEffect) == []


async def test_a_private_thread_deleted_before_its_message(post: Post) -> None:
    """Somebody's decision: it is not opened a second time."""
    post.sandbox.faults.add("503", "POST", MESSAGES, times=3)
    await owe(post, PRIVATE)
    await post.deliver()
    (thread,) = threads(post)
    await post.guild.owner.delete_thread(thread)
    post.pass_time(timedelta(hours=1))
    await post.deliver()
    assert threads(post) == []
    assert await post.rows(OutboxMessage) == []


async def test_what_is_unwanted_goes(post: Post) -> None:
    """A message is deleted, a thread archived and locked; the rows go with it."""
    await owe(post, PRIVATE)
    await post.owe("hello", "room", group_id=GROUP)
    await post.deliver()
    (thread,), (message,) = threads(post), post.from_bot(post.room)
    await unwanted(post, thread=thread.id, message=(post.room.id, message.id))
    await post.deliver()
    assert post.from_bot(post.room) == []
    assert (thread.archived, thread.locked) == (True, True)
    assert await post.rows(Takedown) == []


async def test_a_thread_that_fell_asleep_is_locked(post: Post) -> None:
    """Nobody opens it again by writing."""
    kim = await post.sandbox.person(post.guild)
    await owe(post, PRIVATE, users=(kim.id,))
    await post.deliver()
    (thread,) = threads(post)
    post.pass_time(timedelta(days=8))
    acts.archive_due(post.sandbox.world)
    await unwanted(post, thread=thread.id)
    await post.deliver()
    assert (thread.archived, thread.locked) == (True, True)
    with pytest.raises(ValueError, match="50083"):
        await kim.write(thread, "still here?")


@pytest.mark.parametrize("gone", ["message", "room"])
async def test_what_is_gone_already_is_done_with(post: Post, gone: str) -> None:
    """By whoever's hand."""
    await post.owe("hello", "room", group_id=GROUP)
    await post.deliver()
    room = post.room
    (message,) = post.from_bot(room)
    if gone == "message":
        await post.guild.owner.delete(message)
    else:
        await post.guild.owner.delete_channel(room)
    await unwanted(post, thread=1, message=(room.id, message.id))
    await post.deliver()
    assert await post.rows(Takedown) == []


async def test_what_cannot_be_taken_down_yet(post: Post) -> None:
    """It is tried again, less and less often; a month in which nobody tried gives nothing up."""
    await post.owe("hello", "room", group_id=GROUP)
    await post.deliver()
    (message,) = post.from_bot(post.room)
    outage = post.sandbox.faults.add("503", "DELETE", "/channels/*/messages/*", times=None)
    await unwanted(post, message=(post.room.id, message.id))
    await post.deliver()
    (row,) = await post.rows(Takedown)
    assert row.due_at == post.clock.now() + timedelta(minutes=1)
    async with post.database.writing() as session:
        (await session.get_one(Server, post.guild.id)).paused_at = post.clock.now()
    post.sandbox.faults.remove(outage)
    post.pass_time(timedelta(minutes=1))
    await post.deliver()
    assert len(post.from_bot(post.room)) == 1
    async with post.database.writing() as session:
        (await session.get_one(Server, post.guild.id)).paused_at = None
    hidden = Permission.VIEW_CHANNEL
    await post.guild.owner.set_overwrite(post.room, bot_role(post), deny=hidden)
    post.pass_time(timedelta(days=30))
    await post.deliver()
    (row,) = await post.rows(Takedown)
    await post.guild.owner.set_overwrite(post.room, bot_role(post), allow=hidden)
    post.pass_time(row.due_at - post.clock.now())
    await post.deliver()
    assert (post.from_bot(post.room), await post.rows(Takedown)) == ([], [])


async def test_files_come_with_a_message(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read when it is sent; one that is gone by then is left out."""
    held = {1: Drawn("garden.txt", b"tomatoes", "a list")}

    async def read(_: AsyncSession, file_id: int) -> Drawn | None:
        return held.get(file_id)

    monkeypatch.setitem(keepers.ATTACHED, "test", read)
    files = (Attached("test", 1), Attached("test", 2))
    await post.owe("hello", message=said("hello", attached=files))
    await post.deliver()
    (message,) = post.from_bot(post.commons)
    (file,) = message.attachments
    assert (file["filename"], file["description"]) == ("garden.txt", "a list")
    assert post.sandbox.state.files[int(file["id"])] == b"tomatoes"


async def test_no_thread_where_none_can_be(post: Post) -> None:
    """A message to the facilitators with a thread is a mistake in the code, so is one to none."""
    with pytest.raises(ValueError, match="cannot come with a thread"):
        await post.owe("a", "facilitators", message=said("a", PUBLIC))
    with pytest.raises(ValueError, match="where it goes"):
        await post.owe("b", "thread")


async def unwanted(
    post: Post, *, thread: int | None = None, message: tuple[int, int] | None = None
) -> None:
    """Want a thread closed, a message deleted, twice each."""
    now, server_id = post.clock.now(), post.guild.id
    for _ in range(2):
        async with post.database.writing() as session:
            if thread is not None:
                await takedowns.close_thread(
                    session, server_id=server_id, thread_id=thread, now=now
                )
            if message is not None:
                await takedowns.want(
                    session,
                    server_id=server_id,
                    channel_id=message[0],
                    message_id=message[1],
                    now=now,
                )


def bot_role(post: Post) -> Any:
    """Return the role that the bot brought along."""
    return next(role for role in post.guild.roles.values() if role.bot_id is not None)


async def deny(post: Post, bit: Permission) -> None:
    """Take a right from the bot in group 1's room, and wait until it has heard of it."""
    await post.guild.owner.set_overwrite(post.room, bot_role(post), deny=bit)
    await until(lambda: bot_role(post).id in {o.id for o in overwrites(post)})


def overwrites(post: Post) -> Any:
    """Return whom the client knows overwrites for in group 1's room."""
    channel = post.client.get_channel(post.room.id)
    return getattr(channel, "overwrites", {})
