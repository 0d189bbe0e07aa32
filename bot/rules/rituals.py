"""When a ritual is due: wall time in a city, through every change of clocks.

A schedule is a calendar of wall times ("Fridays at 18:00") and a zone. The wall times are computed
without any zone, then each is placed on the line of real moments: where the clock shows a time
twice, in autumn, the first one; where it jumps over it, in spring, the first moment after the gap.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from bot.errors import UserError

Cadence = Literal["weekly", "fortnightly", "monthly", "cron"]

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# No cron line that fires at all waits longer: 29 February skips a leap year at most centuries.
LONGEST_PAUSE = timedelta(days=9 * 366)
SUNDAY_FIRST = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = 5
LINE_MOST = 60


@dataclass(frozen=True, slots=True)
class Schedule:
    """A calendar of wall times in an IANA zone.

    `weekday` counts from Monday, 0; `nth` is 1 to 4 or -1 for the last one of the month; fortnights
    count from the first such weekday on or after `anchor`. A cron line has its own times and leaves
    these aside.
    """

    cadence: Cadence
    zone: str
    anchor: date
    weekday: int = 0
    nth: int = 1
    hour: int = 18
    minute: int = 0
    cron: str = ""


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """Return the first moment of the schedule later than `after`, in UTC."""
    zone = ZoneInfo(schedule.zone)
    # A gap can swallow a whole day (Apia, 2011): what was due in it comes after it.
    first_day = after.astimezone(zone).date() - 2 * DAY
    for wall in _wall_times(schedule, first_day):
        moment = placed(wall, zone)
        if moment > after:
            return moment
    raise UserError("rituals.cron_never", line=schedule.cron)


def coming(schedule: Schedule, after: datetime, count: int = 3) -> list[datetime]:
    """Return the next moments of the schedule, for a preview."""
    moments: list[datetime] = []
    for _ in range(count):
        after = next_due(schedule, after)
        moments.append(after)
    return moments


def local_moment(schedule: Schedule, due: datetime) -> str:
    """Return the wall time of a due moment, "2026-11-21T18:00": what makes an occurrence one."""
    return due.astimezone(ZoneInfo(schedule.zone)).strftime("%Y-%m-%dT%H:%M")


def checked_cron(line: str) -> str:
    """Return the cron line, tidied; UserError if it never fires or more than once a day."""
    # It is shown between backticks, which no cron line holds.
    fields = line.replace("`", "'").split()
    tidy = " ".join(fields)[:LINE_MOST]
    if len(fields) != FIELDS or len(" ".join(fields)) > LINE_MOST:
        raise UserError("rituals.cron_fields", line=tidy, n=len(fields))
    # The same hours and minutes every day: two of them within a day are too many.
    any_day = _trigger((fields[0], fields[1], "*", "*", "*"), tidy)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = _next(any_day, start)
    if first is None:
        raise UserError("rituals.cron_never", line=tidy)
    second = _next(any_day, first + timedelta(minutes=1))
    if second is not None and second - first < DAY:
        raise UserError("rituals.cron_too_often", line=tidy)
    if next(_cron_times(tidy, start.date()), None) is None:
        raise UserError("rituals.cron_never", line=tidy)
    return tidy


def _wall_times(schedule: Schedule, start: date) -> Iterator[datetime]:
    """Yield the schedule's wall times from a day on, in order, without a zone."""
    at = time(schedule.hour, schedule.minute)
    match schedule.cadence:
        case "cron":
            yield from _cron_times(schedule.cron, start)
        case "monthly":
            for year, month in _months(start):
                yield datetime.combine(
                    _nth_weekday(year, month, schedule.weekday, schedule.nth), at
                )
        case "weekly":
            yield from _every(WEEK, _on_or_after(start, schedule.weekday), at)
        case "fortnightly":
            first = _on_or_after(schedule.anchor, schedule.weekday)
            past = max((start - first) // (2 * WEEK), 0)
            yield from _every(2 * WEEK, first + past * 2 * WEEK, at)


def _every(step: timedelta, first: date, at: time) -> Iterator[datetime]:
    for n in itertools.count():
        yield datetime.combine(first + n * step, at)


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _months(start: date) -> Iterator[tuple[int, int]]:
    for n in itertools.count(start.year * 12 + start.month - 1):
        yield n // 12, n % 12 + 1


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        return _on_or_after(date(year, month, 1), weekday) + (nth - 1) * WEEK
    next_month = date(year + month // 12, month % 12 + 1, 1)
    return _on_or_after(next_month, weekday) - WEEK


def placed(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the real moment of a wall time: the first of two, or the end of its gap."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # In a gap fold 0 reads the clock as it was before it, fold 1 as it is after: the change lies
    # between the two. Changes of clocks happen at whole seconds.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def _cron_times(line: str, start: date) -> Iterator[datetime]:
    """Yield the wall times of a cron line from a day on."""
    triggers = _triggers(line)
    at = datetime.combine(start, time(), UTC)
    while True:
        found = [moment for moment in (_next(t, at) for t in triggers) if moment is not None]
        if not found:
            return
        yield min(found).replace(tzinfo=None)
        at = min(found) + timedelta(minutes=1)


@cache
def _triggers(line: str) -> tuple[CronTrigger, ...]:
    minute, hour, day, month, weekday = line.split()
    if day.startswith("*") or weekday.startswith("*"):
        return (_trigger((minute, hour, day, month, weekday), line),)
    # Cron's own rule: where both are named, either of them will do.
    return (
        _trigger((minute, hour, day, month, "*"), line),
        _trigger((minute, hour, "*", month, weekday), line),
    )


def _trigger(fields: tuple[str, str, str, str, str], line: str) -> CronTrigger:
    try:
        named = " ".join((*fields[:4], _weekdays(fields[4])))
        # Wall times only, so any zone without changes will do.
        return cast("Any", CronTrigger).from_crontab(named, timezone=UTC)
    except (ValueError, TypeError) as error:
        raise UserError("rituals.cron_unreadable", line=line) from error


def _weekdays(field: str) -> str:
    """Return cron's weekdays (0 and 7 are Sunday) as names; APScheduler counts 0 as Monday."""
    if field == "*":
        return field
    chosen: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        if span == "*":
            first, last = 0, 6
        else:
            first = _weekday(low)
            last = _weekday(high) if high else (6 if step else first)
        if first > last:
            raise ValueError(f"{part} runs backwards")
        chosen.update(n % 7 for n in range(first, last + 1, int(step) if step else 1))
    return ",".join(SUNDAY_FIRST[n] for n in sorted(chosen))


def _weekday(name: str) -> int:
    if name in SUNDAY_FIRST:
        return SUNDAY_FIRST.index(name)
    number = int(name)
    if not 0 <= number <= 7:
        raise ValueError(f"{number} is no day of the week")
    return number


def _next(trigger: CronTrigger, start: datetime) -> datetime | None:
    untyped = cast("Any", trigger)
    untyped.end_date = start + LONGEST_PAUSE
    return untyped.get_next_fire_time(None, start)
