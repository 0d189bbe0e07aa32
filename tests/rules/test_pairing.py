"""Who meets whom in a round: everybody, nobody they must not meet, and somebody new first."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.pairing import (
    HALVING,
    UNTOLD,
    Person,
    couple,
    couples,
    faded,
    in_common,
    match,
)


def people(count: int) -> list[Person]:
    """Return people who told no hours, all of one group."""
    return [Person(number) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 7, 9, 10, 11, 30, 31])
def test_everybody_sits_at_one_table_and_at_most_one_is_of_three(count: int) -> None:
    """Pairs, and one trio where the number is odd."""
    round_ = match(people(count), {}, (), seed=1)
    seated = Counter(person for table in round_.tables for person in table)
    assert seated == dict.fromkeys(range(1, count + 1), 1)
    assert sorted({len(table) for table in round_.tables} - {2}) == [3] * (count % 2)
    assert sum(len(table) == 3 for table in round_.tables) == count % 2
    assert round_.left == ()


@pytest.mark.parametrize("count", [0, 1])
def test_one_person_alone_is_left(count: int) -> None:
    """There is nobody to meet."""
    assert match(people(count), {}, (), seed=1).tables == ()
    assert match(people(count), {}, (), seed=1).left == tuple(range(1, count + 1))


def test_nobody_meets_again_while_there_is_somebody_new() -> None:
    """Eight people need seven rounds to meet all; the eighth begins anew with who was first."""
    met: dict[tuple[int, int], list[int]] = {}
    for number in range(7):
        known = {pair: faded([number - at for at in before]) for pair, before in met.items()}
        for table in match(people(8), known, (), seed=number).tables:
            assert table[0] < table[1]
            assert couple(*table) not in met or _nobody_new(met, 8)
            met.setdefault(couple(*table), []).append(number)


def _nobody_new(met: dict[tuple[int, int], list[int]], count: int) -> bool:
    """Return whether no round of new couples only is left."""
    new = [pair for pair in combinations(range(1, count + 1), 2) if pair not in met]

    def seatable(left: frozenset[int]) -> bool:
        if not left:
            return True
        one = min(left)
        return any(seatable(left - set(pair)) for pair in new if one in pair and set(pair) <= left)

    return not seatable(frozenset(range(1, count + 1)))


def test_of_those_who_met_the_longest_ago_comes_first() -> None:
    """All have met all: the round of six weeks ago comes again, not that of last week."""
    ago = {(1, 2): 6, (3, 4): 6, (1, 3): 1, (2, 4): 1, (1, 4): 3, (2, 3): 3}
    met = {pair: faded([weeks]) for pair, weeks in ago.items()}
    assert set(match(people(4), met, (), seed=1).tables) == {(1, 2), (3, 4)}


def test_a_trio_is_where_it_repeats_least() -> None:
    """Five people: the couples of the trio and the pair are all new ones, if that can be."""
    met = {(1, 2): 1.0, (3, 4): 1.0}
    tables = match(people(5), met, (), seed=1).tables
    assert not {pair for table in tables for pair in couples(table)} & set(met)


@given(st.integers(4, 14), st.data())
def test_bars_hold_whatever_they_cost(count: int, data: st.DataObject) -> None:
    """Nobody meets whom they must not; who is left could have joined no pair."""
    every = list(combinations(range(1, count + 1), 2))
    bars = data.draw(st.sets(st.sampled_from(every)))
    round_ = match(people(count), {}, bars, seed=data.draw(st.integers(0, 9)))
    seated = [person for table in round_.tables for person in table]
    assert sorted([*seated, *round_.left]) == list(range(1, count + 1))
    assert not {pair for table in round_.tables for pair in couples(table)} & bars
    for one in round_.left:
        for table in (table for table in round_.tables if len(table) == 2):
            assert {couple(one, other) for other in table} & bars


def test_who_has_no_partner_for_bars_joins_two_others() -> None:
    """Three who may not meet each other, and three who may meet anybody: three pairs."""
    bars = {(1, 2), (1, 3), (2, 3)}
    assert match(people(6), {}, bars, seed=3).left == ()
    # With two others only, one of the three joins nobody: whoever sits there is barred.
    assert len(match(people(5), {}, bars, seed=3).left) == 1


def test_places_are_changed_so_that_nobody_is_left() -> None:
    """All meet across; the one who may meet none of the other side sits with two of their own."""
    crowd = [Person(one, side=one % 2) for one in range(1, 12)]
    bars = {(even, 11) for even in range(2, 11, 2)}
    round_ = match(crowd, {}, bars, seed=1)
    assert round_.left == ()
    assert all(one % 2 for table in round_.tables if 11 in table for one in table)


def test_who_had_nobody_comes_first() -> None:
    """Two may meet only the third: the one who was left the last time is not left again."""
    for first in (1, 2):
        crowd = [Person(one, first=one == first) for one in (1, 2, 3)]
        for seed in range(5):
            assert match(crowd, {(first, 3): 1.0}, {(1, 2)}, seed=seed).left == (3 - first,)


def test_hours_in_common_decide_between_new_people() -> None:
    """Early and late people meet their like first."""
    early, late = frozenset(range(5, 14)), frozenset(range(15, 24))
    crowd = [Person(one, early if one % 2 else late) for one in range(1, 9)]
    round_ = match(crowd, {}, (), seed=4)
    assert all((one - other) % 2 == 0 for one, other in round_.tables)


def test_somebody_new_outweighs_hours() -> None:
    """Two of each who met their like: now they meet the others."""
    early, late = frozenset(range(5, 14)), frozenset(range(15, 24))
    crowd = [Person(one, early if one < 3 else late) for one in range(1, 5)]
    round_ = match(crowd, {(1, 2): 1.0, (3, 4): 1.0}, (), seed=4)
    assert all(low < 3 <= high for low, high in round_.tables)


def test_two_groups_meet_across() -> None:
    """As long as there are new people on the other side."""
    crowd = [Person(one, side=one % 2) for one in range(1, 11)]
    round_ = match(crowd, {}, (), seed=4)
    assert all((one - other) % 2 for one, other in round_.tables)


def test_what_was_fades_by_half() -> None:
    """A meeting counts one, half of it after some rounds; several add up."""
    assert faded([0]) == 1
    assert faded([HALVING]) == pytest.approx(0.5)
    assert faded([0, HALVING]) == pytest.approx(1.5)


def test_hours_in_common_are_a_share_of_the_shorter_day() -> None:
    """Who told none is neither here nor there."""
    assert in_common(range(8), range(4)) == 1
    assert in_common(range(4), range(2, 8)) == pytest.approx(0.5)
    assert in_common((), range(8)) == UNTOLD


def test_the_same_people_in_any_order_sit_the_same() -> None:
    """A round can be computed again; another seed gives another."""
    crowd = people(20)
    assert match(crowd, {}, (), seed=1) == match(crowd[::-1], {}, (), seed=1)
    assert match(crowd, {}, (), seed=1) != match(crowd, {}, (), seed=2)


def test_nobody_takes_part_twice() -> None:
    """That would be an error of ours."""
    with pytest.raises(ValueError, match="twice"):
        match([Person(1), Person(1)], {}, (), seed=1)
