"""Days of rest, as they are typed and told."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import resting
from bot.rules.resting import Rest
from bot.texts import catalogue

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)  # a Thursday
SAY = catalogue("en")


def typed(first: str, last: str, zone: str = "UTC") -> tuple[str, str]:
    """Return what was read, as ISO dates."""
    begins, ends = resting.read(first, last, now=NOW, zone=zone)
    return begins.isoformat(), ends.isoformat()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("20 december", "3 january", ("2026-12-20", "2027-01-03")),
        ("20.12.", "", ("2026-12-20", "2026-12-20")),
        ("tomorrow", "sunday", ("2026-12-11", "2026-12-13")),
        ("2026-12-24", "2026-12-26", ("2026-12-24", "2026-12-26")),
        ("today", "", ("2026-12-10", "2026-12-10")),
        ("2026-12-01", "2026-12-10", ("2026-12-01", "2026-12-10")),
        ("friday", "friday", ("2026-12-11", "2026-12-18")),
    ],
)
def test_days_as_people_write_them(first: str, last: str, expected: tuple[str, str]) -> None:
    """The last day is read as one after the first: a rest over New Year needs no year."""
    assert typed(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("soonish", "", "resting.no_day"),
        ("tomorrow", "whenever", "resting.no_day"),
        ("", "", "resting.no_day"),
        ("2026-12-24", "2026-12-20", "resting.backwards"),
        ("24 december", "20 december", "resting.backwards"),
        ("2026-12-01", "2026-12-09", "resting.past"),
        ("2028-12-01", "", "resting.far"),
        ("2026-12-20", "2027-03-22", "resting.long"),
    ],
)
def test_days_that_do_not_fit(first: str, last: str, key: str) -> None:
    """Each is told what to write instead."""
    with pytest.raises(UserError) as refused:
        typed(first, last)
    assert refused.value.key == key
    assert SAY(key, **refused.value.params)


def test_today_is_the_groups_own() -> None:
    """At noon in Greenwich it is Friday in Kiritimati."""
    assert typed("today", "", "Pacific/Kiritimati")[0] == "2026-12-11"


def test_what_is_typed_cannot_write_markdown() -> None:
    """It is shown again, so it is made safe."""
    with pytest.raises(UserError) as refused:
        typed("**@everyone** " * 9, "")
    assert "**" not in SAY("resting.no_day", **refused.value.params).split("Write it like")[0]


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 90), st.integers(-5, 95))
def test_both_ends_are_free(first: date, days: int, at: int) -> None:
    """A day is covered from the first to the last of them."""
    begins = first.toordinal()
    rest = Rest(first, date.fromordinal(begins + days), "summer")
    day = date.fromordinal(begins + at)
    assert (resting.on([rest], day) is rest) == (0 <= at <= days)


def test_the_card_tells_of_every_rest() -> None:
    """With a menu of reasons, and one to end what is planned; full, only that."""
    none = resting.card(3, "*Riverside*", [], "UTC", SAY)
    assert [menu.press for menu in none.menus] == ["ritual-rest-why:3"]
    assert len(none.menus[0].choices) == len(resting.REASONS)
    many = [
        Rest(date(2026, 12, day), date(2026, 12, day + day % 2), "exams", id=day)
        for day in range(1, resting.RESTS_MOST + 1)
    ]
    full = resting.card(3, "Riverside", many, "UTC", SAY)
    assert [menu.press for menu in full.menus] == ["ritual-rest-end:3"]
    text = "\n".join(SAY(line.key, **line.params) for line in full.lines)
    assert text.count("exams") == resting.RESTS_MOST
    noon = int(datetime(2026, 12, 2, 12, tzinfo=UTC).timestamp())
    assert f"to <t:{noon}:D>: exams" in text
    assert f"• <t:{noon}:D>: exams" in text
