"""The search behind a split: which of two sides each of some people should be on.

It starts from several guesses: the eigenvectors that part a graph best, circles grown from one
person, and chance. From each it moves one person after another, always the one whose move helps
most (or hurts least, to get out of a hollow), each once, and keeps the best moment of the round;
until a round finds nothing better. The best of all is shaken a few times and searched again.
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ties = Sequence[tuple[int, int, float]]  # (one, other, weight), each pair once

Numbers: TypeAlias = NDArray[np.float64]
Side: TypeAlias = NDArray[np.bool_]  # True: side 1

# One person keeping all of their ties is worth 1.
STRANDED_COSTS: Final = 3.0  # nobody is stranded for what three others could gain
MEETING_COSTS: Final = 50.0  # two who must be apart
UNEVEN_COSTS: Final = 1e6  # for each person too few on a side
ENOUGH: Final = 1e-9  # less is rounding

CIRCLES: Final = 6
CHANCES: Final = 4
SHAKES: Final = 20
PATIENCE: Final = 40  # moves in a row that find nothing better


class Graph:
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


class Walk:
    """A division on its way, and what moving each one over would add to its value."""

    def __init__(self, graph: Graph, side: Side) -> None:
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


class Search:
    """Looks for the most valuable division with at least `fewest` people on either side."""

    def __init__(self, graph: Graph, fewest: int, movable: Side | None = None) -> None:
        self.graph = graph
        self.count = len(graph.degree)
        self.fewest = fewest
        self.movable = np.ones(self.count, dtype=np.bool_) if movable is None else movable

    def best(self, rng: np.random.Generator) -> Side:
        """Return the best division found from all starts."""
        found = max(
            (self.improved(start) for start in self._starts(rng)), key=self.value_of, default=None
        )
        if found is None:
            return np.zeros(self.count, dtype=np.bool_)
        value = self.value_of(found)
        for turn in range(SHAKES):
            shaken = self._people(found, rng) if turn % 2 else self._circles(found, rng)
            other = self.improved(shaken)
            if self.value_of(other) > value + ENOUGH:
                found, value = other, self.value_of(other)
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
        value = self.value_of(side)
        while True:
            after = self._round(side)
            better = self.value_of(after)
            if better <= value + ENOUGH:
                return side
            side, value = after, better

    def brought_within(self, side: Side) -> Side:
        """Return the division with as few moved as it takes to keep the bounds, if that can be."""
        walk = Walk(self.graph, side)
        while self.uneven(walk.ones):
            allowed = self.movable & (walk.side != (walk.ones < self.fewest))
            if not allowed.any():
                break
            gains = np.where(allowed, walk.gains(), -np.inf)
            i = int(np.argmax(gains))
            walk.move(i, float(gains[i]))
        return walk.side

    def _round(self, start: Side) -> Side:
        """Move one after another, the most helpful first; return the best moment on the way."""
        walk = Walk(self.graph, start)
        untouched = self.movable.copy()
        best, best_value = start, self.value_of(start)
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
            held = walk.value - self.uneven(walk.ones)
            if held > best_value + ENOUGH:
                best, best_value, idle = walk.side.copy(), held, 0
        return best

    def value_of(self, side: Side) -> float:
        """Return what a division is worth, less what its sizes are out of bounds."""
        return self.graph.value(side) - self.uneven(int(side.sum()))

    def uneven(self, ones: int) -> float:
        """Return what it costs that side 1 has this many; nothing within the bounds."""
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
