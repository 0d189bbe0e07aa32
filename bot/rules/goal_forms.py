"""What may be written into the form of a challenge, and how it is told when it does not fit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules import away
from bot.rules.goals import DAILY, DAY, ONCE, Course
from bot.rules.naming import clean, key, safe

TITLE_MOST, COUNTS_MOST, AIM_MOST, WORD_MOST = 80, 300, 200, 300
SHORTEST, LONGEST = 3, 182  # days
SHOWN = 60
PARTS = ("title", "counts", "when", "often", "grace")
BETWEEN = re.compile(r"\s+(?:to|until|till|through|-)\s+|\s*[–—]\s*", re.IGNORECASE)
FOR = re.compile(r"\s+(?=for\s)", re.IGNORECASE)
NUMBERS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
OFTEN = re.compile(
    r"(\d|once|one|twice|two|three|four|five|six)?(?: ?(?:x|times?|days?))?"
    r"(?: (?:a|per|each|every))? ?(?:week|weekly)?"
)
DAILY_WORDS = frozenset(("daily", "every day", "each day", "day by day", "a day", "once a day"))
ONCE_WORDS = frozenset(("once", "one time", "once only", "until it's done", "till it's done"))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that fits."""

    title: str
    counts: str
    course: Course


def checked(fields: Mapping[str, str], now: datetime, zone: str) -> Filled:
    """Return what the form says; UserError for the first thing that does not fit."""
    title, counts = clean(fields["title"]), clean(fields["counts"])
    if not title:
        raise UserError("goals.no_title")
    if len(title) > TITLE_MOST:
        raise UserError("goals.title_long", n=len(title), most=TITLE_MOST)
    if not counts:
        raise UserError("goals.no_counts")
    if len(counts) > COUNTS_MOST:
        raise UserError("goals.counts_long", n=len(counts), most=COUNTS_MOST)
    first, last = days(fields["when"], now, zone)
    times = often(fields["often"])
    length = (last - first).days + 1
    grace = _grace(fields.get("grace") or "", length, times)
    return Filled(title, counts, Course(first, last, zone, times, grace))


def days(typed: str, now: datetime, zone: str) -> tuple[date, date]:
    """Return the first and the last day that were typed: "monday to 5 april", "for 4 weeks".

    UserError when they cannot be read, begin in the past, or are too few or too many.
    """
    wanted = clean(typed).removeprefix("from ").removeprefix("From ")
    parts = BETWEEN.split(wanted, maxsplit=1)
    if len(parts) == 1:
        parts = FOR.split(wanted, maxsplit=1)
    begins, ends = parts if len(parts) == 2 else ("today", parts[0])
    first = _day(begins, now, zone)
    # What is typed about the end is read from the first day on: "monday" is the one after it.
    there = datetime.combine(first, time(12), ZoneInfo(zone))
    last = _day(ends, there, zone)
    if away.SPAN.fullmatch(key(ends)):
        last -= DAY  # for a week: seven days, the first among them
    length = (last - first).days + 1
    if length < SHORTEST:
        raise UserError("goals.too_short", least=SHORTEST)
    if length > LONGEST:
        raise UserError("goals.too_long", most=LONGEST // 7)
    return first, last


def often(typed: str) -> int:
    """Return how often a week: 7 for daily, 0 for once; UserError when it cannot be read."""
    wanted = key(typed).rstrip(".")
    if wanted in DAILY_WORDS:
        return DAILY
    if wanted in ONCE_WORDS:
        return ONCE
    found = OFTEN.fullmatch(wanted) if wanted else None
    if found is not None and (found[1] or wanted in {"weekly", "a week", "every week"}):
        word = found[1] or "1"
        number = NUMBERS.get(word) or int(word)
        if 1 <= number <= DAILY:
            return number
    if wanted == "weekdays":
        return 5
    raise UserError("goals.often_word", word=safe(clean(typed)[:SHOWN]))


def usual_grace(length: int, times: int) -> int:
    """Return how much may be missed where nothing was said: one of seven, at least one."""
    if times == ONCE:
        return 0
    return max(length * times // 7 // 7, 1)


def written(title: str, counts: str, course: Course) -> dict[str, str]:
    """Return a challenge as it would be typed; what this writes, `checked` reads."""
    return {
        "title": title,
        "counts": counts,
        "when": f"{course.first.isoformat()} to {course.last.isoformat()}",
        "often": often_written(course.times),
        "grace": str(course.grace),
    }


def often_written(times: int) -> str:
    """Return how often, as it would be typed."""
    if times in {ONCE, DAILY}:
        return "daily" if times else "once"
    return f"{times} a week"


def again(title: str, counts: str, course: Course, today: date) -> dict[str, str]:
    """Return the form of a challenge that goes on: the same, for as long, from the next Monday."""
    first = today + (7 - today.weekday()) * DAY
    next_ = Course(first, first + course.days * DAY - DAY, course.zone, course.times, course.grace)
    return written(title, counts, next_)


def line(typed: str, most: int, too_long: str) -> str:
    """Return a line that somebody wrote, tidied; UserError `too_long` when it is."""
    said = clean(typed)
    if len(said) > most:
        raise UserError(too_long, n=len(said), most=most)
    return said


def clean_word(typed: str) -> str:
    """Return a word to a check-in, tidied; its length is the caller's matter."""
    return clean(typed)


def _day(typed: str, now: datetime, zone: str) -> date:
    try:
        ends = away.until(typed, now, zone)
    except away.NoDay as refused:
        if refused.key.endswith("unknown"):
            shown = safe(clean(typed)[:SHOWN]) or "…"
            raise UserError("goals.day_unknown", day=shown) from None
        raise UserError(f"goals.day_{refused.key.partition('away_')[2]}") from None
    if ends is None:  # "now"
        return now.astimezone(ZoneInfo(zone)).date()
    return (ends.astimezone(ZoneInfo(zone)) - timedelta(seconds=1)).date()


def _grace(typed: str, length: int, times: int) -> int:
    wanted = clean(typed)
    if not wanted:
        return usual_grace(length, times)
    if not wanted.isdecimal() or len(wanted) > 3:
        raise UserError("goals.grace_word", word=safe(wanted[:SHOWN]))
    if times == ONCE:
        return 0
    most = max(length * times // 7 // 3, 1)
    if int(wanted) > most:
        raise UserError("goals.grace_much", most=most)
    return int(wanted)
