"""Whose turn it is: round and round, those passed over who are away, two who swap."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import rota

people = st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=rota.HOSTS_MOST)


def held(order: tuple[int, ...], times: int) -> list[int]:
    """Return who hosts so many times when nobody is away."""
    found: list[int] = []
    first = order[0]
    for _ in range(times):
        turns = rota.turns(order, first)
        now = rota.whose(turns, ())
        assert now is not None
        found.append(now)
        first = rota.following(turns, now)
    return found


@given(people)
def test_turns_go_round(hosts: list[int]) -> None:
    """In as many turns as there are hosts everybody hosts once, in their order."""
    assert held(tuple(hosts), 2 * len(hosts)) == hosts * 2


@given(people.filter(lambda hosts: len(hosts) > 1), st.data())
def test_after_a_swap_everybody_still_has_one_turn_in_a_round(
    hosts: list[int], data: st.DataObject
) -> None:
    """Nobody hosts twice in a row because of it, and nobody is left out."""
    one, other = data.draw(st.lists(st.sampled_from(hosts), min_size=2, max_size=2, unique=True))
    order = rota.swapped(hosts, one, other)
    assert order.index(one) == hosts.index(other)
    round_ = held(order, 3 * len(hosts))
    assert set(Counter(round_).values()) == {3}
    assert all(before != after for before, after in itertools.pairwise(round_))


@given(people, st.sets(st.integers(1, 40)))
def test_who_is_away_is_passed_over(hosts: list[int], away: set[int]) -> None:
    """The first of the others hosts; nobody, when all are away."""
    found = rota.whose(hosts, away)
    there = [host for host in hosts if host not in away]
    assert found == (there[0] if there else None)
    assert rota.without(hosts, away) == found


@pytest.mark.parametrize(
    ("hosts", "first", "expected"),
    [
        ((), None, ()),
        ((), 7, (7,)),
        ((1, 2, 3), None, (1, 2, 3)),
        ((1, 2, 3), 2, (2, 3, 1)),
        ((1, 2, 3), 9, (9, 1, 2, 3)),
    ],
)
def test_the_next_one_comes_first(
    hosts: tuple[int, ...], first: int | None, expected: tuple[int, ...]
) -> None:
    """Who pressed Start before there was a rota comes before all others."""
    assert rota.turns(hosts, first) == expected
