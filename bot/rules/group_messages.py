"""What is said about groups: their charter, in their room and behind a button."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.charter import Charter
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe


def charter_posted(group_id: int, charter: Charter, now: datetime) -> Message:
    """Return what stands in a group's room when it is new or its charter has changed.

    Short, and never edited: who looks after the room and who keeps it safe change, so they are
    behind the button.
    """
    at = int(now.timestamp())
    return Message(
        _lines(charter),
        buttons=(Button("groups.how", f"charter:{group_id}:{at}"),),
    )


def charter_card(
    charter: Charter,
    *,
    facilitators: Sequence[int],
    safety_roles: Sequence[int],
    visitors_read_history: bool,
) -> Message:
    """Return the whole charter, as it is now: for one person's eyes."""
    lines = list(_lines(charter))
    if facilitators:
        people = ", ".join(f"<@{user}>" for user in facilitators)
        lines.append(Line("groups.card_facilitators", {"people": people}))
    else:
        lines.append(Line("groups.card_no_facilitators"))
    if safety_roles:
        roles = ", ".join(f"<@&{role}>" for role in safety_roles)
        lines.append(Line("groups.card_safety", {"roles": roles}))
    else:
        lines.append(Line("groups.card_no_safety"))
    lines.append(
        Line("groups.card_history_open" if visitors_read_history else "groups.card_history_closed")
    )
    return Message(tuple(lines))


def _lines(charter: Charter) -> tuple[Line, ...]:
    lines = [
        Line("groups.card_title", {"emoji": charter.emoji, "group": safe(charter.name)}),
        Line("groups.card_purpose", {"purpose": safe(charter.purpose)}),
    ]
    if charter.for_whom:
        lines.append(Line("groups.card_for_whom", {"for_whom": safe(charter.for_whom)}))
    if charter.norms:
        lines.append(Line("groups.card_norms", {"norms": safe(charter.norms)}))
    return tuple(lines)
