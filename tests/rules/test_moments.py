"""One moment as people write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.moments import read, written
from bot.rules.zones import known

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("typed", "local", "zone"),
    [
        ("friday 18:00", "2026-11-20T18:00", BERLIN),
        ("friday 8:00", "2026-11-27T08:00", BERLIN),
        ("Fri at 18.30", "2026-11-20T18:30", BERLIN),
        ("next friday 18:00", "2026-11-27T18:00", BERLIN),
        ("18:00 on friday", "2026-11-20T18:00", BERLIN),
        ("today 11:00", "2026-11-20T11:00", BERLIN),
        ("tomorrow 6 pm", "2026-11-21T18:00", BERLIN),
        ("tomorrow 7pm New York", "2026-11-21T19:00", "America/New_York"),
        ("19 september 18:00 Lisbon", "2027-09-19T18:00", "Europe/Lisbon"),
        ("4.12. 19.30", "2026-12-04T19:30", BERLIN),
        ("4 december, 18h", "2026-12-04T18:00", BERLIN),
        ("dec 4th 18", "2026-12-04T18:00", BERLIN),
        ("2026-12-04 18:00 Lisbon", "2026-12-04T18:00", "Europe/Lisbon"),
        ("2026-12-04 18:00 Europe/Lisbon", "2026-12-04T18:00", "Europe/Lisbon"),
        ("in two weeks 12am", "2026-12-04T00:00", BERLIN),
    ],
)
def test_what_people_write(typed: str, local: str, zone: str) -> None:
    """Day, time and city in the orders that people write them."""
    found = read(typed, FRIDAY, BERLIN)
    assert (found.local.isoformat()[:16], found.zone) == (local, zone)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("friday", "gathering.when_time"),
        ("", "gathering.when_time"),
        ("friday 25:00", "gathering.when_time"),
        ("18:00", "gathering.when_day"),
        ("31 june 18:00", "gathering.when_day"),
        ("18:00 some time", "gathering.when_day"),
        ("friday 18:00 Berln", "hearth.zone_near"),
        ("18:00 4 december Berln", "hearth.zone_near"),
        ("friday 18:00 zzzz", "hearth.zone_unknown"),
        ("9999-12-31 23:59 New York", "gathering.when_far"),
        ("0001-01-01 00:00 Tokyo", "gathering.when_past"),
        ("99999 years 18:00", "gathering.when_far"),
        ("19 november 18:00", "errors.just_over"),
        ("18:00 19 november Lisbon", "errors.just_over"),
    ],
)
def test_what_is_unclear_says_how_to_write_it(typed: str, key: str) -> None:
    """What is missing is named: the time, the day, or the city."""
    with pytest.raises(UserError) as refused:
        read(typed, FRIDAY, BERLIN)
    assert refused.value.key == key


def test_a_time_in_the_gap_is_its_end_and_in_the_fold_the_first() -> None:
    """Where clocks jump or repeat themselves there is one moment all the same."""
    now = datetime(2026, 3, 20, tzinfo=UTC)
    assert read("29 march 2:30", now, BERLIN).at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    now = datetime(2026, 10, 20, tzinfo=UTC)
    assert read("25 october 2:30", now, BERLIN).at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 - wall times
    st.sampled_from(sorted(known() & {*map(str, map(ZoneInfo, ("UTC", BERLIN, "Asia/Tokyo")))})),
    st.integers(0, 300),
)
def test_what_is_written_is_read_again(wall: datetime, zone: str, days: int) -> None:
    """A form that is opened again means what it meant."""
    now = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = (wall + timedelta(days=days)).replace(second=0, microsecond=0)
    for own in (True, False):
        found = read(written(local, zone, own_zone=own), now, zone)
        assert (found.local, found.zone) == (local, zone)
