"""Doors after a split: siblings visit each other through one overwrite, for a while."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.scope import GroupScope
from bot.services.split_plans import children
from models import Door, Group, Split

OPEN_FOR: Final = timedelta(days=30)


async def open_all(session: AsyncSession, split: Split, now: datetime) -> None:
    """Open the doors between the children of a split, both ways, for 30 days.

    Doors that stood open to the old room and its people, after an earlier split or a merge, stay
    open to all children alike until their own day: what somebody was promised holds wherever they
    live now.
    """
    made = [row.group_id or split.group_id for row in await children(session, split.id)]
    for group_id in made:
        for other in made:
            if group_id != other:
                await _open(session, split.server_id, group_id, other, now + OPEN_FOR)
    before = await session.scalars(
        select(Door).where(
            or_(Door.group_id == split.group_id, Door.for_group_id == split.group_id),
            Door.group_id.not_in(made) | Door.for_group_id.not_in(made),
            Door.closes_at > now,
        )
    )
    for door in before.all():
        for child in made[1:]:
            into = child if door.group_id == split.group_id else door.group_id
            who = child if door.for_group_id == split.group_id else door.for_group_id
            await _open(
                session,
                split.server_id,
                into,
                who,
                door.closes_at,
                reads_history=door.reads_history,
            )
    await session.flush()


async def stay_open(session: AsyncSession, group_id: int, child_id: int, now: datetime) -> None:
    """Keep the doors that stood open to a group's people open to those who begin another, too."""
    doors = await session.scalars(
        select(Door).where(Door.for_group_id == group_id, Door.closes_at > now)
    )
    for door in doors.all():
        await _open(
            session,
            door.server_id,
            door.group_id,
            child_id,
            door.closes_at,
            reads_history=door.reads_history,
        )
    await session.flush()


async def open_to(
    session: AsyncSession, group_id: int, now: datetime
) -> list[tuple[str, datetime]]:
    """Return the names of the rooms that a group's people may enter, and until when."""
    rows = await session.execute(
        select(Group.name, Door.closes_at)
        .join(Door, Door.group_id == Group.id)
        .where(Door.for_group_id == group_id, Door.closes_at > now, Group.archived_at.is_(None))
        .order_by(Door.closes_at.desc(), Group.id)
    )
    return [(name, closes_at) for name, closes_at in rows]


async def _open(
    session: AsyncSession,
    server_id: int,
    group_id: int,
    for_group_id: int,
    until: datetime,
    *,
    reads_history: bool = True,
) -> None:
    """Open one door, or keep it open for longer; none closes sooner than it was to."""
    door = await session.scalar(
        select(Door).where(Door.group_id == group_id, Door.for_group_id == for_group_id)
    )
    if door is None:
        session.add(
            Door(
                server_id=server_id,
                group_id=group_id,
                for_group_id=for_group_id,
                closes_at=until,
                reads_history=reads_history,
            )
        )
    else:
        door.closes_at = max(door.closes_at, until)
        door.reads_history = door.reads_history or reads_history
    note_after_commit(session, GroupScope(server_id, group_id))
