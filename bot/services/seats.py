"""Seats: a counted column that holds the cap, whatever arrives at once."""

from typing import Any

from sqlalchemy import Update, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import attributes, util

from models import Group


async def take_seat(session: AsyncSession, group_id: int) -> bool:
    """Take one seat of an open group; False when none is free.

    In the transaction that writes the membership: the count and the row change together or not at
    all.
    """
    taken = (
        update(Group)
        .where(Group.id == group_id, Group.state == "open", Group.homes < Group.cap)
        .values(homes=Group.homes + 1)
    )
    return await _counted(session, group_id, taken)


async def free_seat(session: AsyncSession, group_id: int) -> None:
    """Give one seat back; whoever waits for it is let in by the next tick."""
    freed = update(Group).where(Group.id == group_id, Group.homes > 0).values(homes=Group.homes - 1)
    await _counted(session, group_id, freed)


async def _counted(session: AsyncSession, group_id: int, change: Update) -> bool:
    homes = await session.scalar(
        change.returning(Group.homes), execution_options={"synchronize_session": False}
    )
    if homes is None:
        return False
    # The statement went past the session: tell the row that it may hold in memory.
    key: Any = util.identity_key(Group, group_id)
    loaded = session.identity_map.get(key)
    if loaded is not None:
        attributes.set_committed_value(loaded, "homes", homes)
    return True
