"""What the tables know of two groups that may become one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import merging
from bot.rules.merge_cards import Half, Outline
from bot.rules.merging import Bond, Side
from bot.rules.visits import OVERWRITES_OF_HEARTH
from bot.services.groups import charter_of
from models import (
    Apart,
    Bar,
    Door,
    Group,
    GroupType,
    Lineage,
    Membership,
    Merge,
    Removal,
    Server,
    SetupRole,
    Split,
    Visit,
)

LATELY = timedelta(days=30)


async def both(session: AsyncSession, merge: Merge) -> tuple[Group, Group]:
    """Return the group that moves and the one that stays."""
    goes = await session.get_one(Group, merge.group_id)
    return goes, await session.get_one(Group, merge.into_id)


async def side(session: AsyncSession, group: Group, now: datetime | None = None) -> Side:
    """Return what a merge needs to know of one group; `now` where its time zone matters."""
    type_ = await session.get_one(GroupType, group.type_id)
    server = await session.get_one(Server, group.server_id)
    guests = await session.scalar(
        select(func.count()).where(Visit.group_id == group.id, Visit.ended_at.is_(None))
    )
    guards = await session.scalar(
        select(func.count()).where(
            SetupRole.server_id == group.server_id, SetupRole.part == "safety"
        )
    )
    doors = await session.scalar(
        select(func.count()).where(or_(Door.group_id == group.id, Door.for_group_id == group.id))
    )
    zone = ZoneInfo(group.zone or server.zone)
    offset = now.astimezone(zone).utcoffset() if now is not None else None
    return Side(
        group_id=group.id,
        type_id=type_.id,
        kind=type_.kind,
        access=type_.access,
        listed=type_.listed,
        state=group.state,
        homes=group.homes,
        offered=group.offered,
        cap=group.cap,
        minimum=type_.minimum,
        visitors=guests or 0,
        guards=OVERWRITES_OF_HEARTH + (guards or 0) + (doors or 0),
        locked=group.locked_at is not None,
        language=group.language or server.language,
        hours=0.0 if offset is None else offset.total_seconds() / 3600,
    )


async def suggested(session: AsyncSession, group: Group, now: datetime) -> dict[int, Bond]:
    """Return the groups that one could merge with, the best first, and what they share.

    None that is about to merge or split, and none where somebody could not come along: to those
    who look after a group, what moderators decided about anyone is not given away.
    """
    busy = {
        one
        for row in await session.execute(
            select(Merge.group_id, Merge.into_id).where(
                Merge.server_id == group.server_id, Merge.closed_at.is_(None)
            )
        )
        for one in row
    }
    busy |= set(
        await session.scalars(
            select(Split.group_id).where(
                Split.server_id == group.server_id, Split.closed_at.is_(None)
            )
        )
    )
    if group.id in busy:
        return {}
    kin = await _kin(session, group.id)
    visits = await _visits(session, group, now)
    rows = await session.scalars(
        select(Group)
        .where(
            Group.server_id == group.server_id,
            Group.id != group.id,
            Group.id.not_in(busy),
            Group.state == "open",
            Group.locked_at.is_(None),
        )
        .order_by(Group.id)
    )
    others = [
        (await side(session, other, now), Bond(other.id in kin, visits.get(other.id, 0)))
        for other in rows.all()
    ]
    mine = await side(session, group, now)
    found: dict[int, Bond] = {}
    for other, bond in merging.ranked(mine, others, most=len(others)):
        goes, stays = merging.moves(mine, other)
        if not await left_behind(session, goes.group_id, stays.group_id):
            found[other.group_id] = bond
        if len(found) == merging.MOST_SHOWN:
            break
    return found


async def bonds(
    session: AsyncSession, group: Group, now: datetime
) -> tuple[set[int], dict[int, int]]:
    """Return a group's kin by splits, and how many people of either lately visited each other."""
    return await _kin(session, group.id), await _visits(session, group, now)


