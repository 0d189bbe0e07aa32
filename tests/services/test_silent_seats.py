"""Seats that go to others after a long silence, in the tables."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.services import privacy, quiet, retention, servers, silent_seats, waiting
from bot.services.membership import Joined
from bot.services.waiting import Waits
from bot.settings import Settings
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    GroupType,
    LogEntry,
    Member,
    Membership,
    OutboxMessage,
    Presence,
    QuietEpisode,
    Server,
    SilentSeat,
    Waiting,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, KIM, LENA, OMAR, VERA = 11, 12, 13, 14, 15, 16
RIVERSIDE_ROOM = 501
DAY = timedelta(days=1)

Town = Callable[[AsyncSession], Awaitable[None]]


def actor(user_id: int) -> Actor:
    """Return somebody without any rights."""
    return Actor(SERVER, user_id, frozenset(), manages_server=False, moderates_members=False)


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town, where places free seats after ninety days; everyone but Mara was here today."""
    async with database.writing() as session:
        await town(session)
        await session.execute(update(GroupType).values(frees_after_days=90))
        session.add(Connected(server_id=SERVER, since=now - 180 * DAY, until=now + 60 * DAY))
        for who in (JO, KIM, LENA, OMAR):
            session.add(Presence(server_id=SERVER, user_id=who, last_at=now))
        session.add(Presence(server_id=SERVER, user_id=MARA, last_at=now - 76 * DAY))
    return database


async def change(database: Database, *statements: Any) -> None:
    """Change rows in a transaction of its own."""
    async with database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def look(database: Database, now: datetime, unheard: frozenset[int] = frozenset()) -> int:
    """Look once."""
    async with database.writing() as session:
        return await silent_seats.look(session, SERVER, now, unheard=unheard)


async def seats(database: Database) -> dict[int, bool]:
    """Return whom it is about, and whether their seat went."""
    async with database.reading() as session:
        rows = await session.scalars(select(SilentSeat))
        return {row.user_id: row.freed_at is not None for row in rows}


async def homes(database: Database) -> tuple[int, set[int]]:
    """Return Riverside's seats that are lived in, by count and by row."""
    async with database.reading() as session:
        group = await session.get_one(Group, RIVERSIDE)
        rows = await session.scalars(
            select(Membership.user_id).where(Membership.group_id == RIVERSIDE)
        )
        return group.homes, set(rows)


async def note(database: Database, user_id: int, now: datetime, settings: Settings) -> Note | None:
    """Return what their /home says of it."""
    async with database.reading() as session:
        return await silent_seats.home_note(session, actor(user_id), now, settings)


async def gone(database: Database, now: datetime) -> datetime:
    """Let Mara's seat go; return when it went."""
    await look(database, now)
    assert await look(database, now + 14 * DAY) == 1
    return now + 14 * DAY


async def test_told_first_and_freed_two_weeks_later(
    tables: Database, now: datetime, settings: Settings
) -> None:
    """A neutral line and the rest in /home; then the seat is free, in the log without a name."""
    await change(
        tables,
        update(Group).where(Group.id == RIVERSIDE).values(homes=4),
    )
    assert await look(tables, now) == 0
    assert await seats(tables) == {MARA: False}
    said = await note(tables, MARA, now, settings)
    assert said is not None
    assert said.urgent
    assert said.lines[0].params["until"] == int((now + 14 * DAY).timestamp())
    assert await look(tables, now + 13 * DAY) == 0
    assert await look(tables, now + 14 * DAY) == 1
    assert await homes(tables) == (3, {JO, KIM, LENA})
    assert await look(tables, now + 15 * DAY) == 0
    async with tables.reading() as session:
        entry = (await session.scalars(select(LogEntry))).one()
        lines = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))).all()
    assert (entry.action, entry.group_id, entry.user_id) == ("seat-freed", RIVERSIDE, None)
    assert [(line.place, line.user_id) for line in lines] == [("commons", MARA)] * 2
    assert all("Riverside" not in line.content for line in lines)
    assert await note(tables, JO, now, settings) is None
    after = await note(tables, MARA, now, settings)
    assert after is not None
    assert [button.label for button in after.buttons] == ["seats.silent_back", "seats.silent_past"]


