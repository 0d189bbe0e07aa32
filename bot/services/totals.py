"""How much there is of everything, in all servers together: for operators, about nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import (
    FailedEffect,
    Group,
    Membership,
    OutboxMessage,
    Server,
    Visit,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts at one moment, of servers that have Hearth.

    `lag` is how many seconds the oldest message that is due has waited; those of paused servers
    wait on purpose, and do not count.
    """

    servers: int
    paused: int
    groups: Mapping[str, int]
    """By state."""
    homes: int
    seats: int
    """Of groups that are not archived, taken or free."""
    visits: int
    waiting: int
    owed: int
    """Messages that are due, being sent ones included."""
    later: int
    """Messages that are to be sent at a moment to come."""
    lag: float
    failed: int
    """Effects that Discord refuses until a person changes something."""


async def totals(session: AsyncSession, now: datetime) -> Totals:
    """Count."""

    async def count(query: Select[int]) -> int:
        return await session.scalar(query) or 0

    here, served = Server.removed_at.is_(None), Server.paused_at.is_(None)
    owes = select(func.count()).select_from(OutboxMessage).join(Server).where(here, served)
    due = OutboxMessage.due_at <= now
    states = await session.execute(select(Group.state, func.count()).group_by(Group.state))
    oldest = await session.scalar(
        select(func.min(OutboxMessage.due_at)).join(Server).where(here, served, due)
    )
    return Totals(
        servers=await count(select(func.count()).select_from(Server).where(here)),
        paused=await count(select(func.count()).select_from(Server).where(here, ~served)),
        groups=dict(states.all()),
        homes=await count(
            select(func.count()).select_from(Membership).where(Membership.state == "here")
        ),
        seats=await count(select(func.sum(Group.cap)).where(Group.state != "archived")),
        visits=await count(select(func.count()).select_from(Visit).where(Visit.ended_at.is_(None))),
        waiting=await count(select(func.count()).select_from(Waiting)),
        owed=await count(owes.where(due)),
        later=await count(owes.where(~due)),
        lag=0.0 if oldest is None else (now - oldest).total_seconds(),
        failed=await count(select(func.count()).select_from(FailedEffect)),
    )
