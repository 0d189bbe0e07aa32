"""The waiting lists of full groups: one place per member, let in in order as seats come free."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import membership as rules
from bot.rules.membership import Full, Target
from bot.rules.naming import safe
from bot.services import membership, people, standing
from bot.services.groups import of_server
from bot.settings import Settings
from models import Group, GroupType, Membership, Server, Waiting


@dataclass(frozen=True, slots=True)
class Waits:
    """A place in line; `told`: counting will begin with the home, and the reply must say so."""

    group_id: int
    group: str
    place: int
    told: bool = False
    gave_up: str | None = None  # the group that they waited for until now


@dataclass(frozen=True, slots=True)
class LetIn:
    """Someone who moved in from the line."""

    user_id: int
    group_id: int


async def wait(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> Waits:
    """Stand in line for a seat in a full group.

    UserError when there is a seat after all, or when they could not move in anyway.
    """
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    home = await session.get(Membership, (server_id, user_id))
    way = rules.way_in(
        Target(group.id, group.name, group.state, type_.entry),
        people.past(await people.member(session, server_id, user_id), home),
        await standing.standing(session, server_id, user_id, group_id),
        now,
        people.bounds(settings),
    )
    if way == "ask":
        raise UserError("home.ask_first", group=safe(group.name))
    if way == "return" or group.homes < group.cap:
        raise UserError("home.seat_is_free", group=safe(group.name))
    row = await session.get(Waiting, (server_id, user_id))
    gave_up: str | None = None
    if row is None:
        session.add(Waiting(server_id=server_id, user_id=user_id, group_id=group_id, since=now))
    elif row.group_id != group_id:
        gave_up = (await session.get_one(Group, row.group_id)).name
        row.group_id, row.since = group_id, now
    await session.flush()
    return Waits(
        group_id=group.id,
        group=group.name,
        place=await standing.place(session, group_id, server_id, user_id),
        told=await people.consent(session, server_id, user_id, now),
        gave_up=gave_up,
    )


async def stop_waiting(session: AsyncSession, server_id: int, user_id: int) -> str | None:
    """Leave the line; return the group that was waited for, None if there was none."""
    row = await session.get(Waiting, (server_id, user_id))
    if row is None:
        return None
    group = await session.get_one(Group, row.group_id)
    await session.delete(row)
    await session.flush()
    return group.name


async def let_in(session: AsyncSession, now: datetime, settings: Settings) -> list[LetIn]:
    """Give free seats to those who wait, in order, in all servers; return who moved in.

    Called by the tick; servers that are paused wait too. Who may not move in right now (a
    cool-down, a bar, an apart) is passed over and keeps the place.
    """
    rows = await session.scalars(
        select(Waiting)
        .join(Group, Group.id == Waiting.group_id)
        .join(Server, Server.id == Waiting.server_id)
        .where(
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
            Group.state == "open",
            Group.homes < Group.cap,
        )
        .order_by(Waiting.group_id, Waiting.since, Waiting.user_id)
    )
    entered: list[LetIn] = []
    full: set[int] = set()
    for row in rows.all():
        server_id, group_id, user_id = row.server_id, row.group_id, row.user_id
        if group_id in full:
            continue
        try:
            await membership.join(session, server_id, user_id, group_id, now=now, settings=settings)
        except Full:
            full.add(group_id)
        except UserError:
            continue
        else:
            entered.append(LetIn(user_id, group_id))
    return entered
