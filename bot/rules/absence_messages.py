"""What is said to those who leave a group or are away for a while."""

from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.place_names import last_second


def leaving(group_id: int, group: str, *, is_home: bool, looks_after: bool, hours: int) -> Message:
    """Return the question before someone leaves; `hours` is how long the seat is kept."""
    names = {"group": safe(group), "n": hours}
    go = f"leave-go:{group_id}"
    if is_home:
        lines = [Line("home.leave_sure", names)]
        if looks_after:
            lines.append(Line("home.leave_office"))
        yes = Button("home.leave_yes", go, "danger", {"group": group})
        return Message(tuple(lines), (yes, Button("home.move_no", "home-stay")))
    yes = Button("home.leave_visit_yes", go, "danger")
    return Message(
        (Line("home.leave_visit_sure", names),), (yes, Button("home.move_no", "home-stay"))
    )


def away_set(ends: datetime, *, has_home: bool) -> Message:
    """Return until when someone is away; whoever has a home is told that it stays theirs."""
    said = Line("home.away_set", {"until": last_second(ends)})
    return Message((said, Line("home.away_home")) if has_home else (said,))


def away_choices() -> Message:
    """Return the ways of being away."""
    return Message(
        (Line("home.away_ask"),),
        (
            Button("home.away_week", "away-for:7", "primary"),
            Button("home.away_two_weeks", "away-for:14", "primary"),
            Button("home.away_date", "away-form"),
            Button("home.away_back", "away-back"),
        ),
    )
