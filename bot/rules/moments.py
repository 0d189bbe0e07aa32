"""One moment as people write it down: "friday 18:00", "4 december 19:30 Lisbon".

What `written` writes, `read` reads: a form that is opened again shows what was chosen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules.away import JustOver, day_named
from bot.rules.naming import clean, key, safe
from bot.rules.ritual_times import clock as clock_of
from bot.rules.rituals import placed
from bot.rules.zones import zone as zone_named

SURE = re.compile(r".*[:hm].*")  # "18:00", "18h", "6pm": a time and nothing else
FILLERS = frozenset({"at", "on", "the", "of", "o'clock", "in", "from"})
NOON_WORDS = frozenset({"am", "pm"})
WORD_SHOWN = 40
WEEK = timedelta(days=7)
FAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Typed:
    """A wall time without a zone, and the zone it is meant in; `own_zone`: a city was written."""

    local: datetime
    zone: str
    own_zone: bool = False

    @property
    def at(self) -> datetime:
        """Return the real moment, in UTC: of two the first, after a gap its end."""
        return placed(self.local, ZoneInfo(self.zone))


def read(text: str, now: datetime, zone: str) -> Typed:
    """Return the moment that was written; without a city it is meant in `zone`.

    UserError that says how to write it when it is unclear, or more than a year away. It may lie in
    the past.
    """
    words = [word for word in clean(text).replace(",", " ").split() if key(word) not in FILLERS]
    # A city or a year may be the only thing that is wrong: then it is asked about, not the rest.
    trouble: UserError | None = None
    for before, clock, after in _clocks(words):
        for day_words, city in _days(before, after):
            wanted = key(" ".join(day_words))
            try:
                if _day(wanted, clock, _there(now, zone)) is None:
                    continue
            except JustOver as error:
                trouble = trouble or error
                continue
            try:
                named = zone_named(" ".join(city)) if city else zone
            except UserError as error:
                trouble = trouble or error
                continue
            here = _there(now, named)
            try:
                day = _day(wanted, clock, here)
            except JustOver as error:
                trouble = trouble or error
                continue
            if day is None:  # around New Year one zone may have a 29 February ahead, another not
                continue
            if abs(day - here.date()) > FAR:  # a calendar has an end, and zones shift it
                raise UserError(
                    "gathering.when_far" if day > here.date() else "gathering.when_past"
                )
            return Typed(datetime.combine(day, clock), named, own_zone=bool(city))
    if trouble is not None:
        raise trouble
    if not any(True for _ in _clocks(words)):
        raise UserError("gathering.when_time", typed=safe(" ".join(words)[:WORD_SHOWN]))
    raise UserError("gathering.when_day", typed=safe(" ".join(words)[:WORD_SHOWN]))


def written(local: datetime, zone: str, *, own_zone: bool) -> str:
    """Return a wall time as it would be typed; its city too with `own_zone`."""
    return f"{local:%Y-%m-%d %H:%M}" + (f" {zone}" if own_zone else "")


def _there(now: datetime, zone: str) -> datetime:
    """Return what the clock shows there, without a zone."""
    return now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _clocks(words: list[str]) -> Iterator[tuple[list[str], time, list[str]]]:
    """Yield each word that can be a time, the sure ones first, with what stands around it."""
    found: list[tuple[bool, int, int, time]] = []
    for at, word in enumerate(words):
        half = key(words[at + 1]) if at + 1 < len(words) else ""
        joined = half in NOON_WORDS and key(word).isdecimal()
        text = key(word) + (half if joined else "")
        clock = _clock(text)
        if clock is not None:
            found.append((SURE.fullmatch(text) is None, at, at + 1 + joined, clock))
    for _, start, end, clock in sorted(found, key=lambda one: one[:2]):
        yield words[:start], clock, words[end:]


def _clock(word: str) -> time | None:
    found = clock_of(word)
    return None if found is None else time(*found)


def _days(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what may be the day and what the city, around a time."""
    if before:
        yield before, after
        return
    for end in range(len(after), 0, -1):
        yield after[:end], after[end:]


def _day(wanted: str, clock: time, here: datetime) -> date | None:
    """Return the day; a weekday that is today is today while its hour is still to come."""
    try:
        day = day_named(wanted, here.date())
    except OverflowError:
        return None
    if day is None:
        return None
    bare = wanted.isalpha() and wanted not in {"today", "tomorrow"}
    if bare and day - here.date() == WEEK and clock > here.time():
        return here.date()
    return day
