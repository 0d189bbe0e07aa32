"""What people do in a server leaves its numbers, live and after a gap."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.gateway.observe import hidden_rooms
from bot.settings import Settings
from models import (
    ActiveDay,
    Connected,
    Presence,
    QuietEpisode,
    RoomCursor,
    Tie,
)
from models import Server as ServerRow
from sandbox.app import Sandbox
from sandbox.permissions import Permission
from tests.cogs.listening import Listening, Town, listening


def tie(town: Town, one: str, other: str) -> tuple[int, int]:
    """Return two people's ids, the lower first."""
    ids = sorted((town.people[one].id, town.people[other].id))
    return ids[0], ids[1]


async def ties(bot: Listening) -> list[tuple[int, ...]]:
    """Return all ties: low, high, weight."""
    return await bot.rows(Tie, "low_id", "high_id", "weight")


async def test_a_conversation_becomes_days_and_ties(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """A message, a reply with its ping, a mention and a reaction, over a real gateway."""
    mara, jo, lena = (town.people[name] for name in ("Mara", "Jo", "Lena"))
    first = await mara.write(town.room, "Who is around?")
    await jo.write(town.room, "Me!", reply_to=first, mentions=(mara,))  # 3 + 1
    await lena.write(town.room, "And me", mentions=(jo,))  # 2 + 1 Jo, 1 Mara
    await lena.react(first, "👋")  # 1 Mara
    await sandbox.settle()
    assert await ties(bot) == sorted(
        [
            (*tie(town, "Mara", "Jo"), 4),
            (*tie(town, "Jo", "Lena"), 3),
            (*tie(town, "Mara", "Lena"), 2),
        ]
    )
    assert await bot.rows(ActiveDay, "user_id", "group_id", "day", "signals") == sorted(
        [
            (mara.id, 1, "2026-03-02", 1),
            (jo.id, 1, "2026-03-02", 1),
            (lena.id, 1, "2026-03-02", 2),
        ]
    )


async def test_visitors_and_strangers(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Vera is seen but ties to nobody; who never met Hearth leaves nothing; nor do bots."""
    first = await town.people["Mara"].write(town.room, "Hello")
    await town.people["Vera"].write(town.room, "Hello", reply_to=first)
    stranger = await sandbox.person(town.server, "Stranger")
    await stranger.write(town.room, "Hello", reply_to=first)
    channel = bot.client.get_partial_messageable(town.room.id)
    await channel.send("I am a bot")
    await sandbox.settle()
    assert await ties(bot) == []
    assert await bot.rows(Presence, "user_id") == sorted(
        (town.people[name].id,) for name in ("Mara", "Vera")
    )


async def test_the_commons_count_from_the_moment_the_owners_say_so(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """What was written before is not counted, and a room of the staff never is."""
    mara = town.people["Mara"]
    await mara.write(town.commons, "one")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "signals") == []
    async with bot.database.writing() as session:
        await session.execute(update(ServerRow).values(counts_commons=True))
    bot.client.signals.stale(town.server.id)
    await mara.write(town.commons, "two")
    await town.server.owner.set_overwrite(
        town.facilitators_room, town.server.roles[town.server.id], deny=1 << 10
    )
    await town.server.owner.set_overwrite(town.facilitators_room, mara, allow=1 << 10)
    await sandbox.settle()
    await mara.write(town.facilitators_room, "three")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "user_id", "group_id", "signals") == [(mara.id, 0, 1)]


async def test_a_press_is_a_sign_of_life(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Whoever calls a command is around, wherever they call it."""
    jo = town.people["Jo"]
    await jo.command("privacy show")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "user_id", "group_id", "signals") == [(jo.id, 1, 1)]


async def test_a_return_closes_the_episode(
    bot: Listening, town: Town, sandbox: Sandbox, now: datetime
) -> None:
    """One reaction is enough."""
    mara, jo = town.people["Mara"], town.people["Jo"]
    async with bot.database.writing() as session:
        session.add(
            QuietEpisode(
                server_id=town.server.id,
                group_id=1,
                user_id=jo.id,
                silent_since=now - timedelta(days=20),
                began_at=now,
            )
        )
    await jo.react(await mara.write(town.room, "Hello"), "👋")
    await sandbox.settle()
    assert await bot.rows(QuietEpisode, "closed_by") == [("returned",)]


async def test_what_was_missed_is_read_once(
    sandbox: Sandbox, settings: Settings, town: Town, now: datetime
) -> None:
    """Killed and started again later: history fills the gap, ties across it included."""
    mara, jo, lena = (town.people[name] for name in ("Mara", "Jo", "Lena"))
    async with listening(sandbox, settings):
        await mara.write(town.room, "before")
        await sandbox.settle()
    await sandbox.advance(timedelta(minutes=30))
    await jo.write(town.room, "meanwhile")
    await sandbox.advance(timedelta(hours=5))
    missed = await lena.write(town.room, "later", mentions=(mara,))
    async with listening(sandbox, settings) as bot:
        await mara.write(town.room, "after", reply_to=missed)
        await sandbox.settle()
        assert await ties(bot) == sorted(
            [(*tie(town, "Mara", "Jo"), 1), (*tie(town, "Mara", "Lena"), 6)]
        )
        assert await bot.rows(ActiveDay, "user_id", "signals") == sorted(
            [(mara.id, 2), (jo.id, 1), (lena.id, 1)]
        )
        # The gap was read to its end, so it is no blind time for those who write.
        back = now + timedelta(hours=5, minutes=30)
        assert await bot.rows(Connected, "since", "until", "read") == [
            (now, now, False),
            (now, back, True),
            (back, back, False),
        ]
    async with listening(sandbox, settings) as bot:
        before = sandbox.requests.by_route["GET /channels/{channel_id}/messages"]
        await sandbox.settle()
        assert sum(row[0] for row in await bot.rows(ActiveDay, "signals")) == 4
        after = sandbox.requests.by_route["GET /channels/{channel_id}/messages"]
        assert after == before


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_dropped_connection_loses_nothing_and_counts_nothing_twice(
    bot: Listening, town: Town, sandbox: Sandbox, *, resumable: bool
) -> None:
    """Resumed or begun anew, what was written meanwhile is counted once and is no blind time."""
    mara, jo = town.people["Mara"], town.people["Jo"]
    await mara.write(town.room, "one")
    await sandbox.settle()
    sandbox.gateway.drop(resumable)
    await jo.write(town.room, "two")
    await sandbox.settle()
    await mara.write(town.room, "three")
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "user_id", "signals") == sorted([(mara.id, 2), (jo.id, 1)])
    assert await ties(bot) == [(*tie(town, "Mara", "Jo"), 2)]
    assert len(await bot.rows(Connected, "since")) == 1
    (cursor,) = await bot.rows(RoomCursor, "room_id")
    assert cursor == (town.room.id,)


