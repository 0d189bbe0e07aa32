"""What becomes of a challenge when its people move: a split, a bud, a merge, somebody who leaves.

Whoever goes along with others takes their part along: into the challenge that came of the same one,
or into a copy of it where the new home has none. Where another one is under way, their part ends.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import goal_cards as cards
from bot.services import facilitators, goal_parts, goals
from models import (
    Cohort,
    Goal,
    GoalBreak,
    GoalMark,
    GoalPart,
    GoalPartner,
    Group,
    Membership,
)

# What makes two challenges one, for people who come from the other group.
SAME = ("title", "counts", "first_day", "last_day", "zone", "times", "grace")
NEW_IN_A_ROOM = (
    "id",
    "group_id",
    "host_id",
    "message_id",
    "thread_id",
    "half_told_at",
    "asked_at",
    "kept_at",
    "last_mark_at",
)


async def hosts_no_more(session: AsyncSession, server_id: int, group_id: int, user_id: int) -> None:
    """Take somebody out as the host of what a group does: they live there no more."""
    for table in (Goal, Cohort):
        await session.execute(
            update(table)
            .where(
                table.server_id == server_id,
                table.group_id == group_id,
                table.host_id == user_id,
            )
            .values(host_id=None)
        )


async def left(session: AsyncSession, home: Membership, now: datetime) -> None:
    """Erase somebody's parts in the challenges of a group that they left."""
    mine = (
        select(Goal)
        .join(GoalPart, GoalPart.goal_id == Goal.id)
        .where(Goal.group_id == home.group_id, GoalPart.user_id == home.user_id)
    )
    for goal in (await session.scalars(mine)).all():
        await goal_parts.erase(session, goal, home.user_id, now)


async def follow(
    session: AsyncSession, goes: Group, stays: Group, movers: Collection[int], now: datetime
) -> None:
    """Let people who move from one group into another take their parts along."""
    goal = await goals.open_one(session, goes.id)
    if goal is None or goal.state != "running":
        return
    parts = await session.scalars(
        select(GoalPart.user_id).where(GoalPart.goal_id == goal.id, GoalPart.user_id.in_(movers))
    )
    along = sorted(parts.all())
    if goal.host_id in movers:
        host, goal.host_id = goal.host_id, None
    else:
        host = None
    if not along:
        return
    there = await goals.open_one(session, stays.id)
    if there is None:
        there = await _copy(session, goal, stays, host, now)
    elif any(getattr(there, name) != getattr(goal, name) for name in SAME):
        for user_id in along:
            await goal_parts.erase(session, goal, user_id, now)
        return
    elif there.host_id is None:
        there.host_id = host
    if goal.last_mark_at is not None:
        there.last_mark_at = max(goal.last_mark_at, there.last_mark_at or goal.last_mark_at)
    await _carry(session, goal, there, along)


async def _copy(
    session: AsyncSession, goal: Goal, stays: Group, host: int | None, now: datetime
) -> Goal:
    """Let a challenge go on in another room, hosted by who hosted it or looks after that group."""
    kept = {
        column.name: getattr(goal, column.name)
        for column in Goal.__table__.columns
        if column.name not in NEW_IN_A_ROOM
    }
    if host is None:
        cares = await facilitators.active(session, stays.id)
        host = cares[0] if cares else None
    twin = Goal(**kept, group_id=stays.id, host_id=host)
    # What was half over when they came has had its moment in the other room.
    twin.half_told_at = now if goal.half_at <= now else None
    session.add(twin)
    await session.flush()
    await goals.post(session, twin, cards.goes_on_here(goals.shown(twin)), now)
    return twin


async def _carry(session: AsyncSession, goal: Goal, there: Goal, along: Collection[int]) -> None:
    """Hang people's parts onto another challenge; a partner who stays behind is none any more."""
    rows = await session.execute(
        select(GoalPartner.user_id, GoalPartner.other_id).where(GoalPartner.goal_id == goal.id)
    )
    for user_id, other_id in rows.all():
        if (user_id in along) != (other_id in along):
            await session.execute(
                delete(GoalPartner).where(
                    GoalPartner.goal_id == goal.id,
                    GoalPartner.user_id == user_id,
                    GoalPartner.other_id == other_id,
                )
            )
    for table in (GoalPart, GoalMark, GoalBreak, GoalPartner):
        # Somebody who was there before, left and comes again: what they bring is theirs by now.
        await session.execute(
            delete(table).where(table.goal_id == there.id, table.user_id.in_(along))
        )
        await session.execute(
            update(table)
            .where(table.goal_id == goal.id, table.user_id.in_(along))
            .values(goal_id=there.id)
            .execution_options(synchronize_session=False)
        )
