"""What a batch of signs of life leaves in the tables."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.signals import Heard, Kind, Place, day_of, first_id_at, moment_ms
from bot.rules.ties import LastMessages
from bot.services import signals, ties
from bot.services.signals import Written
from models import (
    ActiveDay,
    Base,
    Facilitator,
    Group,
    Member,
    Membership,
    Occurrence,
    Presence,
    QuietEpisode,
    Ritual,
    RoomCursor,
    Server,
    Tie,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
RIVERSIDE_ROOM, MILLPOND_ROOM, SQUARE = 501, 502, 500
MARA, JO, KIM, LENA, OMAR, VERA = 11, 12, 13, 14, 15, 16
STRANGER = 99
BOT = 77

HERE = Place(RIVERSIDE_ROOM, RIVERSIDE_ROOM, SERVER)
OPEN = Place(SQUARE, SQUARE, SERVER, everyone=True)
THREAD = Place(600, RIVERSIDE_ROOM, SERVER)

Town = Callable[[AsyncSession], Awaitable[None]]


class Room:
    """Writes signs of life one second after another, with ids as Discord makes them."""

    def __init__(self, now: datetime) -> None:
        self.start = self.at_ms = int(now.timestamp() * 1000)

    def message(self, user_id: int, place: Place = HERE, **what: Any) -> Heard:
        """Return a message one second after the last."""
        self.at_ms += 1000
        return Heard(
            Kind.MESSAGE, place, user_id, self.at_ms, message_id=first_id_at(self.at_ms), **what
        )

    def other(self, kind: Kind, user_id: int, place: Place = HERE, **what: Any) -> Heard:
        """Return another sign of life one second after the last."""
        self.at_ms += 1000
        return Heard(kind, place, user_id, self.at_ms, **what)


@pytest.fixture
def room(now: datetime) -> Room:
    """People who write from now on."""
    return Room(now)


@pytest.fixture
async def tables(database: Database, town: Town) -> Database:
    """The town."""
    async with database.writing() as session:
        await town(session)
    return database


async def write(database: Database, batch: Sequence[Heard], now: datetime, **more: Any) -> Written:
    """Write a batch in a transaction of its own."""
    async with database.writing() as session:
        return await signals.write(session, batch, more.pop("last", {}), now, **more)


async def change(database: Database, statement: Any) -> None:
    """Change rows in a transaction of its own."""
    async with database.writing() as session:
        await session.execute(statement)


async def rows(database: Database, table: type[Base], *columns: str) -> set[tuple[Any, ...]]:
    """Return these columns of all rows."""
    async with database.reading() as session:
        found = await session.execute(select(*(getattr(table, name) for name in columns)))
        return {tuple(row) for row in found}


async def tied(database: Database) -> set[tuple[Any, ...]]:
    """Return all ties."""
    return await rows(database, Tie, "group_id", "low_id", "high_id", "weight")


async def test_days_presence_and_cursor(tables: Database, room: Room, now: datetime) -> None:
    """Two messages are two signals of one day, the last is the sign of life and the cursor."""
    written = await write(tables, [room.message(MARA), second := room.message(MARA)], now)
    assert written.signals == 2
    assert await rows(tables, ActiveDay, "user_id", "group_id", "day", "signals") == {
        (MARA, RIVERSIDE, "2026-03-02", 2)
    }
    assert await rows(tables, Presence, "user_id", "last_at") == {
        (MARA, now + timedelta(seconds=2))
    }
    assert await rows(tables, RoomCursor, "room_id", "message_id") == {
        (RIVERSIDE_ROOM, second.message_id)
    }


async def test_what_no_history_tells_of_is_known(
    tables: Database, room: Room, now: datetime
) -> None:
    """Reactions and voice are counted once more apart; what is written or pressed is not."""
    batch = [room.message(MARA), *(room.other(kind, MARA) for kind in list(Kind)[1:])]
    await write(tables, batch[:2], now)
    await write(tables, batch[2:], now)
    assert await rows(tables, ActiveDay, "user_id", "signals", "unwritten") == {(MARA, 4, 2)}


async def test_batches_add_up(tables: Database, room: Room, now: datetime) -> None:
    """What a second batch finds is added; an older moment does not turn presence back."""
    late = room.message(JO, to_user_id=MARA)
    await write(tables, [late], now)
    early = late._replace(at_ms=late.at_ms - 500, message_id=late.message_id - (500 << 22))
    await write(tables, [early], now)
    assert await rows(tables, ActiveDay, "user_id", "signals") == {(JO, 2)}
    assert await tied(tables) == {(RIVERSIDE, MARA, JO, 6)}
    assert await rows(tables, Presence, "last_at") == {(now + timedelta(seconds=1),)}
    assert await rows(tables, RoomCursor, "message_id") == {(late.message_id,)}


async def test_the_day_is_the_servers_own(tables: Database, now: datetime) -> None:
    """Half past eleven at night in UTC is the next day in Berlin."""
    late = Room(now.replace(hour=23, minute=30))
    await write(tables, [late.message(MARA)], now)
    assert await rows(tables, ActiveDay, "day") == {("2026-03-03",)}


async def test_ties_of_one_conversation(tables: Database, room: Room, now: datetime) -> None:
    """Replies, mentions, reactions and writing soon after are summed per pair."""
    batch = [
        room.message(MARA),
        room.message(JO, to_user_id=MARA, mentions=(MARA,)),  # near 1, reply 3
        room.message(KIM, mentions=(JO,)),  # near both, mentions Jo
        room.other(Kind.REACTION, KIM, to_user_id=MARA),
    ]
    await write(tables, batch, now)
    assert await tied(tables) == {
        (RIVERSIDE, MARA, JO, 4),
        (RIVERSIDE, JO, KIM, 3),
        (RIVERSIDE, MARA, KIM, 2),
    }


async def test_visitors_do_not_tie_but_are_seen(
    tables: Database, room: Room, now: datetime
) -> None:
    """Omar of Millpond and Vera without a home are around in Riverside, and tie to nobody."""
    batch = [room.message(who, to_user_id=MARA) for who in (OMAR, VERA)]
    batch.append(room.message(MARA, to_user_id=OMAR))
    await write(tables, batch, now)
    assert await tied(tables) == set()
    assert await rows(tables, ActiveDay, "user_id", "group_id") == {
        (OMAR, RIVERSIDE),
        (VERA, RIVERSIDE),
        (MARA, RIVERSIDE),
    }


async def test_who_is_not_counted_leaves_nothing(
    tables: Database, room: Room, now: datetime
) -> None:
    """Who opted out, who was never told, and what was said before they were told."""
    await change(tables, update(Member).where(Member.user_id == JO).values(opted_out_at=now))
    later = now + timedelta(hours=1)
    await change(tables, update(Member).where(Member.user_id == KIM).values(counted_since=later))
    batch = [
        room.message(MARA),
        *(room.message(who, to_user_id=MARA, mentions=(MARA,)) for who in (JO, KIM, STRANGER)),
        room.message(MARA, mentions=(JO, KIM, STRANGER)),
    ]
    await write(tables, batch, now)
    assert await rows(tables, ActiveDay, "user_id") == {(MARA,)}
    assert await rows(tables, Presence, "user_id") == {(MARA,)}
    assert await tied(tables) == set()


async def test_a_seat_that_is_only_kept_ties_nobody(
    tables: Database, room: Room, now: datetime
) -> None:
    """Whoever left has no home for ties, though the seat waits for them."""
    await change(tables, update(Membership).where(Membership.user_id == JO).values(state="kept"))
    await write(tables, [room.message(MARA), room.message(JO, to_user_id=MARA)], now)
    assert await tied(tables) == set()


async def test_threads_count_for_their_room(tables: Database, room: Room, now: datetime) -> None:
    """A thread has a conversation and a cursor of its own, and counts for the room's group."""
    batch = [room.message(MARA), room.message(JO, THREAD), room.message(KIM, THREAD)]
    await write(tables, batch, now)
    assert await tied(tables) == {(RIVERSIDE, JO, KIM, 1)}
    assert await rows(tables, ActiveDay, "user_id", "group_id") == {
        (who, RIVERSIDE) for who in (MARA, JO, KIM)
    }
    assert await rows(tables, RoomCursor, "room_id") == {(RIVERSIDE_ROOM,), (600,)}


