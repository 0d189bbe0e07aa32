"""Questions whose post somebody deleted in the room of the group that is asked: they are over."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import ask_posts
from models import GroupAsk


async def concerns(session: AsyncSession, server_id: int, message_ids: Collection[int]) -> bool:
    """Return whether a question that is open stands in one of these messages."""
    open_ = exists().where(
        GroupAsk.server_id == server_id,
        GroupAsk.closed_at.is_(None),
        GroupAsk.there_message_id.in_(message_ids),
    )
    return bool(await session.scalar(select(open_)))


async def deleted(
    session: AsyncSession, server_id: int, message_ids: Collection[int], now: datetime
) -> int:
    """End the questions that nobody can answer any more; what was answered stays; return how many.

    A hand that deletes the post has decided so for the group; the question is not put anew.
    """
    rows = await session.scalars(
        select(GroupAsk).where(
            GroupAsk.server_id == server_id,
            GroupAsk.closed_at.is_(None),
            GroupAsk.there_message_id.in_(message_ids),
        )
    )
    over = rows.all()
    for row in over:
        await ask_posts.close(session, row, "ended", now)
    return len(over)
