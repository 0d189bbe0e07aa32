"""A last day: how it is typed, what is due before it, on each side of a change of clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import UserError
from bot.rules import closing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
# The end of Sunday 29 March, the day on which Berlin's clocks go forward.
SPRING = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("29 March", SPRING),
        ("2026-03-29", SPRING),
        ("in 6 weeks", datetime(2026, 4, 13, 22, 0, tzinfo=UTC)),
        ("", None),
        ("none", None),
    ],
)
def test_a_last_day_as_people_write_it(typed: str, ends: datetime | None) -> None:
    """The day counts in full, by the group's own clock; nothing is no last day."""
    assert closing.read_last_day(typed, NOW, BERLIN) == ends


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("whenever", "stages.day_unknown"),
        ("back", "stages.day_unknown"),
        ("yesterday", "stages.day_unknown"),
        ("2026-03-01", "stages.day_past"),
        ("tomorrow", "stages.day_past"),
        ("2027-06-01", "stages.day_too_long"),
    ],
)
def test_what_is_no_last_day(typed: str, key: str) -> None:
    """Each refusal says what to write instead."""
    with pytest.raises(UserError) as refused:
        closing.read_last_day(typed, NOW, BERLIN)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (SPRING - timedelta(days=8), None),
        (SPRING - timedelta(days=7), "week"),
        (datetime(2026, 3, 29, 6, 59, tzinfo=UTC), "week"),
        (datetime(2026, 3, 29, 7, 0, tzinfo=UTC), "day"),
        (SPRING - timedelta(seconds=1), "day"),
        (SPRING, "over"),
        (SPRING + timedelta(days=400), "over"),
    ],
)
def test_what_is_due_when(now: datetime, what: str | None) -> None:
    """A week before, from nine in the morning of the day, and when it is over."""
    assert closing.due(SPRING, now, BERLIN) == what


def test_a_type_s_span_ends_with_a_day() -> None:
    """Whatever the hour at which the group opened; the day shown is the last one."""
    ends = closing.lasts_until(NOW, 27, BERLIN)
    assert ends == SPRING - timedelta(days=1) + timedelta(hours=1)
    assert closing.last_day(ends, BERLIN).isoformat() == "2026-03-28"


def test_each_line_can_be_told_from_the_others() -> None:
    """The outbox recognises a message by its first button."""
    said = [closing.said(what, 1, "Sixth form", SPRING) for what in ("week", "day", "over")]
    assert len({message.buttons[0].press for message in said}) == 3


def test_three_next_homes_or_where_to_look() -> None:
    """Each with a button of its own; with none the whole directory stays one press away."""
    home = closing.Next(7, "Millpond", "🪷", "Swims", asks=True, reasons=())
    card = closing.next_homes(1, [home])
    assert [b.press for b in card.buttons] == ["join:7", "groups-open"]
    assert card.buttons[0].label == "stages.next_ask"
    assert [b.press for b in closing.next_homes(1, []).buttons] == ["next-home:1", "groups-open"]
