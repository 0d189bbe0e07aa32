"""Who was there when: read from the files given with `--replay`, or drawn.

A file is a log that the demo replays (`demo.log`), or a CSV of pairs with times
(`source,target,timestamp`, Unix seconds), where writing to somebody is the source's sign of life.

The drawn town has no rule of Hearth's in it: most people come a few times and go; the others have a
pace of their own, go on journeys, and leave the less likely the longer they have been around.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.files import GivenError, header_of, text_of
from benchmarks.options import set_name
from demo import log

TIMED: Final = ("source", "target", "timestamp")
DAY: Final = 86_400.0
GENERATED: Final = "generated"
DRAWN_PEOPLE, DRAWN_DAYS, SEED = 900, 400, 11
PASSING: Final = 0.55
"""The share of people who never come to have a rhythm."""

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Presence:
    """When each person gave a sign of life, in Unix seconds and in order."""

    name: str
    people: Mapping[int, Times]
    begin: float
    end: float

    @property
    def middle(self) -> float:
        """Where the first half ends and the second, which is scored, begins."""
        return (self.begin + self.end) / 2


def read(path: Path) -> Presence:
    """Read a file; GivenError says why it cannot be used."""
    text = text_of(path)
    header = header_of(text)
    found: defaultdict[int, list[float]] = defaultdict(list)
    try:
        if header == log.COLUMNS:
            for entry in log.read(path):
                found[entry.author].append(entry.at.timestamp())
        elif header == TIMED:
            for row in csv.DictReader(text.splitlines()):
                found[int(row["source"])].append(float(row["timestamp"]))
        else:
            raise GivenError(f"{path}: neither a log nor pairs with times ({','.join(TIMED)})")
    except (ValueError, log.LogError) as error:
        raise GivenError(f"{path}: {error}") from error
    return _presence(set_name(path), found)


def drawn(seed: int = SEED) -> Presence:
    """Return the drawn town, the same for the same seed."""
    rng = np.random.default_rng(seed)
    found: dict[int, list[float]] = {}
    for person in range(DRAWN_PEOPLE):
        arrives = int(rng.integers(0, DRAWN_DAYS - 60))
        days = _passing(rng, arrives) if rng.random() < PASSING else _staying(rng, arrives)
        found[person] = [
            DAY * (day + float(rng.random())) for day in sorted(days) if day < DRAWN_DAYS
        ]
    return _presence(GENERATED, found)


def _passing(rng: np.random.Generator, day: int) -> set[int]:
    """Return the days of somebody who comes once, and sometimes again."""
    days = {day}
    while rng.random() < 0.4:
        day += int(1 + rng.exponential(9))
        days.add(day)
    return days


def _staying(rng: np.random.Generator, day: int) -> set[int]:
    """Return the days of somebody with a pace of their own."""
    pace = float(rng.beta(0.9, 2.2))  # the odds that they come on a day
    days: set[int] = set()
    while day < DRAWN_DAYS:
        if rng.random() < pace:
            days.add(day)
            if rng.random() < 0.25 / (3 + len(days)):
                break
        day += int(rng.integers(8, 40)) if rng.random() < 0.012 else 1
    return days or {day}


def _presence(name: str, found: Mapping[int, list[float]]) -> Presence:
    people = {who: np.sort(np.array(times)) for who, times in sorted(found.items()) if times}
    if not people:
        raise GivenError(f"{name}: nobody was ever there")
    begin = min(float(times[0]) for times in people.values())
    return Presence(name, people, begin, max(float(times[-1]) for times in people.values()))
