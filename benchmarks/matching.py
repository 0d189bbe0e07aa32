"""How many people find the group that would truly suit them best, and how evenly groups fill.

People arrive over some weeks in a town of `benchmarks.population`, and read three suggestions; they
move into the one of the three that they would like best, as somebody does who reads the charters.
Groups have seats and a pace. Beside the matching stand an oracle that knows what everybody needs
and obeys seats and pace, suggestions by lot, and first come: the first three of the directory that
have a seat, as people choose where nobody asks them anything.

`vague_share` is the matching's share of what the oracle reaches in a vague town: no floor, but a
word on how far answers carry.

`top3` is the share of people whose truly best group, of all groups, full or not, was among their
three. `fill_spread` is the standard deviation of the filled share over groups.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks import suggesting
from benchmarks.population import VAGUE, Town, town
from bot.rules.matching import FEWEST, Candidate, Told, rank

PEOPLE, GROUPS, CAP, PACE, WEEKS = 3_000, 30, 150, 20, 12
SUGGESTED = 3
SEEDS = (1, 2, 3)
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)

Rows = NDArray[np.int_]


@dataclass(slots=True)
class Outcome:
    """What came of one way to suggest groups."""

    found: list[bool] = field(default_factory=list[bool])
    spread: float = 0.0
    placed: int = 0
    seconds: float = 0.0

    def top3(self) -> float:
        """Return the share of people whose truly best group was among their three."""
        return float(np.mean(self.found))


class Way(Protocol):
    """One way to suggest groups."""

    def suggest(self, person: int, open_: Rows, taken: Rows, /) -> Sequence[int]:
        """Return three of the groups that have a seat and are within their pace."""
        ...

    def moved_in(self, person: int, group: int, /) -> None:
        """Hear where somebody lives now."""


async def run() -> Mapping[str, Any]:
    """Let people arrive in a few towns by each way; return the means."""
    outcomes = [measure(town(PEOPLE, GROUPS, seed), seed) for seed in SEEDS]
    vague = [vaguely(town(PEOPLE, GROUPS, seed, VAGUE)) for seed in SEEDS]

    def mean(way: str, figure: Callable[[Outcome], float]) -> float:
        return float(np.mean([figure(each[way]) for each in outcomes]))

    top3 = {way: mean(way, Outcome.top3) for way in outcomes[0]}
    spread = {way: mean(way, lambda one: one.spread) for way in outcomes[0]}
    return {
        "people": PEOPLE,
        "groups": GROUPS,
        "top3": top3["matching"],
        "oracle": top3["oracle"],
        "random": top3["random"],
        "first_come": top3["first_come"],
        "vague_share": float(np.mean(vague)),
        "fill_spread": spread["matching"],
        "oracle_spread": spread["oracle"],
        "random_spread": spread["random"],
        "first_come_spread": spread["first_come"],
        "placed": mean("matching", lambda one: one.placed / PEOPLE),
        "rule_ms": mean("matching", lambda one: one.seconds) / PEOPLE * 1000,
        **await suggesting.run(),
    }


def vaguely(here: Town) -> float:
    """Return the matching's share of what the oracle reaches in a town that is hard to read."""
    return arrive(here, Matching(here)).top3() / arrive(here, Best(here)).top3()


def measure(here: Town, seed: int) -> Mapping[str, Outcome]:
    """Let the same people arrive in the same order by each way of suggesting."""
    return {
        "matching": arrive(here, Matching(here)),
        "oracle": arrive(here, Best(here)),
        "random": arrive(here, ByLot(seed)),
        "first_come": arrive(here, FirstCome()),
    }


def arrive(here: Town, way: Way) -> Outcome:
    """Let everybody arrive, be suggested three groups, and move into the one they like best."""
    people, groups = here.likings.shape
    taken, lately = np.zeros(groups, dtype=int), np.zeros(groups, dtype=int)
    outcome, week = Outcome(), 0
    for person in range(people):
        if person * WEEKS // people != week:
            week, lately = week + 1, np.zeros(groups, dtype=int)
        open_ = np.flatnonzero((taken < CAP) & (lately < PACE))
        begun = time.perf_counter()
        suggested = way.suggest(person, open_, taken)
        outcome.seconds += time.perf_counter() - begun
        outcome.found.append(int(here.likings[person].argmax()) in suggested)
        if suggested:
            home = max(suggested, key=lambda group: here.likings[person, group])
            taken[home] += 1
            lately[home] += 1
            outcome.placed += 1
            way.moved_in(person, home)
    outcome.spread = float(np.std(taken / CAP))
    return outcome


class Matching:
    """The rule that Hearth suggests by; it hears what those who live in a group answered."""

    def __init__(self, here: Town) -> None:
        self._here = here
        self._gave: list[dict[int, Counter[int]]] = [defaultdict(Counter) for _ in here.groups]
        self._people: list[Counter[int]] = [Counter() for _ in here.groups]

    def suggest(self, person: int, open_: Rows, taken: Rows) -> Sequence[int]:
        """Return what the rule puts first."""
        here = self._here
        groups = [
            Candidate(
                group_id=number,
                kin=1,
                cap=CAP,
                taken=int(taken[number]),
                zone=here.groups[number].zone,
                language="en",
                told={
                    question: Told(fits, *self._lives(number, question))
                    for question, fits in here.groups[number].fits.items()
                },
            )
            for number in map(int, open_)
        ]
        ranked = rank(here.answers[person], here.questions, groups, tie=person, now=BEGIN)
        return [one.group_id for one in ranked[:SUGGESTED]]

    def moved_in(self, person: int, group: int) -> None:
        """Count their answers."""
        for question, given in self._here.answers[person].items():
            if given:
                self._people[group][question] += 1
                self._gave[group][question].update(given)

    def _lives(self, group: int, question: int) -> tuple[int, Mapping[int, int]]:
        people = self._people[group][question]
        return (people, self._gave[group][question]) if people >= FEWEST else (0, {})


class Best:
    """The oracle: it knows what everybody would like."""

    def __init__(self, here: Town) -> None:
        self._likings = here.likings

    def suggest(self, person: int, open_: Rows, _taken: Rows) -> Sequence[int]:
        """Return those they would like best."""
        return open_[np.argsort(-self._likings[person, open_])][:SUGGESTED].tolist()

    def moved_in(self, _person: int, _group: int) -> None:
        """Know already."""


class ByLot:
    """Suggestions that know nothing."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def suggest(self, _person: int, open_: Rows, _taken: Rows) -> Sequence[int]:
        """Return any."""
        return self._chance.choice(open_, min(SUGGESTED, len(open_)), replace=False).tolist()

    def moved_in(self, _person: int, _group: int) -> None:
        """Care for nothing."""


class FirstCome:
    """The directory's first."""

    def suggest(self, _person: int, open_: Rows, _taken: Rows) -> Sequence[int]:
        """Return the first that have a seat."""
        return open_[:SUGGESTED].tolist()

    def moved_in(self, _person: int, _group: int) -> None:
        """Care for nothing."""
