"""What a group does together, as those who live there or visit see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

BUTTONS_MOST = 24  # of Discord's twenty-five; one goes back


@dataclass(frozen=True, slots=True)
class Part:
    """What one matter adds to the card of what a group does together, for one reader."""

    lines: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()


def card(emoji: str, group: str, parts: Sequence[Part]) -> Message:
    """Return the card; what is too much for Discord is dropped from the end."""
    lines = [line for part in parts for line in part.lines]
    buttons = [button for part in parts for button in part.buttons]
    title = Line("together.title", {"emoji": emoji, "group": safe(group)})
    told = lines or [Line("together.nothing_yet")]
    back = Button("together.back", "home-open")
    return Message((title, *told), (*buttons[:BUTTONS_MOST], back))
