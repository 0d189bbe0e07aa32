"""When Hearth could hear a server. What lies between ages nobody.

One interval is open per server while Hearth is connected: begun at `opened`, extended by `heard`
once a minute, ended by `closed`. After a crash the last minute's end stands. Where the history of
a gap was read, `gap_read` notes the gap as read: it ages those whose signs of life are messages.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.quiet import Hearing, Span, merged
from models import Connected, Server

NO_GAP = timedelta(minutes=5)  # a restart; nobody's patience is measured in minutes


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
    if new := ids - last.keys():
        await opened(session, new, now)


async def closed(session: AsyncSession, server_ids: Iterable[int], now: datetime) -> None:
    """End each server's last interval at `now`: the connection is gone."""
    last = await _last(session, set(server_ids))
    await session.execute(
        update(Connected)
        .where(Connected.id.in_(last.values()), Connected.until < now)
        .values(until=now)
    )


async def gap_read(session: AsyncSession, server_ids: Iterable[int]) -> None:
    """Note that the gap before each server's last interval was read from its rooms' history.

    A gap of a few minutes is none: the two intervals become one.
    """
    for server_id in server_ids:
        two = (
            await session.scalars(
                select(Connected)
                .where(Connected.server_id == server_id, ~Connected.read)
                .order_by(Connected.id.desc())
                .limit(2)
            )
        ).all()
        if len(two) < 2:
            continue
        newer, older = two
        if newer.since - older.until <= NO_GAP:
            newer.since = older.since
            await session.delete(older)
        else:
            session.add(
                Connected(server_id=server_id, since=older.until, until=newer.since, read=True)
            )
    await session.flush()


async def hearing(session: AsyncSession, server_id: int) -> Hearing:
    """Return the times in which Hearth heard the server, and those that it read of."""
    rows = await session.execute(
        select(Connected.since, Connected.until, Connected.read).where(
            Connected.server_id == server_id
        )
    )
    live: list[Span] = []
    every: list[Span] = []
    for since, until, read in rows:
        every.append((since, until))
        if not read:
            live.append((since, until))
    return Hearing(merged(live), merged(every))


async def _last(session: AsyncSession, server_ids: set[int]) -> dict[int, int]:
    """Return each server's last interval, by its id."""
    rows = await session.execute(
        select(Connected.server_id, func.max(Connected.id))
        .where(Connected.server_id.in_(server_ids), ~Connected.read)
        .group_by(Connected.server_id)
    )
    return {server_id: interval for server_id, interval in rows}  # noqa: C416 - rows are not pairs to the checker
