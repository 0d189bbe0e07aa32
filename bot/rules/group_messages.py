"""What is said about groups: their charter, in their room and behind a button."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules import tongues
from bot.rules.charter import Charter
from bot.rules.message import Button, Line, Message
from bot.rules.naming import CUSTOM_EMOJI, safe


def charter_posted(group_id: int, charter: Charter, now: datetime) -> Message:
    """Return what stands in a group's room when it is new or its charter has changed.

    Short, and never edited: who looks after the room and who keeps it safe change, so they are
    behind the button.
    """
    at = int(now.timestamp())
    buttons = [Button("groups.how", f"charter:{group_id}:{at}")]
    if charter.norms:
        buttons.append(Button("room.norms_button", f"room-norms-show:{group_id}:{at}"))
    return Message(
        (*charter_lines(charter), *where_lines(charter)),
        buttons=tuple(buttons),
    )


def charter_card(
    charter: Charter,
    *,
    facilitators: Sequence[int],
    safety_roles: Sequence[int],
    visitors_read_history: bool,
    inside: bool = False,
    buttons: Sequence[Button] = (),
) -> Message:
    """Return the whole charter, as it is now: for one person's eyes.

    `inside`: they see the room, so they may read where the group meets; `buttons` are what they can
    do there.
    """
    lines = [*charter_lines(charter), *(where_lines(charter) if inside else ())]
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
    return Message(tuple(lines), tuple(buttons))


def charter_lines(charter: Charter) -> tuple[Line, ...]:
    """Return what everyone who may know of the group may read of its charter."""
    lines = [
        Line("groups.card_title", {"emoji": charter.emoji, "group": safe(charter.name)}),
        Line("groups.card_purpose", {"purpose": safe(charter.purpose)}),
    ]
    if charter.for_whom:
        lines.append(Line("groups.card_for_whom", {"for_whom": safe(charter.for_whom)}))
    if charter.unites:
        lines.append(Line("groups.card_unites", {"unites": safe(charter.unites)}))
    if charter.norms:
        lines.append(Line("groups.card_norms", {"norms": _norms(charter.norms)}))
    if charter.language:
        lines.append(Line("groups.card_language", {"language": tongues.shown(charter.language)}))
    if charter.zone:
        lines.append(Line("groups.card_zone", {"zone": charter.zone}))
    return tuple(lines)


def _norms(text: str) -> str:
    """Return norms as they are read: one in the line, several as a list below it."""
    norms = text.splitlines()
    if len(norms) == 1:
        return safe(text)
    return "".join(f"\n• {safe(norm)}" for norm in norms if norm)


def where_lines(charter: Charter) -> tuple[Line, ...]:
    """Return where the group meets, for its room and for those who see it."""
    places = [safe(place) for place in (charter.city, charter.venue) if place]
    return (Line("groups.card_where", {"where": ", ".join(places)}),) if places else ()


def plain(emoji: str, name: str) -> str:
    """Return a group's sign and name where markdown is not read: menus, buttons, suggestions."""
    return name if CUSTOM_EMOJI.fullmatch(emoji) else f"{emoji} {name}"


def short(text: str, most: int) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
