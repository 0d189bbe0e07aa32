"""Intervals: against figures worked out by hand, and against how often they hold the truth."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import health_statistics as statistics
from bot.rules.health_statistics import Estimate, Rate


def test_a_share_has_wilsons_interval() -> None:
    """8 of 10: (0.8 + 3.8415/20 ± 1.96 sqrt(0.016 + 3.8415/400)) / 1.38415, by hand."""
    z = 1.959964
    middle = (0.8 + z**2 / 20) / (1 + z**2 / 10)
    reach = z * math.sqrt(0.8 * 0.2 / 10 + z**2 / 400) / (1 + z**2 / 10)
    found = statistics.share(8, 10)
    assert found.value == 0.8
    assert (found.low, found.high) == pytest.approx((middle - reach, middle + reach), abs=1e-6)
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)


def test_none_of_five_is_not_certainly_none() -> None:
    """0 of 5 may still be two in five: 3.8415 / (5 + 3.8415)."""
    found = statistics.share(0, 5)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(3.8415 / 8.8415, abs=1e-4)


def test_a_share_of_nothing_is_refused() -> None:
    """There is no share of nobody."""
    with pytest.raises(ValueError, match="nothing"):
        statistics.share(0, 0)


def test_a_rate_has_the_exact_interval_of_a_count() -> None:
    """No event in 50 weeks: up to 3.689 (minus the logarithm of 0.025) could have been expected."""
    found = statistics.rate(0, 50)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(-math.log(0.025) / 50)
    five = statistics.rate(5, 100)
    assert (five.value, round(five.low, 4), round(five.high, 4)) == (0.05, 0.0162, 0.1167)


def test_a_rate_ratio_compares_what_came_after_with_what_was_before() -> None:
    """0 of 5 events after, for the same time: at most 1 - 0.025 ** (1/5) of all fall there."""
    found = statistics.rate_ratio(Rate(5, 40), Rate(0, 40))
    share = 1 - 0.025 ** (1 / 5)
    assert found is not None
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(share / (1 - share))
    twice = statistics.rate_ratio(Rate(10, 100), Rate(10, 50))
    assert twice is not None
    assert twice.value == pytest.approx(2)
    assert not twice.excludes(1)


def test_a_rate_ratio_of_what_never_happened_is_none() -> None:
    """Where nothing happened before and after, nothing is to be compared; after only: no bound."""
    assert statistics.rate_ratio(Rate(0, 40), Rate(0, 40)) is None
    assert statistics.rate_ratio(Rate(1, 40), Rate(1, 0)) is None
    only_after = statistics.rate_ratio(Rate(0, 40), Rate(4, 40))
    assert only_after is not None
    assert (only_after.value, only_after.high) == (math.inf, math.inf)
    assert 0 < only_after.low < 1


def test_a_slope_is_the_median_of_the_slopes_between_any_two_weeks() -> None:
    """1, 2, 4, 3, 7: the ten slopes in order are -1, 2/3, 1, 1, 1.5, 1.5, 5/3, 2, 2.5, 4."""
    figures = [(0, 1.0), (1, 2.0), (2, 4.0), (3, 3.0), (4, 7.0)]
    found = statistics.slope(figures)
    assert found is not None
    assert found == Estimate(1.5, -1, 4)
    assert not found.excludes(0)


def test_a_slope_counts_weeks_that_are_missing() -> None:
    """A figure that rises by one a week rises by one a week, whatever was not heard between."""
    found = statistics.slope([(week, float(week)) for week in (0, 1, 2, 5, 9, 10)])
    assert found == Estimate(1, 1, 1)


@pytest.mark.parametrize(("overlap", "fewest"), [(1, 5), (2, 6), (4, 7), (12, 9), (26, 12)])
def test_of_few_weeks_there_is_no_trend(overlap: int, fewest: int) -> None:
    """Four figures that only rise would do so by chance once in twelve times: that is no proof."""
    weeks = [(week, float(week)) for week in range(fewest)]
    assert statistics.slope(weeks, overlap) is not None
    assert statistics.slope(weeks[:-1], overlap) is None
    assert statistics.slope(weeks[:2], overlap) is None


@pytest.mark.parametrize("overlap", [1, 4, 12])
def test_no_trend_is_seldom_taken_for_one(overlap: int) -> None:
    """Of 400 half years without a trend, fewer than 8 in 100 seem to have one, overlap or not."""
    random = np.random.default_rng(overlap)
    window = np.ones(overlap) / overlap
    wrong = 0
    for _ in range(400):
        means = np.convolve(random.normal(size=26 + overlap - 1), window, "valid")
        found = statistics.slope(list(enumerate(means.tolist())), overlap)
        wrong += found is not None and found.excludes(0)
    assert wrong < 32


def test_overlap_that_is_not_told_of_would_be_taken_for_a_trend() -> None:
    """Without the widening, one in four half years of overlapping windows seems to have a trend."""
    random = np.random.default_rng(4)
    wrong = 0
    for _ in range(400):
        means = np.convolve(random.normal(size=37), np.ones(12) / 12, "valid")
        found = statistics.slope(list(enumerate(means.tolist())))
        wrong += found is not None and found.excludes(0)
    assert wrong > 100


def test_a_trend_that_is_there_is_found() -> None:
    """Half a step a week stands out of noise as large as one step, within half a year."""
    random = np.random.default_rng(1)
    figures = [(week, 0.5 * week + noise) for week, noise in enumerate(random.normal(size=26))]
    found = statistics.slope(figures, overlap=4)
    assert found is not None
    assert found.excludes(0)
    assert found.low < 0.5 < found.high


def test_a_ratio_is_of_the_sums() -> None:
    """1 of 2 and 3 of 10 are 4 of 12, not the mean of a half and three tenths."""
    found = statistics.ratio([(1, 2), (3, 10), (0, 0)], (7,))
    assert found.value == pytest.approx(4 / 12)
    assert (found.low, found.high) == (0.3, 0.5)  # one of both, drawn twice


def test_mean_and_median_are_what_they_are_called() -> None:
    """1, 2, 3, 4, 10: a mean of 4, a median of 3, and intervals within what there is."""
    values = [1, 2, 3, 4, 10]
    assert statistics.mean(values, (1,)).value == 4
    middle = statistics.median(values, (1,))
    assert (middle.value, middle.low, middle.high) == (3, 1, 10)


@pytest.mark.parametrize("count", [5, 12, 30])
def test_the_interval_of_a_mean_holds_the_truth(count: int) -> None:
    """Of 200 samples, also of five people, at least 88 in 100 intervals hold the true mean."""
    random = np.random.default_rng(count)
    held = 0
    for number in range(200):
        found = statistics.mean(random.normal(size=count).tolist(), (number,))
        held += not found.excludes(0)
    assert held >= 176


def test_the_same_figures_give_the_same_interval() -> None:
    """What is drawn at random comes from the seed alone; another seed draws otherwise."""
    values = [float(value) for value in range(20)]
    once, again = (statistics.mean(values, ("voices", 3, 41)) for _ in range(2))
    other = statistics.mean(values, ("voices", 4, 41))
    assert once == again
    assert once != other
    assert once.value == other.value


def test_of_one_row_nothing_is_drawn() -> None:
    """An interval of one person would be no interval, and would be about that person."""
    with pytest.raises(ValueError, match="nothing"):
        statistics.mean([3], (1,))
    with pytest.raises(ValueError, match="nothing"):
        statistics.ratio([(1, 2), (0, 0)], (1,))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.integers(0, 9))
def test_the_figure_lies_in_its_interval(values: list[float], seed: int) -> None:
    """Whatever the values are, also when they are all the same."""
    for found in (statistics.mean(values, (seed,)), statistics.median(values, (seed,))):
        assert found.low <= found.value <= found.high


def test_more_people_are_surer() -> None:
    """The same share of four times as many has a narrower interval."""
    widths = [found.high - found.low for found in (statistics.share(n, 2 * n) for n in (5, 20, 80))]
    assert all(wider > narrower for wider, narrower in pairwise(widths))
