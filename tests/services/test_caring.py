"""What a batch of signals leaves of deeds, and who is suggested by them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.caring import WEEKS_LEAST
from bot.rules.signals import Heard, Kind, Place, first_id_at
from bot.services import care_pauses, facilitators, privacy, retention, signals, ties, volunteers
from bot.settings import Settings
from models import (
    ActiveDay,
    Care,
    CarePause,
    Facilitator,
    Group,
    Member,
    Membership,
    QuietEpisode,
    RoomCursor,
)
from tests.services.conftest import (
    JO,
    KIM,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    VERA,
    Town,
)

HERE = Place(RIVERSIDE_ROOM, RIVERSIDE_ROOM, SERVER)
DAY = timedelta(days=1)
LENA_ACTS = Actor(SERVER, LENA, frozenset(), manages_server=False, moderates_members=False)
OWNER = Actor(SERVER, KIM, frozenset(), manages_server=True, moderates_members=False)


def ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def says(who: int, at: datetime, *, to: int = 0, names: tuple[int, ...] = ()) -> Heard:
    """Return a message in Riverside."""
    return Heard(Kind.MESSAGE, HERE, who, ms(at), first_id_at(ms(at)), to, 1 if to else 0, names)


@pytest.fixture
async def session_town(database: Database, town: Town, now: datetime) -> Database:
    """The town, with Kim new to Riverside and the others known there for long."""
    async with database.writing() as session:
        await town(session)
        await session.flush()
        await session.execute(
            update(Membership).where(Membership.user_id == KIM).values(since=now - DAY)
        )
        for who in (MARA, JO, LENA):
            for day in range(4):
                session.add(
                    ActiveDay(
                        server_id=SERVER,
                        user_id=who,
                        group_id=RIVERSIDE,
                        day=f"2026-01-0{day + 1}",
                        signals=1,
                    )
                )
    return database


async def write(database: Database, now: datetime, *batch: Heard) -> None:
    """Write a batch of its own."""
    async with database.writing() as session:
        await signals.write(session, batch, {}, now)


async def deeds(database: Database) -> dict[int, tuple[int, int, int]]:
    """Return who did what, all weeks together."""
    found: dict[int, tuple[int, int, int]] = {}
    async with database.reading() as session:
        for row in await session.scalars(select(Care)):
            before = found.get(row.user_id, (0, 0, 0))
            found[row.user_id] = (
                before[0] + row.welcomed,
                before[1] + row.revived,
                before[2] + row.connected,
            )
    return found


async def test_newcomers_who_are_answered(session_town: Database, now: datetime) -> None:
    """Who moved in lately, and who was hardly ever there, is new; batches add up."""
    await write(session_town, now, says(MARA, now, to=KIM), says(KIM, now, to=MARA))
    await write(session_town, now, says(MARA, now, names=(KIM,)), says(MARA, now, to=JO))
    assert await deeds(session_town) == {MARA: (2, 0, 0)}
    async with session_town.writing() as session:
        await session.execute(update(Membership).values(since=now - 99 * DAY))
    await write(session_town, now, says(JO, now, to=KIM))
    assert (await deeds(session_town))[JO] == (1, 0, 0)
    async with session_town.writing() as session:
        for day in range(4):
            session.add(
                ActiveDay(
                    server_id=SERVER,
                    user_id=KIM,
                    group_id=RIVERSIDE,
                    day=f"2026-02-0{day + 1}",
                    signals=1,
                )
            )
    await write(session_town, now, says(JO, now, to=KIM))
    assert (await deeds(session_town))[JO] == (1, 0, 0)


async def test_a_silence_is_known_after_a_start(session_town: Database, now: datetime) -> None:
    """Nobody remembers who wrote last; how far the room was counted is enough."""
    await write(session_town, now - 2 * DAY, says(JO, now - 2 * DAY))
    await write(session_town, now, says(MARA, now), says(JO, now + timedelta(minutes=5)))
    assert await deeds(session_town) == {MARA: (0, 1, 0)}
    await write(
        session_town,
        now,
        says(LENA, now + timedelta(minutes=9)),
        says(JO, now + timedelta(minutes=10)),
    )
    assert await deeds(session_town) == {MARA: (0, 1, 0)}
    async with session_town.reading() as session:
        assert len(list(await session.scalars(select(RoomCursor)))) == 1


async def test_people_are_brought_together_once(session_town: Database, now: datetime) -> None:
    """Two who never answered each other, spoken to at once; then they know each other."""
    await write(session_town, now, says(LENA, now, names=(MARA, JO)))
    assert await deeds(session_town) == {LENA: (0, 0, 1)}
    await write(session_town, now, says(MARA, now, to=JO))
    await write(session_town, now, says(LENA, now, names=(MARA, JO)))
    assert await deeds(session_town) == {LENA: (0, 0, 1)}


async def does(session: AsyncSession, who: int, now: datetime) -> None:
    """Let somebody have answered newcomers often, in as many weeks as it takes."""
    for week in range(WEEKS_LEAST):
        monday = (now - timedelta(days=now.weekday(), weeks=week)).date().isoformat()
        session.add(
            Care(group_id=RIVERSIDE, user_id=who, week=monday, server_id=SERVER, welcomed=4)
        )


async def fits(database: Database, now: datetime) -> list[int]:
    """Return who is suggested."""
    async with database.reading() as session:
        return [one.user_id for one in await volunteers.fitting(session, RIVERSIDE, now)]


async def test_who_may_be_asked(session_town: Database, now: datetime) -> None:
    """Not who looks after it already, is away, quiet, opted out, elsewhere, or was asked lately."""
    async with session_town.writing() as session:
        for who in (MARA, JO, LENA, OMAR, VERA):
            await does(session, who, now)
    assert sorted(await fits(session_town, now)) == [MARA, JO]
    async with session_town.writing() as session:
        await session.execute(
            update(Member).where(Member.user_id == MARA).values(away_from=now - DAY)
        )
    assert await fits(session_town, now) == [JO]
    async with session_town.writing() as session:
        await session.execute(
            update(Member).where(Member.user_id == MARA).values(away_until=now - DAY / 2)
        )
        session.add(
            QuietEpisode(
                server_id=SERVER,
                group_id=RIVERSIDE,
                user_id=JO,
                silent_since=now - 9 * DAY,
                began_at=now,
            )
        )
    assert await fits(session_town, now) == [MARA]
    async with session_town.writing() as session:
        await care_pauses.pause(
            session, server_id=SERVER, group_id=RIVERSIDE, user_id=MARA, now=now
        )
    assert await fits(session_town, now) == []
    assert await fits(session_town, now + care_pauses.PAUSE - timedelta(weeks=12)) == []
    async with session_town.writing() as session:
        await session.execute(delete(QuietEpisode))
        await session.execute(update(Member).where(Member.user_id == JO).values(opted_out_at=now))
    assert await fits(session_town, now) == []


async def test_who_offered_comes_first(session_town: Database, now: datetime) -> None:
    """An offer needs no deeds; whoever only does the deeds follows."""
    async with session_town.writing() as session:
        await does(session, MARA, now)
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=JO, server_id=SERVER, state="offered", since=now
            )
        )
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=OMAR, server_id=SERVER, state="offered", since=now
            )
        )
        await session.flush()
        assert await volunteers.willing_or_fit(session, RIVERSIDE, now) == [JO, MARA]


async def test_a_no_is_not_told_from_any_other_answer(
    session_town: Database, now: datetime
) -> None:
    """Who was asked is left in peace for three months, whatever they said; then the pause goes."""
    async with session_town.writing() as session:
        await does(session, MARA, now)
    async with session_town.writing() as session:
        assert await volunteers.ask(session, LENA_ACTS, group_id=RIVERSIDE, user_id=MARA, now=now)
        await facilitators.decline(session, server_id=SERVER, group_id=RIVERSIDE, user_id=MARA)
        pauses = [row.user_id for row in await session.scalars(select(CarePause))]
        assert pauses == [MARA]
    assert await fits(session_town, now) == []
    async with session_town.writing() as session:
        await retention.sweep(session, now + care_pauses.PAUSE, Settings())
        assert list(await session.scalars(select(CarePause))) == []


async def test_only_those_who_may_know_are_told(session_town: Database, now: datetime) -> None:
    """Facilitators and owners; an owner is not told of themselves, and nobody else at all."""
    async with session_town.writing() as session:
        await does(session, KIM, now)
    async with session_town.reading() as session:
        seen = await volunteers.look(session, LENA_ACTS, RIVERSIDE, 0, now)
        assert seen.lines[0].params["user"] == KIM
        with pytest.raises(UserError, match="nobody"):
            await volunteers.look(session, OWNER, RIVERSIDE, 0, now)
        for stranger in (MARA, OMAR):
            somebody = Actor(
                SERVER, stranger, frozenset(), manages_server=False, moderates_members=False
            )
            with pytest.raises(UserError, match="facilitators"):
                await volunteers.look(session, somebody, RIVERSIDE, 0, now)
            with pytest.raises(UserError, match="facilitators"):
                await volunteers.not_now(
                    session, somebody, group_id=RIVERSIDE, user_id=KIM, now=now
                )


async def test_an_archived_group_looks_for_nobody(session_town: Database, now: datetime) -> None:
    """Its desk has no such line."""
    async with session_town.writing() as session:
        await does(session, MARA, now)
        group = await session.get_one(Group, RIVERSIDE)
        assert await volunteers.desk_part(session, LENA_ACTS, group, now, Settings())
        group.state = "archived"
        assert not await volunteers.desk_part(session, LENA_ACTS, group, now, Settings())


async def test_deeds_go_with_counting(session_town: Database, now: datetime) -> None:
    """With opting out, with forgetting, and after twelve weeks by themselves."""
    async with session_town.writing() as session:
        for who in (MARA, JO, KIM):
            await does(session, who, now)
    async with session_town.writing() as session:
        await privacy.opt_out(session, MARA, [SERVER], now)
        await privacy.forget(session, JO, [SERVER], now)
    assert list(await deeds(session_town)) == [KIM]
    async with session_town.writing() as session:
        await retention.sweep(session, now + timedelta(weeks=14), Settings())
    assert await deeds(session_town) == {}


async def test_deeds_go_along_with_those_who_move_together(
    session_town: Database, now: datetime
) -> None:
    """To the home that they share then, added to what they did there before; others' stay."""
    async with session_town.writing() as session:
        for who in (MARA, JO):
            await does(session, who, now)
        monday = (now - timedelta(days=now.weekday())).date().isoformat()
        session.add(
            Care(group_id=MILLPOND, user_id=MARA, week=monday, server_id=SERVER, welcomed=1)
        )
    async with session_town.writing() as session:
        await ties.follow(
            session, from_group_id=RIVERSIDE, to_group_id=MILLPOND, user_ids=[MARA, KIM]
        )
    async with session_town.reading() as session:
        rows = await session.execute(
            select(Care.group_id, Care.user_id, func.sum(Care.welcomed)).group_by(
                Care.group_id, Care.user_id
            )
        )
        assert {tuple(row) for row in rows} == {
            (MILLPOND, MARA, 4 * WEEKS_LEAST + 1),
            (RIVERSIDE, JO, 4 * WEEKS_LEAST),
        }
