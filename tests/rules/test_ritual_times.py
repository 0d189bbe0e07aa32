"""What hosts type about the time of a ritual, and what they are told when it is unclear."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.ritual_times import When, read, written
from bot.rules.rituals import Schedule
from bot.texts import catalogue


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("weekly friday 18:00", When("weekly", 4, None, 18, 0)),
        ("Fridays at 6pm", When("weekly", 4, None, 18, 0)),
        ("every fri 18.30", When("weekly", 4, None, 18, 30)),
        ("weekly wed 3 pm", When("weekly", 2, None, 15, 0)),
        ("weekly wed 7:15 pm", When("weekly", 2, None, 19, 15)),
        ("fortnightly monday 19:30", When("fortnightly", 0, None, 19, 30)),
        ("monthly last sunday 17:00", When("monthly", 6, -1, 17, 0)),
        ("first sunday of the month, 17h", When("monthly", 6, 1, 17, 0)),
        ("monthly 2nd tues 08:05", When("monthly", 1, 2, 8, 5)),
        ("cron 0 18 * * 5", When("cron", cron="0 18 * * 5")),
        ("weekly friday 18:00 Lisbon", When("weekly", 4, None, 18, 0, zone="Europe/Lisbon")),
        ("weekly friday 18:00 in new york", When("weekly", 4, zone="America/New_York")),
        ("weekly friday 12am Asia/Tokyo", When("weekly", 4, None, 0, 0, zone="Asia/Tokyo")),
    ],
)
def test_what_people_write_is_understood(text: str, when: When) -> None:
    """The plain forms, and the small liberties people take with them."""
    assert read(text) == when


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "rituals.when_day"),
        ("weekly 18:00", "rituals.when_day"),
        ("weekly friday", "rituals.when_time"),
        ("monthly sunday 17:00", "rituals.when_nth"),
        ("fortnightly last sunday 17:00", "rituals.when_no_nth"),
        ("weekly friday 25:00", "rituals.when_word"),
        ("weekly friday 18:00 nowhere", "rituals.when_word"),
        ("weekly friday saturday 18:00", "rituals.when_word"),
        ("daily 18:00", "rituals.when_word"),
        ("weekly friday 18:00 @everyone", "rituals.when_word"),
        ("cron 0 0 30 2 *", "rituals.cron_never"),
        ("cron * * * * *", "rituals.cron_too_often"),
    ],
)
def test_what_is_unclear_is_answered_with_the_right_form(text: str, why: str) -> None:
    """Each refusal has a text that can be shown, with everything it names."""
    with pytest.raises(UserError) as caught:
        read(text)
    assert caught.value.key == why
    assert catalogue()(caught.value.key, **caught.value.params)


@given(
    st.builds(
        Schedule,
        cadence=st.sampled_from(["weekly", "fortnightly", "monthly"]),
        zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
        anchor=st.just(date(2026, 1, 1)),
        weekday=st.integers(0, 6),
        nth=st.sampled_from([1, 2, 3, 4, -1]),
        hour=st.integers(0, 23),
        minute=st.integers(0, 59),
    )
)
def test_what_is_written_can_be_read(schedule: Schedule) -> None:
    """A host finds in the form what reads as the same schedule, with or without its city."""
    nth = schedule.nth if schedule.cadence == "monthly" else None
    plain = When(schedule.cadence, schedule.weekday, nth, schedule.hour, schedule.minute)
    assert read(written(schedule, own_zone=False)) == plain
    assert read(written(schedule, own_zone=True)).zone == schedule.zone


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing that can be typed breaks it."""
    shown = "understood"
    try:
        read(text)
    except UserError as refused:
        shown = catalogue()(refused.key, **refused.params)
    assert shown
