"""A group's charter, as one person may read it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import group_messages, living
from bot.rules.message import Button, Message
from bot.services import facilitators, greeting
from bot.services.groups import charter_of, of_server
from bot.services.known_groups import known
from models import Group, GroupType, Membership, SetupRole, Visit


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
    inside = await sees_room(session, group, user_id)
    buttons: list[Button] = []
    if inside:
        buttons.append(Button("living.who", f"living-who:{group.id}:0"))
        home = await session.get(Membership, (server_id, user_id))
        if home is not None and home.group_id == group.id and home.state == "here":
            greets = await greeting.greets(session, group.id, user_id)
            buttons.append(living.offer_button(group.id, greets=greets))
    return group_messages.charter_card(
        charter_of(group),
        facilitators=await facilitators.active(session, group.id),
        safety_roles=safety.all(),
        visitors_read_history=type_.visitors_read_history,
        inside=inside,
        buttons=buttons,
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
