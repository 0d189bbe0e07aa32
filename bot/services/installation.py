"""A few facts about this installation that outlive a restart."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists
from sqlalchemy.ext.asyncio import AsyncSession

from models import AppState

LOOK = "look:"  # and a server's id: it was changed by a command beside the bot
RESTORED = "restored_at"  # written by `python -m bot restore`
RESTORED_LATELY = timedelta(days=7)

_BESIDE = AppState.name.startswith(LOOK)
ANY_BESIDE = exists().where(_BESIDE)


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


async def look_again(session: AsyncSession, server_id: int) -> None:
    """Have the running bot look at a server that a command beside it has changed."""
    await remember(session, f"{LOOK}{server_id}", "")


async def changed_beside(session: AsyncSession) -> list[int]:
    """Return the servers that commands beside the bot have changed, each once."""
    rows = await session.scalars(delete(AppState).where(_BESIDE).returning(AppState.name))
    return sorted(int(name.removeprefix(LOOK)) for name in rows)


async def restored_lately(session: AsyncSession, now: datetime) -> bool:
    """Return whether the tables came from a backup within the last week.

    Then people may live where the tables know nothing of it.
    """
    at = await remembered(session, RESTORED)
    return at is not None and now - datetime.fromisoformat(at) < RESTORED_LATELY
