"""What is said about homes to those who decide, and to whom something waits for."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


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


def role_given(
    user_id: int, group_id: int, group: str, by_user_id: int | None, now: datetime
) -> Message:
    """Return the question to the moderators when somebody was given a group's role by hand."""
    names = {"user": user_id, "group": safe(group)}
    asked = (
        Line("home.given_ask", names)
        if by_user_id is None
        else Line("home.given_ask_by", {**names, "by": by_user_id})
    )
    at = int(now.timestamp())
    return Message(
        (asked,),
        buttons=(
            Button("home.given_in", f"given-in:{user_id}:{group_id}:{at}", "primary"),
            Button("home.given_out", f"given-out:{user_id}:{group_id}"),
        ),
    )


def held_answered(user_id: int, group: str | None, *, back: bool) -> Message:
    """Return what moderators read once they have decided about a held home; `group` as above."""
    way = "back" if back else "out"
    if group is None:
        return Message((Line(f"home.held_is_{way}_unnamed", {"user": user_id}),))
    return Message((Line(f"home.held_is_{way}", {"user": user_id, "group": safe(group)}),))


def knock(request_id: int, facilitators: Sequence[int]) -> Message:
    """Return the neutral line for those who decide on a request: it names nobody who asks."""
    people = " ".join(f"<@{user}>" for user in facilitators)
    line = Line("home.knock", {"people": people}) if people else Line("home.knock_owners")
    return Message(
        (line,),
        buttons=(Button("home.open", f"request-open:{request_id}", "primary"),),
        users=tuple(facilitators),
    )


def request_card(
    request_id: int, user_id: int, group: tuple[int, str], kind: str, asked: datetime
) -> Message:
    """Return a request with its two answers, for one decider's eyes; `group` as (id, name)."""
    key = "home.request_join" if kind == "join" else "home.request_visit"
    at = int(asked.timestamp())
    return Message(
        (Line(key, {"user": user_id, "group": safe(group[1]), "at": at}),),
        buttons=(
            Button("home.let_in", f"request-in:{request_id}", "success"),
            Button("home.not_now", f"request-not:{request_id}"),
            Button("desk.back", f"desk-open:{group[0]}"),
        ),
    )


def answered(line: Line, group_id: int) -> Message:
    """Return what became of a request, with the way to the desk it was answered from."""
    return Message((line,), buttons=(Button("desk.back", f"desk-open:{group_id}"),))


def something_waits(user_id: int, why: str) -> Message:
    """Return the line in the commons that names no group; `why` makes it this message's own."""
    return Message(
        (Line("home.waits", {"user": user_id}),),
        buttons=(Button("home.open", f"home-open:{why}", "primary"),),
        users=(user_id,),
    )
