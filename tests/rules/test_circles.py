"""Circles: the planted ones are found, in sizes that a group can have; chance is called chance."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import communities
from bot.rules.circles import NOWHERE, STEADY, Found, divided, find, joined, set_apart
from bot.rules.communities import Floats, Ints

Ties = tuple[Ints, Ints, Floats]


def ties(pairs: dict[tuple[int, int], float]) -> Ties:
    """Return pairs with their weights as the search takes them."""
    low, high = (np.array([pair[n] for pair in pairs], dtype=np.int64) for n in (0, 1))
    return low, high, np.array(list(pairs.values()), dtype=np.float64)


def planted(sizes: list[int], seed: int, *, within: float, beyond: float) -> Ties:
    """Return ties by lot: `within` of the pairs of one circle are tied, `beyond` of all others."""
    chance = np.random.default_rng(seed)
    circle = np.repeat(np.arange(len(sizes)), sizes)
    low, high = np.triu_indices(len(circle), k=1)
    odds = np.where(circle[low] == circle[high], within, beyond)
    tied = chance.random(len(low)) < odds
    weight = chance.integers(1, 4, int(tied.sum())).astype(np.float64)
    return low[tied].astype(np.int64), high[tied].astype(np.int64), weight


def sets(found: Found) -> set[frozenset[int]]:
    """Return the circles' people."""
    return {frozenset(circle.people) for circle in found.circles}


@pytest.mark.parametrize("sizes", [[6, 9, 20], [12, 12, 12, 12], [40, 60, 8, 8, 30, 14]])
def test_circles_that_are_there_are_found(sizes: list[int]) -> None:
    """Each of them, whole, and each is steady; nobody says how many there are."""
    found = find(*planted(sizes, 1, within=0.7, beyond=0.01))
    ends = np.cumsum([0, *sizes])
    expected = {frozenset(range(begin, end)) for begin, end in itertools.pairwise(ends)}
    assert sets(found) == expected
    assert all(circle.steadiness > STEADY for circle in found.circles)
    assert [len(circle.people) for circle in found.circles] == sorted(sizes, reverse=True)
    assert found.nowhere == ()


def test_ties_by_lot_make_few_steady_circles() -> None:
    """Where everybody is tied to anybody by chance, little is steady enough to offer."""
    found = find(*planted([400], 4, within=0.02, beyond=0))
    offered = sum(len(one.people) for one in found.circles if one.steadiness >= STEADY)
    assert offered < 100
    assert found.agreement < 0.4


@pytest.mark.parametrize("people", [5, 6, 7, 8, 11, 20, 60])
def test_friends_with_nobody_around_them_are_one_circle(people: int) -> None:
    """Whether all are tied to all or half of the pairs; beside a pair of strangers, too."""
    low, high, weight = planted([people], 6, within=1.0, beyond=0)
    (alone,) = find(low, high, weight).circles
    assert (len(alone.people), alone.steadiness) == (people, 1)
    beside = find(np.append(low, 900), np.append(high, 901), np.append(weight, 3.0))
    assert sets(beside) == {frozenset(range(people))}
    if people > 8:
        looser = find(*planted([people], 7, within=0.5, beyond=0))
        assert sets(looser) == {frozenset(range(people))}


def test_two_steady_halves_of_one_piece_stay_two() -> None:
    """However many of the pairs are tied in all."""
    found = find(*planted([10, 10], 8, within=0.9, beyond=0.08))
    assert sets(found) == {frozenset(range(10)), frozenset(range(10, 20))}


def test_what_is_too_large_is_divided_and_nobody_is_lost() -> None:
    """A crowd in which all talk with all is cut to size; who is anywhere, is there once."""
    found = find(*planted([190, 40], 2, within=0.6, beyond=0.002), most=80)
    sizes = [len(circle.people) for circle in found.circles]
    assert max(sizes) <= 80
    everyone = [person for circle in found.circles for person in circle.people]
    assert sorted([*everyone, *found.nowhere]) == list(range(230))
    assert frozenset(range(190, 230)) in sets(found)


