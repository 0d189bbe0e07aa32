"""Who may move in where, and what a move costs."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.membership import (
    Bounds,
    Past,
    Standing,
    Target,
    after_entering,
    is_move,
    next_move_at,
    way_in,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BOUNDS = Bounds(cooldown=timedelta(days=30), free_first=timedelta(days=14))
HERE, THERE = 1, 2


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def lives(first: float, *, moved: float | None = None, moves: int = 0, free: bool = False) -> Past:
    last = None if moved is None else days_ago(moved)
    return Past(HERE, "here", days_ago(first), last, moves, free)


@pytest.mark.parametrize(
    ("past", "allowed_in_days"),
    [
        (Past(), None),
        (lives(3), None),
        (lives(13.9), None),
        (lives(20), None),
        (lives(100, moved=3, moves=1), 27),
        (lives(100, moved=29.5, moves=2), 0.5),
        (lives(100, moved=30, moves=2), None),
        (lives(100, moved=3, moves=1, free=True), None),
        (lives(10, moves=1), None),
        (lives(10, moved=1, moves=2), 29),
    ],
)
def test_when_someone_may_move_again(past: Past, allowed_in_days: float | None) -> None:
    """Thirty days after the last move; at once when it is free."""
    expected = None if allowed_in_days is None else NOW + timedelta(days=allowed_in_days)
    assert next_move_at(past, NOW, BOUNDS) == expected


@pytest.mark.parametrize(
    ("past", "moves", "last_move", "free"),
    [
        (Past(), 0, None, False),
        (lives(3), 1, None, False),
        (lives(3, free=True), 1, None, True),
        (lives(20), 1, NOW, False),
        (lives(20, free=True), 1, None, False),
        (lives(100, moved=3, moves=1, free=True), 2, days_ago(3), False),
        (lives(100, moved=40, moves=1), 2, NOW, False),
    ],
)
def test_what_a_move_leaves(past: Past, moves: int, last_move: datetime | None, free: bool) -> None:
    """A first home is no move, a free move starts no cool-down, another one does."""
    after = after_entering(past, THERE, NOW, BOUNDS)
    assert (after.moves, after.last_move_at, after.free_move) == (moves, last_move, free)
    assert (after.home, after.state) == (THERE, "here")
    assert after.first_home_at == (past.first_home_at or NOW)


def test_coming_back_to_the_kept_seat_is_no_move() -> None:
    """Who left and thinks again has moved nowhere."""
    past = Past(HERE, "kept", days_ago(50), days_ago(3), 1)
    assert not is_move(past, HERE)
    assert after_entering(past, HERE, NOW, BOUNDS) == Past(
        HERE, "here", days_ago(50), days_ago(3), 1
    )


def test_leaving_does_not_get_around_the_cooldown() -> None:
    """Without a home, a new one is a move all the same."""
    homeless = Past(None, None, days_ago(100), days_ago(3), 1)
    with pytest.raises(UserError) as refused:
        way_in(Target(THERE, "Millpond", "open", "open"), homeless, Standing(), NOW, BOUNDS)
    assert refused.value.key == "home.too_soon"
    assert refused.value.params["at"] == int((NOW + timedelta(days=27)).timestamp())


OPEN = Target(THERE, "Millpond", "open", "open")


@pytest.mark.parametrize(
    ("target", "past", "standing", "admitted", "way"),
    [
        (OPEN, Past(), Standing(), False, "enter"),
        (OPEN, lives(3), Standing(), False, "enter"),
        (Target(THERE, "M", "open", "request"), Past(), Standing(), False, "ask"),
        (Target(THERE, "M", "open", "request"), Past(), Standing(invited=True), False, "enter"),
        (Target(THERE, "M", "open", "request"), Past(), Standing(), True, "enter"),
        (Target(THERE, "M", "open", "invitation"), Past(), Standing(invited=True), False, "enter"),
        (Target(HERE, "R", "resting", "open"), Past(HERE, "kept"), Standing(), False, "return"),
        (Target(HERE, "R", "open", "invitation"), Past(HERE, "kept"), Standing(), False, "return"),
    ],
)
def test_the_way_in(
    target: Target, past: Past, standing: Standing, admitted: bool, way: str
) -> None:
    """Through the open door, with a yes, with an invitation, or back to one's own seat."""
    assert way_in(target, past, standing, NOW, BOUNDS, admitted=admitted) == way


@pytest.mark.parametrize(
    ("target", "past", "standing", "key"),
    [
        (OPEN, Past(), Standing(barred=True), "home.door_closed"),
        (OPEN, Past(), Standing(apart=True), "home.door_closed"),
        (OPEN, Past(), Standing(barred=True, invited=True), "home.door_closed"),
        (OPEN, Past(HERE, "held", days_ago(3)), Standing(), "home.held"),
        (Target(HERE, "R", "open", "open"), lives(3), Standing(), "home.already_here"),
        (Target(THERE, "M", "resting", "open"), Past(), Standing(), "home.resting"),
        (OPEN, lives(100, moved=3, moves=1), Standing(), "home.too_soon"),
        (Target(THERE, "M", "open", "invitation"), Past(), Standing(), "home.invitation_only"),
    ],
)
def test_what_stands_in_the_way(target: Target, past: Past, standing: Standing, key: str) -> None:
    """One clear reason; a bar and an apart sound the same, so that neither gives anyone away."""
    with pytest.raises(UserError) as refused:
        way_in(target, past, standing, NOW, BOUNDS)
    assert refused.value.key == key


@given(
    st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=30),
    st.booleans(),
)
def test_nobody_moves_twice_within_the_cooldown_but_for_free(gaps: list[int], free: bool) -> None:
    """Over any sequence of wishes, moves that were not free lie thirty days apart."""
    now, past, paid = NOW, Past(free_move=free), list[datetime]()
    for number, gap in enumerate(gaps):
        now += timedelta(days=gap)
        group_id = number % 2 + 1
        if past.home == group_id or (
            is_move(past, group_id) and next_move_at(past, now, BOUNDS) is not None
        ):
            continue
        after = after_entering(past, group_id, now, BOUNDS)
        if after.last_move_at == now and after.last_move_at != past.last_move_at:
            paid.append(now)
        past = after
    assert all(b - a >= BOUNDS.cooldown for a, b in pairwise(paid))
