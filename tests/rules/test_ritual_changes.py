"""Which one change of a ritual is suggested, by numbers of the whole group."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import reconsidering
from bot.rules.reconsidering import CHANGES, Change, Facts, better_hour, change
from bot.rules.ritual_kinds import KINDS
from bot.rules.rituals import Schedule
from bot.texts import catalogue

WEEKLY = Schedule("weekly", "UTC", date(2026, 1, 5), weekday=4, hour=9)
FADING = (12, 11, 13, 12, 3, 2, 2)
STEADY = (6, 7, 6, 5, 6, 7)
RISING = (6, 6, 7, 9, 12, 14)
EVENINGS = {18: 90, 19: 120, 20: 90, 9: 10}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(WEEKLY, people=STEADY), None),
        (Facts(WEEKLY, people=(9, 9, 1)), None),
        (Facts(WEEKLY, people=STEADY, prompts=(2, 2, 3)), Change("prompts")),
        (Facts(WEEKLY, people=STEADY, prompts=(2, 1)), None),
        (Facts(WEEKLY, people=FADING, hours=EVENINGS), Change("hour", hour=18)),
        (Facts(WEEKLY, people=STEADY, hours=EVENINGS), None),
        (Facts(WEEKLY, people=FADING), Change("fewer", cadence="fortnightly")),
        (
            Facts(replace(WEEKLY, cadence="fortnightly"), people=FADING),
            Change("fewer", cadence="monthly"),
        ),
        (
            Facts(replace(WEEKLY, cadence="monthly"), kind="wins", people=FADING),
            Change("kind", kind="gratitude"),
        ),
        (Facts(WEEKLY, people=RISING), Change("thread")),
        (Facts(WEEKLY, people=RISING, thread=True), None),
        (
            Facts(replace(WEEKLY, cadence="monthly"), people=RISING, thread=True),
            Change("more", cadence="fortnightly"),
        ),
        (
            Facts(replace(WEEKLY, cadence="fortnightly"), people=RISING, thread=True),
            Change("more", cadence="weekly"),
        ),
        (Facts(WEEKLY, kind="quiet_hour", people=RISING), None),
    ],
)
def test_the_smallest_change_that_fits(facts: Facts, expected: Change | None) -> None:
    """None while all is well, or while there is too little to go by."""
    assert change(facts) == expected


@given(
    st.lists(st.integers(0, 40), max_size=16),
    st.lists(st.integers(0, 5), max_size=8),
    st.dictionaries(st.integers(0, 23), st.integers(0, 300)),
    st.sampled_from(["weekly", "fortnightly", "monthly", "cron"]),
    st.sampled_from(sorted(KINDS)),
    st.booleans(),
    st.sets(st.sampled_from(CHANGES)),
)
def test_nothing_is_suggested_twice_and_each_has_words(  # noqa: PLR0917 - what is known of a ritual
    people: list[int],
    prompts: list[int],
    hours: dict[int, int],
    cadence: str,
    kind: str,
    thread: bool,
    before: set[str],
) -> None:
    """Whatever the numbers are: it is new, it is another than now, and it can be said."""
    schedule = replace(WEEKLY, cadence=cadence)  # type: ignore[arg-type] - a cadence that a test gives
    found = change(Facts(schedule, kind, thread, people, prompts, hours, before))
    if found is None:
        return
    assert found.what not in before
    assert found.kind != kind
    assert found.cadence != cadence
    assert found.hour != schedule.hour
    assert found.kind is None or found.kind in KINDS
    key = f"doing.suggest_{found.what}" + (f"_{found.cadence}" if found.cadence else "")
    assert catalogue("en")(key, to="18:00")
    assert catalogue("en")(f"doing.form_{found.what}")


def test_an_hour_is_another_only_by_much_talk_and_by_day() -> None:
    """Little talk says nothing, and nobody is sent to bed later."""
    assert better_hour(9, EVENINGS) == 18
    assert better_hour(18, EVENINGS) is None
    assert better_hour(9, {18: reconsidering.TURNS_LEAST - 1}) is None
    assert better_hour(9, {2: 400}) is None
    assert better_hour(12, {13: 150, 18: 160}) is None
