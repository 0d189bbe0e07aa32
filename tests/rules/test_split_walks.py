"""The walks behind a split: what they add up is what a division is worth, reckoned from scratch."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rules.split_graph import (
    CROWDED_COSTS,
    FAIR,
    MEETING_COSTS,
    NOBODY_COSTS,
    ONLY_WILLING_COSTS,
    SILENT_COSTS,
    STRANDED_COSTS,
    Frame,
    Graph,
    Sides,
    Ties,
    Wishes,
)
from bot.rules.split_search import Effort, aligned, repaired, search
from bot.rules.split_starts import cut, merged, packed, starts
from bot.rules.split_walks import Walks


def reckoned(people: int, ties: Ties, wishes: Wishes, side: Sides, children: int) -> float:
    """Return what a division is worth by the definition, one thing after the other."""
    total = 0.0
    sums = [sum(w for a, b, w in ties if who in (a, b)) for who in range(people)]
    for who in range(people):
        kept = sum(w for a, b, w in ties if who in (a, b) and side[a] == side[b])
        if sums[who]:
            total += kept / sums[who] - STRANDED_COSTS * (kept == 0)
    kept_apart = {frozenset(pair) for pair in wishes.apart}
    for a, b, w in ties:
        if frozenset((a, b)) in kept_apart and side[a] == side[b]:
            total -= w / sums[a] + w / sums[b]  # a tie that must not be is worth nothing
    total -= MEETING_COSTS * sum(side[a] == side[b] for a, b in kept_apart)
    total += sum(w for a, b, w in wishes.together if side[a] == side[b])
    total -= sum(w for a, b, w in wishes.rather_apart if side[a] == side[b])
    willing = set(wishes.willing) - set(wishes.leaders)
    active = sum(wishes.active.values())
    for one in range(children):
        here = {who for who in range(people) if side[who] == one}
        leaders, fair = len(here & set(wishes.leaders)), len(wishes.leaders) // children
        if wishes.leaders or willing:
            total -= NOBODY_COSTS * (not leaders and not here & willing)
        if fair:
            total -= ONLY_WILLING_COSTS * (not leaders) + CROWDED_COSTS * max(0, fair - leaders)
        if active:
            mine = sum(wishes.active.get(who, 0.0) for who in here) * children / active
            total -= SILENT_COSTS * max(0.0, FAIR - mine)
    return total


@st.composite
def questions(draw: st.DrawFn) -> tuple[int, Ties, Wishes, Frame, int]:
    """Groups of 6 to 16 people with ties, wishes, offices and activity, and how they part."""
    people, children = draw(st.integers(6, 16)), draw(st.integers(2, 3))
    pairs = list(itertools.combinations(range(people), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=25, unique=True))
    some = draw(st.lists(st.sampled_from(pairs), max_size=6, unique=True))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    ties = [(a, b, float(rng.uniform(0.1, 20))) for a, b in chosen]
    who = rng.permutation(people)
    wishes = Wishes(
        apart=some[:2],
        together=[(a, b, 0.5) for a, b in some[2:4]],
        rather_apart=[(a, b, 0.3) for a, b in some[4:]],
        leaders=[int(one) for one in who[: draw(st.integers(0, 4))]],
        willing=[int(one) for one in who[3 : 3 + draw(st.integers(0, 3))]],
        active={int(one): float(rng.uniform(0, 5)) for one in who[: draw(st.integers(0, 9))]},
    )
    fewest = people // children - draw(st.integers(0, 1))
    frame = Frame(children, fewest, people - (children - 1) * fewest)
    return people, ties, wishes, frame, draw(st.integers(0, 99))


@given(questions())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walks_know_what_their_divisions_are_worth(
    question: tuple[int, Ties, Wishes, Frame, int],
) -> None:
    """After any steps, the worth that was added up move by move is that of the division."""
    people, ties, wishes, frame, seed = question
    rng = np.random.default_rng(seed)
    graph = Graph(range(people), ties, wishes)
    walks = Walks(graph, frame, rng.integers(frame.children, size=(5, people)))
    walks.run(25, rng)
    for side, value in zip(walks.side, walks.value, strict=True):
        assert value == pytest.approx(reckoned(people, ties, wishes, side, frame.children))
    for side, value in zip(walks.best, walks.best_value, strict=True):
        assert value == pytest.approx(reckoned(people, ties, wishes, side, frame.children))
        assert frame.outside(np.bincount(side, minlength=frame.children)) == 0


def test_a_step_takes_the_best_move_there_is() -> None:
    """Of all people and sides, the one step of a walk is worth the most afterwards."""
    rng = np.random.default_rng(4)
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(12), 2) if rng.random() < 0.3]
    side = rng.permutation(np.arange(12) % 2)
    walks = Walks(Graph(range(12), ties), Frame(2, 4, 8), side[None])
    walks.run(1, rng)
    moved: list[float] = []
    for who in range(12):
        over = side.copy()
        over[who] = 1 - over[who]
        moved.append(reckoned(12, ties, Wishes(), over, 2))
    assert walks.value[0] == pytest.approx(max(moved))


def test_two_change_places_where_no_seat_is_free() -> None:
    """With sides of exactly equal size a better division is reached by exchanging people."""
    ties = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0), (3, 5, 1.0)]
    side = np.array([[0, 0, 1, 0, 1, 1]])
    walks = Walks(Graph(range(6), ties), Frame(2, 3, 3), side)
    walks.run(6, np.random.default_rng(0))
    assert len(set(walks.best[0][:3])) == len(set(walks.best[0][3:])) == 1
    assert walks.best_value[0] == pytest.approx(6)


def test_who_may_not_move_does_not() -> None:
    """Only the movable change sides, also where everybody else would gain by it."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(10), 2) if (a < 5) == (b < 5)]
    side = np.arange(10) % 2
    movable = np.arange(10) < 3
    walks = Walks(Graph(range(10), ties), Frame(2, 2, 8), side[None], movable=movable)
    walks.run(20, np.random.default_rng(0))
    assert (walks.best[0][~movable] == side[~movable]).all()


