"""A challenge's days: what is missed, what grace and breaks cover, when its moments are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import goals
from bot.rules.goals import DAY, Course, Ended, Mine

MONDAY = date(2026, 3, 2)
BERLIN = "Europe/Berlin"


def course(days: int = 14, times: int = 7, grace: int = 2, zone: str = BERLIN) -> Course:
    """Return a challenge that begins on a Monday."""
    return Course(MONDAY, MONDAY + (days - 1) * DAY, zone, times, grace)


def mine(*days: int, first: int = 0, breaks: tuple[tuple[int, int | None], ...] = ()) -> Mine:
    """Return somebody's part, by the challenge's own days counted from 0."""
    return Mine(
        MONDAY + first * DAY,
        frozenset(MONDAY + n * DAY for n in days),
        tuple((MONDAY + a * DAY, None if b is None else MONDAY + b * DAY) for a, b in breaks),
    )


def noon(day: int) -> datetime:
    """Return the noon of a challenge's day, counted from 0."""
    return datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=day)


@pytest.mark.parametrize(
    ("part", "day", "missed"),
    [
        (mine(), 0, 0),
        (mine(), 1, 0),  # yesterday can still be checked in
        (mine(), 2, 1),
        (mine(0, 1, 2), 4, 0),
        (mine(0, 2), 4, 1),
        (mine(first=3), 4, 0),  # who came in later owes nothing for before
        (mine(breaks=((0, 2),)), 4, 0),
        (mine(breaks=((0, None),)), 9, 0),  # a break lasts until they are back
        (mine(breaks=((1, 2),)), 4, 1),
    ],
)
def test_what_a_daily_challenge_misses(part: Mine, day: int, missed: int) -> None:
    """Days that are over by more than one, neither checked in nor rested."""
    assert goals.standing(course(), part, noon(day)).missed == missed


def test_grace_is_taken_by_itself() -> None:
    """As long as no more was missed than the grace covers, somebody is on their way."""
    within = goals.standing(course(), mine(0, 3, 4), noon(5))
    assert (within.missed, within.grace_left, within.on_way) == (2, 0, True)
    beyond = goals.standing(course(grace=1), mine(0, 3, 4), noon(5))
    assert (beyond.grace_left, beyond.on_way) == (0, False)


@pytest.mark.parametrize(
    ("part", "day", "missed"),
    [
        (mine(), 6, 0),  # the week is not over
        (mine(), 8, 3),
        (mine(0, 1, 2), 8, 0),
        (mine(0, 1, 2, 3, 4), 15, 3),  # more in one week is no less in the next
        (mine(breaks=((0, 6),)), 8, 0),
        (mine(breaks=((0, 2),)), 8, 1),  # four days are open: three sevenths of four is one
        (mine(first=4), 8, 1),
    ],
)
def test_what_a_weekly_challenge_misses(part: Mine, day: int, missed: int) -> None:
    """By its own weeks, once they are over; a week with a break asks in proportion, kindly."""
    assert goals.standing(course(times=3), part, noon(day)).missed == missed


def test_one_that_asks_once_misses_nothing() -> None:
    """Until the last day it can be done; one check-in completes it."""
    once = course(times=0, grace=0)
    assert goals.standing(once, mine(), noon(13)).on_way
    assert not goals.completed(once, mine())
    assert goals.completed(once, mine(9))


def test_days_on_which_nobody_could_press_ask_nothing() -> None:
    """Hearth's own absence is not a person's."""
    blind = {MONDAY + n * DAY for n in range(5)}
    assert goals.standing(course(), mine(5, 6), noon(8), blind).missed == 0
    assert goals.standing(course(times=3), mine(), noon(8), blind).missed == 0  # 3/7 of two days


def test_a_day_counts_as_unheard_when_hearth_was_there_for_less_than_half() -> None:
    """By the group's own midnights."""
    four = course(4)
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)  # in Berlin
    heard = [(midnight, midnight + timedelta(hours=36)), (midnight + 3 * DAY, midnight + 4 * DAY)]
    assert goals.blind_days(four, heard) == {MONDAY + 2 * DAY}
    assert goals.blind_days(four, []) == {MONDAY + n * DAY for n in range(4)}


@pytest.mark.parametrize(
    ("part", "done"),
    [
        (mine(*range(14)), True),
        (mine(*range(12)), True),  # two missed, two covered
        (mine(*range(11)), False),
        (mine(), False),
        (mine(13, first=13), True),  # who came in for the last day
        (mine(13, first=14), False),  # who came in on it: nothing was asked of them
        (mine(0, breaks=((1, None),)), False),  # a break costs nothing, and is no deed
        (mine(*range(7), breaks=((7, None),)), True),
    ],
)
def test_who_completed_it(part: Mine, done: bool) -> None:
    """Within the grace, and half of what was asked in deed."""
    assert goals.completed(course(), part) is done


