"""The form of a challenge: days, rhythm and grace as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import goal_forms
from bot.rules.goals import Course

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
ZONE = "Europe/Berlin"
GOOD = {"title": "Walk", "counts": "Outside", "when": "today for 2 weeks", "often": "daily"}


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("today for 2 weeks", "2026-03-02", "2026-03-15"),
        ("for 4 weeks", "2026-03-02", "2026-03-29"),
        ("monday for 4 weeks", "2026-03-09", "2026-04-05"),
        ("From monday for a week", "2026-03-09", "2026-03-15"),
        ("9 march to 5 april", "2026-03-09", "2026-04-05"),
        ("9 march – 5 april", "2026-03-09", "2026-04-05"),
        ("2026-03-09 - 2026-04-05", "2026-03-09", "2026-04-05"),
        ("tomorrow until sunday", "2026-03-03", "2026-03-08"),
        ("friday to friday", "2026-03-06", "2026-03-13"),
        ("now to 8 march", "2026-03-02", "2026-03-08"),
    ],
)
def test_days_as_people_write_them(typed: str, first: str, last: str) -> None:
    """What is said about the end is read from the first day on; a week has seven days."""
    found = goal_forms.days(typed, NOW, ZONE)
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "goals.day_unknown"),
        ("soon", "goals.day_unknown"),
        ("2026-02-01 to 2026-03-09", "goals.day_past"),
        ("9 march to 2026-03-08", "goals.day_past"),
        ("today to tomorrow", "goals.too_short"),
        ("for a year", "goals.too_long"),
        ("today to 31 february", "goals.day_unknown"),
        ("2030-01-01 for 2 weeks", "goals.day_too_long"),
    ],
)
def test_days_that_do_not_fit(typed: str, why: str) -> None:
    """Each says what to write instead."""
    with pytest.raises(UserError) as refused:
        goal_forms.days(typed, NOW, ZONE)
    assert refused.value.key == why


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        ("daily", 7), ("Every day", 7), ("7 days a week", 7), ("once a day", 7),
        ("3 times a week", 3), ("3x a week", 3), ("three times per week", 3), ("twice a week", 2),
        ("once a week", 1), ("weekly", 1), ("5 days a week", 5), ("weekdays", 5), ("3", 3),
        ("once", 0), ("until it's done", 0),
    ],
)  # fmt: skip
def test_how_often_as_people_write_it(typed: str, times: int) -> None:
    """In words or figures."""
    assert goal_forms.often(typed) == times


@pytest.mark.parametrize("typed", ["", "often", "8 times a week", "0 a week", "99", "*daily*"])
def test_a_rhythm_that_cannot_be_read_is_refused(typed: str) -> None:
    """With what to write instead."""
    with pytest.raises(UserError, match="often_word"):
        goal_forms.often(typed)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": " "}, "goals.no_title"),
        ({"title": "x" * 81}, "goals.title_long"),
        ({"counts": ""}, "goals.no_counts"),
        ({"counts": "x" * 301}, "goals.counts_long"),
        ({"grace": "some"}, "goals.grace_word"),
        ({"grace": "5"}, "goals.grace_much"),
        ({"grace": "-1"}, "goals.grace_word"),
    ],
)
def test_a_form_that_does_not_fit_says_what(change: dict[str, str], why: str) -> None:
    """The first thing that does not fit."""
    with pytest.raises(UserError) as refused:
        goal_forms.checked({**GOOD, **change}, NOW, ZONE)
    assert refused.value.key == why


def test_grace_is_one_of_seven_where_nothing_is_said() -> None:
    """At least one; and none where it is done once."""
    assert goal_forms.checked(GOOD, NOW, ZONE).course.grace == 2
    assert goal_forms.checked({**GOOD, "often": "2 a week"}, NOW, ZONE).course.grace == 1
    assert goal_forms.checked({**GOOD, "often": "once", "grace": "3"}, NOW, ZONE).course.grace == 0
    assert goal_forms.checked({**GOOD, "grace": "0"}, NOW, ZONE).course.grace == 0


@given(st.integers(0, 300), st.integers(3, 182), st.integers(0, 7), st.data())
def test_what_is_written_can_be_read_again(
    away: int, days: int, times: int, data: st.DataObject
) -> None:
    """The form of a draft opens as it was understood."""
    first = date.fromordinal(date(2026, 3, 2).toordinal() + away)
    last = date.fromordinal(first.toordinal() + days - 1)
    most = 0 if times == 0 else max(days * times // 7 // 3, 1)
    one = Course(first, last, ZONE, times, data.draw(st.integers(0, most)))
    again = goal_forms.checked(goal_forms.written("Walk", "Outside", one), NOW, ZONE)
    assert again.course == one


def test_one_that_goes_on_begins_next_monday_for_as_long() -> None:
    """With all else as it was."""
    one = Course(date(2026, 2, 2), date(2026, 3, 1), ZONE, 3, 2)
    fields = goal_forms.again("Walk", "Outside", one, date(2026, 3, 2))
    assert fields["when"] == "2026-03-09 to 2026-04-05"
    assert goal_forms.checked(fields, NOW, ZONE).course.times == 3
