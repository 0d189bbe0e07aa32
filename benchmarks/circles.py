"""Circles of people who talk with each other: found again where it is known who belongs together.

In a file with departments beside it these are what is to be found, without being looked at; in the
generated towns the circles that people were born into. How well is said by two figures that are 1
when both parts are the same and 0 by chance: normalised mutual information (how much one tells
about the other) and the adjusted Rand index (how far they agree on who is with whom). Who ends in
no circle counts as being alone. Beside it Louvain as networkx has it, at the resolution it comes
with; not in the largest town, where it takes minutes.

The search runs in a thread, as in the bot, while a task feels whether the loop still turns.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import given
from benchmarks.options import Options
from benchmarks.probe import Probe
from bot.rules import circles

TOWNS = (1_000, 10_000, 100_000)
LOUVAIN_UP_TO = 20_000
SEED = 5
SMALLEST, LARGEST, TAIL = 6, 120, 1.6  # sizes of born circles: many small ones, a few large
BEYOND = 0.35  # share of somebody's ties that leave their circle
TYPICAL_TIES, SPREAD_TIES, MOST_TIES = 7.5, 0.8, 200  # the median of ties per person, and how far
LEAST_NMI, LEAST_ARI = 0.70, 0.50
"""How well the departments of a file must be found again."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Web:
    """Who talks with whom, and who belongs together as far as that is known."""

    low: Ints
    high: Ints
    weight: NDArray[np.float64]
    known: Mapping[int, int]


async def run(options: Options) -> Mapping[str, Any]:
    """Measure each file that was given, and the generated towns."""
    found: dict[str, Any] = {}
    for path in options.ties:
        one = given.read(path)
        found[one.name] = await measure(_of(one))
    for people in TOWNS:
        found[f"generated-{people}"] = await measure(town(people, SEED))
    return found


def _of(one: given.Given) -> Web:
    """Return the ties of a file: as they stand at its end, where it knows times."""
    ties = next(iter(one.ties_at([one.last]))) if one.timed else one.all_ties()
    low, high, weight = zip(*ties, strict=True)
    return Web(
        np.array(low, dtype=np.int64),
        np.array(high, dtype=np.int64),
        np.array(weight, dtype=np.float64),
        one.departments,
    )


def town(people: int, seed: int) -> Web:
    """Return a town in which everybody was born into a circle, and talks beyond it, too."""
    chance = np.random.default_rng(seed)
    sizes: list[int] = []
    least, most = SMALLEST ** (1 - TAIL), LARGEST ** (1 - TAIL)
    while sum(sizes) < people:
        sizes.append(int((least + (most - least) * chance.random()) ** (1 / (1 - TAIL))))
    born = chance.permutation(np.repeat(np.arange(len(sizes)), sizes)[:people])
    talk = np.clip(chance.lognormal(np.log(TYPICAL_TIES), SPREAD_TIES, people), 1, MOST_TIES)
    order = np.argsort(born, kind="stable")
    ends = [_met(chance, np.arange(people), talk, BEYOND)]
    ends += [
        _met(chance, members, talk[members], 1 - BEYOND)
        for members in np.split(order, np.cumsum(np.bincount(born))[:-1])
    ]
    low, high = np.concatenate(ends, axis=1)
    tied = low != high
    return Web(
        low[tied],
        high[tied],
        np.ones(int(tied.sum())),
        {person: int(circle) for person, circle in enumerate(born)},
    )


def _met(
    chance: np.random.Generator, members: Ints, talk: NDArray[np.float64], share: float
) -> Ints:
    """Return pairs who met, drawn by how much each talks; one row of either end."""
    meetings = round(share * talk.sum() / 2)
    return chance.choice(members, (2, meetings), p=talk / talk.sum())


async def measure(web: Web) -> Mapping[str, Any]:
    """Find the circles of a web, and say how well, how long it took, and who waited for it."""
    begun = time.perf_counter()
    async with Probe() as probe:
        found = await asyncio.to_thread(circles.find, web.low, web.high, web.weight, seed=SEED)
        felt = probe.take()
    seconds = time.perf_counter() - begun
    sizes = [len(circle.people) for circle in found.circles]
    offered = [len(c.people) for c in found.circles if c.steadiness >= circles.STEADY]
    tied = sum(sizes) + len(found.nowhere)
    nmi, ari = _judged([circle.people for circle in found.circles], web)
    louvain_nmi, louvain_ari = _judged(_louvain(web), web) if tied <= LOUVAIN_UP_TO else _UNKNOWN
    return {
        "people": tied,
        "ties": len(web.low),
        "circles": len(sizes),
        "largest": max(sizes, default=0),
        "smallest": min(sizes, default=0),
        "nowhere": len(found.nowhere),
        "steady": sum(offered) / tied,
        "resolution": found.resolution,
        "agreement": found.agreement,
        "nmi": nmi,
        "ari": ari,
        "louvain_nmi": louvain_nmi,
        "louvain_ari": louvain_ari,
        "seconds": seconds,
        "block_ms": felt["block_ms"],
        "seed": SEED,
    }


