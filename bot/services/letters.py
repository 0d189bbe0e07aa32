"""Quiet letters: a few names for the facilitators of those people's home, and nobody else."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.message import Message


async def due(session: AsyncSession, now: datetime) -> int:
    """Write the letters that are due in all servers and owe their delivery; return how many."""
    raise NotImplementedError


async def opened(session: AsyncSession, group_id: int, user_id: int, now: datetime) -> Message:
    """Return the newest letter with its names, for one of the group's facilitators only.

    UserError for anyone else. From this moment the names count as told.
    """
    raise NotImplementedError


async def delivered(session: AsyncSession, letter_id: int, now: datetime) -> None:
    """Note that a letter went out by DM: its names reached the facilitator."""
    raise NotImplementedError
