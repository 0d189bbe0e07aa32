"""How a group becomes two: along the lines of who talks with whom.

What is sought is the greatest mean share of their own ties that members keep: each tie counts
w·(1/dᵢ+1/dⱼ)/2, where d is the sum of someone's ties, so that a quiet person's one friendship
weighs as much as a talkative person's many. Nobody who has ties should be left without any.

The search starts from several guesses: the eigenvectors that part a graph best, circles grown from
one person, and chance. From each it moves one person after another, always the one whose move
helps most (or hurts least, to get out of a hollow), each once, and keeps the best moment of the
round; until a round finds nothing better. The best of all is shaken a few times and searched again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ties = Sequence[tuple[int, int, float]]  # (one, other, weight), each pair once

Numbers: TypeAlias = NDArray[np.float64]
Side: TypeAlias = NDArray[np.bool_]  # True: side 1

# In the search, one person keeping all of their ties is worth 1 (half of it per end of a tie).
STRANDED_COSTS: Final = 3.0  # nobody is stranded for what three others could gain
MEETING_COSTS: Final = 50.0  # two who must be apart
UNEVEN_COSTS: Final = 1e6  # sizes out of bounds
ENOUGH: Final = 1e-9

CIRCLES: Final = 6
CHANCES: Final = 4
SHAKES: Final = 20
PATIENCE: Final = 40  # moves in a row that find nothing better
BETWEEN: Final = 0.2  # shares on both sides differ by less


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where. Side 0 is not the smaller one when the plan is made: it keeps the room."""

    sides: Mapping[int, int]  # member -> 0 or 1
    mean_share: float  # mean share of their own ties that members with ties keep; 1 without ties
    kept_weight: float  # share of all weight that stays inside
    stranded: int  # members with ties who keep none
    between: frozenset[int]  # members with about as many ties on either side

    @property
    def sizes(self) -> tuple[int, int]:
        """How many members each side has."""
        ones = sum(self.sides.values())
        return len(self.sides) - ones, ones


