"""How long people stay: curves against figures worked out by hand."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import health_statistics, survival
from bot.rules.health import Week
from bot.rules.health_statistics import Rate
from bot.rules.survival import Curve, Spell

CLOSE = Week(date(2026, 6, 1))


def a_spell(weeks: int, more: int, is_over: bool, people: int) -> Spell:
    """Return people who left, or were looked at for no longer."""
    return Spell(weeks, is_over, weeks + more if is_over else weeks, people)


spells = st.builds(
    a_spell, st.integers(1, 30), st.integers(0, 20), st.booleans(), st.integers(1, 6)
)


def ended(weeks: int, people: int = 1, followed: int = 8) -> Spell:
    """Return people who were gone by the end of a week."""
    return Spell(weeks, True, followed, people)


def there(weeks: int, people: int = 1) -> Spell:
    """Return people who are still there, and were looked at for so long."""
    return Spell(weeks, False, weeks, people)


def shares(curve: Curve) -> list[float]:
    """Return a curve's shares, rounded."""
    return [round(point.share, 4) for point in curve.points]


def test_a_curve_by_hand() -> None:
    """Ten homes: two end in week 1, one is new since week 2, one ends in 3, one is new since 3.

    After week 1: 8/10. In week 2 nobody ends. In week 3 seven are left to look at (10 - 2 - 1),
    one ends: 8/10 x 6/7 = 0.6857. In week 4 five are left (7 - 1 - 1), one ends: x 4/5 = 0.5486.
    """
    found = survival.curve([ended(1, 2), there(2), ended(3), there(3), ended(4), there(8, 4)])
    assert found.people == 10
    assert shares(found)[:5] == [1, 0.8, 0.8, 0.6857, 0.5486]
    assert [point.at_risk for point in found.points[:5]] == [10, 10, 8, 7, 5]
    assert found.median is None


def test_nobody_censored_is_a_share_with_its_interval() -> None:
    """Of ten who could all be followed for eight weeks, three left: 7 of 10, by Wilson."""
    found = survival.curve([ended(2, 2), ended(5), there(8, 7)])
    last = found.points[-1]
    plain = health_statistics.share(7, 10)
    assert (last.weeks, last.share) == (8, pytest.approx(0.7))
    assert (last.low, last.high) == pytest.approx((plain.low, plain.high))


def test_who_could_not_be_followed_makes_it_no_surer() -> None:
    """Ten who are new since week 3 tell nothing of week 8: seven of ten are left, as without them.

    Where six of twenty leave at once and seven are looked at no longer, 7 / 0.7 = 10 are behind it.
    """
    few = survival.curve([ended(5, 3), there(8, 7)]).points[-1]
    more = survival.curve([ended(5, 3), there(8, 7), there(3, 10)]).points[-1]
    assert few.estimate == more.estimate
    last = survival.curve([ended(1, 6), there(8, 7), there(3, 7)]).points[-1].estimate
    ten = health_statistics.wilson(0.7, 10)
    assert (last.value, last.low, last.high) == pytest.approx((ten.value, ten.low, ten.high))


def test_a_curve_ends_where_fewer_than_five_stand_for_it() -> None:
    """Nine are followed for three weeks, three of them for twelve: nothing is said after three."""
    found = survival.curve([there(3, 6), there(12, 3)])
    assert [point.weeks for point in found.points] == [0, 1, 2, 3]


def test_a_curve_goes_down_to_none() -> None:
    """Where all five leave it says so: nobody is left, and that is no silence."""
    found = survival.curve([ended(1, 2), ended(2, 2), ended(3)])
    assert shares(found) == [1, 0.6, 0.2, 0, 0, 0, 0, 0, 0]
    assert found.points[-1].low == 0
    assert found.points[-1].high == pytest.approx(health_statistics.share(0, 5).high)
    assert found.median == 2


