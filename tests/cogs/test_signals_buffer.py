"""The buffer itself: what it does when the tables fail, rooms change, or threads and voice come."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError

from bot.driven import handlers_done
from bot.gateway import history
from bot.rules.signals import first_id_at
from bot.signals import Signals
from models import ActiveDay, Group, RoomCursor, Tie, Unanswered
from models import Server as ServerRow
from sandbox import payloads
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, ChannelType
from tests.cogs.listening import Listening, Town


async def heard(bot: Listening, person: Person, room: Channel) -> None:
    """Let someone write, and wait until that is in the buffer, before anything is written down."""
    sequence = bot.client.ws.sequence
    await person.write(room, "Hello")
    while bot.client.ws.sequence == sequence:  # noqa: ASYNC110 - discord.py does not tell of it
        await asyncio.sleep(0)
    await handlers_done()


def receive(bot: Listening, event: str, data: dict[str, Any]) -> None:
    """Let the client take in an event as if the gateway had sent it."""
    bot.client._connection.parsers[event](data)


def a_thread(thread_id: int, parent_id: int, town: Town, owner: Person) -> dict[str, Any]:
    """Return what Discord says of a thread."""
    return {
        "id": str(thread_id),
        "guild_id": str(town.server.id),
        "parent_id": str(parent_id),
        "owner_id": str(owner.id),
        "name": "a thread",
        "type": 11,
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-03-02T12:00:00+00:00",
            "locked": False,
        },
    }


async def test_a_batch_that_fails_is_kept(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """While the tables cannot be written the signals wait, and are counted once afterwards."""
    async with bot.database.writing() as session:
        await session.execute(text("ALTER TABLE tie RENAME TO hidden"))
    for name in ("Mara", "Jo"):
        await heard(bot, town.people[name], town.room)
    with pytest.raises(DatabaseError):
        await bot.client.signals.flush()
    assert await bot.rows(ActiveDay, "signals") == []
    assert not bot.client.signals.idle
    async with bot.database.writing() as session:
        await session.execute(text("ALTER TABLE hidden RENAME TO tie"))
    await heard(bot, town.people["Mara"], town.room)
    await sandbox.settle()
    assert sum(row[0] for row in await bot.rows(ActiveDay, "signals")) == 3
    assert await bot.rows(Tie, "weight") == [(2,)]


async def test_what_waits_is_written_when_the_bot_closes(bot: Listening, town: Town) -> None:
    """Leaving the buffer's scope writes what is left."""
    own = Signals(bot.client, bot.database, bot.client.clock)
    bot.client.signals = own
    async with own:
        await heard(bot, town.people["Mara"], town.room)
        assert await bot.rows(ActiveDay, "signals") == []
    assert await bot.rows(ActiveDay, "signals") == [(1,)]


async def test_a_room_counts_from_when_it_is_a_groups(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """A channel that counted for nothing is looked at anew when its server's rooms changed."""
    mara = town.people["Mara"]
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(room_id=None))
    await mara.write(town.room, "one")
    await sandbox.settle()
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(room_id=town.room.id))
    await mara.write(town.room, "still forgotten")
    await sandbox.settle()
    bot.client.signals.stale(town.server.id)
    await mara.write(town.room, "two")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "group_id", "signals") == [(1, 1)]


async def test_nothing_is_forgotten_for_longer_than_an_hour(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Even where nobody said that a server's rooms changed."""
    mara = town.people["Mara"]
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(room_id=None))
    await mara.write(town.room, "one")
    await sandbox.settle()
    async with bot.database.writing() as session:
        await session.execute(update(Group).values(room_id=town.room.id))
    await sandbox.advance(timedelta(minutes=61))
    await mara.write(town.room, "two")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "signals") == [(1,)]


async def test_a_session_resumed_before_it_was_ready_hears_nobody_yet(
    bot: Listening, town: Town
) -> None:
    """The gap before a new session is silence only once it was read, whatever is resumed."""
    own = Signals(bot.client, bot.database, bot.client.clock)
    await own.catch_up(bot.client.guilds)
    assert own.hearing == {town.server.id}
    own.begun()
    own.disconnected()
    own.resumed()
    assert not own.hearing
    await own.catch_up(bot.client.guilds)
    assert own.hearing == {town.server.id}
    own.disconnected()
    assert not own.hearing
    own.resumed()
    assert own.hearing == {town.server.id}


