"""How long a line takes: told from what happened, and not told where too little did."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.pace import Flow, Weeks, estimate, room

LONG = timedelta(weeks=8)


def flow(
    *,
    free: int = 0,
    pace: int = 0,
    arrived: int = 0,
    freed: int = 0,
    watched: timedelta = LONG,
) -> Flow:
    return Flow(free, pace, arrived, freed, watched)


@pytest.mark.parametrize(
    ("pace", "arrived", "offered", "left"),
    [(0, 99, 9, None), (5, 0, 0, 5), (5, 3, 1, 1), (5, 5, 0, 0), (5, 4, 3, 0)],
)
def test_what_a_week_leaves(pace: int, arrived: int, offered: int, left: int | None) -> None:
    """Newcomers and kept seats count; without a pace there is no bound."""
    assert room(pace, arrived, offered) == left


@pytest.mark.parametrize(
    ("place", "given", "weeks"),
    [
        # Eight seats in eight weeks, one a week: the fourth comes after four, give or take two.
        (4, flow(freed=8), Weeks(2, 6)),
        (1, flow(freed=8), Weeks(1, 2)),
        (1, flow(freed=80), Weeks(0, 1)),
        # There are seats, and the week takes five: this week, next week, the one after.
        (2, flow(free=50, pace=5), Weeks(0, 1)),
        (2, flow(free=50, pace=5, arrived=5), Weeks(1, 2)),
        (12, flow(free=50, pace=5, arrived=5), Weeks(2, 4)),
        # Seats for three of them; the others wait for what comes free.
        (3, flow(free=3), Weeks(0, 1)),
        (5, flow(free=3, freed=16), Weeks(1, 2)),
        # Too little happened, or was seen, to tell.
        (1, flow(freed=2), None),
        (1, flow(freed=9, watched=timedelta(days=13)), None),
        (1, flow(freed=3, watched=timedelta(weeks=2)), Weeks(1, 2)),
        # Half a year and more is just that.
        (60, flow(freed=8), Weeks(52, None)),
    ],
)
def test_how_long_it_often_takes(place: int, given: Flow, weeks: Weeks | None) -> None:
    """By the seats that came free and by the pace, whichever is slower."""
    assert estimate(place, given) == weeks


@given(
    place=st.integers(1, 300),
    free=st.integers(0, 20),
    pace=st.integers(0, 30),
    freed=st.integers(0, 100),
)
def test_an_estimate_reads_as_a_span(place: int, free: int, pace: int, freed: int) -> None:
    """From fewer to more weeks, and nobody further back is promised an earlier seat."""
    found = estimate(place, flow(free=free, pace=pace, arrived=pace, freed=freed))
    behind = estimate(place + 1, flow(free=free, pace=pace, arrived=pace, freed=freed))
    if found is not None and found.high is not None:
        assert 0 <= found.low < found.high
    if found is not None and behind is not None:
        assert behind.low >= found.low
        assert found.high is None or behind.high is None or behind.high >= found.high
