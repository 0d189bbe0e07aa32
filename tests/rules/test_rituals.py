"""When rituals are due: calendars of wall times, through every change of clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.rituals import Schedule, checked_cron, coming, local_moment, next_due

MONDAY, FRIDAY, SUNDAY = 0, 4, 6
START = date(2026, 1, 1)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Pacific/Chatham",
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekly(zone: str, weekday: int, hour: int, minute: int = 0) -> Schedule:
    return Schedule("weekly", zone, START, weekday=weekday, hour=hour, minute=minute)


def cron(line: str, zone: str = "UTC") -> Schedule:
    return Schedule("cron", zone, START, cron=line)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        # Berlin: 02:30 does not exist on 29 March 2026, and happens twice on 25 October.
        (weekly("Europe/Berlin", SUNDAY, 2, 30), "2026-03-23T00:00", "2026-03-29T01:00"),
        (weekly("Europe/Berlin", SUNDAY, 2, 30), "2026-10-20T00:00", "2026-10-25T00:30"),
        (weekly("Europe/Berlin", SUNDAY, 2, 30), "2026-10-25T00:30", "2026-11-01T01:30"),
        (weekly("Europe/Berlin", FRIDAY, 18), "2026-03-02T12:00", "2026-03-06T17:00"),
        (weekly("Europe/Berlin", FRIDAY, 18), "2026-03-29T12:00", "2026-04-03T16:00"),
        # Lord Howe moves by half an hour, at 02:00: 4 October 2026 forth, 5 April back.
        (weekly("Australia/Lord_Howe", SUNDAY, 2, 15), "2026-10-01T00:00", "2026-10-03T15:30"),
        (weekly("Australia/Lord_Howe", SUNDAY, 1, 45), "2026-04-01T00:00", "2026-04-04T14:45"),
        # Apia slept through Friday 30 December 2011 altogether.
        (weekly("Pacific/Apia", FRIDAY, 18), "2011-12-25T00:00", "2011-12-30T10:00"),
        (weekly("Pacific/Apia", FRIDAY, 18), "2011-12-30T10:00", "2012-01-06T04:00"),
        # Santiago has no midnight on the day its summer begins: 6 September 2026.
        (weekly("America/Santiago", SUNDAY, 0), "2026-09-01T00:00", "2026-09-06T04:00"),
        # Exactly at a due moment, the next one is meant.
        (weekly("UTC", MONDAY, 12), "2026-03-02T12:00", "2026-03-09T12:00"),
        (weekly("UTC", MONDAY, 12), "2026-03-02T11:59", "2026-03-02T12:00"),
    ],
)
def test_weekly_moments(schedule: Schedule, after: str, due: str) -> None:
    """A week's moment keeps its wall time; the fold counts once, the gap moves it to its end."""
    assert next_due(schedule, utc(after)) == utc(due)


@pytest.mark.parametrize(
    ("anchor", "after", "expected"),
    [
        ("2026-03-02", "2026-03-02T12:00", ["2026-03-06", "2026-03-20", "2026-04-03"]),
        ("2026-03-07", "2026-03-02T12:00", ["2026-03-13", "2026-03-27", "2026-04-10"]),
        ("2026-03-06", "2027-03-02T12:00", ["2027-03-05", "2027-03-19", "2027-04-02"]),
        ("2026-06-05", "2026-03-02T12:00", ["2026-06-05", "2026-06-19", "2026-07-03"]),
    ],
)
def test_fortnights_count_from_their_anchor(anchor: str, after: str, expected: list[str]) -> None:
    """Every second Friday, from the first one on or after the anchor, years later too."""
    schedule = Schedule("fortnightly", "UTC", date.fromisoformat(anchor), weekday=FRIDAY)
    found = [moment.date().isoformat() for moment in coming(schedule, utc(after))]
    assert found == expected