_UNKNOWN = (None, None)


def _louvain(web: Web) -> list[set[int]]:
    graph: nx.Graph[int] = nx.Graph()
    for low, high, weight in zip(
        web.low.tolist(), web.high.tolist(), web.weight.tolist(), strict=True
    ):
        before = graph.get_edge_data(low, high, {"weight": 0.0})["weight"]
        graph.add_edge(low, high, weight=before + weight)
    return list(nx.community.louvain_communities(graph, weight="weight", seed=SEED))


def _judged(found: Sequence[Iterable[int]], web: Web) -> tuple[float, float] | tuple[None, None]:
    """Return NMI and ARI of what was found against what is known, over everybody with ties."""
    if not web.known:
        return _UNKNOWN
    people = [p for p in np.unique(np.concatenate([web.low, web.high])).tolist() if p in web.known]
    circle = {person: n for n, members in enumerate(found) for person in members}
    mine = np.array([circle.get(p, len(circle) + p) for p in people], dtype=np.int64)
    known = np.array([web.known[p] for p in people], dtype=np.int64)
    return information(mine, known), rand(mine, known)


def _shared(one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """Return how many people are in each part of the one, of the other, and in both at once."""
    _, first = np.unique(one, return_inverse=True)
    _, second = np.unique(other, return_inverse=True)
    both = np.unique(first * (int(second.max()) + 1) + second, return_counts=True)[1]
    return np.bincount(first), np.bincount(second), both


def information(one: Ints, other: Ints) -> float:
    """Return the mutual information of two ways to part people, normalised by their mean entropy.

    1 where both are the same; two that both keep everybody together are the same.
    """

    def entropy(counts: Ints) -> float:
        shares = counts / counts.sum()
        return float(-(shares * np.log(shares)).sum())

    first, second, both = map(entropy, _shared(one, other))
    mean = (first + second) / 2
    return 1.0 if mean == 0 else (first + second - both) / mean


def rand(one: Ints, other: Ints) -> float:
    """Return the Rand index of two ways to part people, adjusted so that chance makes 0."""

    def pairs(counts: Ints) -> float:
        return float((counts * (counts - 1) / 2).sum())

    first, second, both = map(pairs, _shared(one, other))
    chance = first * second / max(pairs(np.array([len(one)])), 1.0)
    most = (first + second) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def failures(figures: Mapping[str, Any]) -> Sequence[str]:
    """Say where departments are not found again, and where Louvain finds what was born better."""
    found: list[str] = []
    for name, one in figures.items():
        if one["nmi"] is None:
            continue
        if not name.startswith("generated-"):
            for figure, least in (("nmi", LEAST_NMI), ("ari", LEAST_ARI)):
                if one[figure] < least:
                    found.append(f"circles in {name}: {figure} {one[figure]:.3f} is below {least}")
        for figure in ("nmi", "ari"):
            theirs = one[f"louvain_{figure}"]
            if theirs is not None and one[figure] <= theirs:
                found.append(f"circles in {name}: Louvain's {figure} {theirs:.3f} is no lower")
    return found


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print the figures as a table that fits a narrow page."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    columns = ("circles", "people", "found", "sizes", "none", "steady", "NMI", "ARI")
    for name in (*columns, "Louvain", "s"):
        table.add_column(name, no_wrap=True)
    for name, one in figures.items():
        table.add_row(
            name,
            f"{one['people']}",
            f"{one['circles']}",
            f"{one['smallest']}–{one['largest']}",
            f"{one['nowhere']}",
            f"{one['steady']:.0%}",
            _figure(one["nmi"]),
            _figure(one["ari"]),
            f"{_figure(one['louvain_nmi'])} {_figure(one['louvain_ari'])}",
            f"{one['seconds']:.1f}",
        )
    console.print(table)
    block = max((one["block_ms"] for one in figures.values()), default=0)
    console.print(f"found: circles; none: people in none; the loop was kept for {block:.0f} ms")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
