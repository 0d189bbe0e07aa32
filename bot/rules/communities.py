"""Communities in a web of ties: which there are, how coarse to look, and how steady they are.

Communities are found by the Leiden algorithm (Traag, Waltman, van Eck 2019), which has one screw:
the resolution. The higher it is, the smaller the communities. It is set without being told what is
right: at each resolution the search runs several times, each time without a tenth of the ties, left
out by lot. Where the runs agree, the communities are there; where each run tells another story,
they were read into the ties. What is looked for is the resolution at which the runs agree most
about the most people in communities of a useful size.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from graspologic_native import leiden_csr
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEFT_OUT = 0.1  # share of the ties that one run does without
COARSEST = 1.0  # below it, communities hold together by fewer ties than chance would make
FINEST = 1024.0
STEP = 2.0  # between the resolutions of the first round
CLOSER = 2  # further rounds, each at half the distance from the best so far
TOO_FEW = 0.3  # people in communities of a useful size; from there on finer ones are no use
WORSE_IN_A_ROW = 2  # resolutions after the best, with many people; then finer ones are not tried


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is searched: a web of many people says the same in fewer runs."""

    runs: int  # that are compared, at each resolution
    passes: int  # of the algorithm over the web, in each of these
    final_passes: int
    final_trials: int
    patient: bool  # tries every resolution that makes communities of a useful size


MANY_PEOPLE = 4_000
FEW = Effort(runs=6, passes=2, final_passes=10, final_trials=10, patient=True)
MANY = Effort(runs=2, passes=1, final_passes=2, final_trials=2, patient=False)


@dataclass(frozen=True, slots=True)
class Web:
    """Who is tied to whom, as rows of neighbours: every tie stands twice, once from either end.

    The neighbours of person `p` are `to[start[p]:start[p + 1]]`, their ties `weight` in the same
    places, and `tie` numbers the ties from 0, so that both ends of one can be left out together.
    """

    start: Ints
    to: NDArray[np.int32]
    weight: Floats
    tie: Ints

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.start) - 1

    @property
    def ties(self) -> int:
        """How many ties there are."""
        return len(self.to) // 2


def web(people: int, low: Ints, high: Ints, weight: Floats) -> Web:
    """Return the web of these ties; each pair once, people numbered from 0."""
    ends = np.concatenate([low, high])
    others = np.concatenate([high, low])
    order = np.lexsort((others, ends))
    start = np.zeros(people + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=people), out=start[1:])
    number = np.arange(len(low), dtype=np.int64)
    return Web(
        start,
        others[order].astype(np.int32),
        np.concatenate([weight, weight])[order],
        np.concatenate([number, number])[order],
    )


def without(whole: Web, kept: Flags) -> Web:
    """Return the web of the ties that are `kept`, by their numbers."""
    stays = kept[whole.tie]
    before = np.zeros(len(stays) + 1, dtype=np.int64)
    np.cumsum(stays, out=before[1:])
    return Web(before[whole.start], whole.to[stays], whole.weight[stays], whole.tie[stays])


def within(whole: Web, members: Ints) -> Web:
    """Return the web among `members` alone, who are numbered anew in their order."""
    place = np.full(whole.people, -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    ends = np.repeat(np.arange(whole.people), np.diff(whole.start))
    here = (place[ends] >= 0) & (place[whole.to] >= 0) & (ends < whole.to)
    return web(len(members), place[ends[here]], place[whole.to[here]], whole.weight[here])


def effort(whole: Web) -> Effort:
    """Return how long is searched in a web."""
    return MANY if whole.people > MANY_PEOPLE else FEW


def communities(
    of: Web, resolution: float, seed: int, *, passes: int = FEW.passes, trials: int = 1
) -> Ints:
    """Return each person's community, numbered from 0."""
    if not of.ties:
        return np.arange(of.people, dtype=np.int64)
    _, found = leiden_csr(
        of.start,
        of.to,
        of.weight,
        of.people,
        resolution=resolution,
        iterations=passes,
        seed=seed,
        trials=trials,
    )
    return np.fromiter((found[person] for person in range(of.people)), np.int64, of.people)


def pieces(whole: Web) -> Ints:
    """Return for each person the piece of the web they are in: no tie leads out of it."""
    ends = np.repeat(np.arange(whole.people), np.diff(whole.start))
    piece = np.arange(whole.people, dtype=np.int64)
    while True:
        lower = piece.copy()
        np.minimum.at(lower, ends, piece[whole.to])
        lower = lower[lower]
        if np.array_equal(lower, piece):
            return piece
        piece = lower


def agreement(one: Ints, other: Ints) -> float:
    """Return how far two ways to part the same people agree: 1 entirely, 0 as by chance.

    The adjusted Rand index (Hubert and Arabie 1985): of the pairs that are together, how many are
    together both times, beyond what chance would make.
    """
    together = _pairs(_counted(one * (int(other.max(initial=0)) + 1) + other))
    first, second = _pairs(_counted(one)), _pairs(_counted(other))
    everyone = _pairs(np.array([len(one)], dtype=np.int64))
    chance = first * second / everyone if everyone else 0.0
    most = (first + second) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)


