"""Spells: the silences between two days of presence, each with what was known when it began.

A spell of 60 days or more is a lapse, however it ends. One that the data ends before that is open:
nobody knows what became of it, so it is dropped.
"""

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.presence import DAY, Presence
from bot.rules.rhythm import rhythm

LAPSE: Final = 60.0
PLAIN_WINDOW, PLAIN_PAUSES = 90, 20  # of the formula that stands beside Hearth's

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spells:
    """One row for each spell."""

    person: NDArray[np.int64]
    since: Floats  # the last sign of life before it, in Unix seconds
    days: Floats  # how long it lasted, in days; an open one as far as is known
    lapse: Flags
    open: Flags
    presence: Floats  # distinct days so far
    around: Floats
    """The same as Hearth counts it: older days count less."""
    pause: Floats
    """The usual pause as Hearth counts it."""
    plain: Floats
    """Distinct days of the last 90, all worth the same."""
    median: Floats
    """The median of the last 20 pauses; the mean of all where there is none."""

    def where(self, rows: Flags) -> Self:
        """Return these rows alone."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


def spells(presence: Presence) -> Spells:
    """Return every spell of everybody; days are those of UTC."""
    rows: list[tuple[float, ...]] = []
    for person, times in presence.people.items():
        numbers = (times // DAY).astype(int)
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        days = numbers[firsts].tolist()
        lasts = [*(firsts[1:] - 1), len(times) - 1]
        for place, day in enumerate(days):
            since = float(times[lasts[place]])
            back = place + 1 < len(days)
            until = float(times[firsts[place + 1]]) if back else presence.end
            silent = (until - since) / DAY
            so_far = days[: place + 1]
            earned = rhythm(so_far)
            pauses = [after - before for before, after in pairwise(so_far)][-PLAIN_PAUSES:]
            rows.append(
                (
                    float(person),
                    since,
                    silent,
                    float(silent >= LAPSE),
                    float(not back and silent < LAPSE),
                    float(len(so_far)),
                    earned.around,
                    earned.pause,
                    float(sum(day - one < PLAIN_WINDOW for one in so_far)),
                    float(np.median(pauses)) if pauses else np.nan,
                )
            )
    table = np.array(rows, dtype=np.float64)
    columns = list(table.T)
    median = columns[9]
    unknown = np.isnan(median)
    median[unknown] = 1.0 if unknown.all() else median[~unknown].mean()
    return Spells(
        columns[0].astype(np.int64),
        columns[1],
        columns[2],
        columns[3] > 0,
        columns[4] > 0,
        *columns[5:],
    )
