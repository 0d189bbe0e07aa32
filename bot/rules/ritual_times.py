"""How people write down when a ritual is: "weekly friday 18:00", "monthly last sunday 17:00".

Hosts type it and find it again in the form when they edit it, so what `written` writes, `read`
reads.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import UserError
from bot.rules.naming import safe
from bot.rules.rituals import Cadence, Schedule, checked_cron
from bot.rules.zones import zone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CADENCES: dict[str, Cadence] = {
    "weekly": "weekly",
    "every": "weekly",
    "week": "weekly",
    "fortnightly": "fortnightly",
    "biweekly": "fortnightly",
    "fortnight": "fortnightly",
    "monthly": "monthly",
    "month": "monthly",
}
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
NTH_SHORT = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
FILLERS = frozenset({"at", "on", "the", "of", "each", "o'clock", "in", "a"})
TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?(am|pm)?")
WORD_SHOWN = 40
SHORTEST_DAY = 3  # "mon", "tues"


@dataclass(frozen=True, slots=True)
class When:
    """What somebody wrote: a calendar; `zone` None means the server's."""

    cadence: Cadence
    weekday: int | None = None
    nth: int | None = None
    hour: int = 18
    minute: int = 0
    cron: str | None = None
    zone: str | None = None


def read(text: str) -> When:
    """Return what the text says; UserError with the right way to write it when it is unclear."""
    shown = " ".join(text.split())
    if shown.lower().startswith("cron "):
        return When("cron", cron=checked_cron(shown[5:]))
    words, place = _without_zone(shown.replace(",", " ").split())
    cadence: Cadence | None = None
    weekday = nth = None
    at: tuple[int, int] | None = None
    for word in (word.lower() for word in words if word.lower() not in FILLERS):
        if word in CADENCES and cadence in {None, "weekly"}:
            # "every month", "every fortnight": the second word says more.
            cadence = CADENCES[word]
        elif nth is None and (word in NTH or word in NTH_SHORT):
            nth = NTH.get(word) or NTH_SHORT[word]
        elif (day := _weekday(word)) is not None and weekday is None:
            weekday = day
        elif at is None and (time := clock(word)) is not None:
            at = time
        elif at is not None and word in {"am", "pm"} and 1 <= at[0] <= 12:
            at = (at[0] % 12 + (12 if word == "pm" else 0), at[1])
        else:
            raise UserError("rituals.when_word", word=safe(word[:WORD_SHOWN]))
    if cadence is None:
        cadence = "monthly" if nth is not None else "weekly"
    if weekday is None:
        raise UserError("rituals.when_day")
    if at is None:
        raise UserError("rituals.when_time")
    if (cadence == "monthly") != (nth is not None):
        raise UserError("rituals.when_nth" if cadence == "monthly" else "rituals.when_no_nth")
    return When(cadence, weekday, nth, at[0], at[1], None, place)


def written(schedule: Schedule, *, own_zone: bool) -> str:
    """Return the schedule as it would be typed; its city too with `own_zone`."""
    if schedule.cadence == "cron":
        return f"cron {schedule.cron}"
    parts: list[str] = [schedule.cadence]
    if schedule.cadence == "monthly":
        parts.append(next(name for name, nth in NTH.items() if nth == schedule.nth))
    parts += [WEEKDAYS[schedule.weekday], f"{schedule.hour:02}:{schedule.minute:02}"]
    if own_zone:
        parts.append(schedule.zone)
    return " ".join(parts)


def _without_zone(words: list[str]) -> tuple[list[str], str | None]:
    """Split off a city at the end; of up to three words, such as "New York"."""
    for length in (3, 2, 1):
        if len(words) <= length:
            continue
        with suppress(UserError):
            return words[:-length], zone(" ".join(words[-length:]))
    return words, None


def _weekday(word: str) -> int | None:
    """Return the day's number from its name or its beginning, also in the plural."""
    name = word.rstrip(".")
    name = name.removesuffix("s") if name.endswith("days") else name
    if len(name) < SHORTEST_DAY:
        return None
    return next((n for n, day in enumerate(WEEKDAYS) if day.startswith(name)), None)


def clock(word: str) -> tuple[int, int] | None:
    """Return hour and minute from "18:00", "18.30", "18h", "6pm"."""
    found = TIME.fullmatch(word)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None