async def left_behind(session: AsyncSession, goes_id: int, stays_id: int) -> set[int]:
    """Return who cannot come along: barred there, or whom they must not meet lives there.

    As `services.standing` says of each, but for guests: those go when the two become one.
    """
    goes = await session.get_one(Group, goes_id)
    mine = select(Membership.user_id).where(Membership.group_id == goes_id)
    theirs = select(Membership.user_id).where(Membership.group_id == stays_id)
    found = await session.scalars(
        union_all(
            select(Bar.user_id).where(
                Bar.server_id == goes.server_id,
                Bar.group_id.in_((0, stays_id)),
                Bar.user_id.in_(mine),
            ),
            select(Removal.user_id).where(
                Removal.server_id == goes.server_id,
                Removal.group_id == stays_id,
                Removal.shut,
                Removal.user_id.in_(mine),
            ),
            select(Apart.low_id).where(
                Apart.server_id == goes.server_id,
                Apart.low_id.in_(mine),
                Apart.high_id.in_(theirs),
            ),
            select(Apart.high_id).where(
                Apart.server_id == goes.server_id,
                Apart.high_id.in_(mine),
                Apart.low_id.in_(theirs),
            ),
        )
    )
    return set(found)


async def days(session: AsyncSession, goes: Group, stays: Group) -> int:
    """Return how many days lie between the notice and the move: the longer of what both take."""
    types = [await session.get_one(GroupType, group.type_id) for group in (goes, stays)]
    return max(1, *(type_.split_delay_days for type_ in types))


async def outline(
    session: AsyncSession,
    goes: Group,
    stays: Group,
    now: datetime,
    *,
    here: int,
    merge: Merge | None = None,
    mine: bool = False,
    by_owner: bool = False,
) -> Outline:
    """Return a merge as those see it who decide; `here` is the group whose card it is."""
    kin = stays.id in await _kin(session, goes.id)
    visits = (await _visits(session, goes, now)).get(stays.id, 0)
    over = merge is not None and merge.state in {"moving", "done"}
    return Outline(
        goes=await _half(session, goes, merge.moved if merge is not None and over else None),
        stays=await _half(session, stays),
        bond=Bond(kin, visits),
        days=await days(session, goes, stays),
        merge_id=None if merge is None else merge.id,
        state="thought" if merge is None else merge.state,
        goes_agreed=merge is not None and merge.group_agreed_at is not None,
        stays_agreed=merge is not None and merge.into_agreed_at is not None,
        mine=mine,
        runs_at=None if merge is None else merge.runs_at,
        left=0 if over else len(await left_behind(session, goes.id, stays.id)),
        by_owner=by_owner,
        here=here,
    )


async def _half(session: AsyncSession, group: Group, homes: int | None = None) -> Half:
    type_ = await session.get_one(GroupType, group.type_id)
    lived_in = group.homes if homes is None else homes
    return Half(group.id, charter_of(group), lived_in, group.cap, type_.name)


async def _visits(session: AsyncSession, group: Group, now: datetime) -> dict[int, int]:
    """Return how many people of a group and each other visited the other one lately."""
    lately = Visit.started_at > now - LATELY
    lives = (Membership.server_id == Visit.server_id) & (Membership.user_id == Visit.user_id)
    there = (
        select(Visit.group_id, func.count(func.distinct(Visit.user_id)))
        .join(Membership, lives)
        .where(Membership.group_id == group.id, Visit.group_id != group.id, lately)
        .group_by(Visit.group_id)
    )
    here = (
        select(Membership.group_id, func.count(func.distinct(Visit.user_id)))
        .join(Membership, lives)
        .where(Visit.group_id == group.id, Membership.group_id != group.id, lately)
        .group_by(Membership.group_id)
    )
    found: dict[int, int] = {}
    for wanted in (there, here):
        for other, count in (await session.execute(wanted)).all():
            found[other] = found.get(other, 0) + count
    return found


async def _kin(session: AsyncSession, group_id: int) -> set[int]:
    """Return the groups that came out of the same splits: parents, children and siblings."""
    rows = await session.execute(
        select(Lineage.child_id, Lineage.parent_id).where(
            or_(Lineage.child_id == group_id, Lineage.parent_id == group_id)
        )
    )
    near = {one for row in rows for one in row} | {group_id}
    siblings = await session.scalars(
        select(Lineage.child_id).where(
            Lineage.parent_id.in_(select(Lineage.parent_id).where(Lineage.child_id == group_id))
        )
    )
    return (near | set(siblings)) - {group_id}
