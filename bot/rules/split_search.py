"""The search behind a split: on which side each of some people should be.

Guesses of several kinds start a walk each (`split_walks`). What the walks found is crossed: where
two good divisions agree a third one follows them, elsewhere it is by chance, and walks on from
there. At last whoever is still stranded is brought to somebody they talk with, if that helps.
"""

from dataclasses import dataclass
from itertools import islice, permutations
from typing import Final

import numpy as np

from bot.rules.split_graph import Frame, Graph, Numbers, Sides
from bot.rules.split_starts import starts
from bot.rules.split_walks import ENOUGH, Batch, Walks

FULL_EFFORT: Final = 300 * 300 * 3  # pairs of people, times sides
FEWEST_WALKS: Final = 8
ALIGNED: Final = 4  # with more sides than this, which is which is not looked for


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried."""

    walks: int = 24
    crossings: int = 8
    steps: float = 0.6
    """Steps of a walk per person, after the first `least_steps`."""
    least_steps: int = 30
    mixed: float = 0.06
    """How many people of a crossed division are put anywhere."""

    @classmethod
    def usual(cls, count: int, children: int) -> "Effort":
        """Return what takes less than a second for 150 people, and seconds for a thousand.

        A step costs as much as there are pairs of people, on each side. Crowds of more than twice a
        cap, that were adopted, get fewer walks: where nobody has found their people yet, less is
        lost.
        """
        full = cls()
        part = min(1.0, FULL_EFFORT / (max(1, count) ** 2 * children))
        return cls(
            walks=max(FEWEST_WALKS, round(full.walks * part)),
            crossings=max(1, round(full.crossings * part)),
        )


def search(
    graph: Graph, frame: Frame, rng: np.random.Generator, effort: Effort | None = None
) -> Sides:
    """Return the best division found, with the usual effort where none is given."""
    matters = np.flatnonzero(graph.matters)
    side = np.zeros(graph.count, dtype=np.intp)
    if len(matters):
        inner = graph.among(matters)
        within = Frame(frame.children, frame.fewest, frame.most, graph.count - len(matters))
        usual = Effort.usual(len(matters), frame.children)
        side[matters] = _best(inner, within, rng, effort or usual)
    filled(graph, frame, side, np.flatnonzero(~graph.matters))
    return side


def _best(graph: Graph, frame: Frame, rng: np.random.Generator, effort: Effort) -> Sides:
    steps = effort.least_steps + round(effort.steps * graph.count)
    walks = Walks(graph, frame, np.stack(list(islice(starts(graph, frame, rng), effort.walks))))
    walks.run(steps, rng)
    found, values = walks.best, walks.best_value
    for _ in range(effort.crossings):
        walks = Walks(graph, frame, _crossed(found, values, frame.children, effort, rng))
        walks.run(steps, rng)
        found, values = _kept(found, values, walks.best, walks.best_value)
    best = found[int(values.argmax())]
    return repaired(graph, frame, best, rng)


def _kept(found: Batch, values: Numbers, new: Batch, new_values: Numbers) -> tuple[Batch, Numbers]:
    """Return the best divisions of both generations, each value once where there are enough."""
    every, worth = np.concatenate([found, new]), np.concatenate([values, new_values])
    order = np.argsort(-worth, kind="stable")
    again = np.concatenate([[False], np.abs(np.diff(worth[order])) <= ENOUGH])
    chosen = np.concatenate([order[~again], order[again]])[: len(found)]
    return every[chosen], worth[chosen]


def _crossed(
    found: Batch, values: Numbers, children: int, effort: Effort, rng: np.random.Generator
) -> Batch:
    """Return divisions that follow two good ones where these agree."""
    good = np.argsort(-values, kind="stable")[: max(2, len(found) // 2)]
    crossed = np.empty_like(found)
    for number in range(len(found)):
        one, other = rng.choice(good, 2, replace=len(good) < 2)
        first, second = found[one], aligned(found[other], found[one], children)
        mine = rng.random(len(first)) < 0.5
        crossed[number] = np.where(mine, first, second)
        anywhere = np.flatnonzero(rng.random(len(first)) < effort.mixed)
        crossed[number, anywhere] = rng.integers(children, size=len(anywhere))
    return crossed


def aligned(side: Sides, to: Sides, children: int) -> Sides:
    """Return the same division with its sides numbered as they are in `to`, as far as can be."""
    if children > ALIGNED:
        return side
    both = np.zeros((children, children), dtype=np.intp)
    np.add.at(both, (side, to), 1)
    names = max(
        permutations(range(children)),
        key=lambda order: sum(int(both[i, to_]) for i, to_ in enumerate(order)),
    )
    return np.array(names, dtype=np.intp)[side]


def repaired(graph: Graph, frame: Frame, side: Sides, rng: np.random.Generator) -> Sides:
    """Return the division with whoever is stranded brought together with somebody, if it helps.

    Each of them goes over to where somebody is whom they talk with, or that one comes to them; then
    everybody else may move to make room.
    """
    for who in np.flatnonzero(graph.stranded(side)):
        if not graph.stranded(side)[who]:
            continue  # saved with another one
        tries = [side]
        for friend in np.flatnonzero(graph.tied[who]):
            for comes, stays in ((who, friend), (friend, who)):
                together = side.copy()
                together[comes] = side[stays]
                tries.append(together)
        others = np.ones(graph.count, dtype=np.bool_)
        others[who] = False
        walks = Walks(graph, frame, np.stack(tries), movable=others)
        walks.run(frame.children * 8, rng)
        side = walks.best[int(walks.best_value.argmax())]
    return side


def filled(graph: Graph, frame: Frame, side: Sides, spare: Sides) -> None:
    """Put those to whom it does not matter on the sides, so that sizes and activity are even."""
    placed = np.ones(graph.count, dtype=np.bool_)
    placed[spare] = False
    sizes = np.bincount(side[placed], minlength=frame.children)
    active = np.bincount(side[placed], graph.active[placed], minlength=frame.children)
    seats = np.zeros(frame.children, dtype=np.intp)
    for _ in spare:
        seats[int((sizes + seats).argmin())] += 1
    for who in spare[np.argsort(-graph.active[spare], kind="stable")]:
        to = int(np.where(seats > 0, active / np.maximum(sizes + seats, 1), np.inf).argmin())
        side[who] = to
        seats[to] -= 1
        sizes[to] += 1
        active[to] += graph.active[who]
