"""What shall go from Discord: messages that Hearth posted, and threads that it opened.

A row is written with what made the message untrue; the outbox follows it after commit. What is
gone already, by whoever's hand, is done with.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.services.outbox import OWED
from models import Server, Takedown

What = Literal["message", "thread"]

LAST = timedelta(days=30)  # then it is given up: nobody lets Hearth into that room any more
LATER_FIRST, LATER_MOST = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A message to be deleted, or a thread to be closed (`target_id` is then `channel_id`)."""

    id: int
    server_id: int
    what: What
    channel_id: int
    target_id: int


async def want(
    session: AsyncSession, *, server_id: int, channel_id: int, message_id: int, now: datetime
) -> None:
    """Have a message of Hearth's own deleted; wanting it twice is wanting it once."""
    await _want(session, _Target(server_id, "message", channel_id, message_id), now)


async def close_thread(
    session: AsyncSession, *, server_id: int, thread_id: int, now: datetime
) -> None:
    """Have a thread that Hearth opened archived and locked; whatever was written in it stays."""
    await _want(session, _Target(server_id, "thread", thread_id, thread_id), now)


@dataclass(frozen=True, slots=True)
class _Target:
    server_id: int
    what: What
    channel_id: int
    target_id: int


async def _want(session: AsyncSession, target: _Target, now: datetime) -> None:
    known = select(Takedown.id).where(
        Takedown.channel_id == target.channel_id,
        Takedown.target_id == target.target_id,
        Takedown.what == target.what,
    )
    if await session.scalar(known) is None:
        row = Takedown(
            server_id=target.server_id,
            what=target.what,
            channel_id=target.channel_id,
            target_id=target.target_id,
            wanted_at=now,
            due_at=now,
        )
        session.add(row)
        await session.flush()
    note_after_commit(session, OWED)


async def due(
    session: AsyncSession, now: datetime, *, most: int, busy: Collection[int] = ()
) -> list[Unwanted]:
    """Return what is to go now, oldest first; nothing of a paused server's.

    At most so many, and none of those `busy`: with these somebody is busy already.
    """
    rows = await session.scalars(
        select(Takedown)
        .join(Server, Server.id == Takedown.server_id)
        .where(
            Takedown.due_at <= now,
            Takedown.id.not_in(list(busy)),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Takedown.due_at, Takedown.id)
        .limit(most)
    )
    return [
        Unwanted(
            row.id,
            row.server_id,
            "thread" if row.what == "thread" else "message",
            row.channel_id,
            row.target_id,
        )
        for row in rows
    ]


async def done(session: AsyncSession, takedown_id: int) -> None:
    """Forget what is gone."""
    await session.execute(delete(Takedown).where(Takedown.id == takedown_id))


async def later(
    session: AsyncSession, takedown_id: int, now: datetime, wait: timedelta | None = None
) -> None:
    """Try again later: after `wait`, or a time that grows from a minute to six hours.

    What was tried for 30 days is given up. Time in which nobody tried, as of a pause, or while
    Hearth was away, does not count.
    """
    row = await session.get(Takedown, takedown_id)
    if row is None:
        return
    row.wanted_at += max(now - row.due_at, timedelta())
    if row.wanted_at <= now - LAST:
        await session.delete(row)
        await session.flush()
        return
    growing = min(LATER_FIRST * 2 ** min(row.attempts, 10), LATER_MOST)
    row.attempts += 1
    row.due_at = now + (growing if wait is None else wait)
    await session.flush()
