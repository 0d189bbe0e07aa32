"""Who is in the server is counted when a week is over, by when they joined; nobody is named."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.services import (
    survival,
    survival_counts,
)
from bot.settings import Settings
from models import (
    HomeWeek,
    Member,
)
from tests.services.coming_and_going import DAY, PEOPLE, POND, RIVER, SERVER, WEEK, Town


@pytest.fixture
async def town(database: Database, settings: Settings, now: datetime) -> Town:
    """Return the town."""
    place = Town(database, settings, now)
    await place.build()
    return place


async def test_the_roll_is_called_once_when_a_week_is_over(town: Town) -> None:
    """Within a day after its end; who is there later has nothing to do with it."""
    await town.join(range(100, 103))
    town.now = town.first.ends + timedelta(hours=1)
    assert await town.roll(PEOPLE)
    assert await town.rolls() == {(0, "all"): 10}
    assert not await town.roll(range(100, 105))
    town.now += WEEK + 2 * DAY
    assert not await town.roll(range(100, 105))
    assert await town.rolls() == {(0, "all"): 10}
    async with town.database.reading() as session:
        homes = {row.group_id: row.homes for row in await session.scalars(select(HomeWeek))}
    assert homes == {RIVER: 3, POND: 0}


async def test_from_the_third_week_on_homes_by_the_fourteenth_day_are_told_apart(
    town: Town,
) -> None:
    """Three had one on the first day, one on the fifteenth; seven and six are counted without."""
    await town.join(range(100, 103))
    for weeks in range(1, 5):
        town.now = town.first.later(weeks).begins + timedelta(hours=1)
        if weeks == 3:
            await town.join([103])
        await town.roll(range(100, 110) if weeks < 4 else range(102, 110))
    assert await town.rolls() == {
        (0, "all"): 10,
        (1, "all"): 10,
        (2, "homed"): 3,
        (2, "unhomed"): 7,
        (3, "homed"): 1,
        (3, "unhomed"): 7,
    }


async def test_curves_of_who_joined_by_hand(town: Town) -> None:
    """Of 30 who joined, 10 leave in the first week, 6 with no home in the fourth.

    20 of 30 after the first week, 14 of 30 after the fourth; of those with a home all ten stay, of
    the others four of ten.
    """
    await town.join(range(100, 110))
    async with town.database.writing() as session:
        for _ in range(10):
            await survival_counts.left_early(session, SERVER, town.began, town.now + DAY)
    for weeks in range(1, 5):
        town.now = town.first.later(weeks).begins + timedelta(hours=1)
        await town.roll(range(100, 120) if weeks < 4 else range(100, 114))
    async with town.database.reading() as session:
        found = await survival.curves(session, SERVER, week=town.first.later(3))
    assert found is not None
    assert [round(point.share, 4) for point in found.joined.points] == [
        1,
        0.6667,
        0.6667,
        0.6667,
        0.4667,
    ]
    assert [(name, curve.people) for name, curve in found.by_month] == [("2026-03", 30)]
    last = found.compared.homed.points[-1], found.compared.unhomed.points[-1]
    assert [(point.weeks, point.share) for point in last] == [(4, 1), (4, pytest.approx(0.4))]
    assert found.compared.verdict == "longer"
    assert found.compared.p is not None
    assert found.compared.p < 0.01


async def test_who_left_later_than_in_their_first_week_is_missed_at_the_roll(town: Town) -> None:
    """Only what no roll call can tell is counted at once; and of servers Hearth knows."""
    async with town.database.writing() as session:
        await survival_counts.left_early(session, SERVER, town.began, town.now + WEEK)
        await survival_counts.left_early(session, 1234, town.began, town.now)
        await survival_counts.left_early(session, SERVER, town.began, town.now)
    assert await town.rolls() == {(0, "gone"): 1}


async def test_who_is_forgotten_is_censored_among_those_with_a_home(town: Town) -> None:
    """Their home was by the fourteenth day, and is not known any more; they are still there."""
    await town.join(range(100, 110))
    for weeks in range(1, 5):
        town.now = town.first.later(weeks).begins + timedelta(hours=1)
        await town.roll(range(100, 120))
        if weeks == 3:
            await town.forget(100)
            await town.forget(115)  # had no home: nothing to be counted
    assert (await town.rolls())[3, "forgotten"] == 1
    async with town.database.reading() as session:
        found = await survival.curves(session, SERVER, week=town.first.later(3))
    assert found is not None
    for curve in (found.compared.homed, found.compared.unhomed):
        assert curve.points[-1].share == 1
    assert found.compared.homed.points[-1].at_risk == 9
    assert found.compared.unhomed.points[-1].at_risk == 11


async def test_before_the_third_week_is_over_nobody_is_compared_who_is_forgotten(
    town: Town,
) -> None:
    """They are not in either arm yet."""
    await town.join([100])
    town.now += WEEK
    await town.forget(100)
    assert await town.rolls() == {}


async def test_without_the_members_list_only_homes_are_counted(town: Town) -> None:
    """In reduced mode nobody knows who is in the server: those curves are silent."""
    await town.join(PEOPLE)
    town.now = town.first.ends + timedelta(hours=1)
    assert await town.roll(PEOPLE, reduced=True)
    assert await town.rolls() == {}
    async with town.database.reading() as session:
        found = await survival.curves(session, SERVER, week=town.first)
    assert found is not None
    assert found.joined.silent == "nothing"
    assert found.compared.verdict is None


async def test_who_came_back_to_the_server_is_compared_with_nobody(town: Town) -> None:
    """They had a home before they joined again."""
    async with town.database.writing() as session:
        session.add(Member(server_id=SERVER, user_id=100, first_home_at=town.began - WEEK))
    town.now = town.first.later(3).begins + timedelta(hours=1)
    await town.roll([100])
    assert await town.rolls() == {(2, "before"): 1}
