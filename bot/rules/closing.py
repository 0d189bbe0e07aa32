"""A cohort's or a goal's last day: when it is, what is said before, and the day itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules import away
from bot.rules.message import Button, Line, Message
from bot.rules.naming import key, safe

SOONEST = timedelta(days=2)  # so that the day itself is not the first that anybody hears of it
A_WEEK = timedelta(days=7)
MORNING = time(9)  # when the last day is said in the room, by the group's clock
NONE_WORDS = frozenset(("", "none", "never", "no", "-", "open end", "no end"))

# week: said a week before · day: said on the morning of the last day · over: the group is archived
Due = Literal["week", "day", "over"]


@dataclass(frozen=True, slots=True)
class Next:
    """A group that may be somebody's next home; `asks`: they are let in on request."""

    group_id: int
    name: str
    emoji: str
    purpose: str
    asks: bool
    reasons: tuple[Line, ...]


def read_last_day(typed: str, now: datetime, zone: str) -> datetime | None:
    """Return the end of the last day that was typed; None for a group without one.

    In the group's zone, the day in full. UserError when it names no day, is sooner than in two
    days, or more than a year ahead.
    """
    if key(typed) in NONE_WORDS:
        return None
    try:
        ends = away.until(typed, now, zone)
    except away.NoDay as refused:
        why = refused.key.partition("away_")[2]
        raise UserError(f"stages.day_{why}") from None
    if ends is None:
        raise UserError("stages.day_unknown")
    if ends - now < SOONEST:
        raise UserError("stages.day_past")
    return ends


def lasts_until(opened: datetime, days: int, zone: str) -> datetime:
    """Return the end of the last day of a group that opened at `opened` and lasts `days` days."""
    last = opened.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(last, time(), ZoneInfo(zone)).astimezone(UTC)


def last_day(closes_at: datetime, zone: str) -> date:
    """Return the last day of a group, on its own calendar."""
    return (closes_at.astimezone(ZoneInfo(zone)) - timedelta(seconds=1)).date()


def due(closes_at: datetime, now: datetime, zone: str) -> Due | None:
    """Return what a group's last day asks for by now; None: nothing yet.

    Each is due from its moment until the next one's, however late Hearth comes to it.
    """
    if now >= closes_at:
        return "over"
    morning = datetime.combine(last_day(closes_at, zone), MORNING, ZoneInfo(zone)).astimezone(UTC)
    if now >= morning:
        return "day"
    return "week" if now >= closes_at - A_WEEK else None


def said(what: Due, group_id: int, group: str, closes_at: datetime) -> Message:
    """Return the closing ritual's line in the room: a week before, on the day, and at the end."""
    # The end of a day is the beginning of the next: what is shown is the day itself.
    names = {"group": safe(group), "at": int(closes_at.timestamp()) - 1}
    at = int(closes_at.timestamp())
    if what == "over":
        return Message(
            (Line("stages.over", names), Line("stages.over_next")),
            buttons=(Button("stages.where_next", f"next-home:{group_id}:{at}", "primary"),),
        )
    lines = (Line(f"stages.closing_{what}", names), Line(f"stages.closing_{what}_ask"))
    if what == "day":
        button = Button("stages.where_next", f"next-home:{group_id}:{at}:day")
    else:
        button = Button("stages.what_then", f"closing-then:{group_id}:{at}")
    return Message(lines, buttons=(button,))


def next_homes(group_id: int, found: Sequence[Next]) -> Message:
    """Return the suggestions for a next home; none: when to ask again."""
    again = Button("stages.look_again", f"next-home:{group_id}")
    every = Button("groups.all_button", "groups-open")
    if not found:
        return Message((Line("stages.next_none"),), buttons=(again, every))
    lines = [Line("stages.next_head", {"n": len(found)})]
    buttons: list[Button] = []
    for one in found:
        lines.append(
            Line(
                "stages.next_row",
                {"emoji": one.emoji, "group": safe(one.name), "purpose": safe(one.purpose)},
            )
        )
        lines += one.reasons
        shown = {"group": one.name}
        label = "stages.next_ask" if one.asks else "stages.next_join"
        buttons.append(Button(label, f"join:{one.group_id}", "primary", shown))
    return Message(tuple(lines), (*buttons, every))


def what_then(group: str, closes_at: datetime) -> Message:
    """Return what happens after the last day, for whoever presses to know."""
    names = {"group": safe(group), "at": int(closes_at.timestamp()) - 1}
    return Message((Line("stages.then", names), Line("stages.then_next")))
