"""Newcomers who fade: they moved in, came a few times at most, and were not heard of again.

Most people who leave a community leave in their first days, before they have any rhythm, and
nobody notices. So they have a rule of their own: patience grows with the days on which they came,
and is short. Who gave no sign at all is waited for as for somebody who came twice: they may be
reading. docs/quiet.md tells how this was measured.
"""

import math
from datetime import datetime, timedelta

REGULAR_DAYS = 4
"""Who was around on so many days is no newcomer any more."""
MOVED_IN = timedelta(days=30)
"""Who moved in longer ago is no newcomer, however rarely they came (`Arrival` is kept so long)."""
NEVER = 2
# Times the type's factor, the days after one day of presence: a little above five by default.
SHARE = 1.5


def patience(days: int, factor: float) -> float:
    """Return after how many days of silence a newcomer has faded who came on so many `days`."""
    return SHARE * factor * math.sqrt(days or NEVER)


def is_newcomer(days: int, arrived_at: datetime | None, now: datetime) -> bool:
    """Return whether somebody moved in lately and has not been around on enough days yet."""
    return arrived_at is not None and days < REGULAR_DAYS and now - arrived_at < MOVED_IN
