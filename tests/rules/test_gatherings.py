"""Gatherings: their dates through every change of clocks, their calendar file, their form."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from icalendar import Calendar

from bot.errors import UserError
from bot.rules import gathering_forms as forms
from bot.rules import gathering_series as series
from bot.rules import gatherings as rules
from bot.rules.gathering_calendar import Entry, Moved, file_of, shifted
from bot.rules.gathering_series import Ends, Repeat, Series

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ZONES = (BERLIN, NEW_YORK, "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC")
WALLS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(  # noqa: DTZ001 - wall times
    lambda wall: wall.replace(second=0, microsecond=0)
)


def wall(text: str) -> datetime:
    """Return a wall time."""
    return datetime.fromisoformat(text)


def entry(of: Series, **more: object) -> Entry:
    """Return a calendar's entry of a walk."""
    base: dict[str, object] = {
        "uid": "g@h",
        "title": "Walk",
        "words": "",
        "where": "",
        "minutes": 90,
        "sequence": 0,
    }
    return Entry(series=of, **{**base, **more})  # pyright: ignore[reportArgumentType] - as given


def read(content: bytes) -> Any:
    """Return a calendar file as another program reads it."""
    return cast("Any", Calendar).from_ical(content)


def events(content: bytes) -> list[Any]:
    """Return its events."""
    return read(content).walk("VEVENT")


# --- series ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repeat", "first", "then"),
    [
        ("weekly", "2026-03-06T18:00", ["2026-03-13", "2026-03-20"]),
        ("fortnightly", "2026-03-06T18:00", ["2026-03-20", "2026-04-03"]),
        ("monthly", "2026-03-06T18:00", ["2026-04-03", "2026-05-01"]),
        ("last", "2026-03-27T18:00", ["2026-04-24", "2026-05-29"]),
    ],
)
def test_how_dates_come_round(repeat: Repeat, first: str, then: list[str]) -> None:
    """Weekly, fortnightly, on the same weekday of the month, on the last one."""
    of = Series(wall(first), BERLIN, series.rule_of(repeat, wall(first)))
    found = series.coming(of, of.at(wall(first)), 2)
    assert [one.date().isoformat() for one in found] == then
    assert series.repeat_of(of.rule) == repeat


def test_a_fifth_friday_comes_round_only_as_the_last_one() -> None:
    """No month is left without its date, and no other day is meant by it."""
    fifth = wall("2026-05-29T18:00")
    assert series.possible(fifth) == ("once", "weekly", "fortnightly", "last")
    assert series.possible(wall("2026-05-01T18:00")) == (
        "once",
        "weekly",
        "fortnightly",
        "monthly",
    )
    with pytest.raises(UserError) as refused:
        series.rule_of("monthly", fifth)
    assert refused.value.key == "gathering.repeat_not"


def test_when_a_series_is_over() -> None:
    """After a day, that day included, or after so many dates."""
    first = wall("2026-03-06T18:00")
    for ends in (Ends(until=date(2026, 3, 20)), Ends(count=3)):
        rule = series.rule_of("weekly", first, ends)
        assert series.ends_of(rule) == ends
        of = Series(first, BERLIN, rule)
        assert len(series.coming(of, NOW, 9)) == 3
        assert series.following(of, of.at(wall("2026-03-20T18:00"))) is None


