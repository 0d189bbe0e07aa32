"""Whether people who answer each other go on doing so: from how often either answered the other.

Of pairs who share a home, by week; who they are is of no matter, and goes nowhere from here. People
are drawn anew for the intervals, each with all of their pairs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.rules.health import Week
from bot.rules.health_pooling import bunched
from bot.rules.health_statistics import Estimate, Seed

FIRST_WEEKS = 4  # in which a pair may talk for the first time in the window
AGAIN_WEEKS = 2  # after it, in which talking again counts


@dataclass(frozen=True, slots=True)
class Answers:
    """How often two people answered each other in one week; `low` and `high` are who."""

    low: int
    high: int
    week: Week
    low_answered: int  # how often the one called low answered the other
    high_answered: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A share of pairs, or of their answers; `weight` is of how many, `people` are in them."""

    people: int
    weight: int
    share: Estimate | None


def reciprocity(rows: Iterable[Answers], seed: Seed) -> Pairs:
    """Return how much of what people answer each other comes back.

    Of each pair the smaller of both numbers, twice, over both (weighted reciprocity: Squartini and
    others 2013): 1 where everybody gets as many answers as they give, 0 where nobody answers back.
    """
    numbers: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        both = numbers[row.low, row.high]
        both[0] += row.low_answered
        both[1] += row.high_answered
    parts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    weight = pairs = 0
    for (low, high), (there, back) in numbers.items():
        if not there + back:
            continue
        pairs += 1
        weight += there + back
        for who in (low, high):
            parts[who][0] += 2 * min(there, back)
            parts[who][1] += there + back
    share = bunched([(top, of) for top, of in parts.values()], pairs, seed)
    return Pairs(len(parts), weight, share)


def repeat(rows: Iterable[Answers], window: Week, seed: Seed) -> Pairs:
    """Return how many pairs who talked did so again, in another week soon after.

    A pair talks in a week when both answered each other in it. Looked at are those who did in one
    of the first four weeks of the window (`window` is its first), and whether they did again in one
    of the two weeks after the first time: so each of them had as long to do so.
    """
    talked: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows:
        if row.low_answered and row.high_answered:
            number = (row.week.monday - window.monday).days // 7
            if number >= 0:
                talked[row.low, row.high].add(number)
    parts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    pairs = 0
    for (low, high), weeks in talked.items():
        first = min(weeks)
        if first >= FIRST_WEEKS:
            continue
        pairs += 1
        again = any(first < week <= first + AGAIN_WEEKS for week in weeks)
        for who in (low, high):
            parts[who][0] += again
            parts[who][1] += 1
    share = bunched([(top, of) for top, of in parts.values()], pairs, seed)
    return Pairs(len(parts), pairs, share)
