"""Whether people who answer each other go on doing so: from how often either answered the other.

Of pairs who share a home, by week; who they are is of no matter, and goes nowhere from here. People
are drawn anew for the intervals, each with all of their pairs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.rules.health_pooling import bunched
from bot.rules.health_statistics import Estimate, Seed

FIRST_WEEKS = 4  # in which a pair may talk for the first time in the window
AGAIN_WEEKS = 2  # after it, in which talking again counts


@dataclass(frozen=True, slots=True)
class Pair:
    """How often two people answered each other: `low` and `high` are who.

    `low_answered` is how often the one called low answered the other in the last four weeks.
    `talked` are the weeks in which both did, of the last six, the first of those being 0.
    """

    low: int
    high: int
    low_answered: int
    high_answered: int
    talked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """A share of pairs, or of their answers; `weight` is of how many, `people` are in them."""

    people: int
    weight: int
    share: Estimate | None


def reciprocity(pairs: Iterable[Pair], seed: Seed) -> Told:
    """Return how much of what people answer each other comes back.

    Of each pair the smaller of both numbers, twice, over both (weighted reciprocity: Squartini and
    others 2013): 1 where everybody gets as many answers as they give, 0 where nobody answers back.
    """
    parts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    weight = count = 0
    for pair in pairs:
        whole = pair.low_answered + pair.high_answered
        if not whole:
            continue
        count += 1
        weight += whole
        for who in (pair.low, pair.high):
            parts[who][0] += 2 * min(pair.low_answered, pair.high_answered)
            parts[who][1] += whole
    share = bunched([(top, of) for top, of in parts.values()], count, seed)
    return Told(len(parts), weight, share)


def repeat(pairs: Iterable[Pair], seed: Seed) -> Told:
    """Return how many pairs who talked did so again, in another week soon after.

    A pair talks in a week when both answered each other in it. Looked at are those who did in one
    of the first four weeks of the six, and whether they did again in one of the two weeks after the
    first time: so each of them had as long to do so.
    """
    parts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    count = 0
    for pair in pairs:
        first = min(pair.talked, default=FIRST_WEEKS)
        if first >= FIRST_WEEKS:
            continue
        count += 1
        again = any(first < week <= first + AGAIN_WEEKS for week in pair.talked)
        for who in (pair.low, pair.high):
            parts[who][0] += again
            parts[who][1] += 1
    share = bunched([(top, of) for top, of in parts.values()], count, seed)
    return Told(len(parts), count, share)
