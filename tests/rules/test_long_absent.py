"""Who counts as gone for long, and who is asked about it, in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.long_absent import Trace, ask_next, card, is_long_absent

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)


def days(count: float) -> datetime:
    return NOW - timedelta(days=count)


HEARD = [(LONG_AGO, NOW)]


@pytest.mark.parametrize(
    ("trace", "gone"),
    [
        (Trace(days(22), LONG_AGO, LONG_AGO), True),
        (Trace(days(20), LONG_AGO, LONG_AGO), False),
        # Nothing is known of who is not counted.
        (Trace(None, LONG_AGO), False),
        (Trace(days(90), LONG_AGO, None), False),
        # No sign is kept any more, or there never was one: since the office began.
        (Trace(None, days(30), LONG_AGO), True),
        (Trace(None, days(3), LONG_AGO), False),
        (Trace(days(90), days(3), LONG_AGO), False),
        # Away as they said: from the first day on if it is for long.
        (Trace(days(2), LONG_AGO, LONG_AGO, days(1), NOW + timedelta(days=30)), True),
        (Trace(days(2), LONG_AGO, LONG_AGO, days(1), NOW + timedelta(days=5)), False),
        (Trace(days(2), LONG_AGO, LONG_AGO, days(1)), False),
        (Trace(days(30), LONG_AGO, LONG_AGO, days(25)), True),
        (Trace(None, LONG_AGO, None, days(25)), True),
        # Away until yesterday: those days are no silence.
        (Trace(days(22), LONG_AGO, LONG_AGO, days(20), days(1)), False),
    ],
)
def test_who_is_gone_for_long(trace: Trace, *, gone: bool) -> None:
    """Three weeks, whether they said so or were not heard of."""
    assert is_long_absent(trace, NOW, HEARD) is gone


def test_time_in_which_hearth_was_deaf_is_nobodys_silence() -> None:
    """Ten of thirty days were not heard: twenty are not three weeks."""
    heard = [(LONG_AGO, days(20)), (days(10), NOW)]
    assert not is_long_absent(Trace(days(30), LONG_AGO, LONG_AGO), NOW, heard)
    assert is_long_absent(Trace(days(31), LONG_AGO, LONG_AGO), NOW, heard)


@pytest.mark.parametrize(
    ("asked", "asked_days_ago", "helped", "next_"),
    [
        (None, None, True, "facilitators"),
        (None, None, False, "owners"),
        ("facilitators", 6, True, None),
        ("facilitators", 7, True, "owners"),
        ("owners", 60, False, None),
        ("settled", 60, True, None),
    ],
)
def test_who_is_asked_next(
    asked: str | None, asked_days_ago: int | None, next_: str | None, *, helped: bool
) -> None:
    """Who helps comes first, then the owners, and nobody is asked twice."""
    at = None if asked_days_ago is None else days(asked_days_ago)
    assert ask_next(asked, at, NOW, helped=helped) == next_


def test_only_owners_can_end_an_office() -> None:
    """Who helps hands it to them."""
    labels = {
        owner: [b.label for b in card(1, "R", 5, away=False, alone=True, owner=owner).buttons]
        for owner in (True, False)
    }
    assert "facilitators.end_office" in labels[True]
    assert "facilitators.end_office" not in labels[False]
    assert "facilitators.to_owners" in labels[False]
