"""A group that begins together: its first day, its stages by date, its closing circle.

All days are the group's own, by its clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules import away
from bot.rules.naming import clean, key, safe

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MORNING: Final = time(10)  # when a beginning and a stage are told
EVENING: Final = time(18)  # when the closing circle opens, on the last day
TITLE_MOST: Final = 80
STAGES_MOST: Final = 20
STARTED_LONGEST: Final = timedelta(days=366)  # so far ahead a cohort may begin
STAGE_FAR: Final = timedelta(weeks=100)  # from the first day; "week 99" fits
SAID_WITHIN: Final = timedelta(days=2)
SHOWN: Final = 60
DAY_WORDS: Final = 4  # of which a day is written at most: "on 9 march 2026"
WEEK_LINE = re.compile(r"week (\d{1,2})\b[\s:–—-]*(.*)", re.IGNORECASE)
MARKS = " :·–—-"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: from its day until the next one's."""

    day: date
    title: str


def read_start(typed: str, now: datetime, zone: str, before: date | None) -> date:
    """Return the day on which a group begins; UserError for none, or one that is over.

    `before` is the day that stands already: it may be over by now.
    """
    here = now.astimezone(ZoneInfo(zone)).date()
    wanted = clean(typed)
    if before is not None and wanted == before.isoformat():
        return before
    day = away.day_named(key(wanted), here)
    if day is None:
        raise UserError("cohorts.day_unknown", day=safe(wanted[:SHOWN]) or "…")
    if day < here:
        raise UserError("cohorts.start_past")
    if day - here > STARTED_LONGEST:
        raise UserError("cohorts.start_far")
    return day


def read_stages(typed: str, start: date) -> list[Stage]:
    """Return the stages that were typed, one a line: a day or a week, then a title.

    "9 march First drafts", "week 3: First drafts"; without a day it begins a week after the one
    before. UserError for the first line that does not fit.
    """
    found: list[Stage] = []
    for line in clean(typed, lines=True).split("\n"):
        if not line.strip():
            continue
        usual = found[-1].day + WEEK if found else start
        stage = _stage(clean(line), start, usual)
        shown = safe(clean(line)[:SHOWN])
        if not stage.title:
            raise UserError("cohorts.no_title", line=shown)
        if len(stage.title) > TITLE_MOST:
            raise UserError("cohorts.title_long", line=shown, most=TITLE_MOST)
        if found and stage.day <= found[-1].day:
            raise UserError("cohorts.not_in_order", line=shown)
        if stage.day < start:
            raise UserError("cohorts.before_start", line=shown)
        if stage.day - start > STAGE_FAR:
            raise UserError("cohorts.stage_far", line=shown)
        found.append(stage)
    if len(found) > STAGES_MOST:
        raise UserError("cohorts.too_many", n=len(found), most=STAGES_MOST)
    return found


def written(stages: Sequence[Stage]) -> str:
    """Return the stages as they would be typed; what this writes, `read_stages` reads."""
    return "\n".join(f"{stage.day.isoformat()} {stage.title}" for stage in stages)


def morning(day: date, zone: str) -> datetime:
    """Return when a day's beginning or stage is told, in UTC."""
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)


def evening(day: date, zone: str) -> datetime:
    """Return when a closing circle opens on a day, in UTC."""
    return datetime.combine(day, EVENING, ZoneInfo(zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def chosen(prompts: Sequence[str], group_id: int, count: int = 3) -> list[str]:
    """Return some prompts for one group's closing circle: others for other groups."""
    step = max(len(prompts) // count, 1)
    return [prompts[(group_id + n * step) % len(prompts)] for n in range(min(count, len(prompts)))]


def _stage(line: str, start: date, usual: date) -> Stage:
    week = WEEK_LINE.fullmatch(line)
    if week is not None:
        number = max(int(week[1]), 1)
        return Stage(start + (number - 1) * WEEK, week[2].strip(MARKS))
    words = line.split(" ")
    for count in range(min(DAY_WORDS, len(words)), 0, -1):
        head = " ".join(words[:count]).rstrip(MARKS)
        day = _day(head, start)
        if day is not None:
            return Stage(day, " ".join(words[count:]).strip(MARKS))
    return Stage(usual, line.strip(MARKS))


def _day(typed: str, here: date) -> date | None:
    """Return the day with which a stage's line begins, seen from `here`.

    "May I help" begins with none, and neither do "Sunday best" and "2 weeks of silence".
    """
    wanted = key(typed)
    plain = any(char.isdigit() for char in wanted) and not away.SPAN.fullmatch(wanted)
    try:
        return away.day_named(wanted, here) if plain else None
    except away.JustOver as over:  # before the first day: whoever reads it is told that
        return over.day
