"""How someone stands to a group: bars, people to be kept apart, invitations, alternatives."""

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.membership import Alternatives, Similar, Standing
from bot.services import pace
from models import (
    Apart,
    Bar,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Lineage,
    Membership,
    Removal,
    Visit,
    Waiting,
)


async def standing(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> Standing:
    """Return what speaks for or against someone entering a group."""
    pair = Apart.low_id, Apart.high_id
    barred = exists().where(
        Bar.server_id == server_id, Bar.user_id == user_id, Bar.group_id.in_((0, group_id))
    )
    apart = exists().where(
        Apart.server_id == server_id,
        or_(Apart.low_id == user_id, Apart.high_id == user_id),
        or_(
            exists().where(
                Membership.server_id == server_id,
                Membership.group_id == group_id,
                Membership.user_id.in_(pair),
                Membership.user_id != user_id,
            ),
            exists().where(
                Visit.server_id == server_id,
                Visit.group_id == group_id,
                Visit.ended_at.is_(None),
                Visit.user_id.in_(pair),
                Visit.user_id != user_id,
            ),
        ),
    )
    # Whoever looks after a group may live in it without asking those who do.
    invited = or_(
        exists().where(Invitation.group_id == group_id, Invitation.user_id == user_id),
        exists().where(
            Facilitator.group_id == group_id,
            Facilitator.user_id == user_id,
            Facilitator.state == "active",
        ),
    )
    shut = exists().where(
        Removal.server_id == server_id,
        Removal.user_id == user_id,
        Removal.group_id == group_id,
        Removal.shut,
    )
    row = (await session.execute(select(barred | shut, apart, invited))).one()
    return Standing(barred=row[0], apart=row[1], invited=row[2])


async def closed_to(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    """Return the groups that someone may not enter, by a bar or for somebody's sake, in one read.

    As `standing` says of each; 0 among them means every group.
    """
    met = select(Apart.low_id + Apart.high_id - user_id).where(
        Apart.server_id == server_id, or_(Apart.low_id == user_id, Apart.high_id == user_id)
    )
    found = await session.scalars(
        union_all(
            select(Bar.group_id).where(Bar.server_id == server_id, Bar.user_id == user_id),
            select(Removal.group_id).where(
                Removal.server_id == server_id,
                Removal.user_id == user_id,
                Removal.shut,
                Removal.group_id.is_not(None),
            ),
            select(Membership.group_id).where(
                Membership.server_id == server_id, Membership.user_id.in_(met)
            ),
            select(Visit.group_id).where(
                Visit.server_id == server_id, Visit.ended_at.is_(None), Visit.user_id.in_(met)
            ),
        )
    )
    return {group_id for group_id in found if group_id is not None}


async def alternatives(
    session: AsyncSession,
    group: Group,
    type_: GroupType,
    user_id: int,
    now: datetime,
    *,
    braked: bool = False,
) -> Alternatives:
    """Return what someone may do for whom `group` has no seat now.

    While moving in is `braked` in the whole server nothing helps but standing in line.
    """
    own = await session.get(Waiting, (group.server_id, user_id))
    at = await place(session, group.id, group.server_id, user_id)
    visits = type_.visits != "closed" and not braked
    return Alternatives(
        group_id=group.id,
        place=at,
        visit_days=type_.visit_days if visits else None,
        visit_asks=type_.visits == "request",
        waits=own is not None and own.group_id == group.id,
        weeks=None if braked else await pace.estimate(session, group, type_, at, now),
        similar=None if braked else await similar(session, group, type_.kind, user_id, now),
    )


async def place(session: AsyncSession, group_id: int, server_id: int, user_id: int) -> int:
    """Return the place in line that someone has, or would have if they began to wait now.

    Those for whom a seat is kept already are not counted.
    """
    own = await session.get(Waiting, (server_id, user_id))
    ahead = (
        select(func.count())
        .select_from(Waiting)
        .where(Waiting.group_id == group_id, Waiting.offered_at.is_(None))
    )
    if own is not None and own.group_id == group_id:
        ahead = ahead.where(
            or_(
                Waiting.since < own.since,
                and_(Waiting.since == own.since, Waiting.user_id < user_id),
            )
        )
    return (await session.scalar(ahead) or 0) + 1


async def similar(
    session: AsyncSession, group: Group, kind: str, user_id: int, now: datetime
) -> Similar | None:
    """Return a listed group with seats that is like this one: its kin first, then its type."""
    rows = await session.execute(
        select(Group, GroupType.id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Group.server_id == group.server_id,
            Group.id != group.id,
            Group.state == "open",
            GroupType.listed,
            GroupType.kind == kind,
            GroupType.entry != "invitation",
        )
    )
    seats = await pace.free_seats(session, group.server_id, now)
    others = [(other, type_id) for other, type_id in rows if seats.get(other.id)]
    if not others:
        return None
    kin = await _kin(session, group.id) if len(others) > 1 else set[int]()
    others.sort(key=lambda o: (o[0].id not in kin, o[1] != group.type_id, -seats[o[0].id], o[0].id))
    for other, _type_id in others:
        stands = await standing(session, group.server_id, user_id, other.id)
        if not stands.barred and not stands.apart:
            return Similar(other.id, other.name, other.emoji, seats[other.id])
    return None


async def _kin(session: AsyncSession, group_id: int) -> set[int]:
    """Return the ids of groups that came out of the same splits."""
    parents = set(
        await session.scalars(select(Lineage.parent_id).where(Lineage.child_id == group_id))
    )
    rows = await session.execute(
        select(Lineage.child_id, Lineage.parent_id).where(
            or_(
                Lineage.parent_id.in_(parents | {group_id}),
                Lineage.child_id.in_(parents),
            )
        )
    )
    return {one for pair in rows for one in pair} - {group_id}
