"""What is said about guest evenings: at the desks of both groups, and in both rooms."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.rules.group_messages import plain
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.neighbours import Neighbour

Half = Literal["here", "there"]  # in the room that opens, in the guests' own

DESCRIBED = 100  # characters of a charter below its name in a menu


@dataclass(frozen=True, slots=True)
class Evening:
    """One evening as its cards show it."""

    id: int
    group_id: int  # which opens its door
    group: str
    emoji: str
    room_id: int | None
    guest_id: int
    guest: str
    guest_emoji: str
    host_id: int | None
    by_door: bool
    opens_at: datetime
    ends_at: datetime
    agreed: bool
    opened: bool
    ending: str | None  # None: it is not over
    reads_history: bool = False  # whether the group's type lets visitors read what was said before
    coming: int = 0  # who said that they would come, where each gets a key of their own

    @property
    def names(self) -> dict[str, Any]:
        """What the texts are filled with."""
        return {
            "group": safe(self.group),
            "emoji": self.emoji,
            "guest": safe(self.guest),
            "guest_emoji": self.guest_emoji,
            "at": int(self.opens_at.timestamp()),
            "until": int(self.ends_at.timestamp()),
            "host": self.host_id or 0,
            "room": self.room_id or 0,
            "n": self.coming,
        }

    @property
    def labels(self) -> dict[str, Any]:
        """What buttons are filled with: no markdown is read there."""
        return {
            "group": plain(self.emoji, self.group),
            "guest": plain(self.guest_emoji, self.guest),
        }


def choose(group_id: int, name: str, found: Sequence[Neighbour]) -> Message:
    """Return the question whom to open the door to; with nobody to choose, what could be done."""
    back = Button("guests.back", f"guest-desk:{group_id}")
    if not found:
        return Message((Line("guests.nobody", {"group": safe(name)}),), (back,))
    choices = tuple(
        Choice(plain(one.emoji, one.name)[:100], str(one.group_id), one.charter[:DESCRIBED])
        for one in found
    )
    menu = Menu("guests.choose_menu", f"guest-with:{group_id}", choices)
    return Message((Line("guests.choose", {"group": safe(name)}),), (back,), (menu,))


def waits(evening: Evening, group_id: int, people: Collection[int], mark: str) -> Message:
    """Return the neutral line to who looks after a group, in the room they all read."""
    names = " ".join(f"<@{user}>" for user in people)
    line = Line("guests.line", {"people": names}) if names else Line("guests.line_owners")
    open_ = Button("guests.open", f"guest-open:{evening.id}:{group_id}:{mark}", "primary")
    return Message((line,), (open_,), users=tuple(people))


def card(evening: Evening, group_id: int, *, may_host: bool) -> Message:
    """Return how it stands with an evening, to who looks after one of the two groups."""
    names, back = evening.names, Button("guests.back", f"guest-desk:{group_id}")
    ours = group_id == evening.group_id
    whose = "host" if ours else "guest"
    if evening.ending is not None:
        return Message((Line(f"guests.ended_{evening.ending}_{whose}", names),), (back,))
    if evening.opened:
        lines = [Line(f"guests.runs_{whose}", names)]
    elif evening.agreed:
        lines = [Line(f"guests.agreed_{whose}", names)]
    else:
        lines = [Line(f"guests.asked_{whose}", names)]
    if evening.host_id is None:
        lines.append(Line("guests.no_host"))
    else:
        lines.append(Line("guests.hosted", names))
    lines.append(Line("guests.way_door" if evening.by_door else "guests.way_keys", names))
    lines.append(_past(evening))
    buttons: list[Button] = []
    if evening.host_id is None and ours and may_host:
        buttons.append(Button("guests.host_it", f"guest-host:{evening.id}", "primary"))
    if evening.agreed or ours:
        label = "guests.end_now" if evening.opened else "guests.call_off"
        buttons.append(Button(label, f"guest-off:{evening.id}:{group_id}", "danger"))
    else:
        buttons.append(Button("guests.yes", f"guest-yes:{evening.id}", "success"))
        buttons.append(Button("guests.no", f"guest-no:{evening.id}"))
    return Message(tuple(lines), (*buttons, back))


def announced(evening: Evening, half: Half) -> Message:
    """Return the post in one of the rooms once both sides have said yes."""
    return Message(
        (Line(f"guests.announced_{half}", evening.names), _way(evening, half)),
        (*_coming(evening, half, "soon"), _how(evening, half, "soon")),
    )


def opened(evening: Evening, half: Half) -> Message:
    """Return the post in one of the rooms when the door opens."""
    return Message(
        (Line(f"guests.opened_{half}", evening.names),),
        (*_coming(evening, half, "now"), _how(evening, half, "now")),
    )


def called_off(evening: Evening, half: Half, *, early: bool) -> Message:
    """Return the post that it does not take place, or ended before its time."""
    key = f"guests.early_{half}" if early else f"guests.off_{half}"
    return Message((Line(key, evening.names),), (_how(evening, half, "off"),))


def how(evening: Evening) -> Message:
    """Return what a guest evening is, to whoever asks, and how it stands with this one."""
    way = "guests.how_door" if evening.by_door else "guests.how_keys"
    lines = [Line("guests.how"), Line(way), _past(evening)]
    if evening.ending is not None:
        lines.append(Line("guests.how_over"))
    else:
        lines.append(Line("guests.how_when", evening.names))
    return Message(tuple(lines))


def comes(evening: Evening, *, inside: bool) -> Message:
    """Return the answer to who said that they would come."""
    return Message(
        (Line("guests.comes_now" if inside else "guests.comes", evening.names),),
        (Button("guests.stay", f"guest-stay:{evening.id}"),),
    )


def _past(evening: Evening) -> Line:
    return Line("guests.past_read" if evening.reads_history else "guests.past_unread")


def _way(evening: Evening, half: Half) -> Line:
    if half == "here":
        return Line("guests.anyone_here")
    return Line("guests.anyone_door" if evening.by_door else "guests.anyone_keys")


def _coming(evening: Evening, half: Half, when: str) -> tuple[Button, ...]:
    if evening.by_door or half == "here":
        return ()
    return (Button("guests.come", f"guest-come:{evening.id}:{when}", "primary"),)


def _how(evening: Evening, half: Half, when: str) -> Button:
    return Button("guests.how_button", f"guest-how:{evening.id}:{half}:{when}")
