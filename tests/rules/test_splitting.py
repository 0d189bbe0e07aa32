"""How a group becomes two: bounds, what is kept, who is left alone, and how good the search is."""

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rules.splitting import Plan, Ties, least, measure, plan, settle

MINIMUM = 5


def circles(
    count: int, many: int, seed: int, *, inside: float = 0.4, outside: float = 0.02
) -> list[tuple[int, int, float]]:
    """Return ties of people who talk mostly within circles of friends; ids grow with joining."""
    rng = np.random.default_rng(seed)
    circle = rng.integers(many, size=count)
    return [
        (j, i, float(rng.integers(1, 30)))
        for i in range(count)
        for j in range(i)
        if rng.random() < (inside if circle[i] == circle[j] else outside)
    ]


def divisions(count: int, minimum: int) -> Iterable[dict[int, int]]:
    """Return every division of `count` people that keeps the bounds."""
    fewest = least(count, minimum)
    for size in range(fewest, count - fewest + 1):
        for ones in itertools.combinations(range(count), size):
            yield {who: int(who in ones) for who in range(count)}


def worth(found: Plan) -> tuple[int, float]:
    """Return what is wanted of a plan, in order: nobody stranded, then shares kept."""
    return -found.stranded, found.mean_share


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int, float]]]:
    """Groups of 10 to 40 people with any ties among them."""
    members = draw(st.lists(st.integers(1, 10**18), min_size=10, max_size=40, unique=True))
    pairs = list(itertools.combinations(members, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=80, unique=True))
    return members, [(a, b, draw(st.floats(0.01, 500))) for a, b in chosen]


