"""Who meets whom: a round's pairs, and trios where the number is odd, so that nobody is left out.

A round is a matching of the greatest weight (Edmonds' blossom, from networkx) in the graph of
people who may meet. What counts, in this order: that everybody meets somebody; that nobody is left
who had nobody the last time; that two have never met here before; that they come from both groups,
where two groups meet; that their last time is long ago, for what was fades by half every `HALVING`
rounds; that they are awake at the same time. A little chance decides between equals, so that no
order of names shows, and so that not being put together with somebody says little. Bars are edges
that do not exist: no weight outvotes them.

`match` may take a second for 150 people: call it in a thread beside the loop.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

Couple = tuple[int, int]  # two people, the lower id first
Table = tuple[int, ...]  # two or three people

HALVING = 6.0  # rounds after which a meeting counts half
DAY = 24  # hours
# What a couple is worth. A round has 76 couples at most, so each step outvotes all below it.
FIRST = 10**13
MET_NEVER = 10**10
BOTH_GROUPS = 10**8
FRESHNESS = 10**6  # times a share, 1 for a meeting that has faded away
AWAKE = 10**4  # times a share of what the shorter day has in common with the other
CHANCE = 100  # less than this
UNTOLD = 0.5  # share of hours in common where one of the two told none
SMALL = 9  # people: until there every trio is tried
FIRST_LOOK = 20  # couples that each person brings to a first, quicker look
IMPROVED_MOST = 20  # times that a trio is improved


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part in a round.

    `awake` are the hours of the day in UTC, 0 to 23, in which they like to meet, none if they told
    none; `side` says of which of two groups they are. Who had nobody the last time comes `first`:
    if bars leave somebody over, it is not them.
    """

    id: int
    awake: frozenset[int] = frozenset()
    side: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """The tables of a round; `left` could be put with nobody without breaking a bar."""

    tables: tuple[Table, ...]
    left: tuple[int, ...]


def couple(one: int, other: int) -> Couple:
    """Return two people as a key that does not know an order."""
    return (one, other) if one < other else (other, one)


def couples(table: Iterable[int]) -> list[Couple]:
    """Return who meets whom at a table."""
    return [couple(one, other) for one, other in combinations(table, 2)]


def faded(rounds_ago: Iterable[float]) -> float:
    """Return what earlier meetings still count: 1 for one just now, half of it after `HALVING`."""
    return math.fsum(0.5 ** (ago / HALVING) for ago in rounds_ago)


def in_common(one: Collection[int], other: Collection[int]) -> float:
    """Return the share of the shorter day in which both are awake; `UNTOLD` if one told none."""
    if not one or not other:
        return UNTOLD
    return len(set(one) & set(other)) / min(len(one), len(other))


def match(
    people: Sequence[Person],
    met: Mapping[Couple, float],
    bars: Collection[Couple],
    seed: int,
) -> Round:
    """Return a round: everybody at a table of two, or of three where the number is odd.

    `met` says of each couple that met before what that still counts (`faded`); of who is not in it
    nothing is known. `bars` are couples who must not sit at one table, for whatever reason. Where
    they leave somebody without a partner, that person joins two others, and only if nobody may be
    joined they are `left`. The same arguments give the same round.
    """
    if len({person.id for person in people}) != len(people):
        raise ValueError("somebody takes part twice")
    chance = Random(seed)
    order = sorted(people, key=lambda person: person.id)
    chance.shuffle(order)
    worth = _worth(order, met, set(bars), chance)
    ids = [person.id for person in order]
    few = len(ids) % 2 and len(ids) <= SMALL
    tables = _every_trio(ids, worth) if few else _pairs(ids, worth)
    tables = _seat(tables, ids, worth)
    tables = _improved(tables, worth)
    seated = {person for table in tables for person in table}
    chance.shuffle(tables)
    return Round(tuple(tables), tuple(sorted(set(ids) - seated)))


def _worth(
    people: Sequence[Person],
    met: Mapping[Couple, float],
    bars: Collection[Couple],
    chance: Random,
) -> dict[Couple, int]:
    """Return what each couple that may meet is worth."""
    worth: dict[Couple, int] = {}
    for one, other in combinations(people, 2):
        pair = couple(one.id, other.id)
        if pair in bars:
            continue
        before = met.get(pair)
        value = MET_NEVER if before is None else int(FRESHNESS / (1 + before))
        value += FIRST * (one.first + other.first)
        value += BOTH_GROUPS if one.side != other.side else 0
        value += int(AWAKE * in_common(one.awake, other.awake))
        worth[pair] = value + chance.randrange(CHANCE)
    return worth


def _is_new(value: int) -> bool:
    """Return whether a couple of this worth never met."""
    return value % FIRST >= MET_NEVER


