"""Visits: opened, granted, ended. The reconciler follows with a member's own overwrite on the room.

Visits that someone asked for count towards what a person may have at once and towards the group's
`visitors`, a counted column: a place is taken by UPDATE … WHERE visitors < most_visitors in the
transaction that writes the visit. Granted visits, after a move or a split, count to neither.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of asking for a visit; `ends_at` None: the facilitators were asked."""

    group_id: int
    group: str
    room_id: int | None  # None: not made yet
    ends_at: datetime | None
    newly_counted: bool = False  # from now on their signs of life are counted: say so


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """One visit that is open now."""

    id: int
    group_id: int
    group: str
    room_id: int | None
    user_id: int
    origin: str
    ends_at: datetime


async def ask(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    settings: Settings,
) -> Visited:
    """Begin a visit, or ask the facilitators for one where the type wants that; UserError if not.

    The group is one that `services.groups.find` returned for this person.
    """
    raise NotImplementedError


async def admit(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    settings: Settings,
) -> Visited:
    """Begin a visit that the facilitators said yes to; UserError if it is no longer possible."""
    raise NotImplementedError


async def grant(
    session: AsyncSession, *, server_id: int, user_id: int, group_id: int, now: datetime
) -> datetime | None:
    """Give someone 30 days in a group that they moved away from; return when they end.

    None, and nothing changes, where a bar or an apart stands in the way, where they live in the
    group, or where the room can take no further overwrite. An open visit is prolonged.
    """
    raise NotImplementedError


async def end(session: AsyncSession, actor: Actor, visit_id: int, now: datetime) -> OpenVisit:
    """End a visit: one's own, or as the group's facilitator, an owner or a moderator."""
    raise NotImplementedError


async def end_for(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    now: datetime,
    group_id: int | None = None,
) -> int:
    """End someone's open visits, all or the one to `group_id`; return how many there were.

    For a visited group that becomes their home, a ban, a bar, or leaving the server.
    """
    raise NotImplementedError


async def end_due(session: AsyncSession, now: datetime) -> int:
    """End the visits of all servers whose time is over; return how many. Called by the tick."""
    raise NotImplementedError


async def of_member(session: AsyncSession, server_id: int, user_id: int) -> list[OpenVisit]:
    """Return someone's open visits, the first to end first."""
    raise NotImplementedError


async def of_group(session: AsyncSession, actor: Actor, group_id: int) -> list[OpenVisit]:
    """Return a group's open visits for its facilitators and owners, the first to end first."""
    raise NotImplementedError
