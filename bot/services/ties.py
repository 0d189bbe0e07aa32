"""Ties as the splits need them: one decayed number per pair, shown to nobody."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


async def weights(
    session: AsyncSession, group_id: int, now: datetime
) -> list[tuple[int, int, float]]:
    """Return (low, high, weight) for each pair whose home the group is now, decayed to `now`."""
    raise NotImplementedError


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: Iterable[int]
) -> int:
    """Carry the ties among people who moved together over to their new home; return how many."""
    raise NotImplementedError