def test_a_crowd_that_nothing_tells_apart_is_cut_to_size() -> None:
    """Even where every tie is alike, no circle is larger than a group can be."""
    low, high = (part.astype(np.int64) for part in np.triu_indices(70, k=1))
    whole = communities.web(70, low, high, np.ones(len(low)))
    parted = divided(whole, np.zeros(70, dtype=np.int64), 30, seed=0)
    assert np.bincount(parted).max() <= 30


def test_tiny_ones_join_whom_they_are_tied_to_most() -> None:
    """Two who cling to a circle of six are in it; two who know nobody else are nowhere."""
    pairs = {(a, b): 2.0 for a in range(6) for b in range(a)}
    pairs |= {(6, 7): 9.0, (6, 0): 1.0, (8, 9): 3.0, (20, 21): 1.0}
    pairs |= {(a, b): 2.0 for a in range(10, 16) for b in range(10, a)}
    pairs |= {(7, 10): 0.5}
    found = find(*ties(pairs))
    assert sets(found) == {frozenset(range(8)), frozenset(range(10, 16))}
    assert set(found.nowhere) == {8, 9, 20, 21}


def test_tiny_ones_become_one_together() -> None:
    """Three and three who are tied make a circle of six; a full neighbour takes nobody."""
    low, high, weight = ties({(0, 1): 1, (1, 2): 1, (3, 4): 1, (4, 5): 1, (2, 3): 0.1, (5, 6): 5})
    whole = communities.web(7, low, high, weight)
    parted = np.array([0, 0, 0, 1, 1, 1, 2], dtype=np.int64)
    assert (
        joined(whole, parted, 5, 7).tolist()
        == [parted[0]] * 0 + joined(whole, parted, 5, 7).tolist()
    )
    assert len(set(joined(whole, parted, 5, 7).tolist())) == 1
    full = joined(whole, parted, 4, 4)
    assert (full == NOWHERE).sum() == 3  # the three, or the three and the one, have no room


def test_people_without_ties_are_left_out() -> None:
    """A tie of nothing, and one to oneself, are none."""
    pairs = {(a, b): 1.0 for a in range(6) for b in range(a)}
    found = find(*ties({**pairs, (7, 8): 0.0, (9, 9): 4.0}))
    assert sets(found) == {frozenset(range(6))}
    assert found.nowhere == ()


@pytest.mark.parametrize("people", [0, 1, 2, 4])
def test_fewer_than_five_are_no_circle(people: int) -> None:
    """Whatever ties they have."""
    found = find(*ties({(a, b): 5.0 for a in range(people) for b in range(a)}))
    assert found.circles == ()


def test_a_pair_is_worth_the_sum_of_its_places() -> None:
    """Ties of a group and of the commons add up, whichever way round they stand."""
    once = ties({(a, b): 3.0 for a in range(8) for b in range(a)})
    low, high, _ = once
    thirds = (
        np.concatenate([low, high, low]),
        np.concatenate([high, low, high]),
        np.ones(3 * len(low)),
    )
    assert find(*once) == find(*thirds)


def test_people_who_are_kept_apart_are_in_none_together() -> None:
    """The one with fewer ties to it goes where they are tied to next; the circle stays."""
    low, high, weight = planted([20, 20], 3, within=0.6, beyond=0.03)
    before = sets(find(low, high, weight))
    one, other, third = 0, 1, 2
    assert any({one, other, third} <= circle for circle in before)
    pairs = [(one, other), (other, third), (one, third)]
    after = find(low, high, weight, apart=[*pairs, (5, 999)])
    for first, second in pairs:
        assert not any({first, second} <= set(circle.people) for circle in after.circles)
    assert len(after.circles) == 2
    assert set(after.nowhere) <= {one, other, third}


def test_a_circle_that_becomes_too_small_is_none() -> None:
    """Of five, two of whom are kept apart, four are left: no circle."""
    found = find(*ties({(a, b): 1.0 for a in range(5) for b in range(a)}), apart=[(0, 1)])
    assert found.circles == ()
    assert set(found.nowhere) == set(range(5))


