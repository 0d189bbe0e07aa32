"""What people do, one act at a time, and where it comes from.

A `Source` (a made-up town or a real log) says what happens in the next stretch of time; the driver
carries it out on the sandbox, as whoever it is, through commands, presses and messages. Acts name
people and groups as their source does; only the driver knows Discord's ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol


class Place(Enum):
    """Where somebody writes, when it is not another group's room by name."""

    HOME = "home"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that one person does at a moment."""

    at: datetime
    who: int


@dataclass(frozen=True, slots=True)
class Arrive(Act):
    """They come to the server (again, if they had left it)."""


@dataclass(frozen=True, slots=True)
class LeaveServer(Act):
    """They leave the server."""


@dataclass(frozen=True, slots=True)
class Join(Act):
    """They choose a home; who has one moves. A full group is waited for."""

    group: str


@dataclass(frozen=True, slots=True)
class Visit(Act):
    """They visit another group."""

    group: str


@dataclass(frozen=True, slots=True)
class LeaveGroup(Act):
    """They give up their home."""


@dataclass(frozen=True, slots=True)
class GoAway(Act):
    """They tell Hearth that they are away, without a date."""


@dataclass(frozen=True, slots=True)
class ComeBack(Act):
    """They tell Hearth that they are back."""


@dataclass(frozen=True, slots=True)
class Look(Act):
    """They look at their own card."""


@dataclass(frozen=True, slots=True)
class Write(Act):
    """They write a message; `key` is its name for later acts.

    `where` is their own room, another group by its name, or a room of the commons by its name with
    a hash before it. Where they may not write, the message goes to the commons.
    """

    key: int
    where: Place | str
    answers: int | None = None
    mentions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class React(Act):
    """They react to a message."""

    to: int
    emoji: str


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A group that the owner founds at the start."""

    name: str
    kind: str
    emoji: str = "🔥"
    purpose: str = ""


class Source(Protocol):
    """Where acts come from."""

    name: str
    """What the people are called together, for the server's name."""
    start: datetime
    length: timedelta
    groups: Sequence[GroupPlan]
    rooms: Sequence[str]
    """The commons' rooms besides the first, by name."""
    cap: int | None
    """The cap that the owner gives to the groups' types; None leaves the defaults."""
    pace: int | None
    """How many may move into a group within a week; None leaves the defaults."""
    invents: bool
    """Whether people may do more than what is listed: answer rituals, wave at newcomers."""

    @property
    def people(self) -> int:
        """How many people there are in all, numbered from 0 or by the log."""
        ...

    def next_moment(self, limit: datetime) -> datetime:
        """Return when the next act happens; `limit` if nothing does before it."""
        ...

    def next_acts(self, until: datetime) -> Sequence[Act]:
        """Return what happens from the last call (or the start) until `until`, in order of time."""
        ...