async def test_a_thread_counts_for_its_room(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """The sandbox has no threads, so the events of one are told to the client as Discord would."""
    mara = town.people["Mara"]
    first = await mara.write(town.room, "Let us take this to a thread")
    await sandbox.settle()
    thread_id = first.id + 1
    thread = a_thread(thread_id, town.room.id, town, mara)
    receive(bot, "THREAD_CREATE", {**thread, "newly_created": True})
    message = payloads.message_event(sandbox.state, first)
    at_ms = int(sandbox.clock.now().timestamp() * 1000)
    message |= {"id": str(first_id_at(at_ms) + 9), "channel_id": str(thread_id)}
    receive(bot, "MESSAGE_CREATE", message)
    # A notice of Discord's own is nobody writing.
    receive(bot, "MESSAGE_CREATE", {**message, "id": str(first_id_at(at_ms) + 10), "type": 18})
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "group_id", "signals") == [(1, 2)]
    assert await bot.rows(RoomCursor, "room_id") == [(town.room.id,), (thread_id,)]


async def test_a_thread_whose_channel_is_not_there_is_passed_over(
    bot: Listening, town: Town
) -> None:
    """Nobody knows who may read it; what was missed elsewhere is read all the same."""
    mara = town.people["Mara"]
    lost = a_thread(town.room.id + 1, town.room.id + 2, town, mara)
    receive(bot, "THREAD_CREATE", {**lost, "newly_created": True})
    last = await mara.write(town.room, "Is anybody there?")
    await handlers_done()
    guild = bot.client.get_guild(town.server.id)
    assert guild is not None
    assert guild.get_thread(town.room.id + 1) is not None
    before = {town.room.id: last.id - 1, town.room.id + 1: 1}
    while not (found := history.gaps(guild, before, {})):  # noqa: ASYNC110 - as in `heard`
        await asyncio.sleep(0)
    assert [gap.channel.id for gap in found] == [town.room.id]


async def test_coming_into_a_voice_channel_is_a_sign_of_life(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Where the commons count: once for coming, nothing for leaving."""
    async with bot.database.writing() as session:
        await session.execute(update(ServerRow).values(counts_commons=True))
    voice = await town.server.owner.create_channel("voice", ChannelType.VOICE)
    jo = town.people["Jo"]
    await jo.join_voice(voice)
    await sandbox.settle()
    await jo.leave_voice()
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "user_id", "group_id", "signals") == [(jo.id, 0, 1)]


async def test_webhooks_are_not_people(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Whatever name they bear."""
    first = await town.people["Mara"].write(town.commons, "Hello")
    message = payloads.message_event(sandbox.state, first)
    message |= {"channel_id": str(town.room.id), "webhook_id": "5"}
    receive(bot, "MESSAGE_CREATE", message)
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "signals") == []


async def test_what_is_written_in_a_private_thread_waits_for_no_answer(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """It is counted, but nobody who looks after the group is sent where they may not read."""
    mara = town.people["Mara"]
    at_ms = int(sandbox.clock.now().timestamp() * 1000)
    like = await mara.write(town.commons, "A line of somebody's")
    for number, kind in ((1, 12), (2, 11)):  # private, public
        thread = a_thread(like.id + number, town.room.id, town, mara)
        receive(bot, "THREAD_CREATE", {**thread, "type": kind, "newly_created": True})
        message = payloads.message_event(sandbox.state, like)
        message |= {"id": str(first_id_at(at_ms) + number), "channel_id": thread["id"]}
        receive(bot, "MESSAGE_CREATE", message)
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "group_id", "signals") == [(1, 2)]
    assert await bot.rows(Unanswered, "channel_id") == [(like.id + 2,)]


async def test_messages_that_are_deleted_at_once_wait_for_no_answer(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """As a moderator's bot does it."""
    gone = await town.people["Mara"].write(town.room, "Buy cheap watches!")
    await sandbox.settle()
    assert await bot.rows(Unanswered, "message_id") == [(gone.id,)]
    data = {"ids": [str(gone.id)], "channel_id": str(gone.channel_id)}
    receive(bot, "MESSAGE_DELETE_BULK", {**data, "guild_id": str(town.server.id)})
    await sandbox.settle()
    assert await bot.rows(Unanswered, "message_id") == []
