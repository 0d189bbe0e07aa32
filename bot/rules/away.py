"""Being away: how people say until when, and what that means on their calendar."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules.naming import key

LONGEST = timedelta(days=366)
BACK_WORDS = frozenset(("back", "i'm back", "i’m back", "im back", "here", "now"))
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
SPAN = re.compile(
    r"(?:for |in )?(\d{1,9}|a|an|one|two|three|four|five|six)?"
    r" ?(days?|d|weeks?|w|months?|m|years?|y)"
)
WEEKDAY = re.compile(r"(?:(on|this|next) )?([a-z]{3,9})")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./]?(\d{4})?")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3,9})(?:,? (\d{4}))?")
NAMED_FIRST = re.compile(r"([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LENGTHS = {"d": 1, "w": 7, "m": 30, "y": 365}
LATELY = timedelta(days=45)  # somebody who writes such a date may well mean the one that is over
FAR = 10_000  # days; more than any answer needs, less than a calendar has left


class NoDay(UserError):  # noqa: N818 - what the person hears, not a fault
    """What was typed names no day that someone can be away until."""


class JustOver(UserError):  # noqa: N818 - what the person hears, not a fault
    """A date without its year that was only lately: a slip, unless next year's is meant."""

    def __init__(self, day: date, following: date) -> None:
        super().__init__("errors.just_over", day=day.isoformat(), next=following.isoformat())
        self.day = day


def until(typed: str, now: datetime, zone: str) -> datetime | None:
    """Return the end of the absence that `typed` describes; None for "I'm back".

    A day counts in full: away until the 24th ends as the 24th does, in the server's zone. NoDay
    when it is no day, past, or more than a year ahead; JustOver as for `day_named`.
    """
    wanted = key(typed).removeprefix("until ").strip()
    if wanted in BACK_WORDS:
        return None
    here = now.astimezone(ZoneInfo(zone)).date()
    last = day_named(wanted, here)
    if last is None:
        raise NoDay("home.away_unknown")
    if last < here:
        raise NoDay("home.away_past")
    # Looked at before anything is added: a calendar ends in the year 9999.
    if last - here >= LONGEST:
        raise NoDay("home.away_too_long")
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def day_named(wanted: str, here: date) -> date | None:
    """Return the day that some words name, seen from the day `here`; None if they name none.

    `wanted` as `naming.key` leaves it. A weekday is the next one to come, never `here` itself; a
    date without a year is the next of its name, but JustOver where that was lately.
    """
    span = SPAN.fullmatch(wanted)
    if span:
        number = NUMBERS.get(span[1] or "a") or int(span[1])
        if number == 0:
            return None
        return here + timedelta(days=min(number * LENGTHS[span[2][0]], FAR))
    if wanted in {"today", "tomorrow"}:
        return here + timedelta(days=int(wanted == "tomorrow"))
    weekday = WEEKDAY.fullmatch(wanted)
    if weekday and weekday[2] in {name for day in WEEKDAYS for name in (day, day[:3])}:
        return _weekday(weekday[2], here, next_week=weekday[1] == "next")
    try:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", wanted):
            year, month, day = map(int, wanted.split("-"))
            return date(year, month, day)
        match = DAY_FIRST.fullmatch(wanted)
        if match:
            return _coming(int(match[1]), int(match[2]), match[3], here)
        match = NAMED.fullmatch(wanted)
        if match and match[2][:3] in MONTHS:
            return _coming(int(match[1]), MONTHS.index(match[2][:3]) + 1, match[3], here)
        match = NAMED_FIRST.fullmatch(wanted)
        if match and match[1][:3] in MONTHS:
            return _coming(int(match[2]), MONTHS.index(match[1][:3]) + 1, match[3], here)
    except ValueError:
        # The 31st of a month that has 30 days.
        return None
    return None


def _weekday(name: str, here: date, *, next_week: bool) -> date:
    """Return the next day of this name, never today; "next" means the one in next week."""
    wanted = next(at for at, day in enumerate(WEEKDAYS) if day.startswith(name))
    if next_week:
        return here + timedelta(days=7 - here.weekday() + wanted)
    return here + timedelta(days=(wanted - here.weekday() - 1) % 7 + 1)


def _coming(day: int, month: int, year: str | None, here: date) -> date:
    """Return this date in the year that was named, else the next one to come."""
    if year is not None:
        return date(int(year), month, day)
    this_year = date(here.year, month, day)
    if this_year >= here:
        return this_year
    following = date(here.year + 1, month, day)
    if here - this_year <= LATELY:
        raise JustOver(this_year, following)
    return following


def last_day(ends: datetime, zone: str) -> date:
    """Return the last day of an absence that ends at `ends`."""
    return (ends.astimezone(ZoneInfo(zone)) - timedelta(seconds=1)).date()
