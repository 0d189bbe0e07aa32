"""Groups that fell silent as a whole, and facilitators who did themselves, in the tables."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.letter_parts import Section
from bot.services import group_silence, own_silence
from bot.services.outbox import unpacked
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    GroupSilence,
    Member,
    Membership,
    OutboxMessage,
    Presence,
    QuietEpisode,
    Server,
)
from tests.services.conftest import LENA, MARA, OMAR, RIVERSIDE, RIVERSIDE_ROOM, SERVER, VERA

DAY = timedelta(days=1)
PEOPLE = range(100, 108)
OWNER = Actor(SERVER, 77, manages_server=True)


@pytest.fixture
async def tables(
    database: Database, town: Callable[[AsyncSession], Awaitable[None]], now: datetime
) -> Database:
    """The town, heard for long; eight people lived in Riverside's talk until a fortnight ago."""
    async with database.writing() as session:
        await town(session)
        session.add(Connected(server_id=SERVER, since=now - 180 * DAY, until=now))
        for user in PEOPLE:
            session.add(Member(server_id=SERVER, user_id=user, counted_since=now - 99 * DAY))
        await session.flush()
        for user in PEOPLE:
            session.add(
                Membership(server_id=SERVER, user_id=user, group_id=RIVERSIDE, since=now - 99 * DAY)
            )
            session.add_all(around(user, now - day * DAY) for day in range(15, 60, 2))
    return database


def around(user_id: int, day: datetime) -> ActiveDay:
    """Return a day on which somebody was around in Riverside."""
    return ActiveDay(
        server_id=SERVER,
        user_id=user_id,
        group_id=RIVERSIDE,
        day=day.date().isoformat(),
        signals=3,
    )


async def look(tables: Database, now: datetime, **more: Any) -> int:
    """Look once."""
    async with tables.writing() as session:
        return await group_silence.look(session, SERVER, now, **more)


async def quiet_groups(tables: Database) -> list[int]:
    """Return the groups that are taken for quiet."""
    async with tables.reading() as session:
        return list(await session.scalars(select(GroupSilence.group_id)))


async def change(tables: Database, *statements: Any) -> None:
    """Change the tables."""
    async with tables.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def test_a_group_falls_silent_and_is_lively_again(tables: Database, now: datetime) -> None:
    """Noticed once; over when two thirds of what was usual are back."""
    assert await look(tables, now) == 1
    assert await look(tables, now + DAY) == 0
    assert await quiet_groups(tables) == [RIVERSIDE]
    async with tables.writing() as session:
        row = await session.get_one(GroupSilence, RIVERSIDE)
        assert row.usual == 8 * 7
        await session.execute(update(Connected).values(until=now + 20 * DAY))
        session.add_all(around(user, now + day * DAY) for user in PEOPLE for day in range(5))
    await look(tables, now + 14 * DAY)
    assert await quiet_groups(tables) == []


async def test_only_who_lives_there_now_is_compared(tables: Database, now: datetime) -> None:
    """After a split most of those days are of people who live elsewhere now."""
    await change(
        tables,
        update(Membership).where(Membership.user_id.in_(PEOPLE[4:])).values(group_id=2),
    )
    async with tables.writing() as session:
        session.add_all(around(user, now - day * DAY) for user in PEOPLE[:4] for day in (1, 5, 9))
    assert await look(tables, now) == 0  # 12 of 28, and only four of them


@pytest.mark.parametrize(
    "statement",
    [
        update(Server).values(paused_at=datetime(2026, 3, 1, tzinfo=UTC)),
        update(Server).values(removed_at=datetime(2026, 3, 1, tzinfo=UTC)),
        update(Group).values(state="resting"),
        update(Group).values(state="forming"),
        update(Group).values(locked_at=datetime(2026, 3, 1, tzinfo=UTC)),
        update(Group).values(created_at=datetime(2026, 2, 1, tzinfo=UTC)),
        update(Group).values(opened_at=datetime(2026, 2, 1, tzinfo=UTC)),
        update(Connected).values(until=datetime(2026, 2, 20, tzinfo=UTC)),
        delete(Membership).where(Membership.user_id.in_(PEOPLE[4:])),
    ],
    ids=[
        "paused",
        "removed",
        "resting",
        "forming",
        "locked",
        "young",
        "open lately",
        "deaf",
        "fewer than five",
    ],
)
async def test_where_silence_says_nothing(tables: Database, now: datetime, statement: Any) -> None:
    """Nobody is told of a silence that is none, or that nobody could have heard."""
    await change(tables, statement)
    assert await look(tables, now) == 0


async def test_a_room_that_cannot_be_heard_says_nothing(tables: Database, now: datetime) -> None:
    """And what was noticed before stays as it was."""
    assert await look(tables, now, unheard={RIVERSIDE_ROOM}) == 0
    await look(tables, now)
    await look(tables, now + DAY, unheard={RIVERSIDE_ROOM})
    assert await quiet_groups(tables) == [RIVERSIDE]


@pytest.mark.parametrize("state", ["resting", "archived"])
async def test_a_group_that_rests_or_ends_is_asked_about_no_more(
    tables: Database, now: datetime, state: str
) -> None:
    """Its people know."""
    await look(tables, now)
    await change(tables, update(Group).values(state=state))
    await look(tables, now + DAY)
    assert await quiet_groups(tables) == []


