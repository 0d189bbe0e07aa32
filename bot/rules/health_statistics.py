"""How sure a figure is: 95 % intervals for shares, means, medians, ratios, rates and trends.

Thin over scipy, which is loaded when it is first asked for (most of a second): reckon in a thread.
All of it is pure: what is drawn at random is drawn from a seed that the caller names, so the same
figures give the same interval, today and in a year.

- **Share**: Wilson's score interval, which stays between 0 and 1 and is honest for few people.
- **Mean, median, ratio, any other**: the bootstrap's percentiles, over people or over weeks. Of few
  values those percentiles lie too near each other (of five, a mean's hold the truth four times in
  five); they are set as much farther apart as Student's t asks for (Hesterberg 2015, "What teachers
  should know about the bootstrap", section 4.3).
- **Rate** and **rate ratio**: exact, from the Poisson and the binomial distribution.
- **Trend**: Theil's and Sen's slope, the median of the slopes between any two weeks, with Sen's
  interval. Figures whose windows overlap resemble each other without a trend; for that the interval
  is widened as Hamed and Rao (1998) widen Kendall's test, with the likeness that the overlap alone
  makes. None for so few weeks that even a figure that only rose would be no proof.
"""

import functools
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 2000

Numbers = NDArray[np.float64]
# Of columns whose last axis is the people (or weeks); one figure for each of the other axes.
Statistic = Callable[..., Numbers]
Seed = Sequence[int | str]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds the truth 19 times in 20; `low` <= `high`."""

    value: float
    low: float
    high: float

    def excludes(self, figure: float) -> bool:
        """Return whether the interval leaves a figure out: 0 for a change, 1 for a ratio."""
        return not self.low <= figure <= self.high


@dataclass(frozen=True, slots=True)
class Rate:
    """So many events in so much time, in whatever unit the caller counts it."""

    events: int
    time: float


def share(hits: int, of: int) -> Estimate:
    """Return the share of `hits` among `of`, with Wilson's interval.

    Raises ValueError where there is nothing to have a share of.
    """
    if of < 1:
        raise ValueError("a share of nothing")
    interval = scipy.stats.binomtest(hits, of).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / of, float(interval.low), float(interval.high))


def wilson(value: float, of: float) -> Estimate:
    """Return a share with Wilson's interval where it is known by other means than by counting.

    `of` is as many as would tell as much, not always a whole number.
    """
    z = _usual()
    middle = (value + z * z / (2 * of)) / (1 + z * z / of)
    reach = z * math.sqrt(value * (1 - value) / of + (z / (2 * of)) ** 2) / (1 + z * z / of)
    return Estimate(
        value, max(0.0, min(value, middle - reach)), min(1.0, max(value, middle + reach))
    )


def mean(values: Sequence[float], seed: Seed) -> Estimate:
    """Return the mean, with the bootstrap's interval; of at least two values."""
    return resampled([(value,) for value in values], _mean, seed)


def median(values: Sequence[float], seed: Seed) -> Estimate:
    """Return the median, with the bootstrap's interval; of at least two values."""
    return resampled([(value,) for value in values], _median, seed)


def ratio(parts: Sequence[tuple[float, float]], seed: Seed) -> Estimate:
    """Return the sum of what comes first over the sum of what comes second, drawn pair by pair.

    One pair per person (or week): how many of theirs count, and out of how many. A pair of nothing
    out of nothing tells nothing and is left out. Raises ValueError for fewer than two others.
    """
    return resampled([(top, of) for top, of in parts if of > 0], _ratio, seed)


