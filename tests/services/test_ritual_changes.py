"""The one change a month that is suggested in a group, in the tables."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.counting import Sums
from bot.rules.ritual_forms import checked
from bot.services import hosting, ritual_changes, ritual_effects, sums
from models import Group, Occurrence, Ritual, RitualChange, RitualPart, Server, TalkHour
from tests.services.conftest import JO, LENA, MARA, RIVERSIDE, SERVER, Town

LENAS = Actor(SERVER, LENA)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FADING = (12, 11, 13, 12, 3, 2, 2)


@pytest.fixture
async def ritual(database: Database, town: Town, now: datetime) -> int:
    """A ritual of Riverside's on Fridays at 09:00 in Berlin that fewer and fewer take part in."""
    async with database.writing() as session:
        await town(session)
        form = checked(title="Paths", when="weekly friday 9:00", prompts="A?\nB?", pings="")
        added = await hosting.add(session, LENAS, RIVERSIDE, form, now)
        await hosting.start(session, LENAS, added.id, now)
        await held(session, added.id, now, *FADING)
    return added.id


async def held(session: AsyncSession, ritual_id: int, now: datetime, *people: int | None) -> None:
    """Write down weeks that are over, the last one three days ago."""
    for week, count in enumerate(reversed(people)):
        due = now - 3 * DAY - week * WEEK
        session.add(
            Occurrence(
                ritual_id=ritual_id,
                group_id=RIVERSIDE,
                local_moment=f"{due:%Y-%m-%dT%H:%M}",
                due_at=due,
                state="posted",
                answers=count or 0,
                people=count,
            )
        )
    await session.flush()


async def changes(session: AsyncSession) -> list[tuple[str, str]]:
    """Return what was suggested so far."""
    rows = await session.execute(
        select(RitualChange.what, RitualChange.to).order_by(RitualChange.id)
    )
    return [(what, to) for what, to in rows]


async def test_one_a_month_and_never_the_same_again(
    database: Database, ritual: int, now: datetime
) -> None:
    """However often it is looked; the next month something else, until nothing is left."""
    async with database.writing() as session:
        assert await ritual_changes.suggest_due(session, SERVER, now) == 1
        assert await ritual_changes.suggest_due(session, SERVER, now + 29 * DAY) == 0
        assert await ritual_changes.suggest_due(session, SERVER, now + 31 * DAY) == 1
        assert await ritual_changes.suggest_due(session, SERVER, now + 62 * DAY) == 0
        assert await changes(session) == [("fewer", "fortnightly"), ("kind", "question")]
        shown = await ritual_effects.of_ritual(session, LENAS, ritual, now + 31 * DAY)
        assert shown.suggested is not None
        assert shown.suggested.what == "kind"
        late = await ritual_effects.of_ritual(session, LENAS, ritual, now + 60 * DAY)
        assert late.suggested is None


async def test_hours_are_read_on_the_rituals_clock(
    database: Database, ritual: int, now: datetime
) -> None:
    """Talk at 17 to 19 in Greenwich is talk at 18 to 20 in Berlin in winter."""
    assert ritual
    async with database.writing() as session:
        for hour, turns in ((17, 90), (18, 80), (19, 80), (8, 10)):
            session.add(
                TalkHour(
                    group_id=RIVERSIDE, server_id=SERVER, week="2026-02-16", hour=hour, turns=turns
                )
            )
        await session.flush()
        await ritual_changes.suggest_due(session, SERVER, now)
        assert await changes(session) == [("hour", "18")]
        row = await session.scalar(select(RitualChange.id))
        assert row is not None
        _, filled = await ritual_changes.form(session, LENAS, row, now)
        assert filled["when"] == "weekly friday 18:00"


@pytest.mark.parametrize(
    "why", ["paused", "removed", "locked", "archived", "rests", "changed lately"]
)
async def test_where_nothing_is_suggested(
    database: Database, ritual: int, now: datetime, why: str
) -> None:
    """Where nothing is held, and where somebody has just thought about it."""
    async with database.writing() as session:
        statement = {
            "paused": update(Server).values(paused_at=now),
            "removed": update(Server).values(removed_at=now),
            "locked": update(Group).values(locked_at=now),
            "archived": update(Group).values(state="archived", archived_at=now),
            "rests": update(Ritual).values(state="paused"),
            "changed lately": update(Ritual).values(reconsidered_at=now - 20 * DAY),
        }[why]
        await session.execute(statement.execution_options(synchronize_session=False))
        session.expire_all()
        assert await ritual_changes.suggest_due(session, SERVER, now) == 0
        assert ritual


async def test_people_are_counted_as_long_as_nobody_summed_up(
    database: Database, ritual: int, now: datetime
) -> None:
    """By who took part; nothing of one that is under way, or of old ones without a number."""
    async with database.writing() as session:
        due = now - 2 * DAY - timedelta(hours=2)
        session.add(
            Occurrence(
                id=902,
                ritual_id=ritual,
                group_id=RIVERSIDE,
                local_moment="under way",
                due_at=now - timedelta(hours=2),
                state="posted",
            )
        )
        session.add(
            Occurrence(
                id=900,
                ritual_id=ritual,
                group_id=RIVERSIDE,
                local_moment="now",
                due_at=due,
                state="posted",
                answers=3,
            )
        )
        session.add(
            Occurrence(
                id=901,
                ritual_id=ritual,
                group_id=RIVERSIDE,
                local_moment="old",
                due_at=datetime(2025, 3, 1, tzinfo=UTC),
                state="posted",
                answers=8,
            )
        )
        await session.flush()
        for user_id in (JO, MARA):
            session.add(RitualPart(occurrence_id=900, server_id=SERVER, user_id=user_id))
        await session.flush()
        found = await ritual_effects.of_ritual(session, LENAS, ritual, now)
        assert [one.people for one in found.held] == [None, *FADING, 2]


async def test_hours_of_talk_add_up_in_the_tables(database: Database, town: Town) -> None:
    """Two batches of one hour are one row."""
    async with database.writing() as session:
        await town(session)
        for turns in (2, 3):
            batch = Sums()
            batch.hours[SERVER, RIVERSIDE, "2026-03-02", 18] += turns
            await sums.store(session, batch)
        rows = await session.execute(select(TalkHour.hour, TalkHour.turns))
        assert rows.all() == [(18, 5)]
