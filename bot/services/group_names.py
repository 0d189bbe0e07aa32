"""Names of groups to come: those that are given or meant to be, and one that is still free."""

import random
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import naming
from models import Bud, Group, Prepared, PreparedChild, SpareName, Split, SplitChild


async def spare_name(session: AsyncSession, group: Group) -> tuple[str, str]:
    """Return a sign and a name that no group here has, and no split means to give."""
    taken = await taken_names(session, group)
    free = await first_free(session, group.server_id, taken, seed=group.id)
    if free is not None:
        return free
    number = 2
    while naming.key(f"{group.name} {number}") in taken:
        number += 1
    return group.emoji, f"{group.name[:70]} {number}"


async def first_free(
    session: AsyncSession, server_id: int, taken: Collection[str], *, seed: int
) -> tuple[str, str] | None:
    """Return a sign and a name of the owners' spare ones, else of Hearth's own; None without any.

    The same for the same seed, as long as the same are free.
    """
    kept = await session.execute(
        select(SpareName.emoji, SpareName.name)
        .where(SpareName.server_id == server_id)
        .order_by(SpareName.name)
    )
    for source in ([(sign, name) for sign, name in kept], list(naming.spare_names)):
        free = [pair for pair in source if naming.key(pair[1]) not in taken]
        if free:
            return random.Random(seed).choice(free)
    return None


async def taken_names(session: AsyncSession, group: Group, *, but_for: int = 0) -> set[str]:
    """Return the keys of all names that are given or meant to be.

    But for what is meant for the children of this group itself before it is full, or for its bud.
    """
    given = await session.scalars(select(Group.name_key).where(Group.server_id == group.server_id))
    ready = await session.scalars(
        select(PreparedChild.name)
        .join(Prepared, Prepared.group_id == PreparedChild.group_id)
        .where(
            Prepared.server_id == group.server_id,
            PreparedChild.index > 0,
            PreparedChild.group_id != group.id,
        )
    )
    meant = await session.scalars(
        select(SplitChild.name)
        .join(Split, Split.id == SplitChild.split_id)
        .where(Split.server_id == group.server_id, Split.closed_at.is_(None), Split.id != but_for)
    )
    buds = await session.scalars(
        select(Bud.name).where(
            Bud.server_id == group.server_id, Bud.closed_at.is_(None), Bud.group_id != group.id
        )
    )
    return {*given, *(naming.key(name) for name in (*meant, *ready, *buds))}
