"""One moment apart from its series, in the tables: once, whatever the clocks do."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules import moments
from bot.rules.actor import Actor
from bot.rules.ritual_forms import checked
from bot.rules.rituals import next_due
from bot.services import hosting, resting, ritual_moves, rituals
from bot.services.rituals import schedule_of
from bot.settings import Settings
from models import GroupRest, Occurrence, OutboxMessage, Ritual
from tests.services.conftest import LENA, RIVERSIDE, SERVER, Town

LENAS = Actor(SERVER, LENA)
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def ritual(database: Database, town: Town, now: datetime) -> int:
    """A ritual of Riverside's on Sundays at 02:30 in Berlin: a time that clocks skip and repeat."""
    async with database.writing() as session:
        await town(session)
        form = checked(title="Owls", when="weekly sunday 02:30", prompts="A?\nB?", pings="")
        added = await hosting.add(session, LENAS, RIVERSIDE, form, now)
        await hosting.start(session, LENAS, added.id, now)
    return added.id


async def due_at(session: AsyncSession, ritual_id: int, at: datetime) -> None:
    """Let a ritual's next moment be the first of its series after a moment."""
    row = await session.get_one(Ritual, ritual_id)
    row.next_due_at, row.moved_from_at = next_due(schedule_of(row), at), None
    await session.flush()


def _rest(first: str, last: str) -> GroupRest:
    return GroupRest(server_id=SERVER, group_id=RIVERSIDE, first=first, last=last, why="busy")


