"""Ways to make two groups of one, to stand beside Hearth's."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import networkx as nx
import numpy as np
import pymetis
from numpy.typing import NDArray

from benchmarks.crowds import Crowd
from benchmarks.given import Tie
from bot.rules import splitting

MINIMUM, CAP = 5, 150
MOST_CIRCLES: Final = 14
"""So many communities are put on two sides in every possible way; of more, the smallest merge."""
UNEVEN: Final = 100
"""METIS may make one part larger by so many thousandths: as much as Hearth's bounds allow."""
FINEST: Final = 10_000
"""METIS takes whole numbers: the heaviest tie is this heavy."""

Sides = Mapping[int, int]


def hearth(crowd: Crowd, seed: int) -> Sides:
    """Return the plan that Hearth would show."""
    found = splitting.plan(crowd.members, crowd.ties, minimum=MINIMUM, cap=CAP, seed=seed)
    return found.sides


def by_chance(crowd: Crowd, seed: int) -> Sides:
    """Return two halves by lot."""
    order = np.random.default_rng(seed).permutation(sorted(crowd.members))
    return {int(who): int(place >= len(order) // 2) for place, who in enumerate(order)}


def newest_out(crowd: Crowd, _seed: int) -> Sides | None:
    """Return the half that came last in a group of its own; None where nobody knows who did."""
    if not crowd.since:
        return None
    order = sorted(crowd.members, key=lambda who: (crowd.since[who], who))
    return {who: int(place >= (len(order) + 1) // 2) for place, who in enumerate(order)}


def louvain(crowd: Crowd, seed: int) -> Sides:
    """Return Louvain's communities, put on two sides so that the most of all shares is kept.

    Where no way to put them is within the bounds, the people who lose least go over.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(crowd.members)
    graph.add_weighted_edges_from(crowd.ties)
    circles = [set(circle) for circle in nx.community.louvain_communities(graph, seed=seed)]
    shares = _Shares(crowd)
    labels = shares.labels(circles)
    while (count := int(labels.max()) + 1) > MOST_CIRCLES:
        between = shares.between(labels)
        smallest = int(np.bincount(labels).argmin())
        between[smallest, smallest] = -1
        labels[labels == smallest] = int(between[smallest].argmax())
        labels -= labels > smallest
        assert int(labels.max()) == count - 2
    side = _best_sides(shares, labels, len(crowd.members))
    return {who: int(one) for who, one in zip(shares.people, side, strict=True)}


def _best_sides(shares: "_Shares", labels: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return the side of each one: whole circles first, then as few people as it takes."""
    between, sizes = shares.between(labels), np.bincount(labels)
    numbers = np.arange(2 ** (len(sizes) - 1), dtype=np.intp)[:, None]
    ways: NDArray[np.intp] = (numbers >> np.arange(len(sizes), dtype=np.intp)) & 1
    fewest, most = splitting.bounds(count, MINIMUM, CAP)
    ones: NDArray[np.intp] = ways @ sizes
    outside = np.maximum(fewest - ones, 0) + np.maximum(ones - most, 0)
    worth = ((ways @ between) * ways).sum(axis=1) + (((1 - ways) @ between) * (1 - ways)).sum(
        axis=1
    )
    side: NDArray[np.intp] = ways[int(np.lexsort((-worth, outside))[0])][labels]
    while not fewest <= (there := int(side.sum())) <= most:
        gain = shares.gain(side)
        gain[side == int(there < fewest)] = -np.inf
        who = int(gain.argmax())
        side[who] = 1 - side[who]
    return side


def metis(crowd: Crowd, seed: int) -> Sides:
    """Return METIS's lightest cut, on the weights of the ties."""
    people = sorted(crowd.members)
    index = {who: i for i, who in enumerate(people)}
    near: list[list[tuple[int, int]]] = [[] for _ in people]
    heaviest = max(weight for _, _, weight in crowd.ties)
    for one, other, weight in crowd.ties:
        whole = max(1, round(weight / heaviest * FINEST))
        near[index[one]].append((index[other], whole))
        near[index[other]].append((index[one], whole))
    starts = [0, *itertools.accumulate(len(here) for here in near)]
    _cut, parts = pymetis.part_graph(
        2,
        pymetis.CSRAdjacency(
            adj_starts=starts, adjacent=[other for here in near for other, _ in here]
        ),
        eweights=[weight for here in near for _, weight in here],
        options=pymetis.Options(ufactor=UNEVEN, seed=seed),
    )
    return dict(zip(people, map(int, parts), strict=True))


class _Shares:
    """What each tie adds to the shares that people keep, as a matrix."""

    def __init__(self, crowd: Crowd) -> None:
        self.people = sorted(crowd.members)
        self._index = {who: i for i, who in enumerate(self.people)}
        weight = np.zeros((len(self.people), len(self.people)))
        for one, other, heavy in crowd.ties:
            i, j = self._index[one], self._index[other]
            weight[i, j] = weight[j, i] = heavy
        degree = weight.sum(axis=1)
        part = np.divide(1.0, degree, out=np.zeros_like(degree), where=degree > 0)
        self._worth = weight * (part[:, None] + part[None, :]) / 2

    def labels(self, circles: Sequence[set[int]]) -> NDArray[np.intp]:
        """Return the number of the circle that each one is in."""
        found = np.zeros(len(self.people), dtype=np.intp)
        for number, circle in enumerate(circles):
            found[[self._index[who] for who in circle]] = number
        return found

    def between(self, labels: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how much worth lies between, and inside, circles."""
        here = (labels == np.arange(int(labels.max()) + 1)[:, None]).astype(float)
        return here @ self._worth @ here.T

    def gain(self, side: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what is kept more, if one alone goes over."""
        here: NDArray[np.float64] = self._worth @ side
        over: NDArray[np.float64] = self._worth.sum(axis=1) - here
        gain: NDArray[np.float64] = np.where(side == 1, over - here, here - over)
        return gain


def strongest_lost(sides: Sides, ties: Sequence[Tie]) -> float:
    """Return the share of people with ties whose strongest one is cut."""
    strongest: dict[int, tuple[float, int]] = {}
    for one, other, weight in ties:
        for who, friend in ((one, other), (other, one)):
            strongest[who] = max(strongest.get(who, (0.0, 0)), (weight, friend))
    lost = sum(sides[who] != sides[friend] for who, (_, friend) in strongest.items())
    return lost / max(1, len(strongest))


def quieter_half(sides: Sides, ties: Sequence[Tie]) -> float:
    """Return what the side with less conversation has of an equal share of what is kept."""
    kept = [0.0, 0.0]
    for one, other, weight in ties:
        if sides[one] == sides[other]:
            kept[sides[one]] += weight
    return 2 * min(kept) / sum(kept) if sum(kept) else 1.0


def stays(sides: Sides, later: Sequence[Tie]) -> float | None:
    """Return the share of the later answers that stay inside; None where there are none."""
    total = sum(worth for _, _, worth in later)
    inside = sum(worth for one, other, worth in later if sides[one] == sides[other])
    return inside / total if total else None
