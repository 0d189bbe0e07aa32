"""Who is there at the end of each week, by the week in which they joined."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rules import roll_calls, survival
from bot.rules.health import Week
from bot.rules.survival import Spell

FIRST = Week(date(2026, 3, 2))
CAME = datetime(2026, 2, 25, tzinfo=UTC)  # a Wednesday: the first whole week is the next
DAY = timedelta(days=1)


def joined(days: float) -> datetime:
    """Return a moment so many days after the first Monday."""
    return FIRST.begins + days * DAY


def test_everybody_is_counted_by_the_week_in_which_they_joined() -> None:
    """Those of the third week back are told apart; later ones not yet; who came before, never."""
    people = {1: joined(0), 2: joined(6.9), 3: joined(7), 4: joined(14), 5: joined(-3)}
    found = roll_calls.call(people, {1: joined(3)}, {}, FIRST.later(2), CAME)
    assert found == {
        (FIRST, "homed"): 1,
        (FIRST, "unhomed"): 1,
        (FIRST.later(1), "all"): 1,
        (FIRST.later(2), "all"): 1,
    }


def test_who_came_after_the_week_was_over_is_not_there_yet() -> None:
    """The roll is called an hour or more later; and a week of which nobody is left is known."""
    found = roll_calls.call({1: joined(7)}, {}, {}, FIRST, CAME)
    assert found == {(FIRST, "all"): 0}


def test_nobody_is_followed_for_more_than_a_year() -> None:
    """Of 53 weeks the first is left out."""
    found = roll_calls.call({1: joined(0), 2: joined(7)}, {}, {}, FIRST.later(52), CAME)
    weeks = {week for week, _ in found}
    assert min(weeks) == FIRST.later(1)
    assert len(weeks) == survival.FOLLOWED_WEEKS


@pytest.mark.parametrize(
    ("first", "home", "arm"),
    [
        (None, None, "unhomed"),
        (14, None, "homed"),
        (14.1, None, "unhomed"),  # found one too late: they had to stay for it
        (20, 20, "unhomed"),
        (3, 40, "homed"),  # moved since
        (None, 10, "homed"),  # lives in a group that was adopted
        (-5, 3, "before"),  # lived here once, left, and came back
    ],
)
def test_only_a_home_by_the_fourteenth_day_counts(
    first: float | None, home: float | None, arm: str
) -> None:
    """Whatever comes later changes nothing: they stay with those they were counted with."""
    found = roll_calls.arm_of(
        joined(0),
        None if first is None else joined(first),
        None if home is None else joined(home),
    )
    assert found == arm


def rolls(*weeks: Mapping[str, int] | None) -> dict[Week, Mapping[str, int]]:
    """Return roll calls of those of the first week, week by week; None where there was none."""
    return {FIRST.later(ago): roll for ago, roll in enumerate(weeks) if roll is not None}


def test_who_is_missed_at_a_roll_call_has_left() -> None:
    """Twenty joined, four left at once; three weeks later 16, 12, 12 and 9 are there."""
    found = roll_calls.since_joining(
        FIRST,
        rolls(
            {"all": 16, "gone": 4},
            {"all": 12},
            {"homed": 7, "unhomed": 5},
            {"homed": 6, "unhomed": 2, "before": 1},
        ),
    )
    assert sorted(found, key=lambda spell: spell.weeks) == [
        Spell(1, True, 4, 4),
        Spell(2, True, 4, 4),
        Spell(4, True, 4, 3),
        Spell(4, False, 4, 9),
    ]
    curve = survival.curve(found)
    assert [round(point.share, 4) for point in curve.points] == [1, 0.8, 0.6, 0.6, 0.45]


def test_a_roll_that_was_not_called_loses_nobody() -> None:
    """Who left in either week is missed at the next call."""
    found = roll_calls.since_joining(FIRST, rolls({"all": 10}, None, {"unhomed": 7}))
    assert found == [Spell(3, True, 3, 3), Spell(3, False, 3, 7)]


def test_of_whom_nobody_was_counted_at_first_nothing_is_known() -> None:
    """Those who left before the first call would be overlooked."""
    assert roll_calls.since_joining(FIRST, rolls(None, {"all": 10}, {"unhomed": 7})) == []
    assert roll_calls.since_landmark(FIRST, rolls({"all": 9}, {"all": 9})) == ([], [])
    assert roll_calls.since_joining(FIRST, rolls({"gone": 3}, {"all": 3})) == []


def test_a_week_of_which_nobody_is_left_is_followed_to_its_end() -> None:
    """All six left in the second week: that is no silence."""
    found = roll_calls.since_joining(
        FIRST, rolls({"all": 6}, {"all": 0}, {"homed": 0, "unhomed": 0})
    )
    assert found == [Spell(2, True, 3, 6)]


def test_arms_are_followed_from_the_landmark_on() -> None:
    """Of ten with a home one leaves, of ten without five do; before that nobody is compared."""
    homed, unhomed = roll_calls.since_landmark(
        FIRST,
        rolls(
            {"all": 40},
            {"all": 30},
            {"homed": 10, "unhomed": 10},
            {"homed": 9, "unhomed": 5},
        ),
    )
    assert homed == [Spell(4, True, 4, 1), Spell(4, False, 4, 9)]
    assert unhomed == [Spell(4, True, 4, 5), Spell(4, False, 4, 5)]


def test_who_is_forgotten_has_not_left() -> None:
    """Two with a home erase their data: censored there, and among those without from then on."""
    homed, unhomed = roll_calls.since_landmark(
        FIRST,
        rolls(
            {"all": 30},
            {"all": 25},
            {"homed": 10, "unhomed": 10},
            {"homed": 7, "unhomed": 11, "forgotten": 2},
        ),
    )
    assert homed == [Spell(3, False, 4, 2), Spell(4, True, 4, 1), Spell(4, False, 4, 7)]
    assert unhomed == [Spell(4, True, 4, 1), Spell(4, False, 4, 11)]


def test_months_are_those_of_the_weeks_thursday() -> None:
    """The week of Monday, 30 March 2026, is April's; a month of four people says nothing."""
    some = [Spell(2, False, 2, 6)]
    found = roll_calls.by_month({Week(date(2026, 3, 30)): some, FIRST: [Spell(2, False, 2, 4)]})
    assert [(name, curve.people) for name, curve in found] == [("2026-03", 0), ("2026-04", 6)]