@given(groups(), st.integers(0, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_plan_keeps_the_bounds(
    group: tuple[list[int], list[tuple[int, int, float]]], seed: int
) -> None:
    """Whoever talks with whom: all members, two sides within bounds, figures that add up."""
    members, ties = group
    found = plan(members, ties, minimum=MINIMUM, seed=seed)
    zeros, ones = found.sizes
    assert set(found.sides) == set(members)
    assert zeros - ones <= max(1, len(members) / 10)
    assert zeros >= ones >= MINIMUM
    assert found == measure(found.sides, ties)
    assert found == plan(list(reversed(members)), ties, minimum=MINIMUM, seed=seed)


@pytest.mark.parametrize(
    ("count", "minimum", "fewest"),
    [(10, 5, 5), (11, 5, 5), (25, 5, 12), (60, 5, 27), (150, 5, 68), (150, 75, 75), (151, 5, 68)],
)
def test_bounds(count: int, minimum: int, fewest: int) -> None:
    """The sides differ by at most a tenth, or by one, and each has the minimum."""
    assert least(count, minimum) == fewest
    assert count - 2 * fewest <= max(1, count / 10)
    assert fewest == minimum or count - 2 * (fewest - 1) > max(1, count / 10)


def test_too_few_for_two() -> None:
    """A group that is too small for two minimums is not split."""
    with pytest.raises(ValueError, match="2 groups"):
        plan(range(9), [], minimum=5)


def test_a_tie_counts_more_for_whom_it_is_all() -> None:
    """The mean is over people, not over messages: one friend who is all of two people's ties."""
    sides = {1: 0, 2: 0, 3: 1, 4: 1}
    found = measure(sides, [(1, 2, 1.0), (3, 4, 99.0), (2, 3, 1.0)])
    assert found.mean_share == pytest.approx((1 + 0.5 + 0.99 + 1) / 4)
    assert found.kept_weight == pytest.approx(100 / 101)
    assert found.stranded == 0
    assert found.between == {2}


def test_who_stands_between() -> None:
    """Shares that differ by less than a fifth stand between; exactly a fifth do not."""
    sides = {1: 0, 2: 0, 3: 1}
    assert 1 in measure(sides, [(1, 2, 59.0), (1, 3, 41.0)]).between
    assert 1 not in measure(sides, [(1, 2, 60.0), (1, 3, 40.0)]).between


def test_without_ties_the_sizes_are_balanced() -> None:
    """People who never answered anyone fill up both sides, and nobody counts as stranded."""
    found = plan(range(31), [], minimum=MINIMUM)
    assert sorted(found.sizes) in ([14, 17], [15, 16])
    assert (found.mean_share, found.kept_weight, found.stranded) == (1.0, 1.0, 0)


@pytest.mark.parametrize("seed", range(12))
def test_finds_what_trying_everything_finds(seed: int) -> None:
    """For few people the search ends where trying every division ends."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(10, 13))
    ties = circles(count, 3, seed, inside=0.6, outside=float(rng.uniform(0, 0.4)))
    best = max(worth(measure(sides, ties)) for sides in divisions(count, MINIMUM))
    found = worth(plan(range(count), ties, minimum=MINIMUM))
    assert found[0] == best[0]
    assert found[1] >= best[1] - 1e-9


@pytest.mark.parametrize("many", [2, 6, 20])
@pytest.mark.parametrize("seed", range(3))
def test_better_than_chance_and_than_the_newest_out(many: int, seed: int) -> None:
    """Circles of friends stay together as neither chance nor sending the newest away keeps them."""
    count = 150
    ties = circles(count, many, seed)
    found = plan(range(count), ties, minimum=MINIMUM)
    rng = np.random.default_rng(seed)
    by_chance = max(
        measure(dict(enumerate(rng.permutation(count) % 2)), ties).mean_share for _ in range(50)
    )
    newest_out = measure({who: int(who >= count // 2) for who in range(count)}, ties).mean_share
    assert found.stranded == 0
    assert found.mean_share > by_chance + 0.1
    assert found.mean_share > newest_out + 0.1


def test_two_camps_are_found() -> None:
    """Where the line is plain, it is found to the last person."""
    ties = [
        (a, b, 1.0)
        for a, b in itertools.combinations(range(140), 2)
        if (a < 72) == (b < 72) and (a + b) % 3
    ]
    found = plan(range(140), [*ties, (0, 139, 5.0)], minimum=MINIMUM, seed=7)
    assert found.sizes == (72, 68)
    assert {who for who, side in found.sides.items() if side} == set(range(72, 140))


def test_nobody_is_left_alone_where_it_can_be_helped() -> None:
    """Pairs who talk only with each other stay together, however the busy ones pull."""
    busy = [(a, b, 50.0) for a, b in itertools.combinations(range(30), 2)]
    pairs = [(a, a + 1, 0.1) for a in range(100, 120, 2)]
    found = plan([*range(30), *range(100, 120)], busy + pairs, minimum=MINIMUM)
    assert found.stranded == 0
    assert all(found.sides[a] == found.sides[a + 1] for a in range(100, 120, 2))


def test_whom_moderators_keep_apart_do_not_stay_together() -> None:
    """Even the closest pairs go separate ways when they must not meet."""
    ties = circles(60, 4, 1)
    close = sorted(ties, key=lambda tie: -tie[2])[:3]
    apart = [(a, b) for a, b, _ in close]
    found = plan(range(60), ties, minimum=MINIMUM, apart=apart)
    assert all(found.sides[a] != found.sides[b] for a, b in apart)


def test_of_equal_halves_the_facilitators_keeps_the_room() -> None:
    """Which half keeps the room is the larger one's right, and on a tie the facilitator's."""
    ties = [(a, b, 1.0) for a, b in itertools.combinations(range(20), 2) if (a < 10) == (b < 10)]
    for leads in (3, 14):
        found = plan(range(20), ties, minimum=MINIMUM, stay=[leads])
        assert found.sizes == (10, 10)
        assert found.sides[leads] == 0


def newcomers(ties: Ties, sides: dict[int, int], *joined: int, **more: object) -> dict[int, int]:
    """Settle with the usual minimum."""
    return settle(sides, joined, ties, minimum=MINIMUM, **more)  # pyright: ignore[reportArgumentType] - fields by name, as a test gives them


def test_who_joined_since_goes_where_their_ties_are() -> None:
    """Newcomers find their place by their ties, and nobody who was told is moved for them."""
    sides = {who: int(who >= 20) for who in range(40)}
    after = newcomers([(100, 3, 1.0), (101, 30, 5.0), (101, 3, 1.0)], sides, 100, 101, 102)
    assert (after[100], after[101]) == (0, 1)
    assert {who: after[who] for who in sides} == sides
    assert set(after) == {*sides, 100, 101, 102}


def test_newcomers_keep_the_sizes_in_bounds() -> None:
    """Many who join for one side are shared out once it would grow too large."""
    sides = {who: int(who >= 10) for who in range(20)}
    joined = tuple(range(100, 110))
    after = newcomers([(who, 0, 1.0) for who in joined], sides, *joined)
    ones = sum(after.values())
    assert abs(30 - 2 * ones) <= 3


def test_who_has_come_to_talk_with_the_other_half_only_is_not_left_alone() -> None:
    """Somebody without a tie on the side they were given is brought over, unless they chose it."""
    sides = {who: int(who >= 20) for who in range(41)}
    ties = [(0, 25, 2.0), (1, 2, 1.0)]
    assert newcomers(ties, sides, free={0, 1, 2})[0] == 1
    assert newcomers(ties, sides)[0] == 0


def test_who_has_no_ties_changes_places_with_who_would_be_alone() -> None:
    """Where the other side is full, a seat there is given by somebody whom it costs nothing."""
    sides = {who: int(who >= 22) for who in range(40)}  # 22 and 18: no further one fits
    ties = [(30, 0, 2.0), *((who, who + 1, 1.0) for who in range(0, 20, 2)), (31, 32, 1.0)]
    after = newcomers(ties, sides, free=set(sides) - {0})
    assert after[30] == 0
    moved = {who for who in sides if after[who] != sides[who]}
    assert moved in ({30, 20}, {30, 21})


def test_who_loses_least_changes_places_where_everybody_has_ties() -> None:
    """Being left without anyone is worse than one tie less for somebody who has several."""
    sides = {who: int(who >= 22) for who in range(40)}
    first = [(a, b, 1.0) for a, b in itertools.combinations(range(22), 2)]
    second = [(a, b, 1.0) for a, b in itertools.combinations(range(22, 40), 2) if a != 30 != b]
    after = newcomers([*first, *second, (30, 0, 2.0), (5, 25, 1.0)], sides, free=set(sides))
    assert {who for who in sides if after[who] != sides[who]} == {5, 30}


def test_newcomers_are_kept_apart() -> None:
    """Someone who joined since does not end up with whom they must not meet."""
    sides = {who: int(who >= 20) for who in range(40)}
    after = newcomers([(100, 3, 9.0), (100, 25, 1.0)], sides, 100, apart=[(3, 100)])
    assert after[100] == 1


def test_when_many_left_one_half_just_enough_come_over() -> None:
    """Where one half has emptied, as few as it takes fill it up, and nobody who chose."""
    sides = {who: int(who >= 25) for who in range(35)}
    chose = set(range(5))
    after = newcomers([(20, 30, 3.0)], sides, free=set(sides) - chose)
    moved = {who for who in sides if after[who] != sides[who]}
    assert sum(after.values()) == least(35, MINIMUM) == 16
    assert len(moved) == 6
    assert 20 in moved
    assert not moved & chose
