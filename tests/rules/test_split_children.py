"""A split into as many groups as asked, where more counts than ties: wishes, offices, activity."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.rules.splitting import Ties, bounds, measure, plan, settle

MINIMUM = 5


def camps(*sizes: int) -> list[tuple[int, int, float]]:
    """Return ties of people who talk within their camp only; ids in the order of camps."""
    of = [camp for camp, size in enumerate(sizes) for _ in range(size)]
    pairs = itertools.combinations(range(len(of)), 2)
    return [(a, b, 1.0 + (a + b) % 3) for a, b in pairs if of[a] == of[b]]


@given(st.integers(4, 500), st.integers(2, 6), st.integers(1, 40), st.integers(0, 40))
@settings(max_examples=300)
def test_bounds_leave_room_for_everybody(
    count: int, children: int, minimum: int, above: int
) -> None:
    """Whatever is asked and possible, sides differ by a tenth at most and take all members."""
    assume(children * minimum <= count)
    cap = -(-count // children) + above
    fewest, most = bounds(count, minimum, cap, children)
    assert children * fewest <= count <= children * most
    assert minimum <= fewest <= most <= cap
    assert most - fewest <= max(1, count // 10)
    without = bounds(count, minimum, None, children)
    assert without[0] <= fewest <= most <= without[1]


def test_too_many_for_so_few_groups() -> None:
    """Where two full groups would not hold everybody, two are not enough."""
    with pytest.raises(ValueError, match="2 groups of at most 150"):
        plan(range(301), [], minimum=MINIMUM, cap=150)
    assert max(plan(range(300), [], minimum=MINIMUM, cap=150).sizes) == 150


@given(st.integers(15, 40), st.integers(2, 4), st.integers(0, 5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_plans_for_any_number_of_children_keep_the_bounds(
    count: int, children: int, seed: int
) -> None:
    """All members, sides within bounds, the first not smaller than the others, the same again."""
    assume(children * MINIMUM <= count)
    rng = np.random.default_rng(seed)
    ties = [
        (a, b, float(rng.uniform(0.1, 9)))
        for a, b in itertools.combinations(range(count), 2)
        if rng.random() < 0.15
    ]
    found = plan(range(count), ties, minimum=MINIMUM, children=children, seed=seed)
    fewest, most = bounds(count, MINIMUM, None, children)
    assert len(found.sizes) == children
    assert sum(found.sizes) == count == len(found.sides)
    assert all(fewest <= size <= most for size in found.sizes)
    assert found.sizes[0] == max(found.sizes)
    assert found == plan(range(count), ties, minimum=MINIMUM, children=children, seed=seed)


@pytest.mark.parametrize("seed", range(4))
def test_three_are_found_as_trying_everything_finds_them(seed: int) -> None:
    """For few people the search for three groups ends where trying every division ends."""
    rng = np.random.default_rng(seed)
    ties = [
        (a, b, float(rng.integers(1, 9)))
        for a, b in itertools.combinations(range(9), 2)
        if rng.random() < 0.35
    ]
    best = (-9, 0.0)
    for two in itertools.combinations(range(1, 9), 2):
        first = {0, *two}
        rest = sorted(set(range(9)) - first)
        for others in itertools.combinations(rest[1:], 2):
            second = {rest[0], *others}
            sides = {who: 0 if who in first else 1 if who in second else 2 for who in range(9)}
            kept = measure(sides, ties, children=3)
            best = max(best, (-kept.stranded, kept.mean_share))
    found = plan(range(9), ties, minimum=3, children=3)
    assert found.sizes == (3, 3, 3)
    assert -found.stranded == best[0]
    assert found.mean_share == pytest.approx(best[1])


def test_three_camps_are_found() -> None:
    """Where the lines are plain, each camp is a group, and the largest keeps the room."""
    found = plan(range(150), camps(46, 55, 49), minimum=MINIMUM, cap=60, children=3)
    assert found.sizes == (55, 49, 46)
    assert (found.mean_share, found.stranded) == (1.0, 0)


def test_between_three_is_who_has_as_much_elsewhere() -> None:
    """Somebody stands between where one other side has about as much as their own."""
    sides = {1: 0, 2: 0, 3: 1, 4: 2}
    ties: Ties = [(1, 2, 40.0), (1, 3, 35.0), (1, 4, 25.0), (2, 4, 10.0)]
    assert measure(sides, ties, children=3).between == {1}
    assert measure(sides, ties, children=3).sizes == (2, 1, 1)


def test_who_would_like_to_live_together_does_where_it_costs_little() -> None:
    """A wish outweighs a weak tie, and does not tear somebody from all their friends."""
    ties = camps(20, 20)
    strangers = [*range(40, 44)]
    people = [*range(40), *strangers]
    wishes = [(40, 0, 0.5), (41, 0, 0.5), (42, 25, 0.5), (0, 25, 0.9)]
    found = plan(people, ties, minimum=MINIMUM, together=wishes).sides
    assert found[40] == found[41] == found[0]
    assert found[42] == found[25]
    assert found[0] != found[25]


def test_who_would_rather_live_apart_does_where_it_costs_little() -> None:
    """A wish for distance parts strangers, while only moderators part close friends."""
    ties = camps(20, 20)
    people = [*range(40), 40, 41]
    rather = [(40, 41, 0.3), (1, 2, 0.3)]
    found = plan(people, ties, minimum=MINIMUM, rather_apart=rather).sides
    assert found[40] != found[41]
    assert found[1] == found[2]
    parted = plan(people, ties, minimum=MINIMUM, rather_apart=rather, apart=[(1, 2)]).sides
    assert parted[1] != parted[2]


def test_every_group_has_somebody_who_looks_after_it() -> None:
    """Two friends who both look after the group go separate ways; of four, two and two."""
    ties = camps(20, 20)
    found = plan(range(40), ties, minimum=MINIMUM, leaders=[3, 5]).sides
    assert found[3] != found[5]
    found = plan(range(40), ties, minimum=MINIMUM, leaders=[3, 25, 26, 27]).sides
    assert [found[who] for who in (3, 25, 26, 27)].count(found[3]) == 1, "friends rather stay"
    spread = plan(range(40), [], minimum=MINIMUM, leaders=[3, 25, 26, 27]).sides
    assert [spread[who] for who in (3, 25, 26, 27)].count(0) == 2


def test_a_willing_one_stands_in_where_nobody_looks_after_a_group() -> None:
    """With one leader the other group gets somebody who would; with none, both do."""
    ties = camps(20, 20)
    found = plan(range(40), ties, minimum=MINIMUM, leaders=[3], willing=[5, 6]).sides
    assert {found[3], found[5], found[6]} == {0, 1}
    found = plan(range(60), camps(20, 20, 20), minimum=MINIMUM, children=3, willing=[0, 1, 2])
    assert {found.sides[who] for who in (0, 1, 2)} == {0, 1, 2}


def test_no_group_is_left_with_the_silent_ones() -> None:
    """Where the ties would put all active people into one group, the other gets its share."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(20), 2) if (a + b) % 4]
    ties += [(a, a + 1, 1.0) for a in range(20, 40, 2)]
    active = {who: 30.0 if who < 20 else 1.0 for who in range(40)}
    alone = plan(range(40), ties, minimum=MINIMUM)
    assert len({alone.sides[who] for who in range(20)}) == 1
    found = plan(range(40), ties, minimum=MINIMUM, active=active)
    share = [
        sum(active[who] for who, side in found.sides.items() if side == one) for one in range(2)
    ]
    assert min(share) >= 0.3 * sum(share)
    assert found.stranded == 0


