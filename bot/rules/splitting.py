"""How a group becomes two: along the lines of who talks with whom.

What is sought is the greatest mean share of their own ties that members keep: each tie counts
w·(1/dᵢ+1/dⱼ)/2, where d is the sum of someone's ties, so that a quiet person's one friendship
weighs as much as a talkative person's many. Nobody who has ties should be left without any.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from bot.rules.split_search import ENOUGH, Graph, Search, Ties

BETWEEN: Final = 0.2  # shares on both sides differ by less


Pair: TypeAlias = tuple[int, int]
Wish: TypeAlias = tuple[int, int, float]
"""(one, other, weight): 1.0 is worth as much as one person keeping all of their ties."""


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
    fewest = least(len(people), minimum, cap, children)
    search = Search(Graph(people, ties, apart), fewest)
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
    graph = Graph(people, ties, apart)
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
    may_move = np.array([who in came or who in free for who in people])
    movable = may_move & (lost | np.array([who in came for who in people]))
    if movable.any():
        side = Search(graph, fewest, movable).improved(side)
    if (graph.stranded(side) & may_move).any():
        # No seat was left over there: those who have no ties can give theirs.
        side = Search(graph, fewest, movable | (may_move & ~graph.has)).improved(side)
    whole = Search(graph, fewest, may_move)
    for alone in np.flatnonzero(graph.stranded(side) & may_move):
        over = side.copy()
        over[alone] = not side[alone]
        over = whole.brought_within(over)
        if whole.value_of(over) > whole.value_of(side):
            side = over
    side = Search(graph, fewest, may_move).brought_within(side)
    return dict(zip(people, map(int, side), strict=True))


def measure(sides: Mapping[int, int], ties: Ties, *, children: int = 2) -> Plan:
    """Return what this division into `children` keeps."""
    people = sorted(sides)
    graph = Graph(people, ties, ())
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
        alone=frozenset(who for who, lost in zip(people, tied & (kept <= 0), strict=True) if lost),
        between=frozenset(who for who, is_near in zip(people, near, strict=True) if is_near),
    )
