"""Undoing a split: the children become one again, as long as that is young and they fit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(days=14)  # after the two parted
NOT_AGAIN_FOR: Final = timedelta(days=28)  # then a group that is full once more gets a plan anew


@dataclass(frozen=True, slots=True)
class Part:
    """A child that got a room of its own, as it stands now."""

    group_id: int
    name: str
    emoji: str
    comes: int  # moved here by the split and live here still
    stays: int  # moved in since, or cannot come along

    def goes_on(self, minimum: int) -> bool:
        """Return whether it is a group without those who go back."""
        return self.stays >= minimum


@dataclass(frozen=True, slots=True)
class Reunion:
    """What undoing a split would do now."""

    split_id: int
    group_id: int  # which kept the room, and takes the others back
    group: str
    homes: int  # seats taken there, and kept for people in line
    cap: int
    minimum: int
    parts: tuple[Part, ...]
    parted_at: datetime
    moving: bool = False  # Discord does not show the split in full yet
    undone: bool = False
    ended: bool = False  # the group that kept the room is archived
    busy: bool = False  # one of them is about to merge or to split

    @property
    def comes(self) -> int:
        """How many people go back."""
        return sum(part.comes for part in self.parts)

    @property
    def until(self) -> datetime:
        """Until when it can be undone."""
        return self.parted_at + WITHIN


def why_not(reunion: Reunion, now: datetime) -> str | None:
    """Return why a split cannot be undone, by a word; None if it can."""
    reasons = {
        "undone": reunion.undone,
        "too_late": now >= reunion.until,
        "ended": reunion.ended,
        "moving": reunion.moving,
        "busy": reunion.busy,
        "nobody": not reunion.comes,
        "full": reunion.homes + reunion.comes > reunion.cap,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
