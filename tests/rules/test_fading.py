"""Newcomers who fade."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.fading import is_newcomer, patience
from bot.rules.rhythm import PATIENCE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("word", "days"),
    [
        ("soon", (6.4, 4.5, 6.4, 7.8)),
        ("usual", (7.4, 5.2, 7.4, 9.1)),
        ("late", (9.5, 6.8, 9.5, 11.7)),
    ],
)
def test_each_day_of_presence_earns_patience(word: str, days: tuple[float, ...]) -> None:
    """After no day, one, two and three; about a week by default."""
    factor = PATIENCE[word]
    assert tuple(round(patience(n, factor), 1) for n in range(4)) == pytest.approx(days, abs=0.06)


@pytest.mark.parametrize(
    ("days", "arrived", "newcomer"),
    [
        (0, NOW - 9 * DAY, True),
        (3, NOW - 29 * DAY, True),
        (4, NOW - 9 * DAY, False),
        (1, NOW - 30 * DAY, False),
        (1, None, False),
    ],
)
def test_who_is_a_newcomer(days: int, arrived: datetime | None, *, newcomer: bool) -> None:
    """Moved in within a month, and came on three days at most; a split is no arrival."""
    assert is_newcomer(days, arrived, NOW) is newcomer