@pytest.mark.parametrize(
    "statement",
    [
        update(GroupType).values(frees_after_days=None),
        update(Member).values(opted_out_at=datetime.fromisoformat("2026-01-01T00:00:00Z")),
        update(Member).values(counted_since=datetime.fromisoformat("2026-02-01T00:00:00Z")),
        update(Member).values(away_from=datetime.fromisoformat("2026-03-01T00:00:00Z")),
        update(Membership).values(since=datetime.fromisoformat("2026-01-15T00:00:00Z")),
        update(Membership).values(state="held"),
        update(Group).values(locked_at=datetime.fromisoformat("2026-03-01T00:00:00Z")),
        update(Group).values(state="resting"),
        update(Group).values(state="archived"),
        update(Server).values(paused_at=datetime.fromisoformat("2026-03-01T00:00:00Z")),
        update(Facilitator).values(user_id=MARA),
        update(Presence).values(last_at=datetime.fromisoformat("2026-01-01T00:00:00Z")),
        update(Connected).values(since=datetime.fromisoformat("2026-01-01T00:00:00Z")),
    ],
)
async def test_nobody_loses_a_seat_by_what_is_no_silence(
    tables: Database, now: datetime, statement: Any
) -> None:
    """Without a rule, uncounted, away, new, in office, shut out, or while Hearth was blind."""
    await change(tables, statement)
    assert await look(tables, now) == 0
    assert await seats(tables) == {}


async def test_a_room_that_hearth_cannot_hear_tells_nothing(
    tables: Database, now: datetime
) -> None:
    """Who lives behind a closed door may be talking every day."""
    await look(tables, now, frozenset({RIVERSIDE_ROOM}))
    assert await seats(tables) == {}


async def test_the_notice_is_taken_back_by_any_sign_of_life(
    tables: Database, now: datetime
) -> None:
    """And by being away, and by the rule's end; nobody is told twice for one silence."""
    for change_ in (
        update(Presence).where(Presence.user_id == MARA).values(last_at=now + DAY),
        update(Member).where(Member.user_id == MARA).values(away_from=now),
        update(GroupType).values(frees_after_days=None),
    ):
        await look(tables, now)
        await look(tables, now + DAY)
        assert await seats(tables) == {MARA: False}
        await change(tables, change_)
        assert await look(tables, now + 20 * DAY) == 0
        assert await seats(tables) == {}
        await change(
            tables,
            update(Presence).where(Presence.user_id == MARA).values(last_at=now - 76 * DAY),
            update(Member).values(away_from=None),
            update(GroupType).values(frees_after_days=90),
        )


async def test_the_two_weeks_are_hearths_own(tables: Database, now: datetime) -> None:
    """Time in which nobody could have pressed, blind or paused, is given back."""
    await look(tables, now)
    await change(
        tables,
        update(Connected).values(until=now + DAY),
        update(Presence).where(Presence.user_id == MARA).values(last_at=now - 120 * DAY),
    )
    assert await look(tables, now + 30 * DAY) == 0
    assert await seats(tables) == {MARA: False}
    owner = Actor(SERVER, 1, frozenset(), manages_server=True, moderates_members=True)
    async with tables.writing() as session:
        await servers.pause(session, owner, now=now + 30 * DAY)
    async with tables.writing() as session:
        await servers.pause(session, owner, now=now + 35 * DAY)  # and on again
    async with tables.reading() as session:
        row = await session.get_one(SilentSeat, (SERVER, MARA))
        assert row.told_at == now + 5 * DAY


async def test_one_press_keeps_the_seat(tables: Database, now: datetime) -> None:
    """Also a second one; who presses too late reads what to do."""
    await look(tables, now)
    async with tables.writing() as session:
        assert await silent_seats.keep(session, actor(MARA), RIVERSIDE) == "Riverside"
        assert await silent_seats.keep(session, actor(MARA), RIVERSIDE) == "Riverside"
    assert await seats(tables) == {}
    await gone(tables, now)
    async with tables.writing() as session:
        with pytest.raises(UserError, match=r"seats.silent_too_late"):
            await silent_seats.keep(session, actor(MARA), RIVERSIDE)


async def test_who_comes_back_moves_in_where_there_is_a_seat(
    tables: Database, now: datetime, settings: Settings
) -> None:
    """At once, by the way they know, without a request, a wait or a cool-down."""
    await change(
        tables,
        update(GroupType).values(entry="request"),
        update(Member)
        .where(Member.user_id == MARA)
        .values(first_home_at=now - 400 * DAY, last_move_at=now - DAY, moves=3),
    )
    at = await gone(tables, now)
    async with tables.writing() as session:
        session.add(Waiting(server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, since=now))
        await session.flush()
        back = await silent_seats.come_back(
            session, actor(MARA), RIVERSIDE, now=at + DAY, settings=settings
        )
    assert isinstance(back, Joined)
    assert (await homes(tables))[1] == {MARA, JO, KIM, LENA}
    assert await seats(tables) == {}
    async with tables.writing() as session:
        with pytest.raises(UserError, match=r"seats.silent_over"):
            await silent_seats.come_back(session, actor(MARA), RIVERSIDE, now=at, settings=settings)


