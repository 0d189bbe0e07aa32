"""Virtual time stands still, moves forwards only, and is always UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sandbox.clock import VirtualClock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_virtual_clock_stands_still() -> None:
    """Two looks at a virtual clock show the same moment."""
    clock = VirtualClock(START)
    assert clock.virtual
    assert clock.now() == clock.now() == START


def test_a_virtual_clock_goes_where_it_is_set() -> None:
    """A moment in another zone is the same moment, shown in UTC."""
    clock = VirtualClock(START)
    clock.set(datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_time_never_runs_backwards() -> None:
    """Going back is refused and leaves the clock where it was."""
    clock = VirtualClock(START)
    with pytest.raises(ValueError, match="forwards"):
        clock.set(START - timedelta(microseconds=1))
    assert clock.now() == START


def test_a_moment_needs_a_zone() -> None:
    """A naive moment is refused, at the start and later."""
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(naive)
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(START).set(naive)


def test_the_real_clock_runs_and_cannot_be_set() -> None:
    """Without a start the clock is the machine's own."""
    clock = VirtualClock()
    before = datetime.now(UTC)
    assert not clock.virtual
    assert before <= clock.now() <= datetime.now(UTC)
    with pytest.raises(RuntimeError, match="real clock"):
        clock.set(before)
