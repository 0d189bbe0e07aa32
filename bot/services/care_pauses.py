"""Who is not suggested as a helper for a while: who was asked lately, or is not to be asked now.

The pause is written when somebody is asked, not when they answer: a no leaves no trace of its own.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.upserts import upsert
from models import CarePause

PAUSE = timedelta(days=90)


async def pause(
    session: AsyncSession, *, server_id: int, group_id: int, user_id: int, now: datetime
) -> None:
    """Suggest somebody for this group not again before 90 days are over."""
    statement = upsert(session, CarePause).values(
        group_id=group_id, user_id=user_id, server_id=server_id, until=now + PAUSE
    )
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "user_id"], set_={"until": statement.excluded.until}
    )
    await session.execute(statement)


async def paused(session: AsyncSession, group_id: int, now: datetime) -> frozenset[int]:
    """Return whom not to suggest for a group right now."""
    found = await session.scalars(
        select(CarePause.user_id).where(CarePause.group_id == group_id, CarePause.until > now)
    )
    return frozenset(found)
