"""When a group may have a bud, and when the bud begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.budding import FEWEST, MOST, Stem, begins, least_along, most_along, why_not


@pytest.mark.parametrize(
    ("minimum", "least"), [(5, 6), (7, 6), (8, 7), (11, 10), (12, None), (40, None)]
)
def test_enough_go_along_to_be_a_group(minimum: int, least: int | None) -> None:
    """With the founder they are at least as many as a group of the type needs."""
    assert least_along(minimum) == least


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        (Stem("open", 12, 5, 150, moving=False), None),
        (Stem("open", 11, 5, 150, moving=False), "small"),
        (Stem("open", 150, 5, 150, moving=False), None),
        (Stem("open", 150, 5, 150, moving=True), "moving"),
        (Stem("open", 150, 20, 150, moving=False), "narrow"),
        (Stem("resting", 150, 5, 150, moving=False), "closed"),
        (Stem("archived", 12, 5, 150, moving=False), "closed"),
    ],
)
def test_what_keeps_a_group_from_having_one(stem: Stem, reason: str | None) -> None:
    """It is open, nobody is about to move, and both sides stay groups."""
    assert why_not(stem) == reason


@given(st.integers(0, 200), st.integers(5, 75))
def test_those_who_stay_are_a_group_still(homes: int, minimum: int) -> None:
    """However many go along."""
    stem = Stem("open", homes, minimum, 150, moving=False)
    if why_not(stem) is None:
        most = most_along(stem)
        assert FEWEST <= most <= MOST
        assert homes - most - 1 >= minimum
        assert most + 1 >= minimum


@pytest.mark.parametrize(
    ("yes", "waiting", "begun"),
    [(6, 0, True), (6, 1, False), (5, 0, False), (10, 3, True), (0, 0, False)],
)
def test_it_begins_when_nobody_is_left_to_wait_for(yes: int, waiting: int, *, begun: bool) -> None:
    """Or when it is full."""
    assert begins(yes=yes, waiting=waiting, least=6, most=10) is begun


def test_nobody_goes_where_there_is_no_seat() -> None:
    """Owners may have lowered the cap far below what lives in the group."""
    assert most_along(Stem("open", 20, 5, 10, moving=False)) == 9
