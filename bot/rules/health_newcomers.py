"""How soon newcomers find an answer to the first thing they write in their home.

How long each of them waited is kept as counts of a few bounds, never as times of a person: enough
for the median and for the share answered within a day.
"""

from bisect import bisect_left
from collections.abc import Mapping

import scipy

from bot.rules.health import Figure, said, silent
from bot.rules.health_statistics import CONFIDENCE, Estimate, share

MINUTE_MS = 60_000
HOUR, DAY = 60, 24 * 60  # in minutes
# Upper bounds in minutes. Nobody waits any more after seven days: see bot.rules.answering.KEPT.
BOUNDS = (5, 15, 30, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY)
NEVER = 0  # not within seven days


def within(waited_ms: int) -> int:
    """Return the bound that such a wait keeps, in minutes; `NEVER` if it was too long for any."""
    place = bisect_left(BOUNDS, waited_ms / MINUTE_MS)
    return BOUNDS[place] if place < len(BOUNDS) else NEVER


def answered(waits: Mapping[int, int]) -> Figure:
    """Return the share of newcomers who were answered within a day; `waits` counts each bound."""
    people = sum(waits.values())
    if not people:
        return silent("answered", 0, "nothing")
    soon = sum(count for bound, count in waits.items() if bound != NEVER and bound <= DAY)
    return said("answered", people, share(soon, people))


def first_answer(waits: Mapping[int, int]) -> Figure:
    """Return after how many hours half of the newcomers had an answer; a week at the longest.

    Within a bound the waits are taken as spread evenly. The interval is the exact one of a median,
    between the waits whose places in the order hold it 19 times in 20.
    """
    people = sum(waits.values())
    if not people:
        return silent("first_answer", 0, "nothing")
    # The places of a median's limits: how many of so many tosses of a coin show heads.
    tail = (1 - CONFIDENCE) / 2
    low = int(scipy.stats.binom.ppf(tail, people, 0.5))
    high = people + 1 - max(1, low)
    estimate = Estimate(
        _at(waits, (people + 1) / 2), _at(waits, max(1, low)), _at(waits, min(people, high))
    )
    return said("first_answer", people, estimate)


def _at(waits: Mapping[int, int], place: float) -> float:
    """Return the hours that the wait at a place in the order took, the shortest being the first."""
    before, since = 0, 0
    for bound in BOUNDS:
        count = waits.get(bound, 0)
        if count and place <= before + count:
            part = (place - before - 0.5) / count
            return (since + min(max(part, 0.0), 1.0) * (bound - since)) / HOUR
        before, since = before + count, bound
    return BOUNDS[-1] / HOUR
