"""When a gathering is: one date, or dates that come round; wall time in a city.

A series is its first wall time and an RRULE (RFC 5545) in wall time, as python-dateutil reads it;
each wall time is then placed on the line of real moments, so that 18:00 stays 18:00 through every
change of clocks.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bot.errors import UserError
from bot.rules.rituals import placed

Repeat = Literal["once", "weekly", "fortnightly", "monthly", "last"]
REPEATS: tuple[Repeat, ...] = ("once", "weekly", "fortnightly", "monthly", "last")

BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NTH_MOST = 4  # a month has a fifth Friday now and then; the last one it always has
DAY, WEEK = timedelta(days=1), timedelta(days=7)
COUNT_MOST = 104
MOMENT = "%Y-%m-%dT%H:%M"
UNTIL = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Series:
    """The dates of a gathering; `rule` "" is one date only."""

    first: datetime  # wall time, without a zone
    zone: str
    rule: str = ""

    def at(self, wall: datetime) -> datetime:
        """Return the real moment of a wall time, in UTC."""
        return placed(wall, ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Ends:
    """When a series is over: after a day, after so many dates, or when somebody ends it."""

    until: date | None = None
    count: int | None = None


def possible(first: datetime) -> tuple[Repeat, ...]:
    """Return how a gathering with this first date can come round."""
    last = (first + WEEK).month != first.month
    return tuple(
        one
        for one in REPEATS
        if (one != "last" or last) and (one != "monthly" or nth(first) <= NTH_MOST)
    )


def nth(first: datetime) -> int:
    """Return which one of its weekday in the month a day is, from 1."""
    return (first.day - 1) // 7 + 1


def rule_of(repeat: Repeat, first: datetime, ends: Ends | None = None) -> str:
    """Return the RRULE of a series that begins with `first`; "" for one date."""
    if repeat not in possible(first):
        raise UserError("gathering.repeat_not")
    day = BYDAY[first.weekday()]
    match repeat:
        case "once":
            return ""
        case "weekly":
            rule = f"FREQ=WEEKLY;BYDAY={day}"
        case "fortnightly":
            rule = f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}"
        case "monthly":
            rule = f"FREQ=MONTHLY;BYDAY={nth(first)}{day}"
        case "last":
            rule = f"FREQ=MONTHLY;BYDAY=-1{day}"
    if ends is not None and ends.count is not None:
        rule += f";COUNT={ends.count}"
    elif ends is not None and ends.until is not None:
        rule += f";UNTIL={datetime.combine(ends.until, time(23, 59, 59)):{UNTIL}}"
    return rule


def repeat_of(rule: str) -> Repeat:
    """Return how a series comes round."""
    parts = _parts(rule)
    if not parts:
        return "once"
    if parts["FREQ"] == "WEEKLY":
        return "fortnightly" if "INTERVAL" in parts else "weekly"
    return "last" if parts["BYDAY"].startswith("-") else "monthly"


def ends_of(rule: str) -> Ends:
    """Return when a series is over."""
    parts = _parts(rule)
    if "COUNT" in parts:
        return Ends(count=int(parts["COUNT"]))
    if "UNTIL" in parts:
        return Ends(until=datetime.strptime(parts["UNTIL"], UNTIL).date())  # noqa: DTZ007 - wall time
    return Ends()


def checked_ends(until: date | None, count: int | None, first: datetime) -> Ends:
    """Return when a series shall be over; UserError if it would be before it began."""
    if count is not None and not 2 <= count <= COUNT_MOST:
        raise UserError("gathering.ends_count", most=COUNT_MOST)
    if until is not None and until <= first.date():
        raise UserError("gathering.ends_before")
    return Ends(until, count)


def half_way(repeat: Repeat) -> timedelta:
    """Return half the time between two dates of a series; nearer ones would be the same twice."""
    return {"weekly": WEEK, "fortnightly": 2 * WEEK}.get(repeat, 4 * WEEK) / 2


def walls(series: Series, start: date) -> Iterator[datetime]:
    """Yield a series' wall times from a day on, in order."""
    since = datetime.combine(start, time())
    if not series.rule:
        if series.first >= since:
            yield series.first
        return
    rule = rrulestr(series.rule, dtstart=series.first)
    yield from itertools.takewhile(lambda wall: wall.year < 9999, rule.xafter(since, inc=True))


def following(series: Series, after: datetime) -> datetime | None:
    """Return the wall time of the first date whose real moment is later; None if none is left."""
    day = after.astimezone(ZoneInfo(series.zone)).date()
    # A gap can swallow a whole day (Apia, 2011): what was due in it comes after it.
    start = day - 2 * DAY if day > date.min + 2 * DAY else day
    return next((wall for wall in walls(series, start) if series.at(wall) > after), None)


def coming(series: Series, after: datetime, most: int) -> list[datetime]:
    """Return up to so many wall times of dates whose real moments are later."""
    first = following(series, after)
    if first is None:
        return []
    return list(itertools.islice(walls(series, first.date()), most))


def stamp(wall: datetime) -> str:
    """Return a wall time as it is stored, "2026-11-21T18:00": what makes a date one."""
    return f"{wall:{MOMENT}}"


def wall_of(moment: str) -> datetime:
    """Return the wall time that was stored; ValueError for anything else."""
    return datetime.strptime(moment, MOMENT)  # noqa: DTZ007 - wall time


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";") if part)
