"""Seats: counted columns that hold the cap, whatever arrives at once.

`homes` are the seats that are lived in (or kept for who left, or held), `offered` those kept free
for people of the waiting list. Both are changed by UPDATE … WHERE in the transaction that writes
the row they count, so together they never go past the cap. A place in line that is given up gives
the seat back that was kept for it: `leave_line` is the only way out of a line.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Update, delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import attributes, util

from bot.services.outbox import withdraw
from models import FreedSeat, Group, Waiting


async def take_seat(session: AsyncSession, group_id: int) -> bool:
    """Take one seat of an open group; False when none is free.

    In the transaction that writes the membership: the count and the row change together or not at
    all.
    """
    taken = (
        update(Group)
        .where(Group.id == group_id, Group.state == "open", Group.homes + Group.offered < Group.cap)
        .values(homes=Group.homes + 1)
    )
    return await _counted(session, group_id, taken)


async def untake_seat(session: AsyncSession, group_id: int) -> None:
    """Undo `take_seat` in the same transaction: nobody lived in it."""
    undone = (
        update(Group).where(Group.id == group_id, Group.homes > 0).values(homes=Group.homes - 1)
    )
    await _counted(session, group_id, undone)


async def free_seat(session: AsyncSession, group_id: int, now: datetime) -> None:
    """Give one seat back; the next tick offers it to whoever waits for it."""
    freed = update(Group).where(Group.id == group_id, Group.homes > 0).values(homes=Group.homes - 1)
    if await _counted(session, group_id, freed):
        group = await session.get_one(Group, group_id)
        session.add(FreedSeat(server_id=group.server_id, group_id=group_id, at=now))
        await session.flush()


async def keep_seat(session: AsyncSession, group_id: int) -> bool:
    """Keep one seat of an open group for somebody in line; False when none is free."""
    kept = (
        update(Group)
        .where(Group.id == group_id, Group.state == "open", Group.homes + Group.offered < Group.cap)
        .values(offered=Group.offered + 1)
    )
    return await _counted(session, group_id, kept)


async def give_back(session: AsyncSession, group_id: int) -> None:
    """Keep a seat no longer."""
    back = (
        update(Group)
        .where(Group.id == group_id, Group.offered > 0)
        .values(offered=Group.offered - 1)
    )
    await _counted(session, group_id, back)


async def take_kept(session: AsyncSession, group_id: int) -> bool:
    """Let the seat that was kept be lived in; False, and it is kept no longer, when it cannot be.

    An owner may have lowered the cap meanwhile.
    """
    taken = (
        update(Group)
        .where(
            Group.id == group_id,
            Group.state == "open",
            Group.offered > 0,
            Group.homes < Group.cap,
        )
        .values(homes=Group.homes + 1, offered=Group.offered - 1)
    )
    if await _counted(session, group_id, taken):
        return True
    await give_back(session, group_id)
    return False


async def claim(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, now: datetime
) -> bool:
    """Take someone's offer off their place in line, so that nobody else can; False without one.

    The seat still counts as kept: `take_kept` or `give_back` has to follow.
    """
    claimed = await session.scalar(
        update(Waiting)
        .where(
            Waiting.server_id == server_id,
            Waiting.user_id == user_id,
            Waiting.group_id == group_id,
            Waiting.offered_at.is_not(None),
            Waiting.offer_ends_at > now,
        )
        .values(offered_at=None, offer_ends_at=None)
        .returning(Waiting.user_id)
    )
    return claimed is not None


async def leave_line(
    session: AsyncSession, server_id: int, user_id: int, group_id: int | None = None
) -> list[int]:
    """Take someone out of the line they stand in, or only out of one group's; return its group.

    A seat that was kept for them is given back, and nobody tells them of it any more.
    """
    left = delete(Waiting).where(Waiting.server_id == server_id, Waiting.user_id == user_id)
    if group_id is not None:
        left = left.where(Waiting.group_id == group_id)
    rows = (await session.execute(left.returning(Waiting.group_id, Waiting.offered_at))).all()
    for group, offered_at in rows:
        if offered_at is not None:
            await give_back(session, group)
            await withdraw(session, server_id=server_id, key=offer_key(user_id, offered_at))
    return [group for group, _ in rows]


def offer_key(user_id: int, offered_at: datetime) -> str:
    """Return the key of the line that tells somebody of an offer; taken back while unsent."""
    return f"waits:seat:{user_id}:{int(offered_at.timestamp())}"


async def _counted(session: AsyncSession, group_id: int, change: Update) -> bool:
    row = (
        await session.execute(
            change.returning(Group.homes, Group.offered),
            execution_options={"synchronize_session": False},
        )
    ).one_or_none()
    if row is None:
        return False
    # The statement went past the session: tell the row that it may hold in memory.
    key: Any = util.identity_key(Group, group_id)
    loaded = session.identity_map.get(key)
    if loaded is not None:
        attributes.set_committed_value(loaded, "homes", row.homes)
        attributes.set_committed_value(loaded, "offered", row.offered)
    return True
