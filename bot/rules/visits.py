"""Visits: time-boxed access to another group, and what stands in the way of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.errors import UserError
from bot.rules.naming import safe

# A visit that was begun for longer has no end of its own until somebody chooses.
NO_END = timedelta(days=365)
GRANTED_FOR = timedelta(days=30)  # after a move, or a split's opposite choice
AGAIN_AFTER = timedelta(days=30)  # the same visit again; sooner by invitation
OVERWRITES_MOST = 100  # Discord takes so many in one call; a room within is repaired by one
OVERWRITES_OF_HEARTH = 2  # @everyone's and the bot's own; safety roles come on top

# enter: the door opens · ask: facilitators decide first
Way = Literal["enter", "ask"]


@dataclass(frozen=True, slots=True)
class Host:
    """The group that someone wants to visit, with its type's rules."""

    name: str
    state: str  # forming | open | resting | archived
    access: str  # role | overwrites
    visits: str  # open | request | closed


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone who wants to visit, and how they stand to the group."""

    lives_here: bool = False
    visits_until: datetime | None = None  # a visit to this very group that is open now
    door_until: datetime | None = None  # they live with a sibling whose door stands open
    ended_at: datetime | None = None  # when the last one ended
    open_visits: int = 0  # those they asked for, anywhere in the server
    barred: bool = False
    apart: bool = False  # someone they must not meet is there
    invited: bool = False


def way_in(host: Host, guest: Guest, now: datetime, *, at_once: int, admitted: bool = False) -> Way:
    """Return how someone may visit a group; UserError says why they may not.

    `at_once` is how many visits one person may have, `admitted` that facilitators let them in.
    The group's own number of visitors is not looked at: it is counted in the table itself. Someone
    who must not meet a member hears the same as someone who is barred.
    """
    shown = safe(host.name)
    if guest.barred or guest.apart:
        raise UserError("visits.door_closed", group=shown)
    if guest.lives_here:
        raise UserError("visits.own_home", group=shown)
    if guest.visits_until is not None:
        raise UserError("visits.already", group=shown, at=int(guest.visits_until.timestamp()))
    if guest.door_until is not None:
        raise UserError("visits.door_open", group=shown, at=int(guest.door_until.timestamp()))
    if host.state != "open":
        raise UserError(f"visits.{host.state}", group=shown)
    invited = guest.invited or admitted
    if host.visits == "closed":
        raise UserError("visits.closed", group=shown)
    if guest.open_visits >= at_once:
        raise UserError("visits.too_many", n=at_once)
    if guest.ended_at is not None and not invited:
        again = guest.ended_at + AGAIN_AFTER
        if again > now:
            raise UserError("visits.too_soon", group=shown, at=int(again.timestamp()))
    if invited:
        return "enter"
    # A room that is opened person by person never opens without a facilitator's word.
    return "ask" if host.visits == "request" or host.access == "overwrites" else "enter"
