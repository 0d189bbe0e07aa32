"""Budding: when a few people of a group may begin a new one, and when it begins."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

FEWEST, MOST = 6, 10
"""How many go with a founder: enough to be a circle, few enough to leave one behind."""
MOST_ASKED = 20
GATHERS_FOR = timedelta(days=7)

WhyNot = Literal["closed", "moving", "small", "narrow"]


@dataclass(frozen=True, slots=True)
class Stem:
    """The group that a bud grows out of."""

    state: str
    homes: int
    minimum: int  # of its type: neither side may have fewer
    cap: int  # of its type: the new group may not have more
    moving: bool  # its people were told that they part, or that they move in with others


def least_along(minimum: int) -> int | None:
    """Return how many must go with the founder; None where `MOST` would be too few to be a group.

    `minimum` is the least that a group of the type needs, the founder among them.
    """
    needed = max(FEWEST, minimum - 1)
    return needed if needed <= MOST else None


def why_not(stem: Stem) -> WhyNot | None:
    """Return what keeps a group from having a bud now."""
    if stem.state != "open":
        return "closed"
    if stem.moving:
        return "moving"
    least = least_along(stem.minimum)
    if least is None:
        return "narrow"
    if most_along(stem) < least:
        return "small"
    return None


def most_along(stem: Stem) -> int:
    """Return how many may go: those who stay are a group still, and all who go have a seat."""
    return max(0, min(MOST, stem.homes - 1 - stem.minimum, stem.cap - 1))


def begins(*, yes: int, waiting: int, least: int, most: int) -> bool:
    """Return whether a bud begins by itself: nobody's answer would change that, or it is full."""
    return yes >= most or (yes >= least and not waiting)
