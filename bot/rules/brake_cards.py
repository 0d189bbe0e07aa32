"""What moderators see of the raid brake: that it holds, how it is set, and what they can do."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.place_names import stamp

OPEN = Button("brake.let_in", "brake-open", "success")
KEEP = Button("brake.keep", "brake-keep", "danger")
CHANGE = Button("brake.change", "brake-change")


@dataclass(frozen=True, slots=True)
class Brake:
    """How a server's brake is set, and how it stands."""

    account_days: int  # 0: any account
    joins_per_hour: int  # 0: any number
    braked_until: datetime | None  # None: moving in is open
    lifted_until: datetime | None  # None: nobody lifted it
    in_line: int  # people who wait for a seat, whatever the reason


def braked(joins_per_hour: int, until: datetime) -> Message:
    """Return the line for the moderators' room: it holds, and what they can do."""
    mark = stamp(until)
    return Message(
        (
            Line("brake.holds", {"n": joins_per_hour, "until": mark}),
            Line("brake.nobody_lost"),
        ),
        (
            Button("brake.let_in", f"brake-open:{mark}", "success"),
            Button("brake.keep", f"brake-keep:{mark}", "danger"),
        ),
    )


def card(brake: Brake) -> Message:
    """Return how the brake is set and stands."""
    lines = [Line("brake.title")]
    if brake.braked_until is not None:
        lines.append(Line("brake.closed_until", {"until": stamp(brake.braked_until)}))
    elif brake.lifted_until is not None:
        lines.append(Line("brake.lifted_until", {"until": stamp(brake.lifted_until)}))
    else:
        lines.append(Line("brake.open"))
    lines.append(
        Line("brake.in_line", {"n": brake.in_line}) if brake.in_line else Line("brake.nobody_waits")
    )
    for what, n in (("accounts", brake.account_days), ("joins", brake.joins_per_hour)):
        lines.append(Line(f"brake.{what}" if n else f"brake.{what}_any", {"n": n}))
    if brake.braked_until is not None:
        return Message(tuple(lines), (OPEN, KEEP, CHANGE))
    return Message(tuple(lines), (KEEP, CHANGE))


def refused(line: Line) -> Message:
    """Return what was wrong with the form, and the way back to it."""
    return Message((line,), (Button("brake.fix_it", "brake-change"),))
