"""Who stands in a group's line, in order, and who of them could move in right now."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import brake
from bot.rules import membership as rules
from bot.rules.membership import Target
from bot.services import people, standing
from bot.settings import Settings
from models import Group, GroupType, Member, Membership, Server, Waiting


async def next_in_line(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    *,
    now: datetime,
    settings: Settings,
    most: int,
    before: int | None = None,
) -> list[int]:
    """Return who gets a group's next seats, at most so many: in order, and who may move in now.

    With `before` only those who stand in line ahead of that person; of somebody who does not stand
    in this line that is everybody.
    """
    found: list[int] = []
    rows = await session.execute(
        select(Waiting.user_id)
        .where(Waiting.group_id == group.id, Waiting.offered_at.is_(None))
        .order_by(Waiting.since, Waiting.user_id)
    )
    for (user_id,) in rows.all():
        if len(found) >= most or user_id == before:
            break
        if await may_enter(session, group, type_, user_id, now=now, settings=settings):
            found.append(user_id)
    return found


async def may_enter(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> bool:
    """Return whether someone in line could move in right now; seats are not looked at.

    Who stands in line was let into it: nobody is asked again. A seat is kept for nobody who is
    away: it would be gone before they are back, and their place is kept.
    """
    server = await session.get_one(Server, group.server_id)
    if brake.old_enough_at(user_id, server.brake_account_days, now) is not None:
        return False
    home = await session.get(Membership, (group.server_id, user_id))
    member = await session.get(Member, (group.server_id, user_id))
    if member is not None and _is_away(member, now):
        return False
    try:
        way = rules.way_in(
            Target(group.id, group.name, group.state, type_.entry),
            people.past(member, home),
            await standing.standing(session, group.server_id, user_id, group.id),
            now,
            people.bounds(settings),
            admitted=True,
        )
    except UserError:
        return False
    return way == "enter"


def _is_away(member: Member, now: datetime) -> bool:
    return member.away_from is not None and (member.away_until is None or member.away_until > now)
