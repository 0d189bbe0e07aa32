"""Homes: who may move in where, what a move costs, and what stands in the way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.errors import UserError
from bot.rules.naming import safe
from bot.rules.pace import Weeks

# full: every seat is lived in · kept: what is free is for those in line · paced: the week's
# newcomers are in · braked: too many move in at once in the whole server
Why = Literal["full", "kept", "paced", "braked"]
# enter: take a seat · return: the seat was kept for them · ask: facilitators decide first
Way = Literal["enter", "return", "ask"]


@dataclass(frozen=True, slots=True)
class Past:
    """What Hearth knows of someone's homes so far."""

    home: int | None = None  # the group of their membership, whatever its state
    state: str | None = None  # here | kept | held | gone
    first_home_at: datetime | None = None
    last_move_at: datetime | None = None
    moves: int = 0
    free_move: bool = False  # after a split, a merge or a refusal


@dataclass(frozen=True, slots=True)
class Bounds:
    """The installation's figures for moving."""

    cooldown: timedelta
    free_first: timedelta


@dataclass(frozen=True, slots=True)
class Target:
    """The group that someone wants to live in."""

    group_id: int
    name: str
    state: str  # forming | open | resting | archived
    entry: str  # open | request | invitation


@dataclass(frozen=True, slots=True)
class Standing:
    """How someone stands to a group, apart from their own past."""

    barred: bool = False
    apart: bool = False  # someone they must not meet is there
    invited: bool = False


@dataclass(frozen=True, slots=True)
class Similar:
    """A group that is like another one and has seats."""

    group_id: int
    name: str
    emoji: str
    seats: int


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What someone may do who found a group full."""

    group_id: int
    place: int | None = None  # the place in line they would have; None: waiting is not offered
    visit_days: int | None = None  # None: a visit is not offered
    visit_asks: bool = False  # a visit is asked for first
    waits: bool = False  # they stand in that line already
    weeks: Weeks | None = None  # how long it often takes; None: nobody can tell yet
    similar: Similar | None = None


class Full(UserError):  # noqa: N818 - what the person hears, not a fault
    """The clear answer to someone for whom there is no seat now, and what they may do instead.

    `n` goes with why: the seats of a full group, the newcomers that it takes in a week, or the
    moment until which moving in waits, in seconds since 1970.
    """

    def __init__(self, name: str, why: Why, n: int, alternatives: Alternatives) -> None:
        super().__init__(f"seats.{why}", group=safe(name), n=n)
        self.why = why
        self.alternatives = alternatives


def is_move(past: Past, group_id: int) -> bool:
    """Return whether making `group_id` their home changes it; a first home is no move."""
    return past.first_home_at is not None and past.home != group_id


def is_first_and_free(past: Past, now: datetime, bounds: Bounds) -> bool:
    """Return whether this would be the first move, soon enough after the first home."""
    return (
        past.first_home_at is not None
        and past.moves == 0
        and now - past.first_home_at <= bounds.free_first
    )


def next_move_at(past: Past, now: datetime, bounds: Bounds) -> datetime | None:
    """Return from when on they may change their home; None: at once."""
    if past.free_move or is_first_and_free(past, now, bounds) or past.last_move_at is None:
        return None
    ends = past.last_move_at + bounds.cooldown
    return ends if ends > now else None


def way_in(
    target: Target,
    past: Past,
    standing: Standing,
    now: datetime,
    bounds: Bounds,
    *,
    admitted: bool = False,
) -> Way:
    """Return how someone may make a group their home; UserError says why they may not.

    `admitted` means that facilitators let them in. Seats are not looked at: they are taken by
    counting in the table itself. Someone who must not meet a member hears the same as someone who
    is barred, so that neither gives the other away.
    """
    if standing.barred or standing.apart:
        raise UserError("home.door_closed", group=safe(target.name))
    if past.state == "held":
        raise UserError("home.held")
    if past.home == target.group_id and past.state == "here":
        raise UserError("home.already_here", group=safe(target.name))
    if past.home == target.group_id:
        return "return"
    if target.state != "open":
        raise UserError(f"home.{target.state}", group=safe(target.name))
    when = next_move_at(past, now, bounds)
    if is_move(past, target.group_id) and when is not None:
        raise UserError("home.too_soon", at=int(when.timestamp()))
    if admitted or standing.invited or target.entry == "open":
        return "enter"
    if target.entry == "request":
        return "ask"
    raise UserError("home.invitation_only", group=safe(target.name))


def after_entering(past: Past, group_id: int, now: datetime, bounds: Bounds) -> Past:
    """Return someone's past once `group_id` has become their home.

    A free move starts no cool-down, and a move that was free for another reason than being the
    first soon enough is used up.
    """
    if past.first_home_at is None:
        return Past(group_id, "here", now, past.last_move_at, past.moves, past.free_move)
    if past.home == group_id:
        return Past(
            group_id, "here", past.first_home_at, past.last_move_at, past.moves, past.free_move
        )
    if is_first_and_free(past, now, bounds):
        return Past(group_id, "here", past.first_home_at, past.last_move_at, 1, past.free_move)
    if past.free_move:
        return Past(group_id, "here", past.first_home_at, past.last_move_at, past.moves + 1)
    return Past(group_id, "here", past.first_home_at, now, past.moves + 1)
