"""What other matters put onto the facilitators' desk: lines and buttons, page by page."""

from dataclasses import dataclass
from typing import Literal

from bot.rules.message import Button, Line

# front: what waits for a facilitator now; keep it short. people, together, room, growth: the desk's
# pages. Rituals have a card of their own (bot.rules.ritual_cards).
Page = Literal["front", "people", "together", "room", "growth"]


@dataclass(frozen=True, slots=True)
class Part:
    """What one matter adds to one page of the desk.

    Lines stand below the page's own, buttons after its own; a page holds 20 buttons, the desk's own
    and everybody's together, and drops what is too much from the end. Nothing here may tell of one
    member what the reader, who looks after the group or owns the server, must not know.
    """

    page: Page
    lines: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()
