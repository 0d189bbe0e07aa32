"""How visits read: the answer to /visit, and the list that facilitators see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

MOST_SHOWN = 25  # choices that a menu can hold


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor in the list."""

    visit_id: int
    user_id: int
    ends_at: datetime
    by_old_role: bool = False  # came with a role that was adopted, and has not chosen a home yet


def began(
    group: str, room_id: int | None, ends_at: datetime, *, told: bool, ready: bool
) -> Message:
    """Return the answer to a visit that began; the room is linked once its door is open."""
    params = {"group": safe(group), "room": room_id, "at": int(ends_at.timestamp())}
    linked = ready and room_id is not None
    return _with_consent(Line("visits.began" if linked else "visits.key_is_cut", params), told=told)


def asked(group: str, *, told: bool, again: bool) -> Message:
    """Return the answer when the facilitators decide."""
    key = "visits.asked_already" if again else "visits.asked"
    return _with_consent(Line(key, {"group": safe(group)}), told=told)


def visitors(
    group_id: int,
    group: str,
    found: Sequence[Visitor],
    name_of: Callable[[int], str],
) -> Message:
    """Return the list of a group's visitors, with a menu that ends a visit.

    `name_of` gives a person's name where mentions are not read, in the menu.
    """
    back = (Button("desk.back", f"desk-open:{group_id}"),)
    if not found:
        return Message((Line("visits.nobody", {"group": safe(group)}),), back)
    lines = [Line("visits.visitors", {"group": safe(group), "n": len(found)})]
    lines += [
        Line("visits.visitor_by_role", {"user": one.user_id})
        if one.by_old_role
        else Line("visits.visitor", {"user": one.user_id, "at": int(one.ends_at.timestamp())})
        for one in found[:MOST_SHOWN]
    ]
    if len(found) > MOST_SHOWN:
        lines.append(Line("visits.more", {"n": len(found) - MOST_SHOWN}))
    choices = tuple(Choice(name_of(one.user_id), str(one.visit_id)) for one in found[:MOST_SHOWN])
    menu = Menu("visits.choose", f"visitor-end:{group_id}", choices)
    return Message(tuple(lines), back, menus=(menu,))


def _with_consent(line: Line, *, told: bool) -> Message:
    if not told:
        return Message((line,))
    return Message(
        (line, Line("home.consent")), buttons=(Button("home.opt_out", "privacy-opt-out"),)
    )
