"""Rituals that may be worth another thought, in the tables."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.letter_parts import Section
from bot.rules.ritual_forms import checked
from bot.services import hosting, reconsidering
from models import Facilitator, Group, Occurrence, Ritual
from tests.services.conftest import LENA, RIVERSIDE, SERVER

DAY = timedelta(days=1)
LOOKS_AFTER = Actor(SERVER, LENA)


@pytest.fixture
async def tables(
    database: Database, town: Callable[[AsyncSession], Awaitable[None]], now: datetime
) -> Database:
    """The town with two rituals: one finds fewer answers than it used to, one always found few."""
    async with database.writing() as session:
        await town(session)
        await ritual(session, 1, "Monday question", (9, 9, 9, 3, 2, 1), now)
        await ritual(session, 2, "Friday paths", (1, 2, 1, 1, 1, 1), now)
    return database


async def ritual(
    session: AsyncSession, ritual_id: int, title: str, answers: Sequence[int], now: datetime
) -> None:
    """Add a ritual of Riverside with what came of each of its occurrences, the last yesterday."""
    session.add(
        Ritual(
            id=ritual_id,
            server_id=SERVER,
            group_id=RIVERSIDE,
            title=title,
            cadence="weekly",
            weekday=0,
            zone="UTC",
            anchor="2026-01-05",
            state="running",
            next_due_at=now + 6 * DAY,
        )
    )
    await session.flush()
    for week, count in enumerate(reversed(answers)):
        due = now - (1 + 7 * week) * DAY
        session.add(
            Occurrence(
                ritual_id=ritual_id,
                group_id=RIVERSIDE,
                local_moment=f"{due:%Y-%m-%dT%H:%M}",
                due_at=due,
                state="posted",
                answers=count,
            )
        )


async def section(tables: Database, now: datetime) -> Section | None:
    """Return what Lena's letter says."""
    async with tables.reading() as session:
        office = await session.get_one(Facilitator, (RIVERSIDE, LENA))
        group = await session.get_one(Group, RIVERSIDE)
        return await reconsidering.section(session, office, group, now)


async def told(tables: Database, now: datetime) -> str:
    """Return what it is a letter for."""
    found = await section(tables, now)
    return "" if found is None else found.key


async def test_one_ritual_is_told_of_and_the_silent_one_first(
    tables: Database, now: datetime
) -> None:
    """A letter is no list of what does not work."""
    assert await told(tables, now) == "ritual:1:fewer"
    async with tables.writing() as session:
        await ritual(session, 3, "Sunday walk", (4, 0, 0), now)
    assert await told(tables, now) == "ritual:3:none"


async def test_whoever_looked_is_left_in_peace(tables: Database, now: datetime) -> None:
    """For eight weeks; a change counts as a look."""
    async with tables.writing() as session:
        shown = await reconsidering.look(session, LOOKS_AFTER, 1, now)
        assert shown.title == "Monday question"
    assert await told(tables, now + 55 * DAY) == ""
    assert await told(tables, now + 56 * DAY) == "ritual:1:fewer"
    form = checked(title="Monday song", when="weekly monday 18:00", prompts="Which?", pings="asked")
    async with tables.writing() as session:
        await hosting.edit(session, LOOKS_AFTER, 1, form, now + 56 * DAY)
    assert await told(tables, now + 60 * DAY) == ""


@pytest.mark.parametrize(
    "change",
    [
        update(Ritual).values(state="paused"),
        update(Group).values(state="resting"),
        update(Group).values(locked_at=datetime(2026, 3, 1, tzinfo=UTC)),
        update(Occurrence).values(state="skipped"),
        # The last one was just posted.
        update(Occurrence)
        .where(Occurrence.answers == 1)
        .values(due_at=datetime(2026, 3, 2, 9, tzinfo=UTC)),
    ],
    ids=["paused", "resting", "locked", "never posted", "too young"],
)
async def test_where_there_is_nothing_to_think_about(
    tables: Database, now: datetime, change: Any
) -> None:
    """Nobody could answer, or not yet."""
    async with tables.writing() as session:
        await session.execute(change)
    assert await told(tables, now) == ""


async def test_by_dm_it_says_where(tables: Database, now: datetime) -> None:
    """A ritual is changed in the server."""
    here = await section(tables, now)
    assert here is not None
    assert [button.press for button in here.buttons] == ["reconsider:1"]
    async with tables.writing() as session:
        await session.execute(update(Facilitator).values(letters_by_dm=True))
    there = await section(tables, now)
    assert there is not None
    assert not there.buttons
    assert there.lines[-1].key == "noticing.ritual_where"
