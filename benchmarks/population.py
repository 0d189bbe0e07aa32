"""People and groups who need something that nobody can ask for outright.

How honest this is, so that the matching does not win by how the town was built:

- What somebody needs and what a group gives are directions in a space of six leanings, one of which
  is asked nowhere. There are niches of taste in that space; people and groups are drawn around
  them, apart from each other: no person is drawn around a group, niches have one group or two, and
  one in ten people stands halfway between two niches.
- How much somebody would like a group is how near both are, the hours they share, and a liking of
  their own for each group that has nothing to do with anything else.
- An answer is a coarse and blurred look at the other leanings. The choices of a question are
  directions drawn by lot, askew to niches and groups; the nearest one to three are given. What
  facilitators say fits their group is made the same way, with a blur of its own.
- Of the people's answers one in ten is missing and one in ten is drawn by lot, zones too; of the
  groups' answers one in twenty is drawn by lot.

The matching gets what was answered, the groups' zones, their seats, and what was answered by those
who have moved in: no direction, no niche, none of the likings.

How far it can come is decided by how distinct the groups of a town are (`Taste`), whoever listens
to the answers. So there is a vague town, too, that is measured beside the distinct one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.rules.matching import Asked

Floats = NDArray[np.float64]

NICHES = 24
EMPTY, WRONG = 0.1, 0.1  # of people's answers
WRONG_OF_GROUPS = 0.05
ABOUT_AS_NEAR = 0.5
"""A further choice is given where it is this near, against the nearest."""
MORE = 1
"""Facilitators see all choices at leisure, and name so many more that fit."""
OWN_LIKING = 0.03
HOUR = 0.01
"""How much an hour that people are apart takes from a liking."""
QUESTIONS: Sequence[tuple[int, int]] = ((20, 3), (14, 3), (12, 3), (10, 2))
"""Of each question: how many choices there are, and how many may be given."""
ZONES: Mapping[str, tuple[float, float]] = {
    # the zone, its offset in hours, and the share of people who live there
    "America/Los_Angeles": (-8, 0.1),
    "America/New_York": (-5, 0.2),
    "America/Sao_Paulo": (-3, 0.05),
    "Europe/London": (0, 0.15),
    "Europe/Berlin": (1, 0.25),
    "Europe/Istanbul": (3, 0.05),
    "Asia/Kolkata": (5.5, 0.1),
    "Asia/Tokyo": (9, 0.05),
    "Australia/Sydney": (11, 0.05),
}


@dataclass(frozen=True, slots=True)
class Taste:
    """How hard a town's groups are to tell apart.

    The last `unasked` of the `leanings` are asked nowhere; a share `between` of people stands
    halfway between two niches; people and groups `scatter` around their niche in each leaning; a
    look at a direction is off by `blur`.
    """

    leanings: int
    unasked: int
    between: float
    scatter: float
    blur: float


DISTINCT = Taste(leanings=6, unasked=1, between=0.1, scatter=0.1, blur=0.08)
VAGUE = Taste(leanings=7, unasked=2, between=0.2, scatter=0.13, blur=0.1)
"""A town where even who knew all that is answered could not tell most groups apart."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is said of a group: its zone, and by question the choices that fit it."""

    zone: str
    fits: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Town:
    """People, groups, what was asked and answered, and who would truly like what."""

    questions: Sequence[Asked]
    groups: Sequence[Group]
    answers: Sequence[Mapping[int, Sequence[int]]]  # by person
    likings: Floats  # people by groups: known to the oracle alone


