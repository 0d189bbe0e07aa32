"""A few facts about this installation that outlive a restart."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from models import AppState

RESTORED = "restored_at"  # written by `python -m bot restore`
RESTORED_LATELY = timedelta(days=7)


async def remembered(session: AsyncSession, name: str) -> str | None:
    """Return what was remembered under `name`, None if nothing was."""
    row = await session.get(AppState, name)
    return None if row is None else row.value


async def remember(session: AsyncSession, name: str, value: str) -> None:
    """Keep `value` under `name`, in place of what stood there."""
    await session.merge(AppState(name=name, value=value))
    await session.flush()


async def forget(session: AsyncSession, name: str) -> None:
    """Remember nothing under `name` any more."""
    await session.execute(delete(AppState).where(AppState.name == name))


async def restored_lately(session: AsyncSession, now: datetime) -> bool:
    """Return whether the tables came from a backup within the last week.

    Then people may live where the tables know nothing of it.
    """
    at = await remembered(session, RESTORED)
    return at is not None and now - datetime.fromisoformat(at) < RESTORED_LATELY
