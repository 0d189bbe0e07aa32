"""What is kept for safety's sake: how long, and what is left of it when somebody is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from models import Appeal, Concern, ConcernReply, Removal


def past_their_time(now: datetime, settings: Settings) -> list[Delete[Any]]:
    """Return what erases the records whose time is over, with all that hangs on them.

    A concern that nobody closed goes after twice the time, counted from its last word.
    """
    closed = timedelta(days=settings.concerns_days)
    removed = timedelta(days=settings.removals_days)
    return [
        delete(Concern).where(
            or_(Concern.closed_at <= now - closed, Concern.last_at <= now - 2 * closed)
        ),
        delete(Removal).where(Removal.at <= now - removed, Removal.shut.is_(False)),
    ]


async def forget(session: AsyncSession, user_id: int, server_ids: Sequence[int]) -> None:
    """Erase someone's own words, and take their name off what they decided or answered.

    A door that is shut for them stays shut until its time is over: being forgotten is no way past
    it. What they were told and asked about it goes.
    """
    mine = Concern.user_id == user_id, Concern.server_id.in_(server_ids)
    await session.execute(
        delete(ConcernReply).where(ConcernReply.concern_id.in_(select(Concern.id).where(*mine)))
    )
    await session.execute(delete(Concern).where(*mine))
    await session.execute(
        delete(Appeal).where(Appeal.user_id == user_id, Appeal.server_id.in_(server_ids))
    )
    gone = Removal.user_id == user_id, Removal.server_id.in_(server_ids)
    await session.execute(delete(Removal).where(*gone, Removal.shut.is_(False)))
    await session.execute(update(Removal).where(*gone).values(reason=""))
    for table, nobody in ((Concern, None), (ConcernReply, None), (Appeal, None), (Removal, 0)):
        await session.execute(
            update(table)
            .where(table.by_user_id == user_id, table.server_id.in_(server_ids))
            .values(by_user_id=nobody)
        )
