"""Whether there is a seat for somebody right now, and taking it.

Seats, the week's pace, those who stand in line, and the brake of the whole server: who comes
through the open door passes all four. Who was offered a seat has it already.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import brake as brake_rules
from bot.rules.membership import Full, Why
from bot.services import braking, line, offers, pace, seats, standing
from bot.settings import Settings
from models import Group, GroupType, Server


async def hindrance(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> Why | None:
    """Return why there is no seat for someone in an open group now; None: there is one.

    Those in line who could move in come first; who may not, keeps nobody else out.
    """
    if await offers.open_offer_to(session, group, user_id, now):
        return None
    return await _hindrance(session, group, type_, user_id, now=now, settings=settings)


async def _hindrance(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
    locked: bool = False,
) -> Why | None:
    server = await session.get_one(Server, group.server_id)
    let_in = await braking.room(session, server, now, locked=locked)
    if let_in == 0:
        return "braked"
    free = group.cap - group.homes - group.offered
    if free <= 0:
        return "full" if group.homes >= group.cap else "kept"
    this_week = await pace.room(session, group, type_, now)
    if this_week == 0:
        return "paced"
    most = min(n for n in (free, let_in, this_week) if n is not None)
    ahead = await line.next_in_line(
        session, group, type_, now=now, settings=settings, most=most, before=user_id
    )
    return "kept" if len(ahead) >= most else None


async def take(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    """Take a seat for a newcomer, in the transaction that writes the membership; `Full` if not.

    The group's row is changed before its newcomers are counted again: of several who come at the
    same moment each sees those before, on every database.
    """
    if await seats.claim(session, group.server_id, user_id, group.id, now):
        if not await seats.take_kept(session, group.id):
            raise await full(session, group, type_, user_id, why="full", now=now)
        await pace.arrived(session, group, user_id, now)
        return
    why = await _hindrance(session, group, type_, user_id, now=now, settings=settings, locked=True)
    if why is None and not await seats.take_seat(session, group.id):
        why = "full"
    elif why is None and await pace.room(session, group, type_, now) == 0:
        await seats.untake_seat(session, group.id)
        why = "paced"
    if why is not None:
        raise await full(session, group, type_, user_id, why=why, now=now)
    await pace.arrived(session, group, user_id, now)
    server = await session.get_one(Server, group.server_id)
    await braking.someone_arrived(session, server, now)


async def full(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    why: Why,
    now: datetime,
) -> Full:
    """Return the answer for somebody for whom there is no seat, with what they may do instead."""
    braked = why == "braked"
    found = await standing.alternatives(session, group, type_, user_id, now, braked=braked)
    n = group.cap
    if why == "paced":
        n = type_.newcomers_per_week
    elif braked:
        server = await session.get_one(Server, group.server_id)
        until = server.braked_until
        if until is None or until <= now:
            until = now + brake_rules.HOUR
        n = int(until.timestamp())
    return Full(group.name, why, n, found)
