"""The waiting lists: one place per member, in the order in which they came.

Seats that come free are offered to those in line by `bot.services.offers`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import membership as rules
from bot.rules.membership import Target
from bot.rules.naming import safe
from bot.rules.pace import Weeks
from bot.services import braking, entering, pace, people, standing
from bot.services.groups import of_server
from bot.services.seats import leave_line
from bot.settings import Settings
from models import Group, GroupType, Membership, MissedOffer, SilentSeat, Waiting


@dataclass(frozen=True, slots=True)
class Waits:
    """A place in line, and how long it often takes (`weeks` None: nobody can tell yet)."""

    group_id: int
    group: str
    place: int
    weeks: Weeks | None = None
    gave_up: str | None = None  # the group that they waited for until now


async def wait(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> Waits:
    """Stand in line for a seat in a group that has none for them now.

    UserError when there is a seat after all, or when they could not move in anyway.
    """
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    home = await session.get(Membership, (server_id, user_id))
    await braking.require_old_enough(session, server_id, user_id, now)
    way = rules.way_in(
        Target(group.id, group.name, group.state, type_.entry),
        people.past(await people.member(session, server_id, user_id), home),
        await standing.standing(session, server_id, user_id, group_id),
        now,
        people.bounds(settings),
    )
    if way == "ask":
        raise UserError("home.ask_first", group=safe(group.name))
    if way == "return" or not await entering.hindrance(
        session, group, type_, user_id, now=now, settings=settings
    ):
        raise UserError("seats.is_free", group=safe(group.name))
    gave_up = await put_in_line(session, server_id, user_id, group_id, now)
    place = await standing.place(session, group_id, server_id, user_id)
    return Waits(
        group_id=group.id,
        group=group.name,
        place=place,
        weeks=await pace.estimate(session, group, type_, place, now),
        gave_up=gave_up,
    )


async def put_in_line(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, now: datetime
) -> str | None:
    """Let someone stand in a group's line, at its end; who stands there keeps the place.

    At its beginning, if their seat there went to others after a long silence.

    Return the group whose line they left for it, None if there was none.
    """
    row = await session.get(Waiting, (server_id, user_id))
    if row is not None and row.group_id == group_id:
        return None
    gave_up: str | None = None
    if row is not None:
        gave_up = (await session.get_one(Group, row.group_id)).name
        await leave_line(session, server_id, user_id)
    since = await _since(session, server_id, user_id, group_id, now)
    session.add(Waiting(server_id=server_id, user_id=user_id, group_id=group_id, since=since))
    await session.execute(
        delete(MissedOffer).where(
            MissedOffer.server_id == server_id, MissedOffer.user_id == user_id
        )
    )
    await session.flush()
    return gave_up


async def stop_waiting(session: AsyncSession, server_id: int, user_id: int) -> str | None:
    """Leave the line; return the group that was waited for, None if there was none."""
    left = await leave_line(session, server_id, user_id)
    if not left:
        return None
    return (await session.get_one(Group, left[0])).name


async def _since(
    session: AsyncSession, server_id: int, user_id: int, group_id: int, now: datetime
) -> datetime:
    """Return by which moment somebody new in a line is placed.

    Who had lived there until a long silence stands before all who have not.
    """
    lived = await session.get(SilentSeat, (server_id, user_id))
    if lived is None or lived.group_id != group_id or lived.freed_at is None:
        return now
    first = await session.scalar(
        select(func.min(Waiting.since)).where(
            Waiting.group_id == group_id,
            ~select(SilentSeat.user_id)
            .where(
                SilentSeat.server_id == server_id,
                SilentSeat.user_id == Waiting.user_id,
                SilentSeat.group_id == group_id,
                SilentSeat.freed_at.is_not(None),
            )
            .exists(),
        )
    )
    return now if first is None else min(now, first - timedelta(seconds=1))