def least(count: int, minimum: int) -> int:
    """Return the fewest members that a side of a group of `count` may have.

    The sides differ by at most a tenth of the group (or by one), and each has the minimum. A group
    that is too small for both cannot split: ValueError.
    """
    widest = max(1, count // 10)
    fewest = max((count - widest + 1) // 2, minimum)
    if 2 * fewest > count:
        raise ValueError(f"{count} members cannot be two groups of at least {minimum}")
    return fewest


def plan(
    members: Sequence[int],
    ties: Ties,
    *,
    minimum: int,
    apart: Iterable[tuple[int, int]] = (),
    stay: Collection[int] = (),
    seed: int = 0,
) -> Plan:
    """Return how these members part into two; the same answer for the same question and seed.

    `minimum` is the least that either side must have, `apart` pairs who must not meet, `stay`
    people (facilitators) whose side keeps the room where both are equal. Takes up to half a second
    for 150 members: never call it on the event loop. ValueError if there are too few members.
    """
    people = sorted(members)
    fewest = least(len(people), minimum)
    search = _Search(_Graph(people, ties, apart), fewest)
    side = search.best(np.random.default_rng(seed))
    ones = int(side.sum())
    zeros = len(people) - ones
    first = next((i for i, who in enumerate(people) if who in stay), 0)
    if ones > zeros or (ones == zeros and side[first]):
        side = ~side
    return measure(dict(zip(people, map(int, side), strict=True)), ties)


def settle(
    sides: Mapping[int, int],
    joined: Sequence[int],
    ties: Ties,
    *,
    minimum: int,
    free: Collection[int] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> dict[int, int]:
    """Return `sides` with a place for those who joined since, where most of their ties are.

    Everyone else stays where they were told, but for those in `free` who would be left without any
    tie. The sides stay within their bounds where that is in these people's hands.
    """
    people = sorted({*sides, *joined})
    if not people:
        return {}
    graph = _Graph(people, ties, apart)
    side = np.array([bool(sides.get(who, 0)) for who in people])
    placed = np.array([who in sides for who in people])
    for who in joined:
        i = graph.index[who]
        if placed[i]:
            continue
        pull = graph.worth[i] @ (np.where(side, 1.0, -1.0) * placed)
        ones, zeros = int((side & placed).sum()), int((~side & placed).sum())
        side[i] = pull > ENOUGH or (pull >= -ENOUGH and ones < zeros)
        placed[i] = True
    try:
        fewest = least(len(people), minimum)
    except ValueError:
        fewest = len(people) // 2
    came = set(joined) - set(sides)
    lost = graph.stranded(side)
    movable = np.array(
        [who in came or (who in free and bool(lost[i])) for i, who in enumerate(people)]
    )
    if movable.any():
        side = _Search(graph, fewest, movable).improved(side)
    return dict(zip(people, map(int, side), strict=True))


def measure(sides: Mapping[int, int], ties: Ties) -> Plan:
    """Return what this division keeps."""
    people = sorted(sides)
    graph = _Graph(people, ties, ())
    side = np.array([bool(sides[who]) for who in people], dtype=np.bool_)
    tied = graph.degree > 0
    kept = np.where(side, graph.weight @ side, graph.weight @ ~side)
    share = np.divide(kept, graph.degree, out=np.ones_like(kept), where=tied)
    total = float(graph.degree.sum())
    near = tied & (np.abs(2 * share - 1) < BETWEEN - ENOUGH)
    return Plan(
        sides=dict(sides),
        mean_share=float(share[tied].mean()) if tied.any() else 1.0,
        kept_weight=float(kept.sum()) / total if total else 1.0,
        stranded=int((tied & (kept <= 0)).sum()),
        between=frozenset(who for who, is_near in zip(people, near, strict=True) if is_near),
    )


class _Graph:
    """The ties among these people, as matrices in the order of `people`."""

    def __init__(self, people: Sequence[int], ties: Ties, apart: Iterable[tuple[int, int]]) -> None:
        count = len(people)
        self.index = {who: i for i, who in enumerate(people)}
        self.weight: Numbers = np.zeros((count, count))
        for one, other, weight in ties:
            i, j = self.index.get(one), self.index.get(other)
            if i is not None and j is not None and i != j and weight > 0:
                self.weight[i, j] += weight
                self.weight[j, i] += weight
        self.degree: Numbers = self.weight.sum(axis=1)
        part = np.divide(1.0, self.degree, out=np.zeros(count), where=self.degree > 0)
        # What a tie adds to the sum of shares when it is kept: both ends together.
        self.shares: Numbers = self.weight * (part[:, None] + part[None, :])
        self.tied: Numbers = (self.weight > 0).astype(np.float64)
        self.ties: Numbers = self.tied.sum(axis=1)
        self.has: Side = self.degree > 0
        self.worth: Numbers = self.shares.copy()
        for one, other in apart:
            i, j = self.index.get(one), self.index.get(other)
            if i is not None and j is not None and i != j:
                self.worth[i, j] = self.worth[j, i] = -MEETING_COSTS

    def stranded(self, side: Side) -> Side:
        """Return who has ties, and none on their own side."""
        kept = np.where(side, self.tied @ side, self.tied @ ~side)
        return (kept == 0) & self.has

    def value(self, side: Side) -> float:
        """Return what the search wants more of."""
        ones = side.astype(np.float64)
        zeros = 1.0 - ones
        inside = (ones @ self.worth @ ones + zeros @ self.worth @ zeros) / 2
        return float(inside) - STRANDED_COSTS * int(self.stranded(side).sum())


class _Walk:
    """A division on its way, and what moving each one over would add to its value."""

    def __init__(self, graph: _Graph, side: Side) -> None:
        self.graph = graph
        self.side = side.copy()
        self.sign: Numbers = np.where(side, 1.0, -1.0)
        self.pull: Numbers = graph.worth @ self.sign
        self.lean: Numbers = graph.tied @ self.sign  # ties on side 1 minus ties on side 0
        self.ones = int(side.sum())
        self.value = graph.value(side)

    def gains(self) -> Numbers:
        """Return what moving each one over would add to the value."""
        graph, sign = self.graph, self.sign
        lean = sign * self.lean
        own, over = graph.ties + lean, graph.ties - lean  # twice the ties here and over there
        alone = (own == 0) & graph.has
        gain = -sign * self.pull - STRANDED_COSTS * ((over == 0) & graph.has)
        last = (own == 2).astype(np.float64)
        # Neighbours on the same side whose last tie this is would be stranded.
        gain -= (STRANDED_COSTS / 2) * (graph.tied @ last + sign * (graph.tied @ (last * sign)))
        if alone.any():
            lone = alone.astype(np.float64)
            # Neighbours over there who have no other tie would be saved, and so would they be.
            saved = (graph.tied @ lone - sign * (graph.tied @ (lone * sign))) / 2
            gain += STRANDED_COSTS * (lone + saved)
        return gain

    def move(self, i: int, gain: float) -> None:
        """Move one over, which `gains` said would add `gain`."""
        to = -self.sign[i]
        self.ones += 1 if to > 0 else -1
        self.side[i] = to > 0
        self.sign[i] = to
        self.pull += 2 * to * self.graph.worth[i]
        self.lean += 2 * to * self.graph.tied[i]
        self.value += gain


class _Search:
    """Looks for the most valuable division with at least `fewest` people on either side."""

    def __init__(self, graph: _Graph, fewest: int, movable: Side | None = None) -> None:
        self.graph = graph
        self.count = len(graph.degree)
        self.fewest = fewest
        self.movable = np.ones(self.count, dtype=np.bool_) if movable is None else movable

    def best(self, rng: np.random.Generator) -> Side:
        """Return the best division found from all starts."""
        found = max(
            (self.improved(start) for start in self._starts(rng)), key=self._value, default=None
        )
        if found is None:
            return np.zeros(self.count, dtype=np.bool_)
        value = self._value(found)
        for turn in range(SHAKES):
            shaken = self._people(found, rng) if turn % 2 else self._circles(found, rng)
            other = self.improved(shaken)
            if self._value(other) > value + ENOUGH:
                found, value = other, self._value(other)
        return found

    def _people(self, side: Side, rng: np.random.Generator) -> Side:
        """Return the division with a few people of either side exchanged by chance."""
        shaken = side.copy()
        for half in (np.flatnonzero(side), np.flatnonzero(~side)):
            chosen = rng.choice(half, min(len(half), max(1, self.count // 12)), replace=False)
            shaken[chosen] = ~shaken[chosen]
        return shaken

    def _circles(self, side: Side, rng: np.random.Generator) -> Side:
        """Return the division with one person of either side moved over with all they talk with."""
        shaken = side.copy()
        for to in (False, True):
            half = np.flatnonzero((side != to) & self.graph.has)
            if len(half):
                who = int(rng.choice(half))
                shaken[self.graph.tied[who] > 0] = to
                shaken[who] = to
        return shaken

    def improved(self, side: Side) -> Side:
        """Return the division that rounds of single moves lead to from this one."""
        value = self._value(side)
        while True:
            after = self._round(side)
            better = self._value(after)
            if better <= value + ENOUGH:
                return side
            side, value = after, better

    def _round(self, start: Side) -> Side:
        """Move one after another, the most helpful first; return the best moment on the way."""
        walk = _Walk(self.graph, start)
        untouched = self.movable.copy()
        best, best_value = start, self._value(start)
        idle = 0
        while idle < PATIENCE and untouched.any():
            # One beyond the bounds is allowed in passing, for the next move is the other half of a
            # swap; further beyond them only the way back is.
            fewer, more = walk.ones >= self.fewest, self.count - walk.ones >= self.fewest
            allowed = untouched & np.where(walk.side, fewer, more)
            if not allowed.any():
                break
            gains = np.where(allowed, walk.gains(), -np.inf)
            i = int(np.argmax(gains))
            walk.move(i, float(gains[i]))
            untouched[i] = False
            idle += 1
            held = walk.value - self._uneven(walk.ones)
            if held > best_value + ENOUGH:
                best, best_value, idle = walk.side.copy(), held, 0
        return best

    def _value(self, side: Side) -> float:
        return self.graph.value(side) - self._uneven(int(side.sum()))

    def _uneven(self, ones: int) -> float:
        return UNEVEN_COSTS * max(0, self.fewest - ones, self.fewest - (self.count - ones))

    def _starts(self, rng: np.random.Generator) -> Iterable[Side]:
        yield from self._spectral()
        for first in rng.permutation(np.flatnonzero(self.graph.degree > 0))[:CIRCLES]:
            yield self._circle(int(first))
        for _ in range(CHANCES):
            yield self._half(rng.random(self.count))

    def _spectral(self) -> Iterable[Side]:
        tied = np.flatnonzero(self.graph.degree > 0)
        if len(tied) < 3:
            return
        shares = self.graph.shares[np.ix_(tied, tied)]
        root = 1.0 / np.sqrt(shares.sum(axis=1))
        _values, vectors = np.linalg.eigh(shares * root[:, None] * root[None, :])
        for which in (-2, -3):
            order = np.zeros(self.count)
            order[tied] = vectors[:, which] * root
            yield self._half(order)

    def _circle(self, first: int) -> Side:
        """Grow one side from one person, always by whoever has the most to do with it."""
        side = np.zeros(self.count, dtype=np.bool_)
        side[first] = True
        sums = self.graph.shares.sum(axis=1)
        for _ in range(self.count // 2 - 1):
            inside = self.graph.shares @ side
            pull = np.where(side, -np.inf, 2 * inside - sums)
            pull[~side & (inside > 0)] += 2.0  # neighbours before strangers
            side[int(np.argmax(pull))] = True
        return side

    def _half(self, order: Numbers) -> Side:
        side = np.zeros(self.count, dtype=np.bool_)
        side[np.argsort(order, kind="stable")[: self.count // 2]] = True
        return side