def test_bringing_within_moves_as_few_as_it_takes() -> None:
    """Three too many on a side: three go over, those who lose least by it."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(9), 2)]
    side = np.array([0] * 12)
    walks = Walks(Graph(range(12), ties), Frame(2, 3, 9), side[None])
    walks.bring_within()
    assert set(np.flatnonzero(walks.side[0])) == {9, 10, 11}
    stuck = Walks(
        Graph(range(4), []),
        Frame(2, 2, 2),
        np.zeros((1, 4), dtype=np.intp),
        movable=np.zeros(4, dtype=np.bool_),
    )
    stuck.bring_within()
    assert not stuck.side.any()


def test_circles_are_merged_up_to_a_size_and_packed_whole() -> None:
    """Friends end up in one circle, no circle is too large, and sides are made of whole ones."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(20), 2) if a // 5 == b // 5]
    graph = Graph(range(20), [*ties, (0, 5, 0.2), (10, 15, 0.2)])
    labels = merged(graph, 6)
    assert [len(set(labels[start : start + 5])) for start in range(0, 20, 5)] == [1] * 4
    assert np.unique(labels, return_counts=True)[1].max() == 5
    side = packed(labels, 2)
    assert np.bincount(side).tolist() == [10, 10]
    assert all(len(set(side[start : start + 5])) == 1 for start in range(0, 20, 5))
    assert np.unique(merged(graph, 3), return_counts=True)[1].max() <= 3


def test_every_start_has_everybody_somewhere() -> None:
    """Orderings, circles and chance all put each person on one of the sides."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(30), 2) if a % 4 == b % 4]
    graph, frame = Graph(range(30), ties), Frame(3, 8, 12)
    begun = list(itertools.islice(starts(graph, frame, np.random.default_rng(1)), 24))
    for side in begun:
        assert set(side) <= {0, 1, 2}
        assert side.shape == (30,)
    assert len({side.tobytes() for side in begun}) > 12
    assert np.bincount(cut(np.arange(30.0), 3)).tolist() == [10, 10, 10]


def test_sides_are_named_alike_before_two_divisions_are_crossed() -> None:
    """The same division under other names is the same."""
    side = np.array([0, 0, 1, 1, 2, 2])
    other = np.array([2, 2, 0, 0, 1, 1])
    assert (aligned(other, side, 3) == side).all()


def test_the_stranded_are_brought_to_whom_they_talk_with() -> None:
    """A pair that was cut in two, on full sides, is together afterwards."""
    clique = list(itertools.combinations(range(5), 2))
    ties = [(a, b, 9.0) for a, b in clique] + [(a + 5, b + 5, 9.0) for a, b in clique]
    graph = Graph(range(14), [*ties, (10, 11, 0.1), (12, 0, 0.1), (13, 5, 0.1)])
    side = np.array([0] * 5 + [1] * 5 + [0, 1, 0, 1])
    after = repaired(graph, Frame(2, 6, 8), side, np.random.default_rng(0))
    assert graph.stranded(side).sum() == 2
    assert graph.stranded(after).sum() == 0
    assert after[10] == after[11]


def test_to_whom_it_does_not_matter_fill_up_the_sides() -> None:
    """People without ties even out sizes first, and the activity with them."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(8), 2)]
    active = dict.fromkeys(range(8, 12), 10.0) | dict.fromkeys(range(12, 24), 1.0)
    graph = Graph(range(24), ties, Wishes(active=active))
    side = search(graph, Frame(2, 11, 13), np.random.default_rng(0))
    assert np.bincount(side).tolist() in ([12, 12], [11, 13], [13, 11])
    assert len(set(side[:8])) == 1
    shares = np.bincount(side, graph.active)
    assert abs(shares[0] - shares[1]) <= 10


def test_the_effort_is_bounded() -> None:
    """Groups at their cap get all of it, crowds of a thousand a little; none gets none."""
    assert Effort.usual(150, 2) == Effort.usual(300, 3) == Effort()
    crowd = Effort.usual(1200, 8)
    assert 0 < crowd.walks < Effort().walks
    assert crowd.crossings == 1
    assert Effort.usual(0, 2) == Effort()