async def test_after_twelve_weeks_this_is_how_it_is(tables: Database, now: datetime) -> None:
    """No letter tells of it after four, and then it is measured anew."""
    await look(tables, now)
    async with tables.writing() as session:
        office = await session.get_one(Facilitator, (RIVERSIDE, LENA))
        group = await session.get_one(Group, RIVERSIDE)
        assert await group_silence.section(session, office, group, now + 27 * DAY) is not None
        assert await group_silence.section(session, office, group, now + 28 * DAY) is None
    await change(tables, update(Connected).values(until=now + 90 * DAY))
    assert await look(tables, now + 84 * DAY) == 0
    assert await quiet_groups(tables) == []


async def owed(session: AsyncSession) -> list[str]:
    """Return where the owners were asked."""
    rows = await session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "hush"))
    return [f"{row.place} {unpacked(row.content)[0].lines[0].key}" for row in rows]


@pytest.mark.parametrize(
    "who",
    ["nobody", "away", "quiet", "asked about"],
)
async def test_the_owners_are_asked_once_where_nobody_is_there(
    tables: Database, now: datetime, who: str
) -> None:
    """Nobody looks after it, or who does is away or quiet themselves."""
    await look(tables, now)
    async with tables.writing() as session:
        assert await owed(session) == []
        office = await session.get_one(Facilitator, (RIVERSIDE, LENA))
        match who:
            case "nobody":
                await session.delete(office)
            case "away":
                (await session.get_one(Member, (SERVER, LENA))).away_from = now - DAY
            case "quiet":
                session.add(silence_of(LENA, now))
            case _:
                office.absence_asked_at = now
    for day in (1, 2):
        await look(tables, now + day * DAY)
    async with tables.writing() as session:
        assert await owed(session) == ["owners noticing.hush_owners"]
        card = await group_silence.card(session, OWNER, RIVERSIDE)
        said = "noticing.hush_alone" if who == "nobody" else "noticing.hush_absent"
        assert said in [line.key for line in card.lines]
        with pytest.raises(UserError) as refused:
            await group_silence.card(session, Actor(SERVER, LENA), RIVERSIDE)
        assert refused.value.key == "errors.owners_only"


def silence_of(user_id: int, now: datetime) -> QuietEpisode:
    """Return that somebody is quiet for twelve days."""
    return QuietEpisode(
        server_id=SERVER,
        user_id=user_id,
        group_id=RIVERSIDE,
        silent_since=now - 12 * DAY,
        began_at=now,
    )


async def own(tables: Database, now: datetime, user_id: int = LENA) -> Section | None:
    """Return what a facilitator of Riverside reads about themselves."""
    async with tables.reading() as session:
        office = await session.get_one(Facilitator, (RIVERSIDE, user_id))
        group = await session.get_one(Group, RIVERSIDE)
        return await own_silence.section(session, office, group, now)


async def test_a_facilitator_who_lives_there_is_quiet_like_anybody(
    tables: Database, now: datetime
) -> None:
    """By the same rule; the same silence is told of once."""
    assert await own(tables, now) is None
    async with tables.writing() as session:
        session.add(silence_of(LENA, now))
    told = await own(tables, now)
    assert told is not None
    assert told.lines[1].params == {"n": 12}
    later = await own(tables, now + 3 * DAY)
    assert later is not None
    assert later.key == told.key
    await change(tables, update(QuietEpisode).values(closed_at=now, closed_by="returned"))
    assert await own(tables, now) is None


@pytest.mark.parametrize("who", ["their home's letter", "who helps them"])
async def test_nobody_is_told_that_nobody_knows_when_somebody_does(
    tables: Database, now: datetime, who: str
) -> None:
    """A silence that was named in another group, or asked about, is no secret any more."""
    async with tables.writing() as session:
        session.add(silence_of(LENA, now))
    told = await own(tables, now)
    assert told is not None
    assert told.lines[1].key == "noticing.own_told"
    if who == "who helps them":
        asked = update(Facilitator).where(Facilitator.user_id == LENA)
        await change(tables, asked.values(absence_asked_at=now))
    else:
        await change(tables, update(QuietEpisode).values(group_id=2, named_at=now))
    told = await own(tables, now)
    assert told is not None
    assert told.lines[1].key == "noticing.own_known"


async def test_of_who_lives_nowhere_ten_days_tell(tables: Database, now: datetime) -> None:
    """Not when they said that they are away, nor of who is not counted."""
    async with tables.writing() as session:
        session.add(
            Facilitator(
                group_id=RIVERSIDE,
                user_id=VERA,
                server_id=SERVER,
                state="active",
                since=now - 60 * DAY,
            )
        )
    assert await own(tables, now, VERA) is None
    async with tables.writing() as session:
        session.add(Presence(server_id=SERVER, user_id=VERA, last_at=now - 9 * DAY))
    assert await own(tables, now, VERA) is None
    await change(tables, update(Presence).values(last_at=now - 10 * DAY))
    told = await own(tables, now, VERA)
    assert told is not None
    assert told.lines[1].params == {"n": 10}
    await change(tables, update(Member).values(away_from=now - DAY))
    assert await own(tables, now, VERA) is None
    await change(tables, update(Member).values(away_from=None, counted_since=None))
    assert await own(tables, now, VERA) is None


async def test_who_lives_elsewhere_is_measured_there(tables: Database, now: datetime) -> None:
    """Omar lives in Millpond and is patient by its type: ten days alone say nothing."""
    async with tables.writing() as session:
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=OMAR, server_id=SERVER, state="active", since=now
            )
        )
        session.add(Presence(server_id=SERVER, user_id=OMAR, last_at=now - 15 * DAY))
        session.add(Presence(server_id=SERVER, user_id=MARA, last_at=now))
    assert await own(tables, now, OMAR) is None