async def test_time_without_hearth_is_blind_where_history_cannot_be_read(
    sandbox: Sandbox, settings: Settings, town: Town, now: datetime
) -> None:
    """Discord answers errors for the room's history: the gap stays a gap."""
    async with listening(sandbox, settings):
        await town.people["Mara"].write(town.room, "before")
        await sandbox.settle()
    await sandbox.advance(timedelta(hours=5))
    await town.people["Jo"].write(town.room, "meanwhile")
    sandbox.faults.add("503", "GET", "/channels/{channel_id}/messages", times=None)
    async with listening(sandbox, settings) as bot:
        await sandbox.advance(timedelta(minutes=1))
        start = now + timedelta(hours=5)
        assert await bot.rows(Connected, "since", "until") == [
            (now, now),
            (start, start + timedelta(minutes=1)),
        ]


async def test_a_room_that_was_closed_to_hearth_is_read_when_it_opens(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """While it is closed nothing is known of it; what was written meanwhile counts afterwards."""
    owner, mara, jo = town.server.owner, town.people["Mara"], town.people["Jo"]
    await mara.write(town.room, "before")
    await sandbox.settle()
    look = int(Permission.VIEW_CHANNEL)
    me = next(role for role in town.server.roles.values() if role.bot_id == sandbox.bot_id)
    await owner.set_overwrite(town.room, me, deny=look)
    await sandbox.settle()
    await jo.write(town.room, "unheard")
    await sandbox.settle()
    assert town.room.id in hidden_rooms(bot.client.guilds[0])
    assert await bot.rows(ActiveDay, "user_id", "signals") == [(mara.id, 1)]
    await owner.set_overwrite(town.room, me, allow=look)
    await sandbox.settle()
    assert await bot.rows(ActiveDay, "user_id", "signals") == sorted([(mara.id, 1), (jo.id, 1)])


async def test_a_history_that_may_not_be_read_is_blind_time(
    sandbox: Sandbox, settings: Settings, town: Town
) -> None:
    """Discord would answer an empty list, which is not to be taken for silence."""
    async with listening(sandbox, settings):
        await town.people["Mara"].write(town.room, "before")
        await sandbox.settle()
    me = next(role for role in town.server.roles.values() if role.bot_id == sandbox.bot_id)
    read = int(Permission.READ_MESSAGE_HISTORY)
    await town.server.owner.set_overwrite(town.room, me, deny=read)
    await sandbox.advance(timedelta(hours=5))
    await town.people["Jo"].write(town.room, "meanwhile")
    before = sandbox.requests.by_route["GET /channels/{channel_id}/messages"]
    async with listening(sandbox, settings) as bot:
        await sandbox.settle()
        assert await bot.rows(Connected, "read") == [(False,), (False,)]
    assert sandbox.requests.by_route["GET /channels/{channel_id}/messages"] == before


async def test_a_reaction_right_after_a_gap_is_counted(
    sandbox: Sandbox, settings: Settings, town: Town
) -> None:
    """No history tells of reactions, so none was counted with what was read."""
    mara, jo = town.people["Mara"], town.people["Jo"]
    async with listening(sandbox, settings):
        await mara.write(town.room, "before")
        await sandbox.settle()
    missed = await mara.write(town.room, "meanwhile")
    async with listening(sandbox, settings) as bot:
        await jo.react(missed, "👋")
        await sandbox.settle()
        assert await bot.rows(ActiveDay, "user_id", "signals") == sorted([(mara.id, 2), (jo.id, 1)])
        assert await ties(bot) == [(*tie(town, "Mara", "Jo"), 1)]