async def test_in_a_full_group_who_comes_back_stands_first(
    tables: Database, now: datetime, settings: Settings
) -> None:
    """Before all who wait, whichever way they ask; those who came back keep their own order."""
    at = await gone(tables, now)
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(cap=3, homes=3))
    async with tables.writing() as session:
        session.add(
            Waiting(server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, since=now - 9 * DAY)
        )
        await session.flush()
        back = await silent_seats.come_back(
            session, actor(MARA), RIVERSIDE, now=at, settings=settings
        )
        assert isinstance(back, Waits)
        assert back.place == 1
        # Somebody else whose seat went, and who stands in line by /join and [Wait].
        await session.execute(delete(Membership).where(Membership.user_id == KIM))
        session.add(
            SilentSeat(server_id=SERVER, user_id=KIM, group_id=RIVERSIDE, told_at=now, freed_at=now)
        )
        await session.flush()
        await waiting.put_in_line(session, SERVER, KIM, RIVERSIDE, at + DAY)
        in_line = await session.scalars(
            select(Waiting.user_id).order_by(Waiting.since, Waiting.user_id)
        )
        assert list(in_line) == [MARA, KIM, VERA]
    assert await note(tables, MARA, at, settings) is None  # the place in line says it


async def test_coming_back_obeys_the_doors(
    tables: Database, now: datetime, settings: Settings
) -> None:
    """A group that has ended is no home; one that is another's seat by now says so."""
    at = await gone(tables, now)
    await change(tables, update(Group).values(state="archived"))
    assert await note(tables, MARA, at, settings) is None
    for group in (RIVERSIDE, MILLPOND):
        async with tables.writing() as session:
            with pytest.raises(UserError):
                await silent_seats.come_back(session, actor(MARA), group, now=at, settings=settings)


async def test_a_new_home_or_a_no_ends_it(tables: Database, now: datetime) -> None:
    """Nobody is first in line where they do not want to be; a year later it is forgotten."""
    at = await gone(tables, now)
    async with tables.writing() as session:
        await silent_seats.let_go(session, actor(MARA))
        await silent_seats.let_go(session, actor(MARA))
        assert await session.scalar(select(func.count()).select_from(SilentSeat)) == 0
        session.add(
            SilentSeat(server_id=SERVER, user_id=MARA, group_id=RIVERSIDE, told_at=now, freed_at=at)
        )
        session.add(
            SilentSeat(server_id=SERVER, user_id=OMAR, group_id=RIVERSIDE, told_at=now, freed_at=at)
        )
    async with tables.writing() as session:
        await privacy.forget(session, OMAR, [SERVER], at)
    assert await seats(tables) == {MARA: True}
    async with tables.writing() as session:
        await retention.sweep(session, at + 366 * DAY, Settings())
    assert await seats(tables) == {}


async def test_the_silence_is_over_for_the_letters_too(tables: Database, now: datetime) -> None:
    """Whose seat went is in nobody's letter any more."""
    async with tables.writing() as session:
        for back in range(20):
            day = (now - (76 + back) * DAY).date().isoformat()
            session.add(
                ActiveDay(server_id=SERVER, user_id=MARA, group_id=RIVERSIDE, day=day, signals=1)
            )
        await session.flush()
        await quiet.daily(session, SERVER, now)
    await gone(tables, now)
    async with tables.reading() as session:
        (episode,) = (await session.scalars(select(QuietEpisode))).all()
    assert (episode.user_id, episode.closed_by) == (MARA, "released")


@pytest.mark.parametrize(
    ("days", "refused"), [(None, False), (0, False), (106, False), (107, True)]
)
def test_a_rule_that_outlasts_hearths_memory_is_refused(
    days: int | None, refused: bool, settings: Settings
) -> None:
    """Signs of life go after 120 days: nobody can tell who was silent for longer."""
    if refused:
        with pytest.raises(UserError, match=r"types.frees_beyond_memory"):
            silent_seats.require_known(days, settings)
    else:
        silent_seats.require_known(days, settings)
