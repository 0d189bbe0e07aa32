"""What those read who look after a group that has been small for long."""

from collections.abc import Sequence
from datetime import timedelta

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


def waits(group_id: int, deciders: Sequence[int], asked_at: int) -> Message:
    """Return the line that something waits, in a room where others read too."""
    line = Line("merging.for_owners")
    if deciders:
        line = Line("merging.for_you", {"people": " ".join(f"<@{user}>" for user in deciders)})
    return Message(
        (line,),
        buttons=(Button("merging.open", f"small-open:{group_id}:{asked_at}", "primary"),),
        users=tuple(deciders),
    )


def card(
    group_id: int,
    group: str,
    emoji: str,
    *,
    homes: int,
    minimum: int,
    lasted: timedelta | None,
    may_rest: bool,
) -> Message:
    """Return what a small group can do; `lasted` None: it is not small for long, or not at all."""
    params = {"group": safe(group), "emoji": emoji, "n": homes, "minimum": minimum}
    if lasted is None:
        lines = [Line("merging.small_not", params)]
    else:
        lines = [Line("merging.small", {**params, "weeks": lasted.days // 7})]
    lines.append(Line("merging.small_ways"))
    return Message(
        tuple(lines),
        buttons=(
            Button("merging.invite", f"small-invite:{group_id}", "primary"),
            Button("merging.move_in", f"merge-others:{group_id}"),
            *((Button("merging.rest", f"small-rest:{group_id}"),) if may_rest else ()),
            Button("merging.leave_it", f"small-later:{group_id}"),
        ),
    )


def rest_sure(group_id: int, group: str) -> Message:
    """Return the one question before a group rests."""
    return Message(
        (Line("merging.rest_sure", {"group": safe(group)}),),
        buttons=(
            Button("merging.rest_yes", f"small-rest-yes:{group_id}", "primary"),
            Button("merging.back", f"small-open:{group_id}"),
        ),
    )


def invited(group_id: int, group: str, count: int) -> Message:
    """Return how many were asked whether they would like to come, without a name."""
    key = "merging.invited" if count else "merging.nobody_to_invite"
    return Message(
        (Line(key, {"group": safe(group), "n": count}),),
        buttons=(Button("merging.back", f"small-open:{group_id}"),),
    )
