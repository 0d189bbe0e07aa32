"""The days of a group that begins together, as they are typed and read."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import cohorts
from bot.rules.cohorts import Stage

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
START = date(2026, 3, 9)


def test_stages_as_people_write_them() -> None:
    """By day, by week, or one a week; a title may begin with what looks like a day."""
    typed = """
    Getting to know
    week 3: First drafts
    30 march – Reading each other
    2026-04-06 May I help?
    2 weeks of silence
    Sunday best
    """
    found = cohorts.read_stages(typed, START)
    assert [(stage.day.isoformat(), stage.title) for stage in found[:5]] == [
        ("2026-03-09", "Getting to know"),
        ("2026-03-23", "First drafts"),
        ("2026-03-30", "Reading each other"),
        ("2026-04-06", "May I help?"),
        ("2026-04-13", "2 weeks of silence"),
    ]
    assert found[5] == Stage(date(2026, 4, 20), "Sunday best")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("week 3", "cohorts.no_title"),
        ("x" * 81, "cohorts.title_long"),
        ("week 3 A\nweek 3 B", "cohorts.not_in_order"),
        ("week 3 A\nweek 2 B", "cohorts.not_in_order"),
        ("2026-03-08 Early", "cohorts.before_start"),
        ("8 march Early", "cohorts.before_start"),
        ("9999-12-31 Late\nThe week after", "cohorts.stage_far"),
        ("\n".join(f"Stage {n}" for n in range(21)), "cohorts.too_many"),
    ],
)
def test_stages_that_do_not_fit(typed: str, why: str) -> None:
    """The first line that does not fit is named."""
    with pytest.raises(UserError) as refused:
        cohorts.read_stages(typed, START)
    assert refused.value.key == why


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", "2026-03-02"),
        ("next monday", "2026-03-09"),
        ("9 march", "2026-03-09"),
        ("in 2 weeks", "2026-03-16"),
    ],
)
def test_the_first_day_as_people_write_it(typed: str, day: str) -> None:
    """Today or a day to come."""
    found = cohorts.read_start(typed, NOW, "Europe/Berlin", None)
    assert found == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "cohorts.day_unknown"),
        ("soon", "cohorts.day_unknown"),
        ("2026-03-01", "cohorts.start_past"),
        ("2028-01-01", "cohorts.start_far"),
    ],
)
def test_a_first_day_that_does_not_fit(typed: str, why: str) -> None:
    """Says so; one that stands already may be over."""
    with pytest.raises(UserError) as refused:
        cohorts.read_start(typed, NOW, "Europe/Berlin", None)
    assert refused.value.key == why
    before = date(2026, 2, 2)
    assert cohorts.read_start("2026-02-02", NOW, "Europe/Berlin", before) == before


@given(st.lists(st.integers(1, 30), max_size=20), st.data())
def test_what_is_written_can_be_read_again(gaps: list[int], data: st.DataObject) -> None:
    """The form opens as it was understood, whatever the titles look like."""
    titles = st.sampled_from(("First drafts", "May 5", "week 2 of it", "3 days", "9.3. it is"))
    day = START.toordinal() - 1
    stages: list[Stage] = []
    for gap in gaps:
        day += gap
        stages.append(Stage(date.fromordinal(day), data.draw(titles)))
    assert cohorts.read_stages(cohorts.written(stages), START) == stages


def test_a_morning_is_a_morning_through_the_change_of_clocks() -> None:
    """By the group's clock."""
    assert cohorts.morning(date(2026, 3, 28), "Europe/Berlin").hour == 9
    assert cohorts.morning(date(2026, 3, 29), "Europe/Berlin").hour == 8
    assert cohorts.evening(date(2026, 10, 25), "Europe/Berlin").hour == 17


def test_groups_have_other_prompts_in_their_circles() -> None:
    """Three each, no two the same, however many there are."""
    prompts = [f"Question {n}" for n in range(20)]
    first, second = cohorts.chosen(prompts, 1), cohorts.chosen(prompts, 2)
    assert len(set(first)) == 3
    assert first != second
    assert cohorts.chosen(prompts[:2], 7) == ["Question 1", "Question 0"]
