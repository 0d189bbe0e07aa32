"""How much patience somebody's presence has earned.

Who was around on many days is waited for longer before their silence says anything; older days
count less, and are worth half after three months. A little of it goes by their rhythm: by the usual
pause between two of their days.

The figures were measured on real logs: docs/quiet.md tells how, and what else was tried.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

WINDOW = 120
"""How many days back presence counts, as far as days are kept (`retention_days`).

With 180 names were no better on the logs of docs/quiet.md, with 90 clearly worse.
"""
HALF_LIFE = 90.0  # days after which a day of presence is worth half
PAUSES = 20  # the last so many tell the rhythm
# What a rhythm is taken for before it is known: five pauses of two days.
KNOWN_AS, KNOWN_BY = 2.0, 5
LEAST, MOST = 5.0, 30.0  # days

# What each day back is worth, and the logarithm of each pause: looked up, for a look at a large
# server asks for hundreds of thousands.
WORTH = tuple(0.5 ** (back / HALF_LIFE) for back in range(WINDOW))
LOGS = (0.0, *(math.log(pause) for pause in range(1, WINDOW)))

PATIENCE: Mapping[str, float] = {"soon": 3.0, "usual": 3.5, "late": 4.5}
"""What a group type says about patience, in words, and the factor that it stands for.

As many false alarms as with one line for everybody at about 11, 13 and 16 days.
"""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How somebody was around up to their last sign of life; pauses are geometric means."""

    days: int = 0  # with a sign of life
    around: float = 0.0  # the same, older days counting less
    pause: float = KNOWN_AS  # between two of them, in days, as far as it is known
    usual: float = 0.0  # the same of the last pauses alone; 0: there is none yet


def rhythm(days: Sequence[int]) -> Rhythm:
    """Return the rhythm of these days (numbered, each once, in order) as of the last of them."""
    if not days:
        return Rhythm()
    last = days[-1]
    lately = [day for day in days if last - day < WINDOW]
    pauses = [after - before for before, after in pairwise(lately[-PAUSES - 1 :])]
    logs = sum(LOGS[pause] for pause in pauses)
    known = logs + KNOWN_BY * math.log(KNOWN_AS)
    return Rhythm(
        days=len(lately),
        around=sum(WORTH[last - day] for day in lately),
        pause=math.exp(known / (len(pauses) + KNOWN_BY)),
        usual=math.exp(logs / len(pauses)) if pauses else 0.0,
    )


def patience(rhythm: Rhythm, factor: float) -> float:
    """Return after how many days of silence a facilitator should know, by a type's factor."""
    return min(MOST, max(LEAST, factor * math.sqrt(rhythm.around) * rhythm.pause**0.25))
