"""Time zones by city."""

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
