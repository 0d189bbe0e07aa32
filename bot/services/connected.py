"""When Hearth could hear a server. What lies between ages nobody.

One interval is open per server while Hearth is connected: begun at `opened`, extended by `heard`
once a minute, ended by `closed`. After a crash the last minute's end stands. Where the history of
a gap was read, `bridged` joins the intervals on its two sides.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.quiet import Span, merged
from models import Connected, Server


async def opened(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """Begin a new interval for each server that is set up: Hearth hears it from now on."""
    known = await session.scalars(select(Server.id).where(Server.id.in_(list(server_ids))))
    session.add_all(Connected(server_id=server, since=now, until=now) for server in known)
    await session.flush()


async def heard(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """Extend each server's last interval to `now`; called once a minute while connected.

    A server that was set up while Hearth was connected to it gets its first interval here.
    """
    ids = set(server_ids)
    last = await _last(session, ids)
    await session.execute(
        update(Connected)
        .where(Connected.id.in_(last.values()), Connected.until < now)
        .values(until=now)
    )
    await opened(session, ids - last.keys(), now)


async def closed(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """End each server's last interval at `now`: the connection is gone."""
    last = await _last(session, set(server_ids))
    await session.execute(
        update(Connected)
        .where(Connected.id.in_(last.values()), Connected.until < now)
        .values(until=now)
    )


async def bridged(session: AsyncSession, server_ids: Iterable[int]) -> None:
    """Join each server's last interval to the one before: the gap was read from history."""
    for server_id in server_ids:
        two = (
            await session.scalars(
                select(Connected)
                .where(Connected.server_id == server_id)
                .order_by(Connected.id.desc())
                .limit(2)
            )
        ).all()
        if len(two) == 2:
            newer, older = two
            newer.since = older.since
            await session.delete(older)
    await session.flush()


async def spans(session: AsyncSession, server_id: int) -> list[Span]:
    """Return the times in which Hearth heard the server, in order."""
    rows = await session.execute(
        select(Connected.since, Connected.until).where(Connected.server_id == server_id)
    )
    return merged((since, until) for since, until in rows)


async def _last(session: AsyncSession, server_ids: set[int]) -> dict[int, int]:
    """Return each server's last interval, by its id."""
    rows = await session.execute(
        select(Connected.server_id, func.max(Connected.id))
        .where(Connected.server_id.in_(server_ids))
        .group_by(Connected.server_id)
    )
    return {server_id: interval for server_id, interval in rows}  # noqa: C416 - rows are not pairs to the checker
