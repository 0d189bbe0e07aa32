"""Who may do what. Discord shows or hides a command; whether it is carried out is decided here."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.services import keeping_out
from models import Door, Facilitator, Group, GroupType, Membership, Server, Visit


async def server_row(
    session: AsyncSession, server_id: int, *, allow_paused: bool = False
) -> Server:
    """Return the server as it was set up.

    UserError when it was not, or when Hearth is paused there (unless `allow_paused`).
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None:
        raise UserError("errors.not_set_up")
    if server.paused_at is not None and not allow_paused:
        raise UserError("errors.paused")
    return server


async def is_owner(session: AsyncSession, actor: Actor) -> bool:
    """Return whether the actor has Manage Server or the role that setup names for owners."""
    if actor.manages_server:
        return True
    server = await session.get(Server, actor.server_id)
    return server is not None and server.owner_role_id in actor.role_ids


async def require_owner(session: AsyncSession, actor: Actor) -> None:
    """NotAllowed unless the actor is an owner of the server."""
    if not await is_owner(session, actor):
        raise NotAllowed("errors.owners_only")


async def require_facilitator(session: AsyncSession, actor: Actor, group_id: int) -> None:
    """NotAllowed unless the actor looks after the group, or owns the server, and it is not paused.

    An owner is one of this server's groups only: a button's id may name any group.
    """
    await server_row(session, actor.server_id)
    group = await session.get(Group, group_id)
    if group is None or group.server_id != actor.server_id:
        raise NotAllowed("errors.facilitators_only_there")
    if await is_owner(session, actor):
        return
    row = await session.get(Facilitator, (group_id, actor.user_id))
    if row is None or row.state != "active":
        if not await _may_be_named(session, actor, group):
            raise NotAllowed("errors.facilitators_only_there")
        raise NotAllowed("errors.facilitators_only", group=safe(group.name))


async def require_moderator(session: AsyncSession, actor: Actor) -> None:
    """NotAllowed unless the actor may moderate members, or owns the server."""
    if not actor.moderates_members and not await is_owner(session, actor):
        raise NotAllowed("errors.moderators_only")


async def listed(session: AsyncSession, group: Group) -> bool:
    """Return whether a group may be named outside its room."""
    type_ = await session.get_one(GroupType, group.type_id)
    return type_.listed


async def is_inside(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> bool:
    """Return whether somebody may be in a group's room by what Hearth gave them.

    Who lives there, visits, looks after the group, or comes by the door of the home next to it and
    is not shut out of that one by name.
    Not who may read every room of the server anyway.
    """
    home = await session.get(Membership, (server_id, user_id))
    lives = home.group_id if home is not None and home.state == "here" else None
    if lives == group_id:
        return True
    office = await session.get(Facilitator, (group_id, user_id))
    if office is not None and office.server_id == server_id and office.state == "active":
        return True
    visits = exists().where(
        Visit.server_id == server_id,
        Visit.group_id == group_id,
        Visit.user_id == user_id,
        Visit.ended_at.is_(None),
    )
    if await session.scalar(select(visits)):
        return True
    door = exists().where(Door.group_id == group_id, Door.for_group_id == lives)
    if lives is None or not await session.scalar(select(door)):
        return False
    kept_out = await keeping_out.read(session, server_id)
    if user_id not in kept_out.concerned:
        return True
    shut = await keeping_out.shut_out(session, server_id, kept_out, {group_id: {lives}})
    return user_id not in shut[group_id]


async def _may_be_named(session: AsyncSession, actor: Actor, group: Group) -> bool:
    """Return whether the actor may read the name: everybody that of a listed group."""
    if group.server_id != actor.server_id:
        return False
    if await listed(session, group):
        return True
    lives = exists().where(Membership.group_id == group.id, Membership.user_id == actor.user_id)
    visits = exists().where(
        Visit.group_id == group.id, Visit.user_id == actor.user_id, Visit.ended_at.is_(None)
    )
    return bool(await session.scalar(select(lives | visits)))
