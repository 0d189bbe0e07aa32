"""How a group becomes two: along the lines of who talks with whom.

What is sought is the greatest mean share of their own ties that members keep: each tie counts
w·(1/dᵢ+1/dⱼ)/2, where d is the sum of someone's ties, so that a quiet person's one friendship
weighs as much as a talkative person's many. Nobody who has ties should be left without any.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.rules.split_graph import Flags, Frame, Graph, Pair, Sides, Ties, Wish, Wishes
from bot.rules.split_search import search
from bot.rules.split_walks import ENOUGH, Walks

__all__ = ["Pair", "Plan", "Ties", "Wish", "bounds", "least", "measure", "plan", "settle"]

BETWEEN: Final = 0.2  # shares on two sides differ by less
LOYALTY: Final = 1e-3  # of what is worth the same, what people were told is better
STEPS_EACH: Final = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where. Side 0 is never smaller than the others when the plan is made."""

    sides: Mapping[int, int]  # member -> 0 … children - 1; side 0 keeps the room
    mean_share: float  # mean share of their own ties that members with ties keep; 1 without ties
    kept_weight: float  # share of all weight that stays inside
    alone: frozenset[int]  # members with ties who keep none
    between: frozenset[int]  # members with about as many ties on another side
    children: int = 2

    @property
    def stranded(self) -> int:
        """How many members with ties keep none."""
        return len(self.alone)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many members each side has."""
        counted = Counter(self.sides.values())
        return tuple(counted[side] for side in range(self.children))


def bounds(count: int, minimum: int, cap: int | None = None, children: int = 2) -> tuple[int, int]:
    """Return the fewest and the most members that a side of a group of `count` may have.

    The sides differ by at most a tenth of the group (or by one), each has the minimum, and none is
    beyond the cap. A group that is too small or too large for so many children: ValueError.
    """
    if children * minimum > count:
        raise ValueError(f"{count} members cannot be {children} groups of at least {minimum}")
    if cap is not None and children * cap < count:
        raise ValueError(f"{count} members cannot be {children} groups of at most {cap}")
    widest = max(1, count // 10)
    even = count // children
    fewest = max(min(-((children * widest - 2 * count) // (2 * children)), even), minimum)
    most = min(fewest + widest, count - (children - 1) * fewest)
    if cap is not None:
        most = min(most, cap)
        fewest = max(fewest, count - (children - 1) * most)
    return fewest, max(most, -(-count // children))


def least(count: int, minimum: int, cap: int | None = None, children: int = 2) -> int:
    """Return the fewest members that a side may have, as `bounds` has it."""
    return bounds(count, minimum, cap, children)[0]


def plan(
    members: Sequence[int],
    ties: Ties,
    *,
    minimum: int,
    cap: int | None = None,
    children: int = 2,
    apart: Iterable[Pair] = (),
    rather_apart: Iterable[Wish] = (),
    together: Iterable[Wish] = (),
    leaders: Collection[int] = (),
    willing: Collection[int] = (),
    stay: Collection[int] = (),
    active: Mapping[int, float] | None = None,
    seed: int = 0,
) -> Plan:
    """Return how these members part into `children`; the same for the same question and seed.

    Sides have at least `minimum` members and at most `cap`; see `bounds`. Who is in `apart` must
    not meet (moderators said so); who would rather not (`rather_apart`) or would rather stay
    `together` weighs as much as their wish does. Each side gets somebody who looks after the group
    now (`leaders`) or said they would (`willing`), where there are enough of them. `active` says
    how much somebody takes part (any unit, e.g. days of the last 90); every side gets its share.
    Of sides of the same size, the one of the first in `stay` keeps the room. Takes up to a second
    for 150 members: never call it on the event loop. ValueError if there are too few members.
    """
    people = sorted(members)
    fewest, most = bounds(len(people), minimum, cap, children)
    graph = Graph(
        people, ties, Wishes(apart, rather_apart, together, leaders, willing, active or {})
    )
    side = search(graph, Frame(children, fewest, most), np.random.default_rng(seed))
    sizes = np.bincount(side, minlength=children)
    first = next((int(side[i]) for i, who in enumerate(people) if who in stay), -1)
    order = sorted(range(children), key=lambda one: (-sizes[one], one != first, one))
    named = {one: number for number, one in enumerate(order)}
    found = {who: named[int(one)] for who, one in zip(people, side, strict=True)}
    return measure(found, ties, children=children)


def settle(
    sides: Mapping[int, int],
    joined: Sequence[int],
    ties: Ties,
    *,
    minimum: int,
    cap: int | None = None,
    children: int = 2,
    free: Collection[int] = (),
    apart: Iterable[Pair] = (),
    rather_apart: Iterable[Wish] = (),
    together: Iterable[Wish] = (),
) -> dict[int, int]:
    """Return `sides` with a place for those who joined since, where most of their ties are.

    Everyone else stays where they were told, but for those in `free` who would be left without any
    tie (and, where the other side is full, who changes places with them: somebody without ties, or
    who loses least), and for as few of `free` as it takes where so many have left that the sides
    are no longer within their bounds. Pairs and wishes as in `plan`.
    """
    people = sorted({*sides, *joined})
    if not people:
        return {}
    graph = Graph(people, ties, Wishes(apart, rather_apart, together))
    told = np.array([who in sides for who in people])
    side = _placed(graph, np.array([sides.get(who, 0) for who in people]), told, children)
    try:
        frame = Frame(children, *bounds(len(people), minimum, cap, children))
    except ValueError:
        frame = Frame(children, len(people) // children, -(-len(people) // children))
    came = ~told
    may_move: Flags = came | np.array([who in free for who in people])
    leaning = LOYALTY * (told & (side == np.arange(children)[:, None]))
    lost = graph.stranded(side)
    movable = may_move & (lost | came)
    if movable.any():
        side = _improved(graph, frame, side, movable, leaning)
    if (graph.stranded(side) & may_move).any():
        # No seat was left over there: those who have no ties can give theirs.
        side = _improved(graph, frame, side, movable | (may_move & ~graph.has), leaning)
    for alone in np.flatnonzero(graph.stranded(side) & may_move):
        tries = np.tile(side, (children, 1))
        tries[:, alone] = np.arange(children)
        walks = Walks(graph, frame, tries, movable=may_move, leaning=leaning)
        walks.bring_within()
        side = walks.best[int(walks.best_value.argmax())]
    walks = Walks(graph, frame, side[None], movable=may_move, leaning=leaning)
    walks.bring_within()
    return dict(zip(people, map(int, walks.side[0]), strict=True))


def _placed(graph: Graph, side: Sides, told: Flags, children: int) -> Sides:
    """Return the sides with those who were told none where their ties are, one after the other."""
    side, told = side.copy(), told.copy()
    for who in np.flatnonzero(~told):
        here = told & (side == np.arange(children)[:, None])
        pull, sizes = here @ graph.worth[who], here.sum(axis=1)
        close = pull >= pull.max() - ENOUGH
        side[who] = int(np.where(close, sizes, graph.count + 1).argmin())
        told[who] = True
    return side


def _improved(
    graph: Graph, frame: Frame, side: Sides, movable: Flags, leaning: NDArray[np.float64]
) -> Sides:
    """Return the best division found by moving only these people."""
    walks = Walks(graph, frame, side[None], movable=movable, leaning=leaning)
    walks.run(STEPS_EACH * (1 + int(movable.sum())), np.random.default_rng(0))
    return walks.best[0]


def measure(sides: Mapping[int, int], ties: Ties, *, children: int = 2) -> Plan:
    """Return what this division into `children` keeps."""
    people = sorted(sides)
    graph = Graph(people, ties)
    side = np.array([sides[who] for who in people], dtype=np.intp)
    here = side == np.arange(children)[:, None]
    sums = here @ graph.weight  # what each one has on each side
    kept = np.where(here, sums, 0.0).sum(axis=0)
    other = np.where(here, 0.0, sums).max(axis=0)
    tied = graph.has
    part = np.divide(1.0, graph.degree, out=np.zeros_like(kept), where=tied)
    share, over = kept * part, other * part
    total = float(graph.degree.sum())
    near = tied & (np.abs(share - over) < BETWEEN - ENOUGH)
    alone = tied & (kept <= 0)
    return Plan(
        sides=dict(sides),
        mean_share=float(share[tied].mean()) if tied.any() else 1.0,
        kept_weight=float(kept.sum()) / total if total else 1.0,
        alone=frozenset(who for who, lost in zip(people, alone, strict=True) if lost),
        between=frozenset(who for who, is_near in zip(people, near, strict=True) if is_near),
        children=children,
    )
