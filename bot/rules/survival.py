"""How long people stay: Kaplan's and Meier's curves of those who joined, and of homes.

A curve says which share is still there after so many weeks. Whoever is still there when the week is
closed is *censored*: nobody knows how much longer they will stay, only that it is not shorter. So
are those whose home went on elsewhere, ended with its group, or was forgotten.

All of one week are followed equally long, to the end of the last closed week; what came after is
not looked at. Else those who left in a week that is not over would stand against nobody who stayed.

- **Since joining the server**: in weeks of the calendar, the one in which they joined being the
  first. From roll calls: how many of that week are there at the end of each later one.
- **With a home or without**: who has no home yet may still find one, and had to stay for it: so
  those with homes always seem to stay longer (immortal time). Only those are compared who were
  there at the end of their third week, by whether they had a home within fourteen days.
- **Homes**: in whole weeks of each home since its own beginning.

Intervals are Wilson's, with as many people as would leave that many without anybody censored: those
still there, divided by the share (Peto 1977). With nobody censored they are those of a share. A
curve ends where fewer than five would stand for it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import scipy

from bot.rules import health_statistics
from bot.rules.health import FEWEST, Silent, Week
from bot.rules.health_statistics import Estimate, Numbers, Rate

LANDMARK_WEEK = 3  # those are compared who were there at the end of it
FOLLOWED_WEEKS = 52
STAY_WEEKS = 12  # a newcomer's home that is still held then
TENURE_WEEKS = 26  # how many of them a home is held, on average
CHANCE = 0.05  # a gap that is larger than chance makes it once in twenty times is told

# left, moved, released: it ended; the others are censored
How = Literal["left", "moved", "released", "forgotten", "closed", "branched"]
ENDS: frozenset[str] = frozenset(("left", "moved", "released"))


@dataclass(frozen=True, slots=True)
class Spell:
    """How long somebody was there: `people` of them alike.

    `ended`: gone by the end of `weeks`; else still there at that time. `followed`: how many weeks
    they would have been looked at, had they stayed.
    """

    weeks: int
    ended: bool
    followed: int
    people: int = 1

    def began_within(self, weeks: int) -> bool:
        """Return whether it began in the last so many weeks."""
        return self.followed < weeks


@dataclass(frozen=True, slots=True)
class Point:
    """The share that is still there after `weeks`, and how many were there up to then."""

    weeks: int
    share: float
    low: float
    high: float
    at_risk: int

    @property
    def estimate(self) -> Estimate:
        """The share and its interval."""
        return Estimate(self.share, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve, from its first week on; of fewer than five people it has no points."""

    people: int
    points: tuple[Point, ...]
    silent: Silent | None = None

    def at(self, weeks: int) -> Point | None:
        """Return the share after so many weeks; None where nobody was followed so long."""
        return next((point for point in self.points if point.weeks == weeks), None)

    @property
    def median(self) -> int | None:
        """After how many weeks half are gone; None while more than half are still there."""
        return next((point.weeks for point in self.points if point.share <= 0.5), None)

    def area(self, weeks: int) -> Estimate | None:
        """Return how many of the first `weeks` somebody stays, on average.

        Its interval is the area under the curve's lower and upper edge: rather too wide.
        """
        if self.at(weeks) is None:
            return None
        points = [point for point in self.points if point.weeks <= weeks]
        found = [
            float(np.trapezoid([getattr(point, edge) for point in points]))
            for edge in ("share", "low", "high")
        ]
        return Estimate(*found)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two curves, and whether chance alone would part them so (the log-rank test).

    `p`: how often chance makes a gap at least as large; None where that cannot be told.
    """

    homed: Curve
    unhomed: Curve
    p: float | None

    @property
    def verdict(self) -> Literal["longer", "shorter", "no_telling"] | None:
        """How long people with a home stayed beside those without; None where it is silent."""
        if self.p is None:
            return None
        if self.p >= CHANCE:
            return "no_telling"
        last = min(self.homed.points[-1].weeks, self.unhomed.points[-1].weeks)
        ours, theirs = self.homed.at(last), self.unhomed.at(last)
        assert ours is not None
        assert theirs is not None
        return "longer" if ours.share > theirs.share else "shorter"


@dataclass(frozen=True, slots=True)
class Parted:
    """Homes that ended per hundred lived weeks, before splits and after them.

    `ratio`: how many times as often after as before; it leaves 1 out where that is not chance.
    """

    splits: int
    before: Estimate | None = None
    after: Estimate | None = None
    ratio: Estimate | None = None
    silent: Silent | None = None


def curve(spells: Iterable[Spell], start: int = 0) -> Curve:
    """Return the curve of these, who were all there after `start` weeks."""
    some = [spell for spell in spells if spell.weeks > start]
    people = sum(spell.people for spell in some)
    if people < FEWEST:
        return Curve(0, (), "few" if people else "nothing")
    end = max(_last(spell) for spell in some)
    sums = [_by_week(some, end, which) for which in (_gone, _weeks, _last)]
    ended = sums[0]
    at_risk, followed = (one[::-1].cumsum()[::-1] for one in sums[1:])
    shares = scipy.stats.ecdf(_sample(some)).sf.evaluate(np.arange(end + 1))
    points = [Point(start, 1, 1, 1, people)]
    number = float(people)
    for week in range(start + 1, end + 1):
        share = float(shares[week])
        if share > 0:  # else nobody is left to tell of; the number of the week before stands
            number = float(at_risk[week] - ended[week]) / share
        if round(number, 6) < FEWEST or followed[week] < FEWEST:
            break
        edges = health_statistics.wilson(share, number)
        points.append(Point(week, share, edges.low, edges.high, int(at_risk[week])))
    if len(points) == 1:
        return Curve(people, (), "young")
    return Curve(people, tuple(points))


def compare(homed: Iterable[Spell], unhomed: Iterable[Spell]) -> Compared:
    """Return the curves of those with a home at the landmark and those without."""
    ours, theirs = list(homed), list(unhomed)
    curves = curve(ours, LANDMARK_WEEK), curve(theirs, LANDMARK_WEEK)
    if not all(one.points for one in curves):
        return Compared(*curves, None)
    both = [[spell for spell in arm if spell.weeks > LANDMARK_WEEK] for arm in (ours, theirs)]
    if not any(spell.ended for arm in both for spell in arm):
        return Compared(*curves, 1.0)
    test = scipy.stats.logrank(_sample(both[0]), _sample(both[1]))
    return Compared(*curves, 1.0 if math.isnan(test.pvalue) else float(test.pvalue))


def part(before: Rate, after: Rate, splits: int) -> Parted:
    """Return how homes ended before and after splits; `time` is in lived weeks."""
    if not splits:
        return Parted(0, silent="nothing")
    if before.time <= 0 or after.time <= 0:
        return Parted(splits, silent="young")
    return Parted(
        splits,
        health_statistics.rate(before.events, before.time / 100),
        health_statistics.rate(after.events, after.time / 100),
        health_statistics.rate_ratio(before, after),
    )


def home_spell(began: Week, weeks: int, close: Week, *, ended: bool, people: int = 1) -> Spell:
    """Return a home that lasted so many whole weeks, as it looked when a week was closed."""
    followed = weeks_between(began, close)
    if weeks >= followed:  # what came later is not looked at
        return Spell(followed, False, followed, people)
    return Spell(weeks + 1 if ended else weeks, ended, followed, people)


def weeks_between(one: Week, other: Week) -> int:
    """Return by how many weeks one is earlier than the other."""
    return (other.monday - one.monday).days // 7


def whole_weeks(since: datetime, until: datetime) -> int:
    """Return how many whole weeks lie between two moments."""
    return max(0, (until - since) // timedelta(weeks=1))


def _weeks(spell: Spell) -> int:
    """Return up to when somebody was there."""
    return spell.weeks


def _last(spell: Spell) -> int:
    """Return up to when it is known what became of somebody."""
    return spell.followed if spell.ended else spell.weeks


def _gone(spell: Spell) -> int:
    """Return when somebody was gone; 0, where nothing is looked up, while they are there."""
    return spell.weeks if spell.ended else 0


def _by_week(spells: Sequence[Spell], end: int, which: Callable[[Spell], int]) -> Numbers:
    """Return how many people fall on each week up to the last."""
    found: Numbers = np.zeros(end + 1)
    for spell in spells:
        found[which(spell)] += spell.people
    return found


def _sample(spells: Iterable[Spell]) -> "scipy.stats.CensoredData":
    some = list(spells)
    people = [spell.people for spell in some]
    return scipy.stats.CensoredData.right_censored(
        np.repeat([spell.weeks for spell in some], people),
        np.repeat([not spell.ended for spell in some], people),
    )