@pytest.mark.parametrize(
    ("counts", "everyone", "seen"), [(True, True, 1), (True, False, 0), (False, True, 0)]
)
async def test_the_commons_count_only_if_the_owners_say_so(
    tables: Database, room: Room, now: datetime, *, counts: bool, everyone: bool, seen: int
) -> None:
    """And then only rooms that everyone sees; nobody ties there."""
    await change(tables, update(Server).values(counts_commons=counts))
    place = Place(SQUARE, SQUARE, SERVER, everyone=everyone)
    batch = [room.message(MARA, place), room.message(MARA, place, to_user_id=JO)]
    written = await write(tables, batch, now)
    assert len(await rows(tables, ActiveDay, "group_id")) == seen
    assert await tied(tables) == set()
    assert written.uncounted == (set() if seen else {SQUARE})


async def test_a_press_counts_for_the_home(tables: Database, room: Room, now: datetime) -> None:
    """Whoever deals with Hearth is around, wherever the button was; without a home it's nothing."""
    press = [room.other(Kind.PRESS, who, OPEN) for who in (MARA, VERA)]
    written = await write(tables, press, now)
    assert written.signals == 1
    assert await rows(tables, ActiveDay, "user_id", "group_id") == {(MARA, RIVERSIDE)}


async def test_a_press_of_who_looks_after_a_group_says_that_they_are_there(
    tables: Database, room: Room, now: datetime
) -> None:
    """And nothing else, where they live nowhere; one who opted out leaves not even that."""
    for who in (VERA, OMAR):
        office = {"group_id": MILLPOND, "user_id": who, "server_id": SERVER, "since": now}
        await change(tables, insert(Facilitator).values(**office, state="active"))
    await change(tables, delete(Membership).where(Membership.user_id == OMAR))
    await change(tables, update(Member).where(Member.user_id == OMAR).values(opted_out_at=now))
    written = await write(
        tables,
        [room.other(Kind.PRESS, who, OPEN) for who in (VERA, OMAR)] + [room.message(VERA, OPEN)],
        now,
    )
    assert written.signals == 0
    assert await rows(tables, ActiveDay, "user_id") == set()
    assert await rows(tables, Presence, "user_id", "last_at") == {
        (VERA, now + timedelta(seconds=1))
    }