@given(
    WALLS,
    st.sampled_from(ZONES),
    st.sampled_from(("weekly", "fortnightly", "monthly", "last")),
    st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_a_series_keeps_its_hour_and_moves_on(
    first: datetime, zone: str, repeat: Repeat, past: timedelta
) -> None:
    """Whatever the clocks do: each date shows its wall time, or the end of the gap; none twice."""
    assume(repeat in series.possible(first))
    of = Series(first, zone, series.rule_of(repeat, first))
    after = of.at(first) + past
    found = series.coming(of, after, 6)
    moments = [of.at(one) for one in found]
    assert moments[0] > after
    assert all(a < b for a, b in itertools.pairwise(moments))
    for one, moment in zip(found, moments, strict=True):
        shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert one.time() == first.time()
        assert shown == one or timedelta() < shown - one <= timedelta(hours=1)


# --- the calendar file ----------------------------------------------------------------------------


def in_calendar(content: bytes, most: int) -> Iterator[datetime]:
    """Yield the moments that another program shows: RRULE, EXDATE and single dates moved."""
    master, *single = events(content)
    instead = {one["RECURRENCE-ID"].dt.replace(tzinfo=None): one["DTSTART"].dt for one in single}
    start = master["DTSTART"].dt
    zone = start.tzinfo
    out = master.get("EXDATE")
    left: set[datetime] = set()
    if out is not None:
        left = {part.dt.replace(tzinfo=None) for part in out.dts}
    rule = master["RRULE"].to_ical().decode()
    until = master["RRULE"].get("UNTIL")
    rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL"))
    of = Series(start.replace(tzinfo=None), "UTC", rule)
    for one in series.coming(of, datetime(2000, 1, 1, tzinfo=UTC), most):
        moment = instead.get(one, one.replace(tzinfo=zone))
        if one in left or (until and moment.astimezone(UTC) > until[0]):
            continue
        yield moment.astimezone(UTC)


def test_a_series_in_a_calendar_is_the_same_series() -> None:
    """Over the changes of clocks, with a date left out, one moved, and the last day included."""
    first = wall("2026-03-20T18:00")
    rule = series.rule_of("weekly", first, Ends(until=date(2026, 4, 17)))
    of = Series(first, NEW_YORK, rule)
    moved = Moved(wall("2026-04-10T18:00"), datetime(2026, 4, 11, 15, 0, tzinfo=UTC))
    content = file_of(
        entry(of, left_out=(wall("2026-04-03T18:00"),), moved=(moved,), sequence=3), NOW
    )
    assert list(in_calendar(content, 10)) == [
        of.at(first),
        of.at(wall("2026-03-27T18:00")),
        moved.starts,
        of.at(wall("2026-04-17T18:00")),
    ]
    assert {(one["UID"], one["SEQUENCE"]) for one in events(content)} == {("g@h", 3)}


@given(WALLS, st.sampled_from(ZONES), st.sampled_from(("weekly", "monthly", "once")))
def test_a_calendar_file_can_be_read(first: datetime, zone: str, repeat: Repeat) -> None:
    """By another reader, with the first moment as it is, and the zone written down in it."""
    assume(repeat in series.possible(first))
    of = Series(first, zone, series.rule_of(repeat, first))
    odd = shifted(of, first)
    content = file_of(entry(of, moved=() if odd is None else (odd,)), NOW)
    found = events(content)
    assert found[-1]["DTSTART"].dt.astimezone(UTC) == of.at(first)
    assert found[0]["DURATION"].dt == timedelta(minutes=90)
    written = {str(part["TZID"]) for part in read(content).walk("VTIMEZONE")}
    assert written == (set() if zone == "UTC" else {zone})


@pytest.mark.parametrize("zone", [name for name in ZONES if name != "UTC"])
def test_the_zone_in_the_file_tells_the_clocks_right(zone: str) -> None:
    """Each change stands at the wall time of the clock before it, as RFC 5545 has it."""
    first = wall("2026-06-05T18:00")
    content = file_of(entry(Series(first, zone, series.rule_of("weekly", first))), NOW)
    part = read(content).walk("VTIMEZONE")[0]
    changes = 0
    for kind in part.subcomponents:
        before, after = kind["TZOFFSETFROM"].td, kind["TZOFFSETTO"].td
        more = kind.get("RDATE")
        walls = [kind["DTSTART"].dt, *([one.dt for one in more.dts] if more is not None else [])]
        for one in walls:
            moment = (one - before).replace(tzinfo=UTC)
            there = ZoneInfo(zone)
            assert moment.astimezone(there).utcoffset() == after
            earlier = (moment - timedelta(seconds=1)).astimezone(there).utcoffset()
            assert before in {earlier, after}
            changes += before != after
    assert changes >= 8 or zone == "Asia/Kolkata"


def test_what_is_called_off_says_so() -> None:
    """A calendar that has it takes it out; the moved moment of a single date is kept."""
    first = wall("2026-03-20T18:00")
    later = datetime(2026, 3, 21, 9, 0, tzinfo=UTC)
    gone = entry(Series(first, BERLIN), off=True, sequence=2, moved=(Moved(first, later),))
    content = file_of(gone, NOW)
    assert read(content)["METHOD"] == "CANCEL"
    (one,) = events(content)
    assert (one["STATUS"], one["SEQUENCE"]) == ("CANCELLED", 2)
    assert one["DTSTART"].dt == later


def test_words_cannot_break_out_of_the_file() -> None:
    """Line breaks and separators that somebody typed stay what they are: words."""
    hostile = "Walk\nEND:VEVENT\r\nBEGIN:VALARM;x,y"
    first = wall("2026-03-20T18:00")
    content = file_of(entry(Series(first, BERLIN), words=hostile, title="a;b,c\\d"), NOW)
    (one,) = events(content)
    assert [part.name for part in read(content).walk()].count("VALARM") == 0
    assert str(one["SUMMARY"]) == "a;b,c\\d"
    assert "END:VEVENT" in str(one["DESCRIPTION"])


# --- the form -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("", 120),
        ("2h", 120),
        ("2 h", 120),
        ("1 h 30 min", 90),
        ("1h30m", 90),
        ("1:30", 90),
        ("90 minutes", 90),
        ("one", None),
        ("90", None),
        ("2 days", 2880),
        ("5 min", None),
        ("4 days", None),
    ],
)
def test_how_long(typed: str, minutes: int | None) -> None:
    """In hours and minutes as people write them; what is written is read again."""
    if minutes is None:
        with pytest.raises(UserError):
            forms.length(typed)
        return
    assert forms.length(typed) == minutes
    assert forms.length(rules.span(minutes)) == minutes