def _counted(labels: Ints) -> Ints:
    return np.unique(labels, return_counts=True)[1].astype(np.int64)


def _pairs(counts: Ints) -> float:
    sizes = counts.astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def steadiness(parted: Ints, runs: list[Ints]) -> Floats:
    """Return for each community how much of it stays together when ties are left out, 0 to 1.

    The mean, over runs, of the overlap with the community that is most like it (people in both, of
    the people in either). Hennig 2007 takes what is below a half for no community at all, and what
    is above 0.6 for a pattern.
    """
    sizes = np.bincount(parted)
    found = np.zeros(len(sizes))
    for run in runs:
        theirs = np.bincount(run)
        code, both = np.unique(parted * len(theirs) + run, return_counts=True)
        mine, other = np.divmod(code, len(theirs))
        alike = both / (sizes[mine] + theirs[other] - both)
        best = np.zeros(len(sizes))
        np.maximum.at(best, mine, alike)
        found += best
    return found / len(runs)


@dataclass(frozen=True, slots=True)
class Scale:
    """The resolution that fits a web, what the runs there found, and how far they agree."""

    resolution: float
    runs: list[Ints]
    agreement: float


def scale(whole: Web, useful: Callable[[Ints], float], seed: int) -> Scale:
    """Return the resolution at which runs without a tenth of the ties agree most.

    `useful` says of one way to part the people which share of them is in communities of a useful
    size; agreement counts for that share. With many people the runs agree the same with fewer.
    """
    much = effort(whole)
    runs, passes = much.runs, much.passes
    chance = np.random.default_rng(seed)
    webs = [without(whole, chance.random(whole.ties) >= LEFT_OUT) for _ in range(runs)]
    seen: dict[float, tuple[float, Scale]] = {}

    def tried(resolution: float) -> float:
        """Look at one resolution; return the share of people in communities of a useful size."""
        first = communities(webs[0], resolution, seed, passes=passes)
        share = useful(first)
        if share < TOO_FEW:  # not worth the other runs
            seen[resolution] = (0.0, Scale(resolution, [first], 0.0))
            return share
        found = [first]
        found += [
            communities(of, resolution, seed + n, passes=passes)
            for n, of in enumerate(webs[1:], start=1)
        ]
        agree = float(
            np.mean([agreement(found[n], found[m]) for n in range(runs) for m in range(n)])
        )
        share = float(np.mean([useful(one) for one in found]))
        seen[resolution] = (agree * share, Scale(resolution, found, agree))
        return share

    resolution, best_share, best_score, worse = COARSEST, 0.0, 0.0, 0
    while resolution <= FINEST and (much.patient or worse < WORSE_IN_A_ROW):
        share = tried(resolution)
        if share < TOO_FEW <= best_share:
            break  # finer ones are smaller still
        score = seen[resolution][0]
        worse = worse + 1 if score < best_score else 0
        best_share, best_score = max(best_share, share), max(best_score, score)
        resolution *= STEP
    distance = STEP
    for _ in range(CLOSER):
        distance **= 0.5
        best = max(seen, key=lambda one: (seen[one][0], -one))
        for near in (best / distance, best * distance):
            if near >= COARSEST and near not in seen:
                tried(near)
    return max(seen.values(), key=lambda one: (one[0], -one[1].resolution))[1]