@pytest.mark.parametrize(
    ("some", "silent"),
    [
        ([], "nothing"),
        ([ended(1, 4)], "few"),
        ([there(0, 9)], "nothing"),
        ([there(1, 4), there(0, 3)], "few"),
    ],
)
def test_of_few_nothing_is_said(some: Sequence[Spell], silent: str) -> None:
    """Nor of those who were not followed for a week yet; not even how many they are."""
    found = survival.curve(some)
    assert (found.people, found.points, found.silent) == (0, (), silent)
    assert found.area(1) is None
    assert found.median is None


def test_who_came_back_after_a_start_is_looked_at_from_there() -> None:
    """With a start of three weeks nobody counts who was not there at the end of the third."""
    found = survival.curve([ended(3, 9, 8), ended(4, 2), there(8, 6)], start=3)
    assert (found.people, found.points[0].weeks, found.points[0].share) == (8, 3, 1)
    assert found.points[1].share == pytest.approx(6 / 8)


def test_the_area_is_how_long_somebody_stays() -> None:
    """Five of ten leave in the first of two weeks: (1 + 0.5)/2 + (0.5 + 0.5)/2 = 1.25 weeks."""
    area = survival.curve([ended(1, 5, 2), there(2, 5)]).area(2)
    assert area is not None
    assert area.value == pytest.approx(1.25)
    assert area.low < 1.25 < area.high
    assert survival.curve([there(2, 5)]).area(3) is None


def test_a_curve_is_that_of_the_library() -> None:
    """Shares come from scipy's; its own (log-log) interval is close to ours where people stay."""
    found = survival.curve([ended(1, 10), ended(2, 12), there(2, 20), ended(4, 9), there(8, 60)])
    times = np.repeat([1, 2, 2, 4, 8], [10, 12, 20, 9, 60])
    censored = np.repeat([False, False, True, False, True], [10, 12, 20, 9, 60])
    still = scipy.stats.ecdf(scipy.stats.CensoredData.right_censored(times, censored)).sf
    edges: Any = still.confidence_interval(method="log-log")
    for week in (1, 2, 4):
        point = found.at(week)
        assert point is not None
        assert point.share == pytest.approx(float(still.evaluate([week])[0]))
        assert point.low == pytest.approx(float(edges.low.evaluate([week])[0]), abs=0.03)
        assert point.high == pytest.approx(float(edges.high.evaluate([week])[0]), abs=0.03)


@given(st.lists(spells, max_size=20))
def test_a_curve_never_rises(some: Sequence[Spell]) -> None:
    """Shares fall or stay, lie within their interval, and at least five people stand behind."""
    found = survival.curve(some)
    last = 1.0
    for point in found.points:
        assert 0 <= point.low <= point.share <= point.high <= 1
        assert point.share <= last
        last = point.share
    assert not found.points or found.people >= 5


def test_a_gap_that_chance_does_not_make_is_told() -> None:
    """Of forty with a home four leave, of forty without twenty-four: chance does not do that."""
    found = survival.compare(
        [ended(5, 4), there(8, 36)], [ended(4, 12), ended(6, 12), there(8, 16)]
    )
    assert found.p is not None
    assert found.p < 0.001
    assert found.verdict == "longer"
    turned = survival.compare(
        [ended(4, 12), ended(6, 12), there(8, 16)], [ended(5, 4), there(8, 36)]
    )
    assert turned.verdict == "shorter"


def test_the_gap_is_judged_by_the_log_rank_test() -> None:
    """Ten and ten; in week 4 two of one side end, in week 5 one of the other: 0.51 by hand.

    Expected on the first side: 2 x 10/20 + 1 x 8/18 = 1.4444; variance: 2 x 1/4 x 18/19 + 8 x 10 /
    18**2 = 0.4737 + 0.2469; so z = 0.5556 / sqrt(0.7206) = 0.6545, and p = 0.513.
    """
    found = survival.compare([ended(4, 2), there(8, 8)], [ended(5), there(8, 9)])
    assert found.p == pytest.approx(0.513, abs=0.001)
    assert found.verdict == "no_telling"


