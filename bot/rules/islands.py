"""Islands: groups of whom nobody was elsewhere, and where nobody from elsewhere was.

Being one is no fault, and some want to be one. So something is offered at most once a quarter, one
thing at a time, and who says that it is not for them is never asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.desk_parts import Part
from bot.rules.group_messages import plain
from bot.rules.message import Button, Line
from bot.rules.naming import safe

WEEKS = 4  # that nobody came or went: one quiet week makes no island
A_QUARTER = timedelta(days=91)
SHOWN_FOR = timedelta(days=14)  # on the desk; then it goes by itself
MEASURES = ("lends", "borrows")

Way = Literal["evening", "ask", "bridge"]
WAYS: tuple[Way, ...] = ("evening", "ask", "bridge")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The group that fits an island best."""

    group_id: int
    name: str
    emoji: str


def is_island(figures: Mapping[tuple[str, str], float | None], weeks: Sequence[str]) -> bool:
    """Return whether nobody came or went in any of these weeks, by (week, measure).

    A week of which nothing can be said makes no island.
    """
    return len(weeks) >= WEEKS and all(
        figures.get((week, measure)) == 0 for week in weeks for measure in MEASURES
    )


def may_offer(offered_at: datetime | None, not_for_us_at: datetime | None, now: datetime) -> bool:
    """Return whether something may be offered: not within a quarter, and never after a no."""
    return not_for_us_at is None and (offered_at is None or offered_at <= now - A_QUARTER)


def way(group_id: int, offered_at: datetime) -> Way:
    """Return which one is offered: another one each time, and not the same to all at once."""
    quarter = offered_at.year * 4 + (offered_at.month - 1) // 3
    return WAYS[(quarter + group_id) % len(WAYS)]


def part(group_id: int, neighbour: Neighbour, offered: Way) -> Part:
    """Return the line on the desk's front, with its way in and its no."""
    names = {"group": safe(neighbour.name), "emoji": neighbour.emoji}
    buttons: list[Button] = []
    if offered == "evening":
        press = f"guest-with-one:{group_id}:{neighbour.group_id}"
        label = {"group": plain(neighbour.emoji, neighbour.name)}
        buttons.append(Button("guests.island_evening_yes", press, "primary", label))
    elif offered == "ask":
        buttons.append(Button("asks.ask_button", f"ask-group-open:{group_id}", "primary"))
    buttons.append(Button("guests.island_no", f"guest-island-no:{group_id}"))
    return Part("front", (Line(f"guests.island_{offered}", names),), tuple(buttons))
