"""Somebody who looks after a group and has been gone for long: others are asked, nobody is blamed.

Gone is who said that they are away for three weeks or more, or who gave no sign of life in three
weeks that Hearth could hear. Who is not counted is never taken for gone: nothing is known of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.quiet import Span, silence

LONG = timedelta(days=21)
OWNERS_AFTER = timedelta(days=7)  # that those who help to look after the group did not answer

# Who was asked what to do: those who look after the group too, or the owners; settled: they
# answered, and nobody is asked again before the absent one has come back
Asked = Literal["facilitators", "owners", "settled"]


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one facilitator's presence."""

    last_at: datetime | None  # the last sign of life; None: none is kept
    since: datetime  # of the office
    counted_since: datetime | None = None  # None: not told of counting, or opted out
    away_from: datetime | None = None
    away_until: datetime | None = None  # None with away_from set: until they say they are back


def is_long_absent(trace: Trace, now: datetime, heard: Sequence[Span]) -> bool:
    """Return whether somebody has been gone for long; `heard` is when Hearth was connected."""
    away = _away(trace, now)
    if away is not None and away[1] > now:
        return away[1] - away[0] >= LONG or now - away[0] >= LONG
    if trace.counted_since is None:
        return False
    last = max(trace.last_at or trace.since, trace.since, trace.counted_since)
    return silence(last, now, heard, away) >= LONG


def ask_next(
    asked: str | None, asked_at: datetime | None, now: datetime, *, helped: bool
) -> Asked | None:
    """Return who is to be asked now about an absent facilitator; None: nobody.

    `helped`: somebody else looks after the group and is there. They are asked first, the owners
    when they did not answer within a week, or when there is nobody else.
    """
    if asked is None:
        return "facilitators" if helped else "owners"
    if asked == "facilitators" and asked_at is not None and now - asked_at >= OWNERS_AFTER:
        return "owners"
    return None


def question(group_id: int, user_id: int, ask: Sequence[int], at: int) -> Message:
    """Return the neutral line in the facilitators' or the owners' room; `ask` are pinged."""
    press = f"absent-open:{group_id}:{user_id}:{at}"
    button = Button("facilitators.open", press, "primary")
    if not ask:
        return Message((Line("facilitators.absent_owners"),), buttons=(button,))
    people = " ".join(f"<@{user}>" for user in ask)
    return Message(
        (Line("facilitators.absent_help", {"people": people}),), buttons=(button,), users=tuple(ask)
    )


def card(
    group_id: int, group: str, user_id: int, *, away: bool, alone: bool, owner: bool
) -> Message:
    """Return the question itself; `alone`: nobody else looks after the group and is there."""
    names = {"group": safe(group), "user": user_id}
    lines = [Line("facilitators.absent_away" if away else "facilitators.absent_silent", names)]
    lines.append(Line("facilitators.absent_alone" if alone else "facilitators.absent_shared"))
    buttons = [
        Button("facilitators.ask_the_group", f"care-ask:{group_id}", "primary"),
        Button("facilitators.fine_so", f"absent-fine:{group_id}:{user_id}"),
    ]
    if owner:
        buttons.append(
            Button("facilitators.end_office", f"absent-end:{group_id}:{user_id}", "danger")
        )
    else:
        buttons.append(Button("facilitators.to_owners", f"absent-owners:{group_id}:{user_id}"))
    return Message(tuple(lines), tuple(buttons))


def _away(trace: Trace, now: datetime) -> Span | None:
    """Return their absence as they told it; without an end it lasts as long as nothing ends it."""
    if trace.away_from is None:
        return None
    return (trace.away_from, trace.away_until or now + timedelta(microseconds=1))
