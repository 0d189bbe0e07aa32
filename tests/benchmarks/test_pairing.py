"""What is measured of pairs: repeats beside a bound that nobody gets below."""

from io import StringIO
from itertools import combinations
from random import Random

import pytest
from rich.console import Console

from benchmarks.pairing import Bound, by_lot, failures, play, show
from bot.rules.pairing import couples


def test_a_bound_is_what_must_be_met_again() -> None:
    """Four people have six couples: three rounds are free, each further one repeats two."""
    bound = Bound()
    for rounds in range(1, 6):
        bound.hear([1, 2, 3, 4])
        assert bound.least() == max(0, 2 * (rounds - 3))


def test_a_bound_knows_who_was_never_there_together() -> None:
    """Two who have each other only: every round but the first is a repeat."""
    bound = Bound()
    for _ in range(3):
        bound.hear([1, 2])
        bound.hear([3, 4, 5, 6, 7, 8])
    assert bound.least() == 2


@pytest.mark.parametrize("count", [2, 3, 4, 5, 8, 9])
def test_a_lot_leaves_nobody_out_either(count: int) -> None:
    """Pairs, and one trio of the last three."""
    round_ = by_lot(range(count), Random(1))
    assert sorted(person for table in round_.tables for person in table) == list(range(count))
    assert {len(table) for table in round_.tables} <= {2, 3}


def test_a_small_group_plays_within_the_floors() -> None:
    """No more repeats than there must be, nobody left out, and fewer than by lot."""
    figures = play(9, 27, seed=1)
    assert failures({"9": figures}) == []
    assert figures["least"] <= figures["repeats"] < figures["by_lot"]


def test_bars_hold_in_what_is_measured() -> None:
    """Who may not meet never did."""
    bars = frozenset(couples([1, 2, 3]))
    figures = play(8, 16, seed=1, bars=bars)
    assert figures["bars_broken"] == 0
    assert len(list(combinations([1, 2, 3], 2))) == len(bars)


@pytest.mark.parametrize(
    ("more", "failing"),
    [
        ({}, 0),
        ({"repeats": 14}, 1),
        ({"left_out": 1}, 1),
        ({"bars_broken": 1}, 1),
    ],
)
def test_floors_are_told_when_they_do_not_hold(more: dict[str, int], failing: int) -> None:
    """1.1 times the least and two, nobody left out, no bar broken."""
    figures = {
        "repeats": 13,
        "least": 10,
        "left_out": 0,
        "rounds": 12,
        "midway": {"repeats": 1, "least": 1},
        "by_lot": 20,
        "bars_broken": 0,
        "slowest_s": 0.1,
    }
    found = {"6": {**figures, **more, "with_bars": figures}}
    assert len(failures(found)) == failing
    said = StringIO()
    show(Console(file=said, width=120), found)
    assert str(figures["by_lot"]) in said.getvalue()
