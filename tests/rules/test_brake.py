"""The raid brake: how old an account must be, and how many may move in within an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import UserError
from bot.rules import brake
from bot.rules.signals import first_id_at

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)


@pytest.mark.parametrize(("age", "days", "waits"), [(1, 0, 0), (1, 3, 2), (3, 3, 0), (0, 7, 7)])
def test_young_accounts_wait(age: int, days: int, waits: int) -> None:
    """An account's id tells when it was made."""
    user = first_id_at(int((NOW - timedelta(days=age)).timestamp() * 1000))
    at = brake.old_enough_at(user, days, NOW)
    assert at == (NOW + timedelta(days=waits) if waits else None)


@pytest.mark.parametrize(
    ("limit", "recent", "braked", "lifted", "left"),
    [
        (0, 900, None, None, None),
        (10, 4, None, None, 6),
        (10, 12, None, None, 0),
        (10, 0, LATER, None, 0),
        (10, 0, EARLIER, None, 10),
        (10, 50, None, LATER, None),
        (10, 50, None, EARLIER, 0),
        (0, 0, LATER, None, 0),
        (10, 0, LATER, LATER, 0),
    ],
)
def test_how_many_more_may_move_in(
    limit: int,
    recent: int,
    braked: datetime | None,
    lifted: datetime | None,
    left: int | None,
) -> None:
    """What moderators closed is closed; what they opened is open; else the hour's number holds."""
    assert brake.room(limit, recent, NOW, braked_until=braked, lifted_until=lifted) == left


@pytest.mark.parametrize(("typed", "number"), [("0", 0), (" 12 ", 12), ("365", 365)])
def test_numbers_as_people_type_them(typed: str, number: int) -> None:
    """Whole numbers."""
    assert brake.number(typed, 365) == number


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "many", "366", "²"])
def test_what_is_no_number_is_said(typed: str) -> None:
    """Never guessed."""
    with pytest.raises(UserError) as refused:
        brake.number(typed, 365)
    assert refused.value.key == "brake.number_wrong"
