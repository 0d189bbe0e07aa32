"""Where the search for a split starts: several guesses of different kinds, each on its own."""

from collections.abc import Iterator

import numpy as np

from bot.rules.split_graph import Frame, Graph, Numbers, Sides

CIRCLES = 4
LARGEST_PARTS = (1.0, 0.5, 0.25)
"""How large a merged circle may grow, in sides."""


def starts(graph: Graph, frame: Frame, rng: np.random.Generator) -> Iterator[Sides]:
    """Yield guesses without end: orderings, merged circles and grown ones first, then by chance."""
    tied = np.flatnonzero(graph.has)
    if len(tied) > 2 * frame.children:
        yield from _spectral(graph, frame, tied)
        for part in LARGEST_PARTS:
            labels = merged(graph, max(2, round(part * frame.most)))
            yield packed(labels, frame.children)
            yield packed(labels, frame.children, rng)
        for first in rng.permutation(tied)[:CIRCLES]:
            yield _grown(graph, frame, int(first))
    while True:
        yield cut(rng.random(graph.count), frame.children)


def cut(order: Numbers, children: int) -> Sides:
    """Return equal parts of the people in this order."""
    side = np.empty(len(order), dtype=np.intp)
    for number, part in enumerate(np.array_split(np.argsort(order, kind="stable"), children)):
        side[part] = number
    return side


def _spectral(graph: Graph, frame: Frame, tied: Sides) -> Iterator[Sides]:
    """Yield cuts along the directions in which the ties of these people fall apart best."""
    shares = graph.shares[np.ix_(tied, tied)]
    root = 1.0 / np.sqrt(shares.sum(axis=1))
    _values, vectors = np.linalg.eigh(shares * root[:, None] * root[None, :])
    for which in range(2, 2 + frame.children + 1):
        order = np.zeros(graph.count)
        order[tied] = vectors[:, -which] * root
        yield cut(order, frame.children)


def merged(graph: Graph, largest: int) -> Sides:
    """Return circles, made by merging again and again the two that belong together most.

    What is gained by a merge is what the two keep beyond what chance would have them keep
    (modularity, of the shares); a circle has at most `largest` people.
    """
    count = graph.count
    labels = np.arange(count)
    strength = graph.shares.sum(axis=1)
    total = strength.sum()
    between = graph.shares - np.outer(strength, strength) / total
    np.fill_diagonal(between, 0.0)
    sizes = np.ones(count)
    gains = np.where(graph.shares > 0, between, -np.inf)
    while True:
        flat = int(gains.argmax())
        one, other = divmod(flat, count)
        if gains[one, other] <= 0:
            return labels
        labels[labels == other] = one
        sizes[one] += sizes[other]
        sizes[other] = 0
        between[one] += between[other]
        between[:, one] = between[one]
        between[one, one] = 0.0
        gains[other] = gains[:, other] = -np.inf
        fits = (sizes > 0) & (sizes + sizes[one] <= largest)
        fits[one] = False
        gains[one] = gains[:, one] = np.where(fits, between[one], -np.inf)


def packed(labels: Sides, children: int, rng: np.random.Generator | None = None) -> Sides:
    """Return sides of whole circles, the largest circle first, each where there are fewest.

    With `rng` circles come in any order.
    """
    names, sizes = np.unique(labels, return_counts=True)
    order = np.argsort(-sizes, kind="stable") if rng is None else rng.permutation(len(names))
    side = np.empty(len(labels), dtype=np.intp)
    filled = np.zeros(children, dtype=np.intp)
    for which in order:
        to = int(filled.argmin())
        side[labels == names[which]] = to
        filled[to] += sizes[which]
    return side


def _grown(graph: Graph, frame: Frame, first: int) -> Sides:
    """Grow one side after another from one person, always by whoever has the most to do with it."""
    side = np.full(graph.count, -1, dtype=np.intp)
    sums = graph.shares.sum(axis=1)
    for number in range(frame.children - 1):
        side[first] = number
        for _ in range(graph.count // frame.children - 1):
            inside = graph.shares @ (side == number)
            pull = np.where(side >= 0, -np.inf, 2 * inside - sums)
            pull[(side < 0) & (inside > 0)] += 2.0  # neighbours before strangers
            side[int(pull.argmax())] = number
        left = np.where(side < 0, graph.shares @ (side < 0), -np.inf)
        first = int(left.argmax())
    side[side < 0] = frame.children - 1
    return side
