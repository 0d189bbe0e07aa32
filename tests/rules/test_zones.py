"""Time zones by city."""

from datetime import datetime

import pytest

from bot.errors import UserError
from bot.rules import zones


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("lisbon", "Europe/Lisbon"),
        ("Sao Paulo", "America/Sao_Paulo"),
        ("utc", "UTC"),
    ],
)
def test_zones_by_name_and_city(typed: str, zone: str) -> None:
    """Nobody needs to know how their zone is spelled."""
    assert zones.zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "key"),
    [("Lissbon", "hearth.zone_near"), ("zzzzzz", "hearth.zone_unknown"), ("../etc", None)],
)
def test_zones_that_are_none(typed: str, key: str | None) -> None:
    """A near miss is offered, nonsense is not taken."""
    with pytest.raises(UserError) as refused:
        zones.zone(typed)
    assert key is None or refused.value.key == key


def test_suggestions_begin_with_what_was_typed() -> None:
    """The city itself comes first, and never more than Discord shows."""
    assert zones.suggest("ber")[0][1] in {"Europe/Berlin", "Atlantic/Bermuda"}
    assert ("Berlin (Europe/Berlin)", "Europe/Berlin") in zones.suggest("berlin")
    assert len(zones.suggest("")) == zones.MOST


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Europe/Berlin", "Europe/Lisbon", True),
        ("Europe/Berlin", "Europe/Moscow", True),
        ("Europe/Berlin", "America/New_York", False),
        ("Europe/London", "Asia/Dubai", False),
        ("Pacific/Auckland", "Pacific/Honolulu", True),  # a day apart on paper, an hour by the sun
    ],
)
def test_about_the_same_clock(now: datetime, one: str, other: str, *, near: bool) -> None:
    """At most three hours apart, the date left aside, whichever is asked first."""
    assert zones.about_the_same(one, other, now) is near
    assert zones.about_the_same(other, one, now) is near
