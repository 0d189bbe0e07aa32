"""Groups of about 150 people, cut out of a set of answers, for splits to be tried on."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.given import Given, Tie

SIZE: Final = 150
FEWEST, MOST = 135, 165  # people of whole departments, before they are trimmed
LARGE_DEPARTMENT: Final = 15
DEPARTMENTS: Final = (2, 5)
GROUPS: Final = 20
LAST_DAYS: Final = 120
PAIR_MOMENTS: Final = 15
PART_OF_SPAN: Final = (0.15, 0.90)
DAY: Final = 86_400
TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Crowd:
    """A group at one moment."""

    members: tuple[int, ...]
    ties: tuple[Tie, ...]
    """Among the members, as they are at that moment."""
    since: Mapping[int, float]
    """When each member was first heard of; empty where the set knows no times."""
    later: tuple[Tie, ...]
    """The answers among the members after that moment; empty where the set knows no times."""


def crowds(given: Given, seed: int) -> Iterator[Crowd]:
    """Yield groups of a set: of departments, or grown around somebody, the same for one seed."""
    rng = np.random.default_rng(seed)
    if not given.timed:
        ties = given.all_ties()
        for _ in range(GROUPS):
            if given.departments:
                members = _departments(given.departments, rng)
            else:
                members = grown(ties, rng)
            yield Crowd(members, tuple(_among(members, ties)), {}, ())
        return
    moments = moments_of(given)
    since = given.since()
    for moment, ties in zip(moments, given.ties_at(moments), strict=True):
        members = grown(ties, rng)
        inside = frozenset(members)
        later = tuple(
            (answer.source, answer.target, float(answer.worth))
            for answer in given.answers
            if answer.at > moment and answer.source in inside and answer.target in inside
        )
        joined = {who: since[who] for who in members}
        yield Crowd(members, tuple(_among(members, ties)), joined, later)


def moments_of(given: Given) -> Sequence[float]:
    """Return when groups are looked at: late in a log, all along a set of pairs."""
    if given.is_log:
        begin = max(given.first, given.last - LAST_DAYS * DAY)
        return [begin + (given.last - begin) * i / GROUPS for i in range(GROUPS)]
    parts = np.linspace(*PART_OF_SPAN, PAIR_MOMENTS)
    return [given.first + (given.last - given.first) * float(part) for part in parts]


def grown(ties: Sequence[Tie], rng: np.random.Generator, size: int = SIZE) -> tuple[int, ...]:
    """Grow a group from one person, drawn by the weight of their ties, each next one by theirs.

    Who has too few people around them is not begun with; of fifty who have, the largest is taken.
    """
    near: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for one, other, weight in ties:
        near[one][other] = near[other][one] = weight
    people = sorted(near)
    sums = np.array([sum(near[who].values()) for who in people])
    best: tuple[int, ...] = ()
    for _ in range(TRIES):
        first = people[int(rng.choice(len(people), p=sums / sums.sum()))]
        found = [first]
        odds = dict(near[first])
        while odds and len(found) < size:
            names = sorted(odds)
            pull = np.array([odds[who] for who in names])
            who = names[int(rng.choice(len(names), p=pull / pull.sum()))]
            found.append(who)
            del odds[who]
            for other, weight in near[who].items():
                if other not in found:
                    odds[other] = odds.get(other, 0.0) + weight
        best = max(best, tuple(found), key=len)
        if len(best) == size:
            break
    return best


def _departments(departments: Mapping[int, int], rng: np.random.Generator) -> tuple[int, ...]:
    """Draw a few whole departments that make a group together, and leave out who is too many."""
    people: defaultdict[int, list[int]] = defaultdict(list)
    for who, department in sorted(departments.items()):
        people[department].append(who)
    large = sorted(d for d, here in people.items() if len(here) >= LARGE_DEPARTMENT)
    fitting = [
        chosen
        for count in range(DEPARTMENTS[0], DEPARTMENTS[1] + 1)
        for chosen in itertools.combinations(large, count)
        if FEWEST <= sum(len(people[d]) for d in chosen) <= MOST
    ]
    chosen = fitting[int(rng.integers(len(fitting)))]
    here = [who for department in chosen for who in people[department]]
    order = rng.permutation(len(here))[:SIZE]
    return tuple(here[int(i)] for i in order)


def _among(members: Sequence[int], ties: Sequence[Tie]) -> Iterator[Tie]:
    inside = frozenset(members)
    return (tie for tie in ties if tie[0] in inside and tie[1] in inside)
