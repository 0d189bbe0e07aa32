"""Intervals that promise no more than was seen: of shares that hang together, and of many groups.

Answers come in bunches, and pairs share their people. Drawing days or people anew allows for that,
but draws nothing but ones from nothing but ones, and would be certain after two of them; Wilson's
interval is never, but takes each case for one of its own. The wider of both is honest for either.

What several groups show is put together by their weights; how unsure it is follows from how unsure
each is, for one group's luck is not another's (the variance recovered from each limit, after Zou
and Donner 2008, "Construction of confidence limits about effect measures").
"""

import math
from collections.abc import Mapping, Sequence

from bot.rules.health import FEWEST
from bot.rules.health_statistics import Estimate, Seed, ratio, share


def in_the_whole(people: Mapping[int, int]) -> frozenset[int]:
    """Return which groups a server's figure is put together from, by how many stand behind each.

    A small group, of which nothing is said, is among them where all the small ones together are
    five people or more. Else what it hides could be reckoned back from the whole and the others.
    """
    small = {group_id for group_id, count in people.items() if count < FEWEST}
    if sum(people[group_id] for group_id in small) >= FEWEST:
        return frozenset(people)
    return frozenset(people) - small


def bunched(parts: Sequence[tuple[float, float]], cases: int, seed: Seed) -> Estimate | None:
    """Return the sum of what comes first over the sum of what comes second, at most all of it.

    One pair per day or person, as for `health_statistics.ratio`; `cases` is how many there are of
    what the share is of. None where there is nothing to have a share of.
    """
    told = [(top, of) for top, of in parts if of > 0]
    if not told or cases < 1:
        return None
    value = sum(top for top, _ in told) / sum(of for _, of in told)
    plain = share(round(value * cases), cases)
    low, high = min(value, plain.low), max(value, plain.high)
    if len(told) > 1:
        drawn = ratio(told, seed)
        low, high = min(low, drawn.low), max(high, drawn.high)
    return Estimate(value, max(low, 0.0), min(high, 1.0))


def pooled(groups: Sequence[tuple[Estimate, float]]) -> Estimate | None:
    """Return the mean of several groups' estimates by their weights; None of none."""
    whole = sum(weight for _, weight in groups)
    if whole <= 0:
        return None
    parts = [(one, weight / whole) for one, weight in groups]
    value = sum(one.value * part for one, part in parts)
    below = math.sqrt(sum((part * (one.value - one.low)) ** 2 for one, part in parts))
    above = math.sqrt(sum((part * (one.high - one.value)) ** 2 for one, part in parts))
    return Estimate(value, value - below, value + above)
