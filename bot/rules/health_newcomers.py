"""How soon newcomers find an answer to the first thing they write in their home.

How long each of them waited is kept as counts of a few bounds, never as times of a person: enough
for the median and for the share answered within a day.
"""

from bisect import bisect_left

MINUTE_MS = 60_000
HOUR, DAY = 60, 24 * 60  # in minutes
# Upper bounds in minutes. Nobody waits any more after seven days: see bot.rules.answering.KEPT.
BOUNDS = (5, 15, 30, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY)
NEVER = 0  # not within seven days


def within(waited_ms: int) -> int:
    """Return the bound that such a wait keeps, in minutes; `NEVER` if it was too long for any."""
    place = bisect_left(BOUNDS, waited_ms / MINUTE_MS)
    return BOUNDS[place] if place < len(BOUNDS) else NEVER