@pytest.mark.parametrize(
    ("nth", "weekday", "expected"),
    [
        (1, SUNDAY, ["2026-04-05", "2026-05-03", "2026-06-07"]),
        (4, MONDAY, ["2026-03-23", "2026-04-27", "2026-05-25"]),
        (-1, SUNDAY, ["2026-03-29", "2026-04-26", "2026-05-31"]),
        (-1, MONDAY, ["2026-03-30", "2026-04-27", "2026-05-25"]),
    ],
)
def test_months_by_weekday(nth: int, weekday: int, expected: list[str]) -> None:
    """The nth or the last weekday of each month."""
    schedule = Schedule("monthly", "UTC", START, weekday=weekday, nth=nth)
    found = [moment.date().isoformat() for moment in coming(schedule, utc("2026-03-02T12:00"))]
    assert found == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 18 * * 5", ["2026-03-06", "2026-03-13", "2026-03-20"]),
        ("0 18 * * 0", ["2026-03-08", "2026-03-15", "2026-03-22"]),
        ("0 18 * * 7", ["2026-03-08", "2026-03-15", "2026-03-22"]),
        ("0 18 * * sun,wed", ["2026-03-04", "2026-03-08", "2026-03-11"]),
        ("0 18 * * MON-FRI", ["2026-03-02", "2026-03-03", "2026-03-04"]),
        ("0 18 * * 1-5/2", ["2026-03-02", "2026-03-04", "2026-03-06"]),
        ("0 18 1 * *", ["2026-04-01", "2026-05-01", "2026-06-01"]),
        # Day of the month or of the week: cron takes either.
        ("0 18 10 * 5", ["2026-03-06", "2026-03-10", "2026-03-13"]),
        ("0 18 29 2 *", ["2028-02-29", "2032-02-29", "2036-02-29"]),
    ],
)
def test_cron_counts_weekdays_as_cron_does(line: str, expected: list[str]) -> None:
    """0 and 7 are Sunday, 5 is Friday, and two named days are alternatives."""
    found = coming(cron(checked_cron(line)), utc("2026-03-02T12:00"))
    assert [moment.date().isoformat() for moment in found] == expected


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 0 30 2 *", "rituals.cron_never"),
        ("0 18 31 4,6,9,11 *", "rituals.cron_never"),
        ("*/5 * * * *", "rituals.cron_too_often"),
        ("0 9,18 * * 5", "rituals.cron_too_often"),
        ("0,1 18 * * 5", "rituals.cron_too_often"),
        ("0 18 * *", "rituals.cron_fields"),
        ("0 18 * * 5 2026", "rituals.cron_fields"),
        ("61 18 * * 5", "rituals.cron_unreadable"),
        ("0 18 * * 8", "rituals.cron_unreadable"),
        ("0 18 * * 5-1", "rituals.cron_unreadable"),
        ("0 18 * * fri#2", "rituals.cron_unreadable"),
        ("a b c d e", "rituals.cron_unreadable"),
        ("0 18 * * */0", "rituals.cron_unreadable"),
    ],
)
def test_cron_lines_that_are_refused(line: str, why: str) -> None:
    """A line that never fires, fires more than once a day, or cannot be read says so."""
    with pytest.raises(UserError) as caught:
        checked_cron(line)
    assert caught.value.key == why


def test_local_moment_is_the_wall_time() -> None:
    """What makes an occurrence one is the wall time it stands at."""
    schedule = weekly("Europe/Berlin", FRIDAY, 18)
    assert local_moment(schedule, utc("2026-03-06T17:00")) == "2026-03-06T18:00"


def by_cron(zone: str, hour: int, minute: int, weekday: str) -> Schedule:
    return cron(f"{minute} {hour} * * {weekday}", zone)


schedules = st.builds(
    Schedule,
    cadence=st.sampled_from(["weekly", "fortnightly", "monthly"]),
    zone=st.sampled_from(ZONES),
    anchor=st.dates(date(2010, 1, 1), date(2030, 1, 1)),
    weekday=st.integers(0, 6),
    nth=st.sampled_from([1, 2, 3, 4, -1]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
) | st.builds(
    by_cron,
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["*", "0", "5", "1-5", "sat,sun"]),
)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone itself


@given(schedules, moments)
def test_time_only_goes_forth(schedule: Schedule, after: datetime) -> None:
    """Each moment is later than the one before, and no two have the same wall time."""
    found = coming(schedule, after, 8)
    assert all(a < b for a, b in zip([after, *found], found, strict=False))
    assert len({local_moment(schedule, moment) for moment in found}) == len(found)


@given(schedules, moments)
def test_the_wall_shows_what_was_asked_or_the_clock_has_just_jumped(
    schedule: Schedule, after: datetime
) -> None:
    """A due moment shows the wanted wall time, else the clock was put forward at that moment."""
    due = next_due(schedule, after)
    zone = ZoneInfo(schedule.zone)
    shown = due.astimezone(zone)
    if schedule.cadence == "cron":
        minute, hour = map(int, schedule.cron.split()[:2])
    else:
        minute, hour = schedule.minute, schedule.hour
    before = (due - timedelta(seconds=1)).astimezone(zone)
    jumped = shown.utcoffset() != before.utcoffset()
    assert (shown.hour, shown.minute) == (hour, minute) or jumped
    # The first of two: an hour or so earlier the wall did not show the same already.
    assert shown.fold == 0 or jumped


@given(schedules, moments, st.integers(1, 40 * 24 * 60))
def test_nothing_lies_between(schedule: Schedule, after: datetime, minutes: int) -> None:
    """Looking from any moment before it, the same moment is next: no look skips one."""
    due = next_due(schedule, after)
    between = min(after + timedelta(minutes=minutes), due - timedelta(microseconds=1))
    assert next_due(schedule, max(between, after)) == due
