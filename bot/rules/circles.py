"""Circles: people who talk with each other a lot, in sizes that a group can have.

Where communities are and how coarse to look is `rules.communities`' matter. Here they become
circles: what is too large for a group is divided again, what is too small joins the circle it is
tied to most, people who are kept apart are in none together, and who has no ties is left out.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from bot.rules import communities
from bot.rules.communities import Flags, Floats, Ints, Web

LEAST, MOST = 5, 150  # people in a circle: figures need five, a group takes a hundred and fifty
STEADY = 0.6  # a circle that is less steady may as well be chance; see communities.steadiness
AGREED = 0.7  # from there on the runs tell of the same parts
CLOSE = 1 / 3  # share of the pairs that are tied where everybody talks with everybody
FINER = 1.5  # how much finer what is too large is looked at, again and again
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Circle:
    """People who talk with each other a lot, and how steady that is, 0 to 1."""

    people: tuple[int, ...]
    steadiness: float


@dataclass(frozen=True, slots=True)
class Found:
    """The circles, the largest first.

    `resolution` is how finely was looked, and `agreement` how far the runs agreed there: 1 is
    entirely, 0 as by chance. `nowhere` are people with ties of whom no circle came.
    """

    circles: tuple[Circle, ...]
    nowhere: tuple[int, ...]
    resolution: float
    agreement: float


def find(
    low: Ints,
    high: Ints,
    weight: Floats,
    *,
    apart: Collection[tuple[int, int]] = (),
    rather_not: Collection[tuple[int, int]] = (),
    least: int = LEAST,
    most: int = MOST,
    seed: int = 0,
) -> Found:
    """Return the circles among people with ties: pairs of their ids, and what each tie is worth.

    A pair may come several times (of several places); it is worth the sum. Pairs who must be kept
    `apart` are in no circle together, nor is who would `rather not` be with another, as (whose wish
    it is, the other). The same ties and seed give the same circles.
    """
    ids, low, high, weight = _plain(low, high, weight)
    if len(ids) < least:
        return Found((), tuple(ids.tolist()), 0.0, 0.0)
    whole = communities.web(len(ids), low, high, weight)

    def useful(parted: Ints) -> float:
        sizes = np.bincount(parted)
        return float(sizes[(sizes >= least) & (sizes <= most)].sum() / len(parted))

    at = communities.scale(whole, useful, seed)
    much = communities.effort(whole)
    parted = communities.communities(
        whole, at.resolution, seed, passes=much.final_passes, trials=much.final_trials
    )
    parted = divided(whole, parted, most, seed)
    parted = joined(whole, parted, least, most)
    parted, runs = undivided(whole, parted, at.runs, least, most)
    keep_out = _places(ids, rather_not)
    parted = set_apart(whole, parted, _places(ids, apart), least, most, rather_not=keep_out)
    return _found(ids, parted, replace(at, runs=runs))


def _plain(low: Ints, high: Ints, weight: Floats) -> tuple[Ints, Ints, Ints, Floats]:
    """Return who is tied at all, and each pair once, as places among them."""
    counts = (weight > 0) & (low != high)
    low, high, weight = low[counts], high[counts], weight[counts]
    ids, places = np.unique(np.concatenate([low, high]), return_inverse=True)
    one, other = places[: len(low)], places[len(low) :]
    code = np.minimum(one, other) * len(ids) + np.maximum(one, other)
    pairs, which = np.unique(code, return_inverse=True)
    summed = np.bincount(which, weights=weight, minlength=len(pairs)).astype(np.float64)
    first, second = np.divmod(pairs, max(len(ids), 1))
    return ids, first.astype(np.int64), second.astype(np.int64), summed


def _places(ids: Ints, pairs: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs as places among `ids`; those with somebody who is not there are left out."""
    place = {int(person): n for n, person in enumerate(ids)} if pairs else {}
    return sorted((place[a], place[b]) for a, b in pairs if a in place and b in place)


def divided(whole: Web, parted: Ints, most: int, seed: int) -> Ints:
    """Return the communities with those that are larger than `most` divided again."""
    parted = parted.copy()
    free = int(parted.max()) + 1
    for large in np.flatnonzero(np.bincount(parted) > most):
        members = np.flatnonzero(parted == large)
        inside = communities.within(whole, members)
        resolution, parts = communities.COARSEST, np.zeros(len(members), dtype=np.int64)
        while np.bincount(parts).max() > most and resolution < communities.FINEST:
            parts = communities.communities(inside, resolution, seed)
            resolution *= FINER
        if np.bincount(parts).max() > most:  # nothing tells them from one another
            parts = np.arange(len(members), dtype=np.int64) // most
        parted[members] = parts + free
        free += int(parts.max()) + 1
    return parted


def joined(whole: Web, parted: Ints, least: int, most: int) -> Ints:
    """Return the communities with those below `least` joined to what they are tied to most.

    The smallest first, and never past `most`. Who is tied to nothing that has room is `NOWHERE`.
    """
    sizes = {int(n): int(size) for n, size in enumerate(np.bincount(parted)) if size}
    ties = _between(whole, parted, [n for n, size in sizes.items() if size < least])
    into: dict[int, int] = {}
    waiting = [(size, n) for n, size in sizes.items() if size < least]
    heapq.heapify(waiting)
    while waiting:
        size, small = heapq.heappop(waiting)
        if small in into or sizes[small] != size:
            continue  # it has been joined, or has grown meanwhile and stands in line again
        fits = [
            (weight, -sizes[other], -other)
            for other, weight in ties[small].items()
            if size + sizes[other] <= most
        ]
        if not fits:
            continue
        other = -max(fits)[2]
        into[small] = other
        sizes[other] += size
        for third, weight in ties.pop(small).items():
            ties[third].pop(small, None)
            if third != other:
                ties[other][third] = ties[other].get(third, 0.0) + weight
                ties[third][other] = ties[third].get(other, 0.0) + weight
        if sizes[other] < least:
            heapq.heappush(waiting, (sizes[other], other))
    ends = np.arange(int(parted.max()) + 1)
    for small in into:
        end = small
        while end in into:
            end = into[end]
        ends[small] = end
    after = ends[parted]
    return np.where(np.bincount(after, minlength=len(ends))[after] >= least, after, NOWHERE)


