"""When a split is pointless, and when a whole group may be pinged."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.split_times import day_left, is_pointless, pings_allowed_at


@pytest.mark.parametrize(
    ("homes", "cap", "pointless"),
    [(150, 150, False), (135, 150, False), (134, 150, True), (9, 10, False), (8, 10, True)],
)
def test_a_split_is_pointless_once_a_tenth_has_left(
    homes: int, cap: int, *, pointless: bool
) -> None:
    """Exactly a tenth less than the cap is still too many."""
    assert is_pointless(homes, cap) is pointless


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-03-02T12:00", "2026-03-02T12:00"),  # 13:00 in Berlin
        ("2026-03-02T19:59", "2026-03-02T19:59"),  # 20:59
        ("2026-03-02T20:00", "2026-03-03T08:00"),  # 21:00: wait for 9:00
        ("2026-03-02T23:30", "2026-03-03T08:00"),  # after midnight: the same day's morning
        ("2026-03-28T22:00", "2026-03-29T07:00"),  # summer time begins that night
    ],
)
def test_nobody_is_pinged_at_night(moment: str, allowed: str) -> None:
    """From nine in the evening to nine in the morning, in the server's own zone."""
    when = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert pings_allowed_at(when, "Europe/Berlin") == datetime.fromisoformat(allowed).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        ("2026-03-02T08:00", 12.0),  # nine in Berlin
        ("2026-03-02T19:30", 0.5),
        ("2026-03-02T20:00", 0.0),
        ("2026-03-02T07:59", 0.0),
        ("2026-07-02T18:30", 0.5),  # in summer Berlin is two hours ahead
    ],
)
def test_a_day_is_over_at_nine_in_the_evening(at: str, hours: float) -> None:
    """What pings a whole group is good for no longer than that."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert day_left(moment, "Europe/Berlin") == timedelta(hours=hours)