def test_who_is_kept_apart_goes_to_no_circle_with_another_such() -> None:
    """Nor to one without room."""
    pairs = {(a, b): 1.0 for a in range(6) for b in range(a)}
    pairs |= {(a, b): 1.0 for a in range(6, 12) for b in range(6, a)}
    low, high, weight = ties(pairs | {(0, 6): 0.2})
    whole = communities.web(12, low, high, weight)
    parted = np.array([0] * 6 + [1] * 6, dtype=np.int64)
    assert set_apart(whole, parted, [(0, 1)], 5, 150)[[0, 1]].tolist() in ([1, 0], [0, NOWHERE])
    assert set_apart(whole, parted, [(0, 1), (0, 7)], 5, 150)[0] == NOWHERE
    assert set_apart(whole, parted, [(0, 1)], 5, 6)[0] == NOWHERE


def test_who_would_rather_not_goes_themselves() -> None:
    """Whoever is wished away from stays, however few ties they have."""
    pairs = {(a, b): 1.0 for a in range(7) for b in range(a)}
    found = find(*ties(pairs | {(0, 1): 9.0}), rather_not=[(0, 6)])
    assert sets(found) == {frozenset(range(1, 7))}
    assert found.nowhere == (0,)


def test_the_same_ties_give_the_same_circles() -> None:
    """Whatever the order in which they come."""
    low, high, weight = planted([15, 15, 30, 9], 5, within=0.4, beyond=0.03)
    order = np.random.default_rng(1).permutation(len(low))
    assert find(low, high, weight) == find(high[order], low[order], weight[order])


@given(st.integers(0, 10_000), st.integers(5, 60), st.floats(0.02, 0.5))
def test_whatever_the_ties_sizes_hold_and_everyone_is_once(
    seed: int, people: int, share: float
) -> None:
    """Between five and the most; nobody in two, nobody without ties in any."""
    low, high, weight = planted([people], seed, within=share, beyond=0)
    apart = [(0, 1), (2, 3)]
    found = find(low, high, weight, most=12, apart=apart, seed=seed)
    everyone = [person for circle in found.circles for person in circle.people]
    assert sorted([*everyone, *found.nowhere]) == sorted({*low.tolist(), *high.tolist()})
    for circle in found.circles:
        assert 5 <= len(circle.people) <= 12
        assert 0 <= circle.steadiness <= 1
        assert not any({one, other} <= set(circle.people) for one, other in apart)


def test_agreement_is_one_for_the_same_and_nothing_for_chance() -> None:
    """However the parts are numbered; the known example of Hubert and Arabie's index holds."""
    one = np.array([0, 0, 0, 1, 1, 1], dtype=np.int64)
    assert communities.agreement(one, 1 - one) == 1
    assert communities.agreement(one, np.zeros(6, dtype=np.int64)) == 0
    other = np.array([0, 0, 1, 1, 2, 2], dtype=np.int64)
    assert communities.agreement(one, other) == pytest.approx(0.24242424)
    alone = np.arange(4, dtype=np.int64)
    assert communities.agreement(alone, alone) == 1
    chance = np.random.default_rng(1)
    lots = [chance.integers(0, 5, 2000) for _ in range(2)]
    assert abs(communities.agreement(lots[0], lots[1])) < 0.01


def test_steadiness_is_the_mean_of_the_best_overlaps() -> None:
    """Whole in one run, two of three in another that took in a stranger: (1 + 2/4) / 2."""
    parted = np.array([0, 0, 0, 1, 1], dtype=np.int64)
    run = np.array([0, 0, 1, 0, 1], dtype=np.int64)
    steady = communities.steadiness(parted, [parted, run])
    assert steady.tolist() == [(1 + 2 / 4) / 2, (1 + 1 / 3) / 2]


def test_a_web_without_some_ties_keeps_the_others() -> None:
    """Both ends of a tie go; people stay, even without any."""
    low, high, weight = ties({(0, 1): 1.0, (1, 2): 2.0, (0, 3): 4.0})
    whole = communities.web(4, low, high, weight)
    left = communities.without(whole, np.array([True, False, True]))
    assert left.people == 4
    assert left.ties == 2
    assert left.start.tolist() == [0, 2, 3, 3, 4]
    assert left.to.tolist() == [1, 3, 0, 0]
    assert left.weight.tolist() == [1, 4, 1, 4]
    nothing = communities.without(whole, np.zeros(3, dtype=np.bool_))
    assert communities.communities(nothing, 1.0, 0).tolist() == [0, 1, 2, 3]
