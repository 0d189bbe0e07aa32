"""Ties as the splits need them: one decayed number per pair, shown to nobody."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.rules import ties
from bot.services import caring
from bot.services.upserts import upsert
from models import Membership, Tie

SUMMED = ("weight", "low_answered", "high_answered")


async def weights(
    session: AsyncSession, group_id: int, now: datetime
) -> list[tuple[int, int, float]]:
    """Return (low, high, weight) for each pair whose home the group is now, decayed to `now`."""
    low, high = aliased(Membership), aliased(Membership)
    rows = await session.execute(
        select(Tie.low_id, Tie.high_id, Tie.week, Tie.weight)
        .join(low, (low.server_id == Tie.server_id) & (low.user_id == Tie.low_id))
        .join(high, (high.server_id == Tie.server_id) & (high.user_id == Tie.high_id))
        .where(Tie.group_id == group_id, low.group_id == group_id, high.group_id == group_id)
    )
    return ties.weights(((row[0], row[1], row[2], row[3]) for row in rows), now)


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: Iterable[int]
) -> int:
    """Carry the ties among people who moved together over to their new home; return how many.

    What they did for others there goes along (see bot.services.caring). Ties to those who stay
    behind are left with the old home: they are no longer between two people of one group.
    """
    moved = frozenset(user_ids)
    await caring.follow(
        session, from_group_id=from_group_id, to_group_id=to_group_id, user_ids=moved
    )
    found = await session.execute(
        select(
            Tie.low_id,
            Tie.high_id,
            Tie.week,
            Tie.server_id,
            *(Tie.__table__.columns[name] for name in SUMMED),
        ).where(Tie.group_id == from_group_id)
    )
    together = [row for row in found if row.low_id in moved and row.high_id in moved]
    statement = upsert(session, Tie)
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "low_id", "high_id", "week"],
        set_={name: Tie.__table__.columns[name] + statement.excluded[name] for name in SUMMED},
    )
    for row in together:
        await session.execute(statement.values(group_id=to_group_id, **row._asdict()))
        await session.execute(
            delete(Tie)
            .where(
                Tie.group_id == from_group_id,
                Tie.low_id == row.low_id,
                Tie.high_id == row.high_id,
                Tie.week == row.week,
            )
            .execution_options(synchronize_session=False)
        )
    return len(together)
