"""What is said about homes: the welcome in a room, the answers to a join, a full group."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


def welcome(
    group_id: int, user_id: int, purpose: str, facilitators: Sequence[int], now: datetime
) -> Message:
    """Return the welcome in the room; only the newcomer is mentioned with effect."""
    at = int(now.timestamp())
    lines = [Line("home.welcome", {"user": user_id, "purpose": safe(" ".join(purpose.split()))})]
    if facilitators and facilitators[0] != user_id:
        lines.append(Line("home.welcome_shown", {"facilitator": facilitators[0]}))
    else:
        lines.append(Line("home.welcome_wave"))
    lines.append(Line("home.welcome_start", {"user": user_id}))
    return Message(
        tuple(lines),
        buttons=(
            Button("home.wave", f"wave:{user_id}:{at}", "primary"),
            Button("groups.how", f"charter:{group_id}"),
        ),
        users=(user_id,),
    )


def home_held(user_id: int, group: str | None, by_user_id: int | None, now: datetime) -> Message:
    """Return the question to the moderators when somebody took a home's role by hand.

    `group` is None for a group that is named nowhere but in its own room.
    """
    lines = [
        Line("home.held_ask", {"user": user_id})
        if by_user_id is None
        else Line("home.held_ask_by", {"user": user_id, "by": by_user_id})
    ]
    if group is not None:
        lines.append(Line("home.held_group", {"group": safe(group)}))
    return Message(
        tuple(lines),
        buttons=(
            Button("home.held_back", f"held-back:{user_id}:{int(now.timestamp())}", "primary"),
            Button("home.held_out", f"held-out:{user_id}", "danger"),
        ),
    )
