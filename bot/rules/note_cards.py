"""The notes about a group that its facilitators share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.group_messages import short
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

SAID_MOST = 500
NOTES_MOST = 25  # of one group; also what a menu holds
SHOWN_MOST = 8


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    id: int
    by_user_id: int
    said: str
    at: datetime


def card(group_id: int, emoji: str, group: str, notes: Sequence[Note], reader: int) -> Message:
    """Return the newest notes, with a menu of the reader's own; `notes` the newest first."""
    lines = [Line("notes.title", {"emoji": emoji, "group": safe(group)})]
    lines += [
        Line(
            "notes.line",
            {"at": int(note.at.timestamp()), "user": note.by_user_id, "said": safe(note.said)},
        )
        for note in notes[:SHOWN_MOST]
    ] or [Line("notes.none")]
    own = tuple(
        Choice(short(note.said, 90), str(note.id), f"{note.at:%Y-%m-%d}")
        for note in notes
        if note.by_user_id == reader
    )
    return Message(
        tuple(lines),
        buttons=(
            Button("notes.write", f"note-write:{group_id}", "primary"),
            Button("desk.back", f"desk-page:{group_id}:room"),
        ),
        menus=(Menu("notes.take_back", f"note-take-back:{group_id}", own),) if own else (),
    )
