"""Many divisions on their way at once, each looking for a better one near it.

At each step every walk moves one person to another side: the move that helps most, or hurts least,
so as to get out of a hollow. Who has just been moved stays for a while (is tabu), so that no walk
goes back at once. A side may have one too many or too few for one step: the next one brings
somebody back, and both together are a swap. The best division that each walk came by is kept.

All walks are steps of one and the same array operation: sixteen cost little more than one.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.rules.split_graph import (
    CROWDED_COSTS,
    FAIR,
    NOBODY_COSTS,
    ONLY_WILLING_COSTS,
    SILENT_COSTS,
    STRANDED_COSTS,
    Flags,
    Frame,
    Graph,
    Numbers,
    Sides,
)

ENOUGH: Final = 1e-9  # less is rounding
NEVER: Final = -1e9
SHORTEST_REST: Final = 4  # steps that somebody who was moved stays at least

Batch: TypeAlias = NDArray[np.intp]
"""One division per row: walks × people."""


class Walks:
    """Walks through the divisions of the people of a graph, from where `sides` has each of them."""

    def __init__(
        self,
        graph: Graph,
        frame: Frame,
        sides: Batch,
        *,
        movable: Flags | None = None,
        leaning: Numbers | None = None,
    ) -> None:
        self.graph, self.frame = graph, frame
        self.side = sides.copy()
        self._walks = np.arange(len(sides))
        self._movable = np.ones(graph.count, dtype=np.bool_) if movable is None else movable
        children = frame.children
        self._here: Numbers = (self.side[:, None, :] == np.arange(children)[:, None]).astype(float)
        # walks × sides × people: what somebody would have on that side, in worth and in ties
        self._pull: Numbers = self._here @ graph.worth
        if leaning is not None:
            self._pull += leaning
        self._near: NDArray[np.float32] = self._here.astype(np.float32) @ graph.tied
        self.sizes: Sides = self._here.sum(axis=2).astype(np.intp)
        self._steps = (
            np.eye(children, dtype=np.intp)[None] - np.eye(children, dtype=np.intp)[:, None]
        )
        self._offices = _Offices(graph, children, self._here)
        self._activity = _Activity(graph, children, self._here)
        self.value: Numbers = self._value(leaning)
        self.best = self.side.copy()
        self.best_value: Numbers = np.where(self._outside() > 0, -np.inf, self.value)

    def run(self, steps: int, rng: np.random.Generator, *, patience: int | None = None) -> None:
        """Take this many steps with every walk, or until none found better for `patience` steps."""
        count = self.graph.count
        until = np.zeros(self.side.shape, dtype=np.intp)
        until[:, ~self._movable] = np.iinfo(np.intp).max
        rest = rng.integers(SHORTEST_REST, SHORTEST_REST + 1 + count // 8, (steps, len(self.side)))
        idle = 0
        for step in range(steps):
            gains = self._gains()
            free = (until <= step)[:, None, :]
            better = gains > (self.best_value - self.value + ENOUGH)[:, None, None]
            allowed = free | (better & self._movable)
            gains = np.where(allowed, gains, 2 * NEVER)
            flat = gains.reshape(len(self.side), -1)
            chosen = flat.argmax(axis=1)
            gain = flat[self._walks, chosen]
            going = gain > NEVER / 2
            if not going.any():
                break
            to, who = np.divmod(chosen, count)
            self._move(who, to, gain, going)
            until[self._walks[going], who[going]] = step + 1 + rest[step][going]
            idle = 0 if self._keep().any() else idle + 1
            if patience is not None and idle >= patience:
                break

    def bring_within(self) -> None:
        """Move as few as it takes to keep the bounds, in every walk where that can be."""
        for _ in range(self.graph.count):
            if not (self._outside() > 0).any():
                break
            gains = np.where(self._movable, self._gains(), 2 * NEVER)
            flat = gains.reshape(len(self.side), -1)
            chosen = flat.argmax(axis=1)
            gain = flat[self._walks, chosen]
            going = (gain > NEVER / 2) & (self._outside() > 0)
            if not going.any():
                break
            to, who = np.divmod(chosen, self.graph.count)
            self._move(who, to, gain, going)
        self._keep()

    def _keep(self) -> Flags:
        """Remember what is better than what was found so far; return in which walks it was."""
        found = (self._outside() == 0) & (self.value > self.best_value + ENOUGH)
        if found.any():
            self.best[found] = self.side[found]
            self.best_value[found] = self.value[found]
        return found

    def _outside(self) -> Sides:
        return self.frame.outside(self.sizes)

    def _value(self, leaning: Numbers | None) -> Numbers:
        """Return what each division is worth."""
        inside = (self._here * (self._here @ self.graph.worth)).sum(axis=(1, 2)) / 2
        if leaning is not None:
            inside = inside + (self._here * leaning).sum(axis=(1, 2))
        stranded = (self.graph.has & ((self._here * self._near).sum(axis=1) == 0)).sum(axis=1)
        return (
            inside
            - STRANDED_COSTS * stranded
            - self._offices.cost().sum(axis=1)
            - self._activity.cost().sum(axis=1)
        )

    def _gains(self) -> Numbers:
        """Return what moving each one to each side would add; what must not be is far below."""
        graph, here, near = self.graph, self._here, self._near
        own = (here * near).sum(axis=1)
        alone = graph.has & (own == 0)
        lost = (near == 0) & graph.has
        gains = self._pull - (here * self._pull).sum(axis=1)[:, None]
        gains += STRANDED_COSTS * (alone[:, None].astype(float) - lost)
        # Neighbours on the same side whose last tie this is would be stranded.
        last = (graph.has & (own == 1))[:, None] * here.astype(np.float32)
        gains -= STRANDED_COSTS * (here * (last @ graph.tied)).sum(axis=1)[:, None]
        if alone.any():
            # Those over there who have no tie on their side yet would be saved.
            saved = alone[:, None] * here.astype(np.float32)
            gains += STRANDED_COSTS * (saved @ graph.tied)
        self._offices.weigh(gains, here, self.side)
        self._activity.weigh(gains, here)
        gains += self._within().transpose(0, 2, 1) @ here
        return gains

    def _within(self) -> Numbers:
        """Return, per walk, from and to, 0 where a move is allowed by the sizes, else far below."""
        now = self._outside()
        after = self.frame.outside(self.sizes[:, None, None, :] + self._steps)
        allowed = np.where(now[:, None, None] > 0, after < now[:, None, None], after <= 2)
        allowed &= ~np.eye(self.frame.children, dtype=np.bool_)
        return np.where(allowed, 0.0, NEVER)

    def _move(self, who: Sides, to: Sides, gain: Numbers, going: Flags) -> None:
        """Move one person in each walk that is still going."""
        walks, who, to = self._walks[going], who[going], to[going]
        came = self.side[walks, who]
        self._pull[walks, came] -= self.graph.worth[who]
        self._pull[walks, to] += self.graph.worth[who]
        self._near[walks, came] -= self.graph.tied[who]
        self._near[walks, to] += self.graph.tied[who]
        self._here[walks, came, who] = 0.0
        self._here[walks, to, who] = 1.0
        self.sizes[walks, came] -= 1
        self.sizes[walks, to] += 1
        self._offices.move(walks, who, came, to)
        self._activity.move(walks, who, came, to)
        self.side[walks, who] = to
        self.value[walks] += gain[going]


class _Offices:
    """Whether every side has somebody who looks after it, or would."""

    def __init__(self, graph: Graph, children: int, here: Numbers) -> None:
        self._roles = (graph.leads, graph.would)
        self._columns = tuple(np.flatnonzero(role) for role in self._roles)
        self._any = any(len(columns) for columns in self._columns)
        leaders = int(graph.leads.sum())
        self._share = leaders // children
        self._counts: Sides = np.stack(
            [(here * role).sum(axis=2) for role in self._roles], axis=-1
        ).astype(np.intp)  # walks × sides × (leaders, willing)

    def cost(self, counts: Sides | None = None) -> Numbers:
        """Return what each side's offices cost."""
        if not self._any:
            return np.zeros(self._counts.shape[:2])
        counts = self._counts if counts is None else counts
        leaders, willing = counts[..., 0], counts[..., 1]
        found = NOBODY_COSTS * (leaders + willing == 0)
        if self._share:
            found = found + ONLY_WILLING_COSTS * (leaders == 0)
            found = found + CROWDED_COSTS * np.maximum(self._share - leaders, 0)
        return found

    def weigh(self, gains: Numbers, here: Numbers, side: Batch) -> None:
        """Take what moving each leader or willing one changes into account."""
        if not self._any:
            return
        now = self.cost()
        walks = np.arange(len(side))[:, None]
        for role, columns in enumerate(self._columns):
            if len(columns):
                step = np.eye(2, dtype=np.intp)[role]
                leaving = self.cost(self._counts - step) - now
                entering = self.cost(self._counts + step) - now
                left = leaving[walks, side[:, columns]]
                change = (left[:, None, :] + entering[:, :, None]) * (1 - here[:, :, columns])
                gains[:, :, columns] -= change

    def move(self, walks: Sides, who: Sides, came: Sides, to: Sides) -> None:
        """Count who has moved."""
        if self._any:
            for role, flags in enumerate(self._roles):
                one = flags[who].astype(np.intp)
                self._counts[walks, came, role] -= one
                self._counts[walks, to, role] += one


class _Activity:
    """Whether every side has its share of the active people."""

    def __init__(self, graph: Graph, children: int, here: Numbers) -> None:
        total = float(graph.active.sum())
        self._any = total > 0
        # In equal shares: 1 on each side is perfectly even.
        self._active: Numbers = graph.active * (children / total) if self._any else graph.active
        self._sums: Numbers = here @ self._active

    def cost(self, sums: Numbers | None = None) -> Numbers:
        """Return what it costs that a side has too little of the activity."""
        return (
            SILENT_COSTS
            * np.maximum(FAIR - (self._sums if sums is None else sums), 0.0)
            * self._any
        )

    def weigh(self, gains: Numbers, here: Numbers) -> None:
        """Take what moving each one changes into account."""
        if not self._any:
            return
        now = self.cost()[:, :, None]
        sums = self._sums[:, :, None]
        leaving = (here * (self.cost(sums - self._active) - now)).sum(axis=1)
        gains -= (leaving[:, None] + self.cost(sums + self._active) - now) * (1 - here)

    def move(self, walks: Sides, who: Sides, came: Sides, to: Sides) -> None:
        """Count who has moved."""
        if self._any:
            self._sums[walks, came] -= self._active[who]
            self._sums[walks, to] += self._active[who]
