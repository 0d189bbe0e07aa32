"""Who does which step of which undertaking, and the minute's work on all of them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import setup_work, undertakings
from bot.settings import Settings

DOERS = {**setup_work.DOERS}


async def step_due(session: AsyncSession, now: datetime, settings: Settings) -> None:
    """Do what can be done now of every undertaking that runs."""
    await undertakings.step_due(session, DOERS, now=now, settings=settings)


async def advance(
    session: AsyncSession, undertaking_id: int, *, now: datetime, settings: Settings
) -> bool:
    """Do what can be done now of one undertaking; return whether anything moved."""
    return await undertakings.advance(session, undertaking_id, DOERS, now=now, settings=settings)