async def test_a_reaction_to_oneself_ties_nobody(
    tables: Database, room: Room, now: datetime
) -> None:
    """It is a sign of life all the same."""
    await write(tables, [room.other(Kind.REACTION, MARA, to_user_id=MARA)], now)
    assert await tied(tables) == set()
    assert await rows(tables, ActiveDay, "signals") == {(1,)}


async def test_last_messages_go_from_batch_to_batch(
    tables: Database, room: Room, now: datetime
) -> None:
    """What was written before the batch is near, and a batch does not change what it was given."""
    first = await write(tables, [room.message(MARA)], now)
    before = dict(first.last)
    second = await write(tables, [room.message(JO)], now, last=before)
    assert await tied(tables) == {(RIVERSIDE, MARA, JO, 1)}
    assert len(before[RIVERSIDE_ROOM]) == 1
    assert len(second.last[RIVERSIDE_ROOM]) == 2


async def test_people_who_are_not_counted_take_their_place_without_a_name(
    tables: Database, room: Room, now: datetime
) -> None:
    """Six messages of strangers push Mara out of sight."""
    last = {RIVERSIDE_ROOM: LastMessages()}
    batch = [room.message(MARA), *(room.message(STRANGER) for _ in range(6)), room.message(JO)]
    await write(tables, batch, now, last=last)
    assert await tied(tables) == set()


async def test_a_return_closes_the_episode(tables: Database, room: Room, now: datetime) -> None:
    """Mara writes again; of Jo only something older than the silence turns up."""
    async with tables.writing() as session:
        for who in (MARA, JO):
            session.add(
                QuietEpisode(
                    server_id=SERVER,
                    group_id=RIVERSIDE,
                    user_id=who,
                    silent_since=now,
                    began_at=now,
                )
            )
    await write(tables, [room.message(MARA), room.message(JO)._replace(at_ms=room.start - 1)], now)
    assert await rows(tables, QuietEpisode, "user_id", "closed_by", "closed_at") == {
        (MARA, "returned", now),
        (JO, None, None),
    }