def _pairs(ids: Sequence[int], worth: Mapping[Couple, int]) -> list[Table]:
    """Return as many pairs as can be, of the greatest worth.

    A first look takes only the couples that are worth most to one of the two. If it leaves nobody
    over and brings as many people as possible to somebody new, all couples together could better it
    only in the small steps, and are not looked at.
    """
    best: dict[int, list[tuple[int, Couple]]] = {person: [] for person in ids}
    for pair, value in worth.items():
        for person in pair:
            best[person].append((value, pair))
    few: set[Couple] = set()
    for found in best.values():
        few.update(pair for _, pair in sorted(found, reverse=True)[:FIRST_LOOK])
    tables = _heaviest(few, worth)
    if len(few) == len(worth):
        return list[Table](tables)
    if len(tables) == len(ids) // 2:
        new = sum(_is_new(worth[pair]) for pair in tables)
        if new == len(tables) or new == _most_new(worth):
            return list[Table](tables)
    return list[Table](_heaviest(worth, worth))


def _most_new(worth: Mapping[Couple, int]) -> int:
    """Return how many couples of people who never met there can be at once."""
    new = [pair for pair, value in worth.items() if _is_new(value)]
    return len(_matching(new, dict.fromkeys(new, 1)))


def _heaviest(pairs: Iterable[Couple], worth: Mapping[Couple, int]) -> list[Couple]:
    return sorted(couple(*pair) for pair in _matching(pairs, worth))


def _matching(pairs: Iterable[Couple], worth: Mapping[Couple, int]) -> set[tuple[int, int]]:
    """Return as many of the pairs as there can be at once, of the greatest weight."""
    import networkx as nx  # noqa: PLC0415 - 24 MB that a bot without pairs needs not carry

    graph: nx.Graph[int] = nx.Graph()
    graph.add_weighted_edges_from((*pair, worth[pair]) for pair in pairs)
    return nx.max_weight_matching(graph, maxcardinality=True)


def _every_trio(ids: Sequence[int], worth: Mapping[Couple, int]) -> list[Table]:
    """Return the best of all ways to seat an odd number with one trio; few people only."""
    found = list[Table](_heaviest(worth, worth))
    for trio in combinations(ids, 3):
        if not all(pair in worth for pair in couples(trio)):
            continue
        rest = {pair for pair in worth if not set(pair) & set(trio)}
        tables: list[Table] = [trio, *_heaviest(rest, worth)]
        if _value(tables, worth) > _value(found, worth):
            found = tables
    return found


def _value(tables: Iterable[Table], worth: Mapping[Couple, int]) -> tuple[int, int]:
    """Return how many people tables seat, and what their couples are worth."""
    listed = list(tables)
    total = sum(worth[pair] for table in listed for pair in couples(table))
    return sum(len(table) for table in listed), total


def _seat(tables: list[Table], ids: Sequence[int], worth: Mapping[Couple, int]) -> list[Table]:
    """Give everybody who has no partner a place at somebody's table, if bars allow it at all."""
    seated = {person for table in tables for person in table}
    for person in (one for one in ids if one not in seated):
        joined = [(table, (*table, person)) for table in tables if len(table) == 2]
        open_ = [both for both in joined if all(pair in worth for pair in couples(both[1]))]
        if open_:
            old, new = max(open_, key=lambda both: _value([both[1]], worth))
            tables = [table for table in tables if table != old] + [new]
            continue
        for first, second in combinations([old for old, _ in joined], 2):
            parted = _best_split((*first, *second, person), worth)
            if parted is not None:
                tables = [table for table in tables if table not in (first, second)]
                tables += parted
                break
    return tables


def _best_split(five: Sequence[int], worth: Mapping[Couple, int]) -> list[Table] | None:
    """Return the best trio and pair of five people; None if bars allow none."""
    ways = [
        [trio, tuple(person for person in five if person not in trio)]
        for trio in combinations(five, 3)
    ]
    open_ = [way for way in ways if all(pair in worth for table in way for pair in couples(table))]
    return max(open_, key=lambda way: _value(way, worth), default=None)


def _improved(tables: list[Table], worth: Mapping[Couple, int]) -> list[Table]:
    """Change places between a trio and the pairs for as long as that makes the round better."""
    for _ in range(IMPROVED_MOST):
        better: tuple[int, Table, Table, list[Table]] | None = None
        for trio in (table for table in tables if len(table) > 2):
            for pair in (table for table in tables if len(table) == 2):
                parted = _best_split((*trio, *pair), worth)
                if parted is None:
                    continue
                gain = _value(parted, worth)[1] - _value([trio, pair], worth)[1]
                if gain > (better[0] if better else 0):
                    better = (gain, trio, pair, parted)
        if better is None:
            break
        _, trio, pair, parted = better
        tables = [table for table in tables if table not in (trio, pair)] + parted
    return tables