def test_newcomers_find_their_place_among_three() -> None:
    """They live where their ties are, or where there is most room; nobody else is moved."""
    ties = [*camps(20, 20, 20), (60, 45, 1.0), (61, 25, 2.0), (61, 3, 1.0)]
    sides = {who: who // 20 for who in range(60)}
    after = settle(sides, [60, 61, 62], ties, minimum=MINIMUM, children=3)
    assert (after[60], after[61], after[62]) == (2, 1, 0)
    assert {who: after[who] for who in sides} == sides


def test_who_would_be_alone_among_three_is_brought_over() -> None:
    """Somebody whose people are all in another group joins them, on full sides by an exchange."""
    sides = {who: who // 6 for who in range(18)}
    ties = [(a, b, 1.0) for a, b, _ in camps(6, 6, 6) if 17 not in (a, b) and 11 not in (a, b)]
    ties.append((17, 6, 2.0))
    after = settle(sides, [], ties, minimum=6, children=3, free=set(sides))
    assert after[17] == 1
    assert {who for who in sides if after[who] != sides[who]} == {17, 11}


def test_when_many_left_one_of_three_others_fill_it_up() -> None:
    """As few as it takes come over, and nobody who chose."""
    sides = {who: 0 if who < 20 else 1 if who < 40 else 2 for who in range(48)}
    chose = set(range(10))
    after = settle(sides, [], [], minimum=MINIMUM, children=3, free=set(sides) - chose)
    sizes = [list(after.values()).count(side) for side in range(3)]
    fewest, most = bounds(48, MINIMUM, None, 3)
    assert all(fewest <= size <= most for size in sizes)
    moved = {who for who in sides if after[who] != sides[who]}
    assert len(moved) == fewest - 8
    assert not moved & chose


def test_wishes_count_for_who_joined_since() -> None:
    """A newcomer without ties is put with whom they would like to live, and not with the other."""
    sides = {who: int(who >= 10) for who in range(20)}
    after = settle(
        sides, [30, 31], [], minimum=MINIMUM, together=[(30, 15, 0.5)], rather_apart=[(31, 2, 0.5)]
    )
    assert (after[30], after[31]) == (1, 1)
