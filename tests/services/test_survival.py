"""Homes are counted as they end; curves and figures are read from the counts."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.health import SERVER as WHOLE
from bot.rules.health import Week
from bot.services import (
    closing,
    membership,
    rehousing,
    retention,
    showing_out,
    survival,
)
from bot.settings import Settings
from models import (
    Group,
    HomeEnd,
    HomeWeek,
    Membership,
    RollCall,
    Split,
    SplitChild,
)
from tests.services.coming_and_going import DAY, PEOPLE, POND, RIVER, SERVER, WEEK, Town

MODERATOR = Actor(SERVER, 1, manages_server=True, moderates_members=True)


def counted(group_id: int, week: Week, homes: int, ended: int) -> HomeWeek:
    """Return how many homes a group had in a week, and lost."""
    return HomeWeek(group_id=group_id, week=week.key, server_id=SERVER, homes=homes, ended=ended)


@pytest.fixture
async def town(database: Database, settings: Settings, now: datetime) -> Town:
    """Return the town."""
    place = Town(database, settings, now)
    await place.build()
    return place


async def test_a_curve_of_homes_by_hand(town: Town) -> None:
    """Ten move in; two leave in their second week, two in their fourth; five move in after four.

    At the end of week 5 the first ten were followed for five weeks, the others for one. So 15 of 15
    are there after one week, 8 of 10 after two, and 8/10 x 6/8 after four.
    """
    await town.join(PEOPLE)
    town.now += 9 * DAY
    await town.leave([100, 101])
    town.now = town.began + 23 * DAY
    await town.leave([102, 103])
    town.now = town.began + 4 * WEEK
    await town.join(range(200, 205))
    assert await town.ends() == {(RIVER, 1, "left"): 2, (RIVER, 3, "left"): 2}
    assert await town.shares(RIVER, 5) == [1, 1, 0.8, 0.8, 0.6, 0.6]
    assert await town.shares(WHOLE, 5) == [1, 1, 0.8, 0.8, 0.6, 0.6]
    curve = await town.curve(RIVER, 5)
    assert [point.at_risk for point in curve.points] == [15, 15, 10, 8, 8, 6]
    # At the end of week 2 nobody knew what came later.
    assert await town.shares(RIVER, 2) == [1, 1, 0.8]


async def test_who_comes_back_in_time_has_not_left(town: Town) -> None:
    """A seat that is kept is still a home."""
    await town.join(PEOPLE)
    town.now += 9 * DAY
    async with town.database.writing() as session:
        await membership.leave(session, SERVER, 100, now=town.now, settings=town.settings)
    town.now += DAY
    await town.join([100])
    assert await town.ends() == {}
    assert await town.shares(RIVER, 3) == [1, 1, 1, 1]


async def test_who_moves_has_left_one_home_and_begun_another(town: Town) -> None:
    """Five of ten move on after two weeks: Riverside's homes ended, Millpond's begin."""
    await town.join(PEOPLE)
    town.now += 15 * DAY
    await town.join(range(100, 105), POND)
    assert await town.ends() == {(RIVER, 2, "moved"): 5}
    assert await town.shares(RIVER, 4) == [1, 1, 1, 0.5, 0.5]
    assert await town.shares(POND, 4) == [1, 1, 1]
    assert (await town.curve(WHOLE, 4)).people == 15


async def test_a_split_ends_no_home(town: Town) -> None:
    """Five of ten go on in a group of their own: for the server their homes last on.

    Riverside knows of them only up to then; in the new group they did not begin. One who leaves it
    later is one of ten.
    """
    await town.join(PEOPLE)
    town.now += 15 * DAY
    brook = await town.split(range(100, 105))
    town.now += 7 * DAY
    await town.leave([100])
    assert await town.ends() == {(RIVER, 2, "branched"): 5, (0, 3, "left"): 1}
    assert await town.shares(WHOLE, 5) == [1, 1, 1, 1, 0.9, 0.9]
    assert await town.shares(RIVER, 5) == [1, 1, 1, 1, 1, 1]
    assert (await town.curve(RIVER, 5)).points[-1].at_risk == 5
    assert (await town.curve(brook, 5)).silent == "nothing"
    # Whoever moves in there begins a home there.
    await town.join(range(300, 305), brook)
    assert (await town.curve(brook, 5)).people == 5


async def test_a_merge_ends_no_home(town: Town) -> None:
    """Who came along twice is still counted once, from the day on which they moved in."""
    await town.join(PEOPLE)
    town.now += 15 * DAY
    brook = await town.split(range(100, 105))
    town.now += 7 * DAY
    async with town.database.writing() as session:
        goes, stays = await session.get_one(Group, brook), await session.get_one(Group, RIVER)
        assert await rehousing.take_seats(session, stays, 5)
        await rehousing.move(session, goes, stays, range(100, 105), town.now)
    assert await town.ends() == {(RIVER, 2, "branched"): 5}
    assert await town.shares(WHOLE, 5) == [1, 1, 1, 1, 1, 1]
    assert (await town.curve(WHOLE, 5)).people == 10


async def test_who_is_forgotten_changes_no_curve(town: Town) -> None:
    """Neither of weeks that are over nor of those to come: they are censored, and the seat is free.

    Nine are left to be looked at; that two of them leave later counts two of nine.
    """
    await town.join(PEOPLE)
    town.now += 2 * WEEK
    weeks = range(1, 3)
    before = [await town.curve(group, week) for group in (RIVER, WHOLE) for week in weeks]
    await town.forget(100)
    after = [await town.curve(group, week) for group in (RIVER, WHOLE) for week in weeks]
    assert after == before
    assert await town.ends() == {(RIVER, 2, "forgotten"): 1}
    town.now += 8 * DAY
    await town.leave([101, 102])
    assert await town.shares(RIVER, 5) == [1, 1, 1, 1, round(7 / 9, 4), round(7 / 9, 4)]


async def test_nothing_that_is_kept_names_anybody(town: Town) -> None:
    """There is no column for it."""
    for table in (RollCall, HomeEnd, HomeWeek):
        columns = {column.name for column in table.__table__.columns}
        assert not {name for name in columns if name.endswith("_id")} - {"server_id", "group_id"}
    await town.join(PEOPLE)
    assert await town.ends() == {}


async def test_who_is_shown_out_has_not_stayed(town: Town) -> None:
    """A home ends whoever decides it."""
    await town.join(PEOPLE)
    town.now += WEEK
    async with town.database.writing() as session:
        await showing_out.remove(session, MODERATOR, 100, now=town.now)
    assert await town.ends() == {(RIVER, 1, "released"): 1}


async def test_homes_that_end_with_their_group_are_censored(town: Town) -> None:
    """Riverside is archived after two weeks; who moves on a week later did not leave it."""
    await town.join(PEOPLE)
    town.now += 2 * WEEK
    async with town.database.writing() as session:
        await closing.archive(session, await session.get_one(Group, RIVER), town.now, say=False)
    town.now += WEEK
    await town.join(range(100, 105), POND)
    assert await town.ends() == {(RIVER, 2, "closed"): 5}
    assert await town.shares(RIVER, 5) == [1, 1, 1]
    async with town.database.reading() as session:
        assert [row.ended for row in await session.scalars(select(HomeWeek))] == []


async def test_homes_that_nobody_saw_begin_are_not_followed(town: Town) -> None:
    """Adopted and imported ones: nobody knows since when, nor who left before. They are counted."""
    async with town.database.writing() as session:
        for user_id in PEOPLE:
            session.add(
                Membership(server_id=SERVER, user_id=user_id, group_id=RIVER, since=town.now)
            )
        await session.execute(update(Group).where(Group.id == RIVER).values(homes=10))
    town.now += WEEK
    await town.leave([100])
    assert await town.ends() == {}
    assert (await town.curve(WHOLE, 3)).silent == "nothing"
    async with town.database.reading() as session:
        assert [row.ended for row in await session.scalars(select(HomeWeek))] == [1]


async def test_figures_of_homes_by_hand(town: Town) -> None:
    """Ten homes, four end in the sixth week: 6 in 10 are held after twelve weeks.

    Over half a year all ten are there for five weeks, four of them half of the sixth, six the other
    twenty: 5 + 0.8 + 20 x 0.6 = 17.8 weeks.
    """
    await town.join(PEOPLE)
    town.now += 36 * DAY
    await town.leave(range(100, 104))
    early = await town.figures(11)
    assert (early[RIVER, "stay"].value, early[RIVER, "stay"].silent) == (None, "young")
    stay = (await town.figures(12))[RIVER, "stay"]
    assert (stay.value, stay.people) == (pytest.approx(0.6), 10)
    assert stay.low is not None
    assert stay.high is not None
    assert (round(stay.low, 3), round(stay.high, 3)) == (0.313, 0.832)
    assert (await town.figures(25))[RIVER, "tenure"].silent == "young"
    tenure = await town.figures(26)
    assert tenure[RIVER, "tenure"].value == pytest.approx(5 + 0.8 + 20 * 0.6)
    assert tenure[WHOLE, "tenure"].value == tenure[RIVER, "tenure"].value
    # Homes that began more than half a year ago say nothing of how it is now.
    assert tenure[RIVER, "stay"].silent == "nothing"
    assert tenure[POND, "stay"].silent == "nothing"


async def test_of_four_homes_nothing_is_said(town: Town) -> None:
    """Not even how many they were."""
    await town.join(range(100, 104))
    figure = (await town.figures(20))[RIVER, "stay"]
    assert (figure.value, figure.people, figure.silent) == (None, 0, "few")


async def test_what_is_silent_cannot_be_reckoned_back_from_the_whole(town: Town) -> None:
    """Ten homes began in Riverside and four in Millpond: the server's are ten, with a fifth all."""
    await town.join(PEOPLE)
    await town.join(range(200, 204), POND)
    town.now += 5 * WEEK
    await town.leave([200])
    assert (await town.curve(0, 13)).people == len(PEOPLE)
    assert (await town.figures(13))[0, "stay"].people == len(PEOPLE)
    await town.join([204], POND)
    assert (await town.curve(0, 13)).people == len(PEOPLE) + 5


