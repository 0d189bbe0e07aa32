"""A group's rituals as one of its people sees them: what comes, and what they pressed about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe


@dataclass(frozen=True, slots=True)
class Mine:
    """A ritual's next moment for one reader.

    `choice`: "" · skip · greet. `may_greet`: it greets newcomers, and they are one.
    """

    ritual_id: int
    group_id: int
    title: str
    at: datetime
    choice: str
    reminded: bool
    may_greet: bool


def page(group_id: int, group: str, rituals: Sequence[Mine]) -> Message:
    """Return what comes in a group, for one reader."""
    lines = [Line("ritual_mine.page", {"group": safe(group)})]
    for one in rituals:
        key = f"ritual_mine.line_{one.choice}" if one.choice else "ritual_mine.line"
        lines.append(Line(key, _told(one)))
    if not rituals:
        lines.append(Line("ritual_mine.nothing"))
    choices = tuple(Choice(one.title, str(one.ritual_id)) for one in rituals)
    return Message(
        tuple(lines),
        buttons=(Button("desk.back", f"together:{group_id}"),),
        menus=(Menu("ritual_mine.pick", "ritual-mine-pick", choices),) if choices else (),
    )


def card(one: Mine) -> Message:
    """Return one ritual with what the reader may press about its next moment."""
    lines = [Line("ritual_mine.one", _told(one))]
    buttons: list[Button] = []
    if one.choice:
        lines.append(Line(f"ritual_mine.one_{one.choice}"))
        buttons.append(Button("ritual_mine.take_back", f"ritual-back:{one.ritual_id}"))
    else:
        if one.may_greet:
            lines.append(Line("ritual_mine.one_new"))
            greet = f"ritual-greet:{one.ritual_id}"
            buttons.append(Button("ritual_mine.greet", greet, "primary"))
        buttons.append(Button("ritual_mine.skip", f"ritual-off:{one.ritual_id}"))
    if one.reminded and one.choice != "skip":
        lines.append(Line("ritual_mine.reminded"))
    buttons += [
        Button("rituals.remind_me", f"ritual-remind:{one.ritual_id}:mine"),
        Button("desk.back", f"ritual-mine:{one.group_id}"),
    ]
    return Message(tuple(lines), tuple(buttons))


def _told(one: Mine) -> dict[str, object]:
    return {"title": safe(one.title), "at": int(one.at.timestamp())}
