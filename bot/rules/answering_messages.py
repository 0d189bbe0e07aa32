"""How unanswered messages are told of: links into the room and times, never words or names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

IN_A_LETTER = 5
ON_THE_DESK = 10


@dataclass(frozen=True, slots=True)
class Alone:
    """One message that nobody answered for a day, as a place in Discord."""

    server_id: int
    channel_id: int
    message_id: int
    at: datetime
    first: bool  # its author's first in this home
    new: bool  # they have hardly been around yet

    @property
    def link(self) -> str:
        """Where it stands; Discord shows it to who may read the room."""
        return f"https://discord.com/channels/{self.server_id}/{self.channel_id}/{self.message_id}"


def links(found: Sequence[Alone]) -> tuple[Line, ...]:
    """Return a line per message."""
    return tuple(
        Line(_key(one), {"link": one.link, "at": int(one.at.timestamp())}) for one in found
    )


def listed(group_id: int, group: str, found: Sequence[Alone]) -> Message:
    """Return the list for the desk; it may be empty."""
    head = "noticing.unanswered_head" if found else "noticing.unanswered_none"
    lines = [Line(head, {"group": safe(group)}), *links(found[:ON_THE_DESK])]
    if len(found) > ON_THE_DESK:
        lines.append(Line("noticing.unanswered_more", {"n": len(found) - ON_THE_DESK}))
    if found:
        lines.append(Line("noticing.unanswered_what"))
    return Message(tuple(lines), (Button("desk.back", f"desk-open:{group_id}"),))


def _key(one: Alone) -> str:
    if one.first:
        return "noticing.unanswered_first"
    return "noticing.unanswered_new" if one.new else "noticing.unanswered_one"