async def test_before_and_after_a_split_by_hand(town: Town) -> None:
    """100 homes for eight weeks, one ends in each; then 2 x 50 for eight, one in every second.

    Before: 8 in 8 x 100.5 lived weeks, after: 4 in 800 + 2. The week of the split counts for none.
    """
    first, at = town.first, town.first.later(8)
    town.now = at.begins + DAY
    await town.join(PEOPLE)
    brook = await town.split(range(100, 105))
    async with town.database.writing() as session:
        session.add_all(
            [
                *(counted(RIVER, first.later(week), 100, 1) for week in range(8)),
                counted(RIVER, at, 50, 30),
                *(counted(RIVER, at.later(week), 50, week % 2) for week in range(1, 9)),
                *(counted(brook, at.later(week), 50, 0) for week in range(1, 9)),
                Split(
                    id=1,
                    server_id=SERVER,
                    group_id=RIVER,
                    state="done",
                    planned_at=town.now,
                    looked_at=town.now,
                    moved_at=town.now,
                    mean_share=1,
                    kept_weight=1,
                    stranded=0,
                ),
            ]
        )
        await session.flush()
        session.add_all(
            SplitChild(split_id=1, index=index, name=name, emoji="", group_id=group_id)
            for index, (name, group_id) in enumerate((("Riverside", RIVER), ("Brook", brook)))
        )
    async with town.database.reading() as session:
        early = await survival.curves(session, SERVER, week=at.later(7))
        found = await survival.curves(session, SERVER, week=at.later(8))
    assert early is not None
    assert found is not None
    assert early.parted.silent == "young"
    parted = found.parted
    assert parted.splits == 1
    assert parted.before is not None
    assert parted.after is not None
    assert parted.ratio is not None
    assert parted.before.value == pytest.approx(800 / 804)
    assert parted.after.value == pytest.approx(400 / 802)
    assert parted.ratio.value == pytest.approx((4 / 802) / (8 / 804))
    assert not parted.ratio.excludes(1)


async def test_without_splits_nothing_is_compared(town: Town) -> None:
    """And before the first week is closed there is no curve at all."""
    async with town.database.reading() as session:
        found = await survival.curves(session, SERVER, week=town.first)
        assert found is not None
        assert found.parted.silent == "nothing"
        assert await survival.curves(session, SERVER) is None
        assert await survival.of_group(session, RIVER) is None


async def test_counts_go_after_two_years(town: Town) -> None:
    """What is younger stays."""
    await town.join(PEOPLE)
    town.now += WEEK
    await town.leave([100])
    town.now = town.first.ends + timedelta(hours=1)
    await town.roll(PEOPLE)
    for days, left in ((728, True), (740, False)):
        async with town.database.writing() as session:
            await retention.sweep(session, town.began + days * DAY, town.settings)
        async with town.database.reading() as session:
            for table in (RollCall, HomeEnd, HomeWeek):
                found = (await session.scalars(select(table))).all()
                assert bool(found) is left