def test_nothing_is_compared_with_few() -> None:
    """With fewer than five on a side there is no test; where nobody left there is no gap."""
    few = survival.compare([there(8, 4)], [there(8, 30)])
    assert (few.p, few.verdict, few.homed.silent) == (None, None, "few")
    none = survival.compare([there(8, 9)], [there(8, 30)])
    assert (none.p, none.verdict) == (1, "no_telling")


@pytest.mark.parametrize(
    ("weeks", "is_over", "expected"),
    [
        (2, True, Spell(3, True, 5)),  # gone by the end of its third week
        (4, True, Spell(5, True, 5)),
        (5, True, Spell(5, False, 5)),  # in a week that was not over: not looked at
        (2, False, Spell(2, False, 5)),  # nobody knows how much longer
        (7, False, Spell(5, False, 5)),
    ],
)
def test_a_home_is_looked_at_up_to_the_last_closed_week(
    weeks: int, is_over: bool, expected: Spell
) -> None:
    """Whoever moved in during one week was followed for as many whole weeks as all others of it."""
    assert survival.home_spell(CLOSE.later(-5), weeks, CLOSE, ended=is_over) == expected


def test_before_and_after_are_rates_per_hundred_lived_weeks() -> None:
    """12 homes ended in 400 lived weeks before, 6 in 400 after: 3 and 1.5 per hundred, a half."""
    found = survival.part(Rate(12, 400), Rate(6, 400), 2)
    assert found.before is not None
    assert found.after is not None
    assert found.ratio is not None
    assert (found.before.value, found.after.value) == (3, 1.5)
    assert found.ratio.value == pytest.approx(0.5)
    assert not found.ratio.excludes(1)


def test_without_splits_nothing_is_compared() -> None:
    """Nor where nobody lived anywhere."""
    assert survival.part(Rate(1, 1), Rate(1, 1), 0).silent == "nothing"
    assert survival.part(Rate(0, 0), Rate(1, 9), 1).silent == "young"


def with_homes(random: np.random.Generator, landmark: int | None) -> survival.Compared:
    """Compare 80 people of whom nobody leaves later for having a home, by whether they have one.

    After so many weeks; or, as one must not, whether they ever found one.
    """
    arms: tuple[list[Spell], list[Spell]] = [], []
    for _ in range(80):
        followed = int(random.integers(6, 27))
        leaves, finds = random.exponential(9), random.exponential(4)
        spell = (
            ended(math.ceil(leaves), followed=followed) if leaves <= followed else there(followed)
        )
        until = followed if landmark is None else landmark
        arms[finds >= min(leaves, until)].append(spell)
    return survival.compare(*arms)


def test_a_home_that_has_no_effect_seems_to_have_none() -> None:
    """Of 200 towns like that fewer than one in ten shows a gap; without a landmark most do."""
    random = np.random.default_rng(14)
    fair = [with_homes(random, 2).verdict for _ in range(200)]
    unfair = [with_homes(random, None).verdict for _ in range(60)]
    assert fair.count("longer") + fair.count("shorter") < 20
    assert unfair.count("longer") > 30


def test_the_interval_of_a_curve_holds_the_truth() -> None:
    """Of 300 groups of 20 homes, most of which are looked at for less than 12 weeks: 9 in 10.

    Each week one home in twelve ends; after eight weeks half of them are there.
    """
    random = np.random.default_rng(8)
    held = told = 0
    for _ in range(300):
        some: list[Spell] = []
        for _ in range(20):
            leaves, followed = int(random.geometric(1 / 12)), int(random.integers(1, 19))
            some.append(ended(leaves, followed=followed) if leaves <= followed else there(followed))
        point = survival.curve(some).at(8)
        if point is not None:
            told += 1
            held += not point.estimate.excludes((11 / 12) ** 8)
    assert told > 250
    assert held / told > 0.9
