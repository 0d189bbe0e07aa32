"""What goes when its time is over."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings


async def sweep(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Erase what is past its time in every table, by each table's erase rule; return how much."""
    raise NotImplementedError