def test_only_today_and_yesterday_can_be_checked_in() -> None:
    """And only the challenge's own days."""
    one = course()
    assert goals.may_mark(one, MONDAY, noon(0))
    assert goals.may_mark(one, MONDAY, noon(1))
    assert not goals.may_mark(one, MONDAY, noon(2))
    assert not goals.may_mark(one, MONDAY + DAY, noon(0))
    assert not goals.may_mark(one, MONDAY - DAY, noon(0))
    assert goals.may_mark(one, one.last, noon(14))
    assert not goals.may_mark(one, one.last + DAY, noon(14))


def test_the_day_somebody_comes_in_asks_nothing_yet() -> None:
    """From tomorrow on; before the beginning, from the first day on."""
    assert goals.first_counted(course(), noon(3)) == MONDAY + 4 * DAY
    assert goals.first_counted(course(), noon(-5)) == MONDAY


def test_moments_are_midnights_by_the_groups_clock() -> None:
    """Through the change of clocks, and where the clock jumps over midnight."""
    spring = Course(date(2026, 3, 27), date(2026, 3, 31), BERLIN, 7, 1)
    when = goals.moments(spring)
    assert when.starts_at == datetime(2026, 3, 26, 23, tzinfo=UTC)
    assert when.half_at == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert when.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert goals.closes_at(spring) == datetime(2026, 4, 1, 8, tzinfo=UTC)
    # In Havana the clock jumps from 0:00 to 1:00 on 8 March 2026.
    havana = Course(date(2026, 3, 5), date(2026, 3, 7), "America/Havana", 7, 1)
    assert goals.moments(havana).ends_at == datetime(2026, 3, 8, 5, tzinfo=UTC)


@given(
    st.integers(3, 182),
    st.integers(0, 7),
    st.sampled_from((BERLIN, "America/Havana", "Pacific/Apia", "Asia/Kathmandu", "UTC")),
    st.dates(date(2011, 6, 1), date(2030, 1, 1)),
)
def test_a_challenges_moments_come_in_order(days: int, times: int, zone: str, first: date) -> None:
    """It begins, is half over, ends and is told, whatever the clocks do."""
    one = Course(first, first + (days - 1) * DAY, zone, times, 0)
    when = goals.moments(one)
    order = [when.starts_at, when.half_at, when.ends_at, goals.closes_at(one)]
    assert all(a < b for a, b in pairwise(order))


@given(st.sets(st.integers(0, 27)), st.integers(1, 7), st.integers(0, 40))
def test_a_check_in_never_makes_it_worse(days: set[int], times: int, at: int) -> None:
    """More days checked in never miss more; and what is missed never shrinks with time."""
    one = course(28, times)
    fewer, more = mine(*list(days)[1:]), mine(*days)
    assert goals.standing(one, more, noon(at)).missed <= goals.standing(one, fewer, noon(at)).missed
    assert (
        goals.standing(one, more, noon(at)).missed <= goals.standing(one, more, noon(at + 1)).missed
    )


def test_progress_is_told_day_by_day_or_week_by_week() -> None:
    """Up to yesterday; by the week where it asks by the week."""
    people = [mine(0, 1), mine(0), mine(1, 2)]
    found = goals.progress(course(), people, noon(2))
    assert [count for _, _, count in found.spans] == [2, 2]
    weekly = goals.progress(course(times=3), people, noon(9))
    assert [(first, count) for first, _, count in weekly.spans] == [
        (MONDAY, 3),
        (MONDAY + 7 * DAY, 0),
    ]


def test_it_asks_after_a_third_of_the_time_without_anybody() -> None:
    """Never before the first day, never after the last, and not for days that nobody heard."""
    one = course(15)
    assert not goals.silent(one, None, noon(-1))
    assert not goals.silent(one, None, noon(4))
    assert goals.silent(one, None, noon(5))
    assert not goals.silent(one, noon(3), noon(7))
    assert goals.silent(one, noon(3), noon(9))
    assert not goals.silent(one, None, noon(20))
    assert not goals.silent(one, None, noon(5), {MONDAY + DAY, MONDAY + 2 * DAY})
    assert not goals.silent(course(3), None, noon(1))


def test_with_and_without_a_partner_only_from_five_on_each_side() -> None:
    """Else somebody could be found again."""
    assert Ended(14, 9, 6, 5).beside() == ((5, 6), (4, 8))
    assert Ended(14, 9, 4, 4).beside() is None
    assert Ended(9, 9, 5, 5).beside() is None