@pytest.mark.parametrize(
    ("eve", "typed", "expected"),
    [
        # 29 March 2026: from 02:00 to 03:00 there is no clock time in Berlin.
        (
            datetime(2026, 3, 23, tzinfo=UTC),
            "2026-03-29 02:10",
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 23, tzinfo=UTC),
            "2026-03-29 03:00",
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        ),
        # 25 October 2026: 02:30 comes twice, and the first one counts.
        (
            datetime(2026, 10, 19, tzinfo=UTC),
            "2026-10-25 02:10",
            datetime(2026, 10, 25, 0, 10, tzinfo=UTC),
        ),
        (
            datetime(2026, 10, 19, tzinfo=UTC),
            "2026-10-25 03:10",
            datetime(2026, 10, 25, 2, 10, tzinfo=UTC),
        ),
    ],
)
async def test_moves_onto_a_change_of_clocks(
    database: Database, ritual: int, eve: datetime, typed: str, expected: datetime
) -> None:
    """Of two moments the first, and after a gap its end, as for the series itself."""
    async with database.writing() as session:
        await due_at(session, ritual, eve)
        moved = await ritual_moves.move(session, LENAS, ritual, typed, eve)
        assert moved.at == expected
        assert moved.after is not None
        assert moved.after.astimezone(BERLIN).hour == 2


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.dates(date(2026, 3, 3), date(2027, 2, 20)),
    st.integers(0, 7 * 24 * 60 - 1),
)
async def test_however_it_is_moved_it_happens_once(
    database: Database, ritual: int, zone: str, day: date, minutes: int
) -> None:
    """Right before and at each moment: one post for the moved one, one for the next."""
    eve = datetime(day.year, day.month, day.day, tzinfo=UTC)
    async with database.writing() as session:
        await session.execute(delete(Occurrence))
        await session.execute(delete(OutboxMessage))
        row = await session.get_one(Ritual, ritual)
        row.zone, row.unanswered, row.state = zone, 0, "running"
        await due_at(session, ritual, eve)
        place = row.next_due_at
        assert place is not None
        after = next_due(schedule_of(row), place)
        local = (eve + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
        typed = moments.written(local.replace(tzinfo=None), zone, own_zone=False)
        at = place
        with suppress(UserError):  # it lies in the past, or after the one that follows
            moved = await ritual_moves.move(session, LENAS, ritual, typed, eve)
            assert moved.at is not None
            assert eve < moved.at < after
            at = moved.at
        looks = {moment + step for moment in (place, at, after) for step in (-MINUTE, 0 * MINUTE)}
        for look in sorted({*looks, after + MINUTE}):
            await rituals.claim_due(session, max(look, eve), Settings())
        rows = await session.scalars(select(Occurrence).order_by(Occurrence.due_at))
        found = rows.all()
        assert [(one.due_at, one.state) for one in found] == [(at, "claimed"), (after, "claimed")]
        assert len({one.local_moment for one in found}) == 2


async def test_a_week_without_hearth_after_a_move(
    database: Database, ritual: int, settings: Settings, now: datetime
) -> None:
    """What was moved is missed once; the series goes on where it stands."""
    async with database.writing() as session:
        await ritual_moves.move(session, LENAS, ritual, "saturday 20:00", now)
        later = now + 3 * WEEK
        claimed = await rituals.claim_due(session, later, settings)
        assert (claimed.skipped, claimed.posted) == (3, 0)
        row = await session.get_one(Ritual, ritual)
        assert row.moved_from_at is None
        assert row.next_due_at == next_due(schedule_of(row), later)
        moments_ = (await session.scalars(select(Occurrence.local_moment))).all()
        assert sorted(moments_) == ["2026-03-08T02:30", "2026-03-15T02:30", "2026-03-22T02:30"]


async def test_a_change_of_the_calendar_ends_a_move(
    database: Database, ritual: int, now: datetime
) -> None:
    """New prompts leave it; another hour is another series."""
    async with database.writing() as session:
        moved = await ritual_moves.move(session, LENAS, ritual, "saturday 20:00", now)
        form = checked(title="Owls", when="weekly sunday 02:30", prompts="C?", pings="")
        kept = await hosting.edit(session, LENAS, ritual, form, now)
        assert (kept.coming[0], kept.moved) == (moved.at, True)
        form = checked(title="Owls", when="weekly sunday 04:30", prompts="C?", pings="")
        other = await hosting.edit(session, LENAS, ritual, form, now)
        assert other.coming[0] == datetime(2026, 3, 8, 3, 30, tzinfo=UTC)
        assert not other.moved


async def test_what_was_left_out_stays_left_out(
    database: Database, ritual: int, now: datetime
) -> None:
    """Paused and started again, it is not offered anew."""
    async with database.writing() as session:
        card = await ritual_moves.card(session, LENAS, ritual, now)
        assert card.place is not None
        left = await ritual_moves.leave_out(
            session, LENAS, ritual, int(card.place.timestamp()), now
        )
        await hosting.pause(session, LENAS, ritual, now)
        with pytest.raises(UserError, match="not_running"):
            await ritual_moves.hold_after_all(session, LENAS, ritual, now)
        again = await hosting.start(session, LENAS, ritual, now)
        assert again.coming[0] == left.at == card.after


async def test_rests_go_along_and_do_not_pile_up(
    database: Database, ritual: int, now: datetime
) -> None:
    """A group that comes from another rests when that one planned to; what is over does not."""
    async with database.writing() as session:
        await resting.add(
            session, LENAS, RIVERSIDE, "summer", first="2026-07-01", last="2026-07-20", now=now
        )
        session.add(_rest("2026-01-01", "2026-01-02"))
        await session.flush()
        await resting.copy(session, RIVERSIDE, 2, now=now)
        there = await resting.of_group(session, 2)
        assert [(one.first.isoformat(), one.why) for one in there] == [("2026-07-01", "summer")]
        row = await session.get_one(Ritual, ritual)
        assert await resting.rests(session, row, datetime(2026, 7, 20, 21, tzinfo=UTC))
        assert not await resting.rests(session, row, datetime(2026, 7, 20, 23, tzinfo=UTC))


async def test_a_daily_one_in_a_year_of_rests_still_has_a_next(
    database: Database, ritual: int, now: datetime
) -> None:
    """Twelve long rests in a row are passed over; the card has a moment to show."""
    async with database.writing() as session:
        row = await session.get_one(Ritual, ritual)
        row.cadence, row.cron = "cron", "0 18 * * *"
        await due_at(session, ritual, now)
        session.add(_rest("2026-03-01", "2029-03-01"))
        await session.flush()
        assert len(await ritual_moves.held_next(session, row, now)) == 3
