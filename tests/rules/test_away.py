"""Until when somebody is away, as people say it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import away

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("a week", "2026-03-09"),
        ("7 days", "2026-03-09"),
        ("for two weeks", "2026-03-16"),
        ("2w", "2026-03-16"),
        ("month", "2026-04-01"),
        ("tomorrow", "2026-03-03"),
        ("until tomorrow", "2026-03-03"),
        ("friday", "2026-03-06"),
        ("until Fri", "2026-03-06"),
        ("monday", "2026-03-09"),
        ("next friday", "2026-03-13"),
        ("five days", "2026-03-07"),
        ("2026-12-24", "2026-12-24"),
        ("24.12.", "2026-12-24"),
        ("24/12/2026", "2026-12-24"),
        ("24 December", "2026-12-24"),
        ("until 24th December", "2026-12-24"),
        ("Dec 24, 2026", "2026-12-24"),
        ("31 December", "2026-12-31"),
        ("1 January", "2027-01-01"),
        ("1 March 2027", "2027-03-01"),
        ("2 March", "2026-03-02"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland"])
def test_days_as_people_write_them(typed: str, last: str, zone: str) -> None:
    """The day that was meant counts in full, wherever the server is."""
    ends = away.until(typed, NOW.replace(hour=2), zone)
    assert ends is not None
    assert away.last_day(ends, zone).isoformat() == last


@pytest.mark.parametrize("typed", ["1 March", "until 1.3.", "March 1st"])
def test_a_date_that_was_lately_is_asked_about(typed: str) -> None:
    """Yesterday's date may be a slip, or next year's: who writes the year is understood."""
    with pytest.raises(away.JustOver) as refused:
        away.until(typed, NOW, "UTC")
    assert refused.value.params == {"day": "2026-03-01", "next": "2027-03-01"}


@pytest.mark.parametrize("typed", ["back", "I'm back", "I’m back", "  BACK "])
def test_being_back(typed: str) -> None:
    """No day at all: the absence is over."""
    assert away.until(typed, NOW, "UTC") is None


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("2026-03-01", "home.away_past"),
        ("2020-01-01", "home.away_past"),
        ("2028-01-01", "home.away_too_long"),
        ("999 weeks", "home.away_too_long"),
        ("10 years", "home.away_too_long"),
        ("99999 days", "home.away_too_long"),
        ("999999999 years", "home.away_too_long"),
        ("9999-12-31", "home.away_too_long"),
        ("0 days", "home.away_unknown"),
        ("31 June", "home.away_unknown"),
        ("soon", "home.away_unknown"),
        ("", "home.away_unknown"),
        ("x" * 5000, "home.away_unknown"),
    ],
)
def test_days_that_are_none(typed: str, key: str) -> None:
    """Past, too far, or not a day: each has its own line."""
    with pytest.raises(UserError) as refused:
        away.until(typed, NOW, "Europe/Berlin")
    assert refused.value.key == key


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_or_refused(typed: str) -> None:
    """Nothing that somebody types breaks it."""
    try:
        ends = away.until(typed, NOW, "America/Sao_Paulo")
    except UserError:
        return
    assert ends is None or NOW < ends <= NOW + away.LONGEST
