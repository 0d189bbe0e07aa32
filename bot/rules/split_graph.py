"""What a split has to weigh: ties, wishes and offices, as arrays in the order of the people.

One person keeping all of their ties is worth 1; everything else is measured by that.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ties = Sequence[tuple[int, int, float]]  # (one, other, weight), each pair once
Pair: TypeAlias = tuple[int, int]
Wish: TypeAlias = tuple[int, int, float]
"""(one, other, weight): 1.0 is worth as much as one person keeping all of their ties."""

Numbers: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Sides: TypeAlias = NDArray[np.intp]
"""Which side each person is on, in the order of the people."""

STRANDED_COSTS: Final = 3.0  # nobody is stranded for what three others could gain
MEETING_COSTS: Final = 50.0  # two who must be apart
NOBODY_COSTS: Final = 20.0  # a side without anyone who looks after it or would
ONLY_WILLING_COSTS: Final = 3.0  # a side without a leader where there is one for each side
CROWDED_COSTS: Final = 0.5  # each leader whom a side has fewer than its share
SILENT_COSTS: Final = 20.0  # a side without any active people; less for some
FAIR: Final = 0.7  # of an equal share of the activity is enough


@dataclass(frozen=True, slots=True)
class Wishes:
    """What counts beside the ties, as `bot.rules.splitting.plan` takes it."""

    apart: Iterable[Pair] = ()
    rather_apart: Iterable[Wish] = ()
    together: Iterable[Wish] = ()
    leaders: Collection[int] = ()
    willing: Collection[int] = ()
    active: Mapping[int, float] = field(default_factory=dict[int, float])


class Graph:
    """The ties among these people, and what else is wished of where they live."""

    def __init__(self, people: Sequence[int], ties: Ties, wishes: Wishes | None = None) -> None:
        wishes = wishes or Wishes()
        self.count = count = len(people)
        self.index = {who: i for i, who in enumerate(people)}
        self.weight: Numbers = np.zeros((count, count))
        for one, other, weight in ties:
            if weight > 0:
                self._add(self.weight, one, other, weight)
        self.degree: Numbers = self.weight.sum(axis=1)
        self.has: Flags = self.degree > 0
        part = np.divide(1.0, self.degree, out=np.zeros(count), where=self.has)
        # What a tie adds to the sum of shares when it is kept: both ends together.
        self.shares: Numbers = self.weight * (part[:, None] + part[None, :])
        self.tied: NDArray[np.float32] = (self.weight > 0).astype(np.float32)
        self.worth: Numbers = self.shares.copy()
        for one, other, weight in wishes.together:
            self._add(self.worth, one, other, weight)
        for one, other, weight in wishes.rather_apart:
            self._add(self.worth, one, other, -weight)
        for one, other in wishes.apart:
            i, j = self.index.get(one), self.index.get(other)
            if i is not None and j is not None and i != j:
                self.worth[i, j] = self.worth[j, i] = -MEETING_COSTS
        self.leads: Flags = self._flags(wishes.leaders)
        self.would: Flags = self._flags(wishes.willing) & ~self.leads
        self.active: Numbers = np.zeros(count)
        for who, activity in wishes.active.items():
            if who in self.index and activity > 0:
                self.active[self.index[who]] = activity

    @property
    def matters(self) -> Flags:
        """Whom it matters where they are; the others may live on any side."""
        return (self.worth != 0).any(axis=1) | self.leads | self.would

    def among(self, chosen: Sides) -> "Graph":
        """Return the graph of these people alone, who are all that the others have to do with."""
        inner = copy(self)
        inner.count = len(chosen)
        inner.index = {}
        for name in ("weight", "shares", "tied", "worth"):
            setattr(inner, name, getattr(self, name)[np.ix_(chosen, chosen)])
        for name in ("degree", "has", "leads", "would", "active"):
            setattr(inner, name, getattr(self, name)[chosen])
        return inner

    def stranded(self, side: Sides) -> Flags:
        """Return who has ties, and none on their own side."""
        return self.has & ~(self.tied.astype(np.bool_) & (side[:, None] == side)).any(axis=1)

    def _add(self, to: Numbers, one: int, other: int, weight: float) -> None:
        i, j = self.index.get(one), self.index.get(other)
        if i is not None and j is not None and i != j:
            to[i, j] += weight
            to[j, i] += weight

    def _flags(self, who: Collection[int]) -> Flags:
        found = np.zeros(self.count, dtype=np.bool_)
        found[[self.index[one] for one in who if one in self.index]] = True
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """How many sides there are, and how many people each may have."""

    children: int
    fewest: int
    most: int
    spare: int = 0
    """People to whom it does not matter where they are: they fill up the sides afterwards."""

    def outside(self, sizes: Sides) -> Sides:
        """Return how many people are too many or missing; sizes along the last axis."""
        over = np.maximum(sizes - self.most, 0).sum(axis=-1)
        short = np.maximum(self.fewest - sizes, 0).sum(axis=-1)
        return over + np.maximum(short - self.spare, 0)
