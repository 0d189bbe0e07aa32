"""Roles, rooms and categories that are about to be made, or were made.

A creation is written down before it is made and carries its id in the audit reason. What a crash
left between the two is found again by that id and adopted, so nothing is made twice.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.scope import GroupScope
from bot.services import house
from bot.services.outbox import OWED
from models import Creation, Door, Group, RoomCategory

What = Literal["role", "room", "category", "house", "voice"]
NO_GROUP = 0  # a category belongs to none


@dataclass(frozen=True, slots=True)
class Begun:
    """A creation that was written down; `before` says that it may have been made already."""

    id: str
    before: bool
    begun_at: datetime


async def begin(
    session: AsyncSession, server_id: int, what: What, group_id: int, *, now: datetime
) -> Begun:
    """Write down that something is about to be made; the same row until it is finished."""
    row = await session.scalar(
        select(Creation).where(
            Creation.server_id == server_id,
            Creation.what == what,
            Creation.subject_id == group_id,
        )
    )
    if row is not None:
        return Begun(row.id, before=True, begun_at=row.begun_at)
    row = Creation(
        id=secrets.token_hex(8), server_id=server_id, what=what, subject_id=group_id, begun_at=now
    )
    session.add(row)
    await session.flush()
    return Begun(row.id, before=False, begun_at=now)


async def finish(session: AsyncSession, creation_id: str, made_id: int, written: str) -> None:
    """Store what was made, and how Hearth named it; its members and messages are looked at next."""
    row = await session.get(Creation, creation_id)
    if row is None:
        return
    if row.what == "category":
        session.add(RoomCategory(id=made_id, server_id=row.server_id))
    elif row.what == "house":
        await house.made(session, row.server_id, row.subject_id, made_id)
        note_after_commit(session, OWED)
    else:
        group = await session.get(Group, row.subject_id)
        if group is not None and row.what == "role":
            group.role_id, group.role_written = made_id, written
        elif group is not None and row.what == "voice":
            group.voice_id, group.voice_written = made_id, written
        elif group is not None:
            group.room_id, group.room_written = made_id, written
            note_after_commit(session, OWED)  # the room's own messages wait for it
        note_after_commit(session, GroupScope(row.server_id, row.subject_id))
        if row.what == "role":  # rooms of siblings whose door stands open for it
            doors = select(Door.group_id).where(Door.for_group_id == row.subject_id)
            for group_id in await session.scalars(doors):
                note_after_commit(session, GroupScope(row.server_id, group_id))
    await session.delete(row)
    await session.flush()


async def give_up(session: AsyncSession, creation_id: str) -> None:
    """Forget a creation that Discord refused: it was certainly not made."""
    row = await session.get(Creation, creation_id)
    if row is not None:
        await session.delete(row)
        await session.flush()


async def renamed(session: AsyncSession, group_id: int, what: What, written: str) -> None:
    """Store how Hearth has named a group's role or room."""
    group = await session.get(Group, group_id)
    if group is None:
        return
    if what == "role":
        group.role_written = written
    elif what == "voice":
        group.voice_written = written
    else:
        group.room_written = written
    await session.flush()


async def ours(session: AsyncSession, server_id: int) -> tuple[frozenset[int], frozenset[str]]:
    """Return the roles, rooms and categories that are in use, and the creations under way."""
    rows = await session.execute(
        select(Group.role_id, Group.room_id, Group.voice_id).where(Group.server_id == server_id)
    )
    used = {one for row in rows for one in row if one is not None}
    used |= await house.rooms_of(session, server_id)
    under_way = await session.scalars(select(Creation.id).where(Creation.server_id == server_id))
    return frozenset(used | await categories(session, server_id)), frozenset(under_way)


async def categories(session: AsyncSession, server_id: int) -> frozenset[int]:
    """Return the categories that Hearth made for rooms."""
    pool = select(RoomCategory.id).where(RoomCategory.server_id == server_id)
    return frozenset(await session.scalars(pool))


async def category_gone(session: AsyncSession, category_id: int) -> bool:
    """Take a category that is gone out of the pool; its rooms stay where they are."""
    row = await session.get(RoomCategory, category_id)
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    return True