@pytest.mark.parametrize(
    ("typed", "place", "spot", "voice_id"),
    [
        ("", "", "", None),
        ("voice", "voice", "", None),
        ("#Lounge", "voice", "", 12345678901234567),
        ("<#12345678901234567>", "voice", "", 12345678901234567),
        ("https://example.org/a?b=c", "link", "https://example.org/a?b=c", None),
        ("HTTPS://Example.org/a", "link", "HTTPS://Example.org/a", None),
        ("Pier 7: the end", "place", "Pier 7: the end", None),
        ("Room: 3/4", "place", "Room: 3/4", None),
    ],
)
def test_where(typed: str, place: str, spot: str, voice_id: int | None) -> None:
    """A voice room, a link, or a place in words."""
    assert forms.where(typed, {12345678901234567: "lounge"}) == (place, spot, voice_id)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("http://example.org/", "where_link"),
        ("javascript:alert(1)//", "where_link"),
        ("https://user@example.org/", "where_link"),
        ("Zoom: https://example.org/", "where_link"),
        ("https://localhost/", "where_link"),
        ("https://example.org/> @everyone", "where_link"),
        ("https://[::1/", "where_link"),
        ("https://exämple.org/", "where_link"),
        ("#attic", "where_room"),
        ("<#99999999999999999>", "where_room"),
        ("x" * 201, "where_long"),
    ],
)
def test_where_not(typed: str, key: str) -> None:
    """No link but a plain one over https, no room that is not there."""
    with pytest.raises(UserError) as refused:
        forms.where(typed, {12345678901234567: "lounge"})
    assert refused.value.key == f"gathering.{key}"


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        ("what", "  \n \u200b", "no_title"),
        ("what", "x" * 81, "title_long"),
        ("what", "x\n" + "y" * 401, "words_long"),
        ("when", "2026-03-01 18:00", "when_past"),
        ("when", "today 13:10", "when_soon"),
        ("when", "2027-06-01 18:00", "when_far"),
        ("most", "many", "most_unclear"),
        ("most", "1", "most_bounds"),
        ("most", "151", "most_bounds"),
        ("long", "soon", "long_unclear"),
    ],
)
def test_what_does_not_fit_is_named(field: str, typed: str, key: str) -> None:
    """The first thing that does not fit, and nothing is guessed."""
    fields = {"what": "Walk", "when": "friday 18:00", "where": "", "long": "", "most": ""}
    assert forms.checked(fields, now=NOW, zone=BERLIN, rooms={}).most is None
    with pytest.raises(UserError) as refused:
        forms.checked({**fields, field: typed}, now=NOW, zone=BERLIN, rooms={})
    assert refused.value.key == f"gathering.{key}"


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("", Ends()),
        ("until 24 december", Ends(until=date(2026, 12, 24))),
        ("10 times", Ends(count=10)),
        ("after 3 dates", Ends(count=3)),
        ("1 times", None),
        ("105 times", None),
        ("2026-03-06", None),
        ("soon", None),
    ],
)
def test_until_when(typed: str, ends: Ends | None) -> None:
    """A day, a number of dates, or nobody says."""
    first = wall("2026-03-06T18:00")
    if ends is None:
        with pytest.raises(UserError):
            forms.ends(typed, first=first, now=NOW)
    else:
        assert forms.ends(typed, first=first, now=NOW) == ends


# --- when what happens ----------------------------------------------------------------------------


def test_until_when_somebody_may_host() -> None:
    """A day before; where that is near, until an hour before, so that it is asked at all."""
    starts = NOW + timedelta(days=3)
    assert rules.host_by(starts, NOW) == starts - timedelta(days=1)
    assert rules.host_by(NOW + timedelta(hours=30), NOW) == NOW + timedelta(hours=29)


def test_the_phases_of_a_date() -> None:
    """Half an hour before, while it goes on, a day after; then it is over."""
    ends = NOW + timedelta(hours=2)
    at = {
        "before": NOW - timedelta(minutes=31),
        "near": NOW - timedelta(minutes=30),
        "on": NOW,
        "after": ends,
        "over": ends + timedelta(days=1),
    }
    assert {rules.phase(NOW, ends, moment) for moment in at.values()} == set(at)
    for name, moment in at.items():
        assert rules.phase(NOW, ends, moment) == name


@pytest.mark.parametrize(
    ("minutes", "shown"), [(15, "15 min"), (120, "2 h"), (1530, "1 d 1 h 30 min")]
)
def test_how_a_length_reads(minutes: int, shown: str) -> None:
    """Without a word that a language would bend."""
    assert rules.span(minutes) == shown
