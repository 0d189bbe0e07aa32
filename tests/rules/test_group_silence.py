"""When a group has gone quiet as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.group_silence import Fortnight, fell_silent, is_lively, usual


def fortnights(*days: int, heard: float = 1.0) -> list[Fortnight]:
    """Return fortnights with so many days of people, the newest first."""
    return [Fortnight(heard, count) for count in days]


@pytest.mark.parametrize(
    ("days", "quiet"),
    [
        ((10, 30, 30, 30), True),
        ((11, 30, 30, 30), False),
        ((0, 14, 14, 14), True),
        ((10, 90, 30, 5), True),  # the middle one: neither the best week nor the worst
        ((0, 13, 13, 13), False),  # too little to tell
    ],
)
def test_a_third_of_what_was_usual_is_quiet(days: tuple[int, ...], quiet: bool) -> None:
    """Against the middle one of the three fortnights before."""
    seen = fortnights(*days)
    was = usual(seen)
    assert (was is not None and fell_silent(seen[0], was)) is quiet


def test_where_little_is_known_nothing_is_said() -> None:
    """Of a young group, of weeks that Hearth hardly heard."""
    seen = fortnights(1, 30, 30, 30)
    assert usual(seen) == 30
    assert usual(seen[:3]) is None
    assert usual([*seen[:3], Fortnight(0.4, 30)]) is None
    assert not fell_silent(Fortnight(0.4, 0), 30)


def test_time_that_was_not_heard_is_no_silence() -> None:
    """Half of a fortnight heard: what was counted in it stands for twice as much."""
    was = usual(fortnights(6, 15, 15, 15, heard=0.5))
    assert was == 30
    assert not fell_silent(Fortnight(0.5, 6), was)
    assert fell_silent(Fortnight(1, 6), was)


@given(st.integers(min_value=0, max_value=200), st.floats(min_value=14, max_value=200))
def test_nothing_is_quiet_and_lively_at_once(days: int, was: float) -> None:
    """Between both a group stays what it was taken for."""
    newest = Fortnight(1, days)
    assert not (fell_silent(newest, was) and is_lively(newest, was))