def resampled(rows: Sequence[Sequence[float]], statistic: Statistic, seed: Seed) -> Estimate:
    """Return a statistic of rows (one per person, or per week), with the bootstrap's interval.

    `statistic` takes one array per column and `axis`, along which it looks; it must work on many
    draws at once. Raises ValueError for fewer than two rows.
    """
    if len(rows) < 2:
        raise ValueError("nothing to draw from")
    table = np.asarray(rows, dtype=np.float64)
    columns = tuple(table.T)
    value = float(statistic(*columns, axis=-1))
    drawn = scipy.stats.bootstrap(
        columns,
        statistic,
        n_resamples=RESAMPLES,
        vectorized=True,
        paired=True,
        confidence_level=_level(len(rows)),
        method="percentile",
        rng=np.random.default_rng(seeded(seed)),
    )
    interval = drawn.confidence_interval
    # What is drawn with rounding may miss its own figure by the last bit.
    return Estimate(value, min(value, float(interval.low)), max(value, float(interval.high)))


def seeded(seed: Seed) -> list[int]:
    """Return numbers for a random generator, from ids and words; the same for ever."""
    return [zlib.crc32(part.encode()) if isinstance(part, str) else abs(part) for part in seed]


def rate(events: int, time: float) -> Estimate:
    """Return events per unit of time, with the exact interval of a Poisson count."""
    tail = (1 - CONFIDENCE) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(scipy.stats.chi2.isf(tail, 2 * events + 2)) / 2
    return Estimate(events / time, low / time, high / time)


def rate_ratio(before: Rate, after: Rate) -> Estimate | None:
    """Return how many times as often something happened after as before; exact.

    None where it never happened. Infinite where it happened only after.
    """
    events = before.events + after.events
    if not events or before.time <= 0 or after.time <= 0:
        return None
    test = scipy.stats.binomtest(after.events, events)
    interval = test.proportion_ci(CONFIDENCE, method="exact")
    low, value, high = (
        math.inf if part >= 1 else part / (1 - part) * before.time / after.time
        for part in (float(interval.low), after.events / events, float(interval.high))
    )
    return Estimate(value, low, high)


def slope(
    points: Sequence[tuple[int, float]], overlap: int = 1, sure: float = CONFIDENCE
) -> Estimate | None:
    """Return how much a figure rises per week, from (week number, figure); None of too few.

    `overlap`: how many weeks the window of one figure is long. Weeks may be missing. `sure`: how
    often the interval holds the truth.
    """
    count = len(points)
    if count < 3:
        return None
    likeness = _likeness(count, overlap)
    usual = _usual(sure)
    slopes = count * (count - 1) / 2
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18 * likeness)
    if slopes - usual * spread < 1:
        return None
    weeks, figures = zip(*points, strict=True)
    alpha = 2 * float(scipy.stats.norm.sf(usual * math.sqrt(likeness)))
    found = scipy.stats.theilslopes(figures, weeks, alpha=alpha)
    return Estimate(float(found.slope), float(found.low_slope), float(found.high_slope))


@functools.cache
def _usual(sure: float = CONFIDENCE) -> float:
    """Return how many standard deviations the interval of a normal figure is wide to each side."""
    return float(scipy.stats.norm.isf((1 - sure) / 2))


def _likeness(count: int, overlap: int) -> float:
    """Return by how much overlapping windows widen the spread of the sum of ranks' signs."""
    total = 0.0
    for lag in range(1, min(overlap, count - 2)):
        alike = 6 / math.pi * math.asin((1 - lag / overlap) / 2)  # of ranks, by that of figures
        total += (count - lag) * (count - lag - 1) * (count - lag - 2) * alike
    return 1 + 2 * total / (count * (count - 1) * (count - 2))


def _level(count: int) -> float:
    """Return how far apart the bootstrap's percentiles are set for so many values."""
    reach = float(scipy.stats.t.isf((1 - CONFIDENCE) / 2, count - 1))
    return 1 - 2 * float(scipy.stats.norm.sf(math.sqrt(count / (count - 1)) * reach))


def _mean(values: Numbers, axis: int = -1) -> Any:
    return np.mean(values, axis=axis)


def _median(values: Numbers, axis: int = -1) -> Any:
    return np.median(values, axis=axis)


def _ratio(tops: Numbers, bottoms: Numbers, axis: int = -1) -> Any:
    return tops.sum(axis=axis) / bottoms.sum(axis=axis)
