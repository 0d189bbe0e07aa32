"""A gathering as a calendar file (RFC 5545), which people's own calendars read.

Wall time with its zone, so that a series keeps its hour through every change of clocks there, too.
The same gathering keeps its UID; every change counts SEQUENCE up, and what is called off says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vRecur,
)

from bot.rules.gathering_series import Series, ends_of

PRODUCT = "-//Hearth//Gatherings//EN"
YEARS = timedelta(days=5 * 366)  # so far ahead a file knows the changes of clocks
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A date of a series that was planned for one wall time and is at another moment."""

    planned: datetime  # wall time, without a zone
    starts: datetime
    off: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar keeps of a gathering, or of one date that stands for itself.

    `left_out` are wall times that do not take place. `starts` is where a single date is now, if it
    was moved.
    """

    uid: str
    title: str
    words: str
    where: str
    series: Series
    minutes: int
    sequence: int
    off: bool = False
    left_out: tuple[datetime, ...] = ()
    moved: tuple[Moved, ...] = ()


def file_of(entry: Entry, now: datetime) -> bytes:
    """Return the calendar file."""
    calendar = Calendar()
    _add(calendar, "prodid", PRODUCT)
    _add(calendar, "version", "2.0")
    _add(calendar, "method", "CANCEL" if entry.off else "PUBLISH")
    zone = ZoneInfo(entry.series.zone)
    if entry.series.zone != "UTC":
        calendar.add_component(_zone(entry, zone))
    if not entry.series.rule:
        moment = entry.moved[0].starts if entry.moved else entry.series.at(entry.series.first)
        calendar.add_component(_event(entry, moment.astimezone(zone), now))
        return calendar.to_ical()
    series = _event(entry, entry.series.first.replace(tzinfo=zone), now)
    _add(series, "rrule", vRecur.from_ical(_rule(entry.series, zone)))
    if entry.left_out:
        _add(series, "exdate", [wall.replace(tzinfo=zone) for wall in sorted(entry.left_out)])
    calendar.add_component(series)
    for one in sorted(entry.moved, key=lambda moved: moved.planned):
        instead = _event(entry, one.starts.astimezone(zone), now)
        _add(instead, "recurrence-id", one.planned.replace(tzinfo=zone))
        calendar.add_component(instead)
    return calendar.to_ical()


def shifted(series: Series, wall: datetime) -> Moved | None:
    """Return a date that falls into a gap of the clocks, where calendars would put it elsewhere."""
    moment = series.at(wall)
    if moment.astimezone(ZoneInfo(series.zone)).replace(tzinfo=None) == wall:
        return None
    return Moved(wall, moment)


def _event(entry: Entry, starts: datetime, now: datetime) -> Event:
    event = Event()
    _add(event, "uid", entry.uid)
    _add(event, "dtstamp", now.astimezone(UTC))
    _add(event, "sequence", entry.sequence)
    _add(event, "summary", entry.title)
    if entry.words:
        _add(event, "description", entry.words)
    if entry.where:
        _add(event, "location", entry.where)
    _add(event, "dtstart", starts)
    # Not an end: over a change of clocks two hours are two hours.
    _add(event, "duration", timedelta(minutes=entry.minutes))
    _add(event, "status", "CANCELLED" if entry.off else "CONFIRMED")
    return event


def _rule(series: Series, zone: ZoneInfo) -> str:
    """Return the RRULE as a calendar has it: the end of a series with a zone is told in UTC."""
    until = ends_of(series.rule).until
    if until is None:
        return series.rule
    kept = [part for part in series.rule.split(";") if not part.startswith("UNTIL=")]
    over = datetime.combine(until, datetime.max.time(), zone).astimezone(UTC)
    return ";".join((*kept, f"UNTIL={over:%Y%m%dT%H%M%SZ}"))


def _zone(entry: Entry, zone: ZoneInfo) -> Timezone:
    """Return how the clocks there change from the first date on, as long as it goes on.

    Written here and not by the library, which tells the beginning of summer an hour late: the
    wall time of a change is that of the clock before it.
    """
    moments = [entry.series.at(entry.series.first), *(one.starts for one in entry.moved)]
    first = min(moments) - 366 * DAY
    last = max(moments) + (YEARS if entry.series.rule else 2 * DAY)
    found = Timezone()
    _add(found, "tzid", entry.series.zone)
    by_kind: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for change in _changes(zone, first, last):
        before, after = _offset(change - timedelta(seconds=1), zone), _offset(change, zone)
        there = change.astimezone(zone)
        kind = (before, after, there.tzname() or "", bool(there.dst()))
        by_kind.setdefault(kind, []).append((change + before).replace(tzinfo=None))
    if not by_kind:  # a place where clocks do not change
        there = first.astimezone(zone)
        offset = _offset(first, zone)
        by_kind[offset, offset, there.tzname() or "", False] = [there.replace(tzinfo=None)]
    for (before, after, name, summer), walls in by_kind.items():
        part: Component = TimezoneDaylight() if summer else TimezoneStandard()
        _add(part, "dtstart", walls[0])
        _add(part, "tzoffsetfrom", before)
        _add(part, "tzoffsetto", after)
        _add(part, "tzname", name)
        if walls[1:]:
            _add(part, "rdate", walls[1:])
        found.add_component(part)
    return found


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the moments at which the clocks there change."""
    early = first.replace(microsecond=0)
    while early < last:
        late = early + DAY
        if _offset(early, zone) != _offset(late, zone):
            low, high = early, late
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                if _offset(middle, zone) == _offset(early, zone):
                    low = middle
                else:
                    high = middle
            yield high
        early = late


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _add(part: Component, name: str, value: object) -> None:
    cast("Any", part).add(name, value)
