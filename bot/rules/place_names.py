"""How a message names a group, its room, a moment, and a place in line."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.naming import CUSTOM_EMOJI, safe

ORDINALS_SAID = 20  # up to here a place in line is said as 4th; after it, as people ahead
SPELLED = 3  # 1st, 2nd and 3rd have texts of their own


@dataclass(frozen=True, slots=True)
class Place:
    """A group as someone's card names it."""

    group_id: int
    group: str
    emoji: str = ""
    room_id: int | None = None
    until: datetime | None = None


def named(place: Place) -> str:
    """Return a group's sign and name for a message."""
    sign = place.emoji if CUSTOM_EMOJI.fullmatch(place.emoji) else safe(place.emoji)
    return f"{sign} {safe(place.group)}".strip()


def room(place: Place) -> str:
    """Return the link to a group's room, its name where there is no room yet."""
    return f"<#{place.room_id}>" if place.room_id is not None else safe(place.group)


def stamp(moment: datetime | None) -> int:
    """Return a moment as Discord's timestamps want it, in seconds since 1970."""
    return 0 if moment is None else int(moment.timestamp())


def last_second(ends: datetime) -> int:
    """Return the last second of an absence: it ends at midnight, and the day before counts."""
    return stamp(ends) - 1


def in_line(place: int) -> tuple[str, dict[str, int]]:
    """Return which text tells a place in line, and its fillings.

    1st, 2nd and 3rd have texts of their own, 4th to 20th share one; after that people ahead are
    counted, for then no ending fits all numbers.
    """
    if place <= SPELLED:
        return str(place), {}
    if place <= ORDINALS_SAID:
        return "nth", {"place": place}
    return "far", {"n": place - 1}
