"""How fast a group takes people in, and what that means for who waits: an honest estimate.

Seats are kept for those in line as they come free, and no group takes in more than its pace within
any seven days. How long that takes is told from what happened, and not told where too little did.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

WEEK = timedelta(weeks=1)
LOOKED_BACK = timedelta(weeks=8)  # seats that came free longer ago tell nothing
LEAST_WATCHED = timedelta(weeks=2)  # a younger group tells nothing yet
LEAST_FREED = 3  # seats; fewer may be chance
LONGEST_SAID = 26  # weeks; who would wait longer should know just that


@dataclass(frozen=True, slots=True)
class Weeks:
    """How long it often takes until a seat is offered; `high` None: longer than half a year."""

    low: int
    high: int | None

    @property
    def said(self) -> str:
        """Which of the texts tells it: soon, weeks or long."""
        if self.high is None:
            return "long"
        return "soon" if self.high <= 1 else "weeks"


@dataclass(frozen=True, slots=True)
class Flow:
    """What moves a group's line on."""

    free: int  # seats that are neither taken nor kept
    pace: int  # newcomers within seven days; 0: as many as there are seats
    arrived: int  # within the last seven days, kept seats counted
    freed: int  # seats that came free while it was watched
    watched: timedelta  # of the last eight weeks, how long the group was open


def room(pace: int, arrived: int, offered: int) -> int | None:
    """Return how many more may move in this week; None: as many as there are seats."""
    return max(pace - arrived - offered, 0) if pace else None


def estimate(place: int, flow: Flow) -> Weeks | None:
    """Return how long whoever is `place` in line often waits; None: nobody can tell yet.

    Seats that come free are taken for random events: the k-th is due after k / rate weeks, give or
    take the square root of k, which is the standard deviation of such a wait.
    """
    now = room(flow.pace, flow.arrived, 0)
    by_pace = 0.0 if now is None or place <= now else (place - now) / flow.pace
    low = high = by_pace
    if now is not None and place > now:
        high = by_pace + 1
    missing = place - flow.free
    if missing > 0:
        if flow.freed < LEAST_FREED or flow.watched < LEAST_WATCHED:
            return None
        rate = flow.freed / (min(flow.watched, LOOKED_BACK) / WEEK)
        mean, spread = missing / rate, math.sqrt(missing) / rate
        low, high = max(low, mean - spread), max(high, mean + spread)
    least, most = math.floor(low), max(math.ceil(high), 1)
    if least > LONGEST_SAID or most > 2 * LONGEST_SAID:
        return Weeks(least, None)
    return Weeks(least if most <= 1 else max(least, 1), most if most > max(least, 1) else least + 1)