def town(people: int, groups: int, seed: int, taste: Taste = DISTINCT) -> Town:
    """Return a town drawn by lot from `seed`."""
    chance = np.random.default_rng(seed)
    niches = _unit(chance.normal(size=(NICHES, taste.leanings)))
    near = chance.choice(NICHES, people, p=chance.dirichlet(np.full(NICHES, 3.0)))
    needs = niches[near] + _halfway(niches, near, taste.between, chance)
    needs = _unit(needs + chance.normal(0, taste.scatter, needs.shape))
    # Every niche has a group before one has a second.
    of_niche = [niche for _ in range(-(-groups // NICHES)) for niche in chance.permutation(NICHES)]
    gives = niches[of_niche[:groups]]
    gives = _unit(gives + chance.normal(0, taste.scatter, gives.shape))
    zones, shares = list(ZONES), [share for _offset, share in ZONES.values()]
    home, there = chance.choice(len(zones), people, p=shares), chance.choice(len(zones), groups)
    questions: list[Asked] = []
    told: list[list[list[int]]] = []
    said: list[list[list[int]]] = []
    for number, (count, most) in enumerate(QUESTIONS, start=1):
        questions.append(Asked(number, "fit", _numbered(number, range(count)), {}))
        directions = _unit(chance.normal(size=(count, taste.leanings - taste.unasked)))
        told.append(_look((number, directions, most), needs, taste.blur, chance))
        said.append(_look((number, directions, most + MORE), gives, taste.blur, chance))
    zone = len(QUESTIONS) + 1
    questions.append(Asked(zone, "zone", _numbered(zone, zones), _numbered(zone, zones)))
    told.append([[_number(zone, int(place))] for place in home])
    return Town(
        questions=questions,
        groups=[
            Group(
                zones[int(there[group])],
                {
                    asked.id: frozenset(_mistaken(asked, row[group], chance))
                    for asked, row in zip(questions[:-1], said, strict=True)
                },
            )
            for group in range(groups)
        ],
        answers=[
            {
                asked.id: _spoiled(asked, row[person], chance)
                for asked, row in zip(questions, told, strict=True)
            }
            for person in range(people)
        ],
        likings=needs @ gives.T
        - HOUR * _hours_apart(home, there)
        + chance.normal(0, OWN_LIKING, (people, groups)),
    )


def _halfway(
    niches: Floats, near: NDArray[np.int_], between: float, chance: np.random.Generator
) -> Floats:
    """Return what is added for those who stand between their niche and another."""
    other = niches[chance.integers(len(niches), size=len(near))]
    return other * (chance.random(len(near)) < between)[:, None]


def _hours_apart(home: NDArray[np.int_], there: NDArray[np.int_]) -> Floats:
    offsets = np.array([offset for offset, _share in ZONES.values()])
    apart = np.abs(offsets[home][:, None] - offsets[there][None, :])
    return np.minimum(apart, 24 - apart)


def _look(
    question: tuple[int, Floats, int], at: Floats, blur: float, chance: np.random.Generator
) -> list[list[int]]:
    """Return which choices each gives: the nearest, and others about as near.

    A question is its number, its choices' directions, and how many of them may be given.
    """
    number, directions, most = question
    near = _unit(at[:, : directions.shape[1]]) @ directions.T
    near += chance.normal(0, blur, near.shape)
    order = np.argsort(-near, axis=1)[:, :most]
    return [
        [_number(number, int(c)) for c in row if near[one, c] >= ABOUT_AS_NEAR * near[one, row[0]]]
        for one, row in enumerate(order)
    ]


def _spoiled(asked: Asked, given: Sequence[int], chance: np.random.Generator) -> Sequence[int]:
    """Return an answer as it arrives: now and then not at all, now and then by lot."""
    lot = chance.random()
    if lot < EMPTY:
        return ()
    return _by_lot(asked, len(given), chance) if lot < EMPTY + WRONG else given


def _mistaken(asked: Asked, said: Sequence[int], chance: np.random.Generator) -> Sequence[int]:
    return _by_lot(asked, len(said), chance) if chance.random() < WRONG_OF_GROUPS else said


def _by_lot(asked: Asked, count: int, chance: np.random.Generator) -> Sequence[int]:
    return chance.choice(list(asked.choices), count, replace=False).tolist()


def _numbered(question: int, names: Iterable[object]) -> dict[int, str]:
    return {_number(question, place): str(name) for place, name in enumerate(names)}


def _number(question: int, place: int) -> int:
    return question * 100 + place


def _unit(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