def _between(whole: Web, parted: Ints, small: Sequence[int]) -> defaultdict[int, dict[int, float]]:
    """Return how much communities are tied to each other, of all pairs with a small one in it."""
    ends = np.repeat(np.arange(whole.people), np.diff(whole.start))
    one, other = parted[ends], parted[whole.to]
    is_small = np.zeros(int(parted.max()) + 1, dtype=np.bool_)
    is_small[list(small)] = True
    counts = (one != other) & (is_small[one] | is_small[other])
    code = one[counts] * len(is_small) + other[counts]
    pairs, which = np.unique(code, return_inverse=True)
    weights = np.bincount(which, weights=whole.weight[counts], minlength=len(pairs))
    found: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for pair, weight in zip(pairs.tolist(), weights.tolist(), strict=True):
        found[pair // len(is_small)][pair % len(is_small)] = weight
    return found


def undivided(
    whole: Web, parted: Ints, runs: list[Ints], least: int, most: int
) -> tuple[Ints, list[Ints]]:
    """Return circles and runs with those left whole who all talk with each other.

    Communities stand out against others. A few friends with nobody around them have nothing to
    stand out against, and fall apart by chance, each time otherwise. So a piece of the web in which
    a third of the pairs is tied, and in which the runs do not agree, is one circle in every run.
    """
    piece = communities.pieces(whole)
    sizes = np.bincount(piece)
    ties = np.bincount(piece, weights=np.diff(whole.start)) / 2
    pairs = np.maximum(sizes * (sizes - 1) / 2, 1)
    dense = (sizes >= least) & (sizes <= most) & (ties >= CLOSE * pairs)
    one = np.zeros(whole.people, dtype=np.bool_)
    for close in np.flatnonzero(dense):
        members = piece == close
        here = [run[members] for run in (parted, *runs)]
        agree = [communities.agreement(a, b) for a, b in combinations(here, 2)]
        one |= members & (np.mean(agree) < AGREED)
    return _as_one(parted, piece, one), [_as_one(run, piece, one) for run in runs]


def _as_one(parted: Ints, piece: Ints, one: Flags) -> Ints:
    return np.where(one, piece + int(parted.max()) + 1, parted)


def set_apart(
    whole: Web,
    parted: Ints,
    apart: Sequence[tuple[int, int]],
    least: int,
    most: int,
    *,
    rather_not: Sequence[tuple[int, int]] = (),
) -> Ints:
    """Return the circles with nobody beside somebody they are kept apart from.

    Of two, the one with fewer ties to the circle goes, or whose wish it is: to another circle that
    they are tied to, or nowhere. A circle that becomes too small by it is none.
    """
    parted = parted.copy()
    against: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in (*apart, *rather_not):
        against[one].add(other)
        against[other].add(one)
    for n, (one, other) in enumerate((*apart, *rather_not)):
        if parted[one] != parted[other] or parted[one] == NOWHERE:
            continue
        here = int(parted[one])
        mine, theirs = (_ties_to(whole, parted, person) for person in (one, other))
        fewer = one if mine.get(here, 0.0) <= theirs.get(here, 0.0) else other
        goes = fewer if n < len(apart) else one
        barred = {int(parted[person]) for person in against[goes]} | {here, NOWHERE}
        sizes = np.bincount(parted[parted != NOWHERE])
        open_ = [
            (weight, -circle)
            for circle, weight in _ties_to(whole, parted, goes).items()
            if circle not in barred and sizes[circle] < most
        ]
        parted[goes] = -max(open_)[1] if open_ else NOWHERE
    kept = parted != NOWHERE
    if kept.any():
        sizes = np.bincount(parted[kept])
        parted[kept] = np.where(sizes[parted[kept]] >= least, parted[kept], NOWHERE)
    return parted


def _ties_to(whole: Web, parted: Ints, person: int) -> dict[int, float]:
    """Return how much somebody is tied to each circle."""
    found: dict[int, float] = {}
    here = slice(int(whole.start[person]), int(whole.start[person + 1]))
    for other, weight in zip(whole.to[here].tolist(), whole.weight[here].tolist(), strict=True):
        circle = int(parted[other])
        found[circle] = found.get(circle, 0.0) + weight
    return found


def _found(ids: Ints, parted: Ints, at: communities.Scale) -> Found:
    """Return the circles with their people's ids, each with how steady it is."""
    labels, numbered = np.unique(parted, return_inverse=True)
    numbered = numbered.astype(np.int64)
    steady = communities.steadiness(numbered, at.runs)
    order = np.argsort(numbered, kind="stable")
    ends = np.cumsum(np.bincount(numbered))[:-1]
    circles: list[Circle] = []
    nowhere: tuple[int, ...] = ()
    for n, people in enumerate(np.split(ids[order], ends)):
        if labels[n] == NOWHERE:
            nowhere = tuple(people.tolist())
        else:
            circles.append(Circle(tuple(people.tolist()), float(steady[n])))
    circles.sort(key=lambda circle: (-len(circle.people), circle.people))
    return Found(tuple(circles), nowhere, at.resolution, at.agreement)
