"""Days on which a group rests: what is typed, what it covers, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules.away import JustOver, day_named
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import clean, key, safe
from bot.texts import Say

Reason = Literal["holidays", "summer", "festival", "exams", "busy", "quiet"]
REASONS: tuple[Reason, ...] = get_args(Reason)

RESTS_MOST = 12  # of one group, past ones left aside
LONGEST = timedelta(days=92)  # for longer, pausing is the honest word
AHEAD = timedelta(days=366)
WORD_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Rest:
    """Days of rest of a group, the first and the last of them included, on local calendars."""

    first: date
    last: date
    why: Reason
    id: int = 0

    def covers(self, day: date) -> bool:
        """Return whether the group rests on this day."""
        return self.first <= day <= self.last


def read(first: str, last: str, *, now: datetime, zone: str) -> tuple[date, date]:
    """Return the days that were typed, in a zone; without a last one it is a single day.

    UserError for what names no day, ends before it begins, is over, too long or too far ahead.
    """
    here = local_day(now, zone)
    begins = _day(first, here)
    try:
        ends = begins if not clean(last) else _day(last, max(begins, here))
    except JustOver:
        if begins <= here:
            raise
        raise UserError("resting.backwards") from None
    if ends < begins:
        raise UserError("resting.backwards")
    if ends < here:
        raise UserError("resting.past")
    if begins - here > AHEAD:
        raise UserError("resting.far")
    if ends - begins >= LONGEST:
        raise UserError("resting.long", n=LONGEST.days)
    return begins, ends


def _day(typed: str, here: date) -> date:
    day = day_named(key(typed), here)
    if day is None:
        raise UserError("resting.no_day", typed=safe(clean(typed)[:WORD_SHOWN]))
    return day


def local_day(at: datetime, zone: str) -> date:
    """Return on which day a moment is, in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def on(rests: Sequence[Rest], day: date) -> Rest | None:
    """Return the rest that covers a day; None: the group does not rest then."""
    return next((rest for rest in rests if rest.covers(day)), None)


def card(group_id: int, group: str, rests: Sequence[Rest], zone: str, say: Say) -> Message:
    """Return when a group rests, with a menu of reasons for a further rest, and one to end one."""
    lines = [Line("resting.card", {"group": safe(group)})]
    lines += [_shown(rest, zone) for rest in rests]
    if not rests:
        lines.append(Line("resting.none"))
    lines.append(Line("resting.how"))
    menus: list[Menu] = []
    if len(rests) < RESTS_MOST:
        reasons = tuple(Choice(say(f"resting.why_{why}"), why) for why in REASONS)
        menus.append(Menu("resting.we_rest", f"ritual-rest-why:{group_id}", reasons))
    if rests:
        known = tuple(
            Choice(say(f"resting.why_{rest.why}"), str(rest.id), _days(rest)) for rest in rests
        )
        menus.append(Menu("resting.end", f"ritual-rest-end:{group_id}", known))
    back = Button("desk.back", f"rituals-list:{group_id}")
    return Message(tuple(lines), (back,), tuple(menus))


def _shown(rest: Rest, zone: str) -> Line:
    days = {"first": _noon(rest.first, zone)}
    if rest.first == rest.last:
        return Line(f"resting.line_day_{rest.why}", days)
    return Line(f"resting.line_{rest.why}", {**days, "last": _noon(rest.last, zone)})


def _noon(day: date, zone: str) -> int:
    """Return a moment of the day that is on the same date nearly everywhere."""
    return int(datetime.combine(day, time(12), ZoneInfo(zone)).timestamp())


def _days(rest: Rest) -> str:
    if rest.first == rest.last:
        return rest.first.isoformat()
    return f"{rest.first.isoformat()} – {rest.last.isoformat()}"
