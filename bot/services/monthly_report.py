"""The monthly report: looked for hourly in the first days of a month, owed to the owners' room."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules import monthly
from bot.rules.actor import Actor
from bot.rules.group_maps import Map
from bot.rules.health_cards import Group
from bot.rules.monthly import Month
from bot.services import health, log, rights
from bot.services.health import ServerHealth
from bot.services.health_sights import map_of
from bot.services.outbox import owe
from models import MonthlyReport, Server

KIND = "monthly"
GOOD_FOR = timedelta(days=10)  # afterwards nobody wants to read it any more


async def look(database: Database, server_id: int, now: datetime) -> bool:
    """Owe a server's report if it is due; return whether it is owed now.

    Its figures are read first and looked at in a thread: that takes its time.
    """
    async with database.reading() as session:
        month = await _due(session, server_id, now)
        if month is None:
            return False
        found = await as_of(session, server_id, month)
        sights = await map_of(session, found)
    message = await asyncio.to_thread(
        monthly.message, month, found.lines, beside(found), _known(sights, found)
    )
    async with database.writing() as session:
        if await _due(session, server_id, now) != month:
            return False
        row = await _row(session, server_id)
        row.month = month.key
        if message is None:  # nothing to tell
            return False
        return await owe(
            session,
            server_id=server_id,
            kind=KIND,
            key=f"monthly:{month.key}",
            place="owners",
            message=message,
            now=now,
            expires_in=GOOD_FOR,
        )


async def switch(session: AsyncSession, actor: Actor, now: datetime, *, off: bool) -> None:
    """Have owners be told monthly, or no longer."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_owner(session, actor)
    row = await _row(session, actor.server_id)
    if row.off == off:
        return
    row.off = off
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="report-off" if off else "report-on",
        now=now,
    )


async def as_of(session: AsyncSession, server_id: int, month: Month) -> ServerHealth:
    """Return how a server and its groups were at the end of a month.

    Where its last week says nothing, because Hearth was away, the week before is told, and so on.
    """
    found = await health.of_server(session, server_id)
    weeks = month.week.window(monthly.MONTH_WEEKS)
    says = [week for week in weeks if monthly.anything(monthly.until(found.lines, week))]
    week = says[-1] if says else month.week
    known = found.week is not None and found.week >= week
    groups = tuple(
        health.GroupHealth(
            one.group_id,
            one.name,
            one.emoji,
            one.listed,
            one.homes,
            monthly.until(one.lines, week),
        )
        for one in found.groups
    )
    return ServerHealth(
        found.server_id, week if known else None, monthly.until(found.lines, week), groups
    )


def beside(found: ServerHealth) -> list[Group]:
    """Return a server's groups as they are shown outside their rooms: some without a name."""
    return [
        Group(one.group_id, one.name if one.listed else None, one.lines)
        for one in found.groups
        if one.lines
    ]


def _known(sights: Map | None, found: ServerHealth) -> Map | None:
    return sights if found.lines else None


async def _due(session: AsyncSession, server_id: int, now: datetime) -> Month | None:
    server = await session.get(Server, server_id)
    if server is None or server.owners_room_id is None or server.health_week is None:
        return None
    if server.paused_at is not None or server.removed_at is not None:
        return None
    row = await session.get(MonthlyReport, server_id)
    if row is not None and row.off:
        return None
    month = monthly.due(now, server.zone, None if row is None else row.month)
    # The month's last week is closed half a day after it ended, or when Hearth comes back.
    return None if month is None or server.health_week < month.week.key else month


async def _row(session: AsyncSession, server_id: int) -> MonthlyReport:
    row = await session.get(MonthlyReport, server_id)
    if row is None:
        row = MonthlyReport(server_id=server_id, off=False)
        session.add(row)
        await session.flush()
    return row
