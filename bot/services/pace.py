"""How fast groups take people in: who arrived within a week, and what that leaves for others."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import pace as rules
from bot.rules.pace import Weeks
from models import Arrival, FreedSeat, Group, GroupType, Server


async def arrived(session: AsyncSession, group: Group, user_id: int, now: datetime) -> None:
    """Remember that a newcomer moved into a group; splits, merges and returns are none."""
    session.add(Arrival(server_id=group.server_id, group_id=group.id, user_id=user_id, at=now))
    await session.flush()


async def arrivals(session: AsyncSession, group_id: int, now: datetime) -> int:
    """Return how many newcomers moved into a group within the last seven days."""
    within = select(func.count()).where(Arrival.group_id == group_id, Arrival.at > now - rules.WEEK)
    return await session.scalar(within) or 0


async def room(session: AsyncSession, group: Group, type_: GroupType, now: datetime) -> int | None:
    """Return how many more may move into a group this week; None: as many as there are seats.

    Seats that are kept for people in line are counted: they may move in at any moment.
    """
    if not type_.newcomers_per_week:
        return None
    return rules.room(
        type_.newcomers_per_week, await arrivals(session, group.id, now), group.offered
    )


async def free_seats(session: AsyncSession, server_id: int, now: datetime) -> dict[int, int]:
    """Return how many could move into each open group right now: seats, offers and pace counted."""
    rows = await session.execute(
        select(Group.id, Group.cap - Group.homes - Group.offered, Group.offered, GroupType)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id, Group.state == "open")
    )
    recent = await session.execute(
        select(Arrival.group_id, func.count())
        .where(Arrival.server_id == server_id, Arrival.at > now - rules.WEEK)
        .group_by(Arrival.group_id)
    )
    newcomers = {group_id: count for group_id, count in recent}  # noqa: C416 - rows are not pairs to the checker
    found: dict[int, int] = {}
    for group_id, seats, offered, type_ in rows.all():
        left = rules.room(type_.newcomers_per_week, newcomers.get(group_id, 0), offered)
        found[group_id] = max(seats if left is None else min(seats, left), 0)
    return found


async def estimate(
    session: AsyncSession, group: Group, type_: GroupType, place: int, now: datetime
) -> Weeks | None:
    """Return how long whoever is `place` in a group's line often waits; None: nobody can tell.

    So it is while the brake holds, which moderators may let go of at any moment.
    """
    server = await session.get_one(Server, group.server_id)
    if server.braked_until is not None and server.braked_until > now:
        return None
    since = max(group.opened_at or group.created_at, now - rules.LOOKED_BACK)
    freed = select(func.count()).where(FreedSeat.group_id == group.id, FreedSeat.at > since)
    return rules.estimate(
        place,
        rules.Flow(
            free=max(group.cap - group.homes - group.offered, 0),
            pace=type_.newcomers_per_week,
            arrived=await arrivals(session, group.id, now) + group.offered,
            freed=await session.scalar(freed) or 0,
            watched=now - since,
        ),
    )
