"""Offers to circles: in which types, to whom when, and which circles are left as they are."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.circle_cards import Found, Offered, Overview, overview
from bot.rules.circle_offers import ASKED_WITHIN, line_times, lives_together, takes
from bot.texts import catalogue

NOW = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


@pytest.mark.parametrize(
    ("size", "kind", "listed", "expected"),
    [
        (8, "interest", True, True),
        (7, "interest", True, False),
        (100, "interest", True, True),
        (101, "interest", True, False),
        (20, "identity", True, False),
        (20, "identity", False, False),
        (20, "interest", False, False),
    ],
)
def test_types_that_take_a_circle(*, size: int, kind: str, listed: bool, expected: bool) -> None:
    """Within minimum and cap; never about who somebody is, never one that is named nowhere."""
    assert takes(size, kind=kind, listed=listed, minimum=8, cap=100) == expected


@pytest.mark.parametrize(
    ("homes", "expected"),
    [
        ([], False),
        ([None] * 6, False),
        ([1, 1, 1, None, None, None], True),
        ([1, 1, None, None, None], False),
        ([1, 1, 2, 2, 3], False),
        ([1, 2, 2, 2, 3], True),
    ],
)
def test_circles_that_are_a_group_already(*, homes: list[int | None], expected: bool) -> None:
    """From half of its people on; of none who live nowhere."""
    assert lives_together(homes) == expected


@given(st.integers(1, 10_000), st.sets(st.integers(1, 2**63 - 1), max_size=160))
def test_everyone_is_told_once_within_a_day(circle_id: int, people: set[int]) -> None:
    """In an order of no meaning: the same again, and another one for another circle."""
    times = line_times(circle_id, people, NOW)
    assert times.keys() == people
    assert all(NOW <= at < NOW + ASKED_WITHIN for at in times.values())
    assert times == line_times(circle_id, sorted(people, reverse=True), NOW)


def test_lines_come_apart_and_in_no_order() -> None:
    """Thirty people are told one after the other, over the whole day, not by their ids."""
    times = line_times(7, range(1000, 1030), NOW)
    ordered = sorted(times, key=lambda person: times[person])
    assert ordered != sorted(times)
    assert ordered != sorted(line_times(8, range(1000, 1030), NOW), key=times.__getitem__)[::-1]
    moments = sorted(times.values())
    halves = [at for at in moments if at < NOW + ASKED_WITHIN / 2]
    assert len(halves) == 15
    assert moments[-1] - moments[0] > timedelta(hours=20)


def test_small_figures_are_not_told() -> None:
    """How many want suggestions, and how many said yes, from five on; sizes of circles always."""
    say = catalogue("en")

    def text(people: int, yes: int) -> str:
        offered = Offered(1, 22, "offered", "Lakeside", NOW, yes)
        now = Overview(people, NOW, (Found(2, 9, at_home=False),), (offered,))
        message = overview(now, ["A circle of 9 people"])
        return "\n".join(say(line.key, **line.params) for line in message.lines)

    assert "4 people" not in text(4, 4)
    assert "4 said" not in text(4, 4)
    assert "5 people want" in text(5, 5)
    assert "5 said yes so far" in text(5, 5)
    assert "How many in it: 9." in text(4, 4)


def test_a_circle_at_home_is_counted_and_not_offered() -> None:
    """It stands in the sum, and in no menu."""
    found = (Found(1, 30, at_home=True), Found(2, 9, at_home=False))
    message = overview(Overview(50, NOW, found), ["A circle of 30 people", "A circle of 9 people"])
    assert [choice.value for choice in message.menus[0].choices] == ["2"]
    keys = [line.key for line in message.lines]
    assert "circles.at_home" in keys
    alone = overview(Overview(50, NOW, found[:1]), ["A circle of 30 people"])
    assert alone.menus == ()
