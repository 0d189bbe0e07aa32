"""Newcomers who fade: found once, and over when they come back."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.services import quiet
from models import (
    ActiveDay,
    Arrival,
    Connected,
    Member,
    Membership,
    Presence,
    QuietEpisode,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, KIM, LENA = 11, 12, 13, 14
DAY = timedelta(days=1)

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town; Mara and Jo moved in nine days ago, Mara came once and Jo never; Kim is old.

    Nobody else was ever heard of.
    """
    async with database.writing() as session:
        await town(session)
        session.add(Connected(server_id=SERVER, since=now - 180 * DAY, until=now + 40 * DAY))
        for who in (MARA, JO):
            session.add(
                Arrival(server_id=SERVER, group_id=RIVERSIDE, user_id=who, at=now - 9 * DAY)
            )
        await session.execute(
            update(Membership).where(Membership.user_id.in_((MARA, JO))).values(since=now - 9 * DAY)
        )
        for who in (MARA, KIM):
            await came(session, who, now - 8 * DAY)
    return database


async def came(session: AsyncSession, user_id: int, at: datetime) -> None:
    """Let somebody come on one day."""
    await session.execute(delete(Presence).where(Presence.user_id == user_id))
    session.add(Presence(server_id=SERVER, user_id=user_id, last_at=at))
    session.add(
        ActiveDay(
            server_id=SERVER,
            user_id=user_id,
            group_id=RIVERSIDE,
            day=at.date().isoformat(),
            signals=1,
        )
    )


async def look(database: Database, now: datetime) -> dict[int, tuple[str, datetime, str | None]]:
    """Look, and return everybody's newest episode."""
    async with database.writing() as session:
        await quiet.daily(session, SERVER, now)
    async with database.reading() as session:
        rows = await session.scalars(select(QuietEpisode).order_by(QuietEpisode.id))
        return {row.user_id: (row.kind, row.silent_since, row.closed_by) for row in rows}


async def test_newcomers_who_are_not_heard_of_have_faded(tables: Database, now: datetime) -> None:
    """Who came once since that day, who never came since they moved in; old members are neither."""
    assert await look(tables, now) == {
        MARA: ("faded", now - 8 * DAY, None),
        JO: ("faded", now - 9 * DAY, None),
    }
    assert len(await look(tables, now + DAY)) == 2
    async with tables.reading() as session:
        silences = await quiet.silences(session, SERVER, (MARA, JO), now)
    assert {who: found.kind for who, found in silences.items()} == {MARA: "faded", JO: "faded"}


async def test_who_comes_back_has_not_faded(tables: Database, now: datetime) -> None:
    """Their episode ends; another silence after that is another."""
    await look(tables, now)
    async with tables.writing() as session:
        await came(session, JO, now + DAY)
    found = await look(tables, now + 2 * DAY)
    assert found[JO][2] == "returned"
    assert found[MARA][2] is None
    assert (await look(tables, now + 7 * DAY))[JO] == ("faded", now + DAY, None)


async def test_a_regular_is_no_newcomer_however_lately_they_came(
    tables: Database, now: datetime
) -> None:
    """Four days are enough to be waited for like anybody."""
    async with tables.writing() as session:
        for back in (9, 10, 11):
            day = (now - back * DAY).date().isoformat()
            session.add(
                ActiveDay(server_id=SERVER, user_id=MARA, group_id=RIVERSIDE, day=day, signals=1)
            )
    found = await look(tables, now)
    assert found[MARA][0] == "quiet"


async def test_nobody_fades_who_is_away_or_is_not_counted(tables: Database, now: datetime) -> None:
    """The same reasons as for everybody."""
    async with tables.writing() as session:
        await session.execute(
            update(Member).where(Member.user_id == MARA).values(away_from=now - DAY)
        )
        await session.execute(
            update(Member).where(Member.user_id == JO).values(opted_out_at=now - DAY)
        )
    assert await look(tables, now) == {}


async def test_no_arrival_is_no_newcomer(tables: Database, now: datetime) -> None:
    """Whose role was adopted or imported moved nowhere, and may have been there for years."""
    async with tables.writing() as session:
        await session.execute(delete(Arrival))
    assert await look(tables, now) == {}


async def test_a_split_moves_a_silence_and_opens_no_other(tables: Database, now: datetime) -> None:
    """The newcomer lives in the child now; they have faded once."""
    await look(tables, now)
    async with tables.writing() as session:
        await session.execute(update(Membership).values(group_id=MILLPOND, since=now))
    await look(tables, now + 10 * DAY)
    async with tables.reading() as session:
        rows = (await session.execute(select(QuietEpisode.user_id, QuietEpisode.group_id))).all()
    assert sorted(tuple(row) for row in rows) == [(MARA, MILLPOND), (JO, MILLPOND)]