async def test_answers_to_a_ritual_are_counted(tables: Database, room: Room, now: datetime) -> None:
    """Replies and reactions to its message, whoever gave them; other messages have no answers."""
    async with tables.writing() as session:
        session.add(
            Ritual(
                id=1,
                server_id=SERVER,
                group_id=RIVERSIDE,
                title="Campfire",
                cadence="weekly",
                zone="UTC",
                anchor="2026-03-02",
            )
        )
        await session.flush()
        session.add(
            Occurrence(
                ritual_id=1,
                group_id=RIVERSIDE,
                local_moment="2026-03-02T12:00",
                due_at=now,
                state="posted",
                message_id=4711,
            )
        )
    batch = [
        room.message(MARA, to_user_id=BOT, to_message_id=4711),
        room.message(STRANGER, to_user_id=BOT, to_message_id=4711),
        room.other(Kind.REACTION, JO, to_user_id=BOT, to_message_id=4711),
        room.message(JO, to_user_id=BOT, to_message_id=4712),
        room.message(JO, to_user_id=MARA, to_message_id=4711),
    ]
    await write(tables, batch, now, bot_id=BOT)
    assert await rows(tables, Occurrence, "answers") == {(3,)}


async def test_history_that_was_read_moves_the_cursor(tables: Database, now: datetime) -> None:
    """Also where only bots had written, and in no other server than ours."""
    place = Heard(Kind.MESSAGE, HERE, STRANGER, moment_ms(1 << 60), message_id=1 << 60)
    up_to = {RIVERSIDE_ROOM: (SERVER, (1 << 60) + 5), 700: (4, 5)}
    await write(tables, [place], now, read_up_to=up_to)
    assert await rows(tables, RoomCursor, "room_id", "message_id") == {
        (RIVERSIDE_ROOM, (1 << 60) + 5)
    }


async def test_nothing_of_a_failed_batch_stays(tables: Database, room: Room, now: datetime) -> None:
    """Counts and cursor stand or fall together."""

    async def fail() -> None:
        async with tables.writing() as session:
            await signals.write(session, [room.message(MARA)], {}, now)
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        await fail()
    assert await rows(tables, ActiveDay, "user_id") == set()
    assert await rows(tables, RoomCursor, "room_id") == set()


async def test_weights_are_of_those_who_live_there_now(
    tables: Database, room: Room, now: datetime
) -> None:
    """Whoever moved away is no part of the group's ties any more."""
    batch = [room.message(MARA), *(room.message(who, to_user_id=MARA) for who in (JO, KIM))]
    await write(tables, batch, now)
    async with tables.writing() as session:
        await session.execute(delete(Membership).where(Membership.user_id == KIM))
        found = await ties.weights(session, RIVERSIDE, now)
    assert found == [(MARA, JO, 4.0)]


async def test_ties_follow_those_who_move_together(
    tables: Database, room: Room, now: datetime
) -> None:
    """After a split the smaller group keeps what its people had among themselves."""
    batch = [room.message(MARA), *(room.message(who, to_user_id=MARA) for who in (JO, KIM))]
    await write(tables, batch, now)
    async with tables.writing() as session:
        moved = await ties.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=[MARA, JO]
        )
    assert moved == 1
    assert await tied(tables) == {
        (MILLPOND, MARA, JO, 4),
        (RIVERSIDE, MARA, KIM, 4),
        (RIVERSIDE, JO, KIM, 1),
    }


async def test_a_group_without_a_room_changes_nothing(tables: Database, now: datetime) -> None:
    """Before its room is made, a group hears nothing."""
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(room_id=None))
    written = await write(tables, [Room(now).message(MARA)], now)
    assert written.uncounted == {RIVERSIDE_ROOM}
    assert written.signals == 0


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "2026-03-01"), ("Asia/Kathmandu", "2026-03-02"), ("America/Lima", "2026-03-01")],
)
def test_a_day_is_local(zone: str, day: str) -> None:
    """Also where clocks differ by three quarters of an hour: 18:15 UTC is midnight in Kathmandu."""
    moment = datetime.fromisoformat("2026-03-01T18:15:00+00:00")
    assert day_of(int(moment.timestamp() * 1000), zone) == day


def test_ids_and_moments_fit() -> None:
    """Discord's own example: id 175928847299117063 was made at 2016-04-30 11:18:25.796 UTC."""
    moment = datetime.fromisoformat("2016-04-30T11:18:25.796+00:00")
    assert moment_ms(175928847299117063) == int(moment.timestamp() * 1000)
    assert moment_ms(first_id_at(1_500_000_000_123)) == 1_500_000_000_123
