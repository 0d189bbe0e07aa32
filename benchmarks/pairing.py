"""How often people who meet in pairs meet somebody again, beside the least that can be.

A group of each size plays twice as many rounds as it has people. Every round one in ten does not
come, and a fifth of the people join late, some time in the first half. Where the number is odd,
three meet at one table.

`repeats` are couples at a table who had met before. `least` is a bound that no way of pairing gets
below, with the same people there in the same rounds: of what everybody meets at the least (one
person a round, and two more couples in a round with a trio), whatever goes beyond the couples who
were ever there at the same time must be a repeat; so must half of what each one meets beyond the
people who were ever there with them; the larger of the two counts. `midway` is the same after as
many rounds as there are people. There the bound is far too kind: whoever came late is new to
everybody, but can meet only one person a round. `by_lot` are the repeats where chance alone pairs.

With `bars` one couple in fifty may not meet: none does, and whom bars leave without a partner joins
two others.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from random import Random
from typing import Any, Final

from rich.console import Console
from rich.table import Table as Shown

from bot.rules.pairing import Couple, Person, Round, couple, couples, faded, match

SIZES: Final = (6, 7, 12, 25, 50, 100, 150)
ABSENT: Final = 0.1
LATE: Final = 0.2
ROUNDS: Final = 2  # times the people
BARRED: Final = 0.02
BARS_AT: Final = 25  # people in the group that is measured with bars
MOST_OF_LEAST: Final = 1.1
MOST_BEYOND: Final = 2
TRIO: Final = 3


@dataclass(slots=True)
class Played:
    """What came of the rounds so far."""

    met: dict[Couple, list[int]] = field(default_factory=dict[Couple, list[int]])
    repeats: int = 0
    left_out: int = 0
    slowest: float = 0.0

    def hear(self, round_: Round, number: int) -> None:
        """Count a round."""
        self.left_out += len(round_.left)
        for pair in (pair for table in round_.tables for pair in couples(table)):
            before = self.met.setdefault(pair, [])
            self.repeats += bool(before)
            before.append(number)


@dataclass(slots=True)
class Bound:
    """The least repeats that any way of pairing has among who was there."""

    there: Counter[int] = field(default_factory=Counter[int])
    together: set[Couple] = field(default_factory=set[Couple])
    meetings: int = 0

    def hear(self, here: Sequence[int]) -> None:
        """Count who was there in a round."""
        trio = len(here) % 2
        self.meetings += len(here) // 2 + 2 * trio
        self.there.update(here)
        self.together.update(couple(*pair) for pair in combinations(here, 2))

    def least(self) -> int:
        """Return the bound."""
        partners = Counter(person for pair in self.together for person in pair)
        beyond = sum(max(0, self.there[one] - partners[one]) for one in self.there)
        return max(0, self.meetings - len(self.together), -(-beyond // 2))


async def run() -> Mapping[str, Any]:
    """Play every size, beside the loop."""
    found: dict[str, dict[str, Any]] = {}
    for size in SIZES:
        found[str(size)] = await asyncio.to_thread(play, size, size * ROUNDS, seed=size)
    bars = _bars(BARS_AT, Random(BARS_AT))
    barred = await asyncio.to_thread(play, BARS_AT, BARS_AT * ROUNDS, seed=BARS_AT, bars=bars)
    found[str(BARS_AT)]["with_bars"] = barred
    return found


def play(
    size: int, rounds: int, *, seed: int, bars: frozenset[Couple] = frozenset()
) -> dict[str, Any]:
    """Play some rounds of a group, and return the figures."""
    chance = Random(seed)
    late = max(1, round(size * LATE))
    joined = dict.fromkeys(range(size), 0)
    joined |= {person: chance.randrange(1, rounds // 2) for person in range(size - late, size)}
    played, lot, bound, midway = Played(), Played(), Bound(), (0, 0)
    for number in range(rounds):
        here = [one for one in range(size) if joined[one] <= number and chance.random() >= ABSENT]
        if len(here) < 2:
            continue
        met = {pair: faded(number - at for at in before) for pair, before in played.met.items()}
        began = time.perf_counter()
        round_ = match([Person(one) for one in here], met, bars, seed=number)
        played.slowest = max(played.slowest, time.perf_counter() - began)
        played.hear(round_, number)
        lot.hear(by_lot(here, chance), number)
        bound.hear(here)
        if number + 1 == size:
            midway = (played.repeats, bound.least())
    return {
        "repeats": played.repeats,
        "least": bound.least(),
        "left_out": played.left_out,
        "rounds": rounds,
        "midway": {"repeats": midway[0], "least": midway[1]},
        "by_lot": lot.repeats,
        "bars_broken": len(bars & set(played.met)),
        "slowest_s": played.slowest,
    }


def by_lot(people: Sequence[int], chance: Random) -> Round:
    """Return a round as chance has it."""
    mixed = list(people)
    chance.shuffle(mixed)
    whole = len(mixed) - (TRIO if len(mixed) % 2 else 0)
    ends = [*range(0, whole + 1, 2), *([len(mixed)] if len(mixed) % 2 else [])]
    return Round(tuple(tuple(mixed[low:high]) for low, high in pairwise(ends)), ())


def _bars(size: int, chance: Random) -> frozenset[Couple]:
    return frozenset(pair for pair in combinations(range(size), 2) if chance.random() < BARRED)


def failures(found: Mapping[str, Any]) -> Sequence[str]:
    """Say which floors do not hold."""
    failing: list[str] = []
    for name, figures in _by_name(found).items():
        most = figures["least"] * MOST_OF_LEAST + MOST_BEYOND
        if name in found and figures["repeats"] > most:
            failing.append(f"pairing: {figures['repeats']} repeats at {name} are above {most:.0f}")
        if figures["left_out"]:
            failing.append(f"pairing: {figures['left_out']} were left out at {name}")
        if figures["bars_broken"]:
            failing.append(f"pairing: {figures['bars_broken']} who may not meet met at {name}")
    return failing


def _by_name(found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return every size's figures, with those that bars made beside them."""
    named = dict(found)
    for size, figures in found.items():
        if "with_bars" in figures:
            named[f"{size}, with bars"] = figures["with_bars"]
    return named


def show(console: Console, found: Mapping[str, Any]) -> None:
    """Print a row for each size."""
    table = Shown(title="Pairs: who meets somebody again")
    heads = ("people", "rounds", "repeats", "least", "midway", "by lot", "left out", "slowest")
    for head in heads:
        table.add_column(head)
    for name, figures in _by_name(found).items():
        midway = figures["midway"]
        table.add_row(
            name,
            f"{figures['rounds']}",
            f"{figures['repeats']:,}",
            f"{figures['least']:,}",
            f"{midway['repeats']:,} (at least {midway['least']:,})",
            f"{figures['by_lot']:,}",
            f"{figures['left_out']}",
            f"{figures['slowest_s']:.2f} s",
        )
    console.print(table)
