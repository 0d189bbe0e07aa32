"""What a person is shown of groups: the directory, one group, its charter."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import group_messages
from bot.rules.message import Message
from bot.services import facilitators
from bot.services.groups import charter_of, known, of_server
from models import Group, GroupType, Invitation, Membership, SetupRole, Visit

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the directory."""

    groups: tuple[group_messages.Shown, ...]
    page: int
    pages: int
    kind: str | None


async def charter(session: AsyncSession, server_id: int, group_id: int, user_id: int) -> Message:
    """Return a group's whole charter, to those who may know of the group."""
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    if group_id not in {found.id for found in await known(session, server_id, user_id)}:
        raise UserError("groups.not_found")
    safety = await session.scalars(
        select(SetupRole.role_id)
        .where(SetupRole.server_id == server_id, SetupRole.part == "safety")
        .order_by(SetupRole.role_id)
    )
    return group_messages.charter_card(
        charter_of(group),
        facilitators=await facilitators.active(session, group.id),
        safety_roles=safety.all(),
        visitors_read_history=type_.visitors_read_history,
        inside=await sees_room(session, group, user_id),
    )


async def sees_room(session: AsyncSession, group: Group, user_id: int) -> bool:
    """Return whether someone lives in the group, visits it, or looks after it."""
    home = await session.get(Membership, (group.server_id, user_id))
    if home is not None and home.group_id == group.id and home.state == "here":
        return True
    visits = select(Visit.id).where(
        Visit.group_id == group.id, Visit.user_id == user_id, Visit.ended_at.is_(None)
    )
    if await session.scalar(visits) is not None:
        return True
    return user_id in await facilitators.active(session, group.id)


async def group(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> Message:
    """Return one group of the directory, with what this person can do about it."""
    found = await of_server(session, server_id, group_id)
    if group_id not in {one.id for one in await known(session, server_id, user_id)}:
        raise UserError("groups.not_found")
    row = await session.get(Membership, (server_id, user_id))
    return group_messages.group_card(
        await _shown(session, found),
        charter_of(found),
        lives_here=row is not None and row.group_id == group_id and row.state == "here",
        invited=await session.get(Invitation, (group_id, user_id)) is not None,
    )


async def shelf(
    session: AsyncSession, server_id: int, user_id: int, *, page: int = 0, kind: str | None = None
) -> Shelf:
    """Return a page of the directory: open groups with seats first, then by name."""
    groups = [g for g in await known(session, server_id, user_id) if kind in {None, g.kind}]
    groups.sort(key=lambda g: not (g.state == "open" and g.seats))
    pages = max(1, -(-len(groups) // PER_PAGE))
    page = min(max(page, 0), pages - 1)
    here = groups[page * PER_PAGE : (page + 1) * PER_PAGE]
    rows = await session.scalars(select(Group).where(Group.id.in_([g.id for g in here])))
    by_id = {row.id: row for row in rows}
    return Shelf(tuple([await _shown(session, by_id[g.id]) for g in here]), page, pages, kind)


async def _shown(session: AsyncSession, row: Group) -> group_messages.Shown:
    type_ = await session.get_one(GroupType, row.type_id)
    return group_messages.Shown(
        group_id=row.id,
        name=row.name,
        emoji=row.emoji,
        purpose=row.purpose,
        type=type_.name,
        state=row.state,
        seats=max(row.cap - row.homes, 0),
        homes=row.homes,
        entry=type_.entry,
        visits=type_.visits,
        visit_days=type_.visit_days,
    )
