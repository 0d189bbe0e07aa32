"""Invitations: a facilitator opens the door for one person, who may come or say nothing."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.facilitation import invitation, invited_line
from bot.rules.message import Message
from bot.rules.naming import safe
from bot.services import removals, rights, standing
from bot.services.groups import of_server
from bot.services.outbox import owe
from models import GroupType, Invitation, Membership


async def invite(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> None:
    """Invite someone into a group, to live there or to visit; they find a neutral line.

    UserError for someone who lives there or may not enter. An invitation is erased after 30 days.
    """
    await rights.require_facilitator(session, actor, group_id)
    await _goes_on(session, actor, group_id)
    await _invite(session, actor.server_id, group_id, user_id, now, by_user_id=actor.user_id)


async def let_in(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> str:
    """Invite someone who was given the group's role by hand; return the group's name.

    For moderators. An invitation and not a home: who moves in does so by their own press, and is
    told then what is counted. UserError as above.
    """
    await rights.server_row(session, actor.server_id)
    await rights.require_moderator(session, actor)
    await _goes_on(session, actor, group_id)
    await _invite(session, actor.server_id, group_id, user_id, now, by_user_id=actor.user_id)
    return (await of_server(session, actor.server_id, group_id)).name


async def left_out(session: AsyncSession, actor: Actor, *, group_id: int) -> str:
    """Leave out someone who was given a group's role by hand; return the group's name."""
    await rights.require_moderator(session, actor)
    return (await of_server(session, actor.server_id, group_id)).name


async def of_their_own_wish(
    session: AsyncSession,
    server_id: int,
    group_id: int,
    user_id: int,
    now: datetime,
    *,
    by_user_id: int,
    told_at: datetime | None = None,
) -> bool:
    """Invite someone who said that they would move in; False where that cannot be.

    Rights are the caller's matter: `by_user_id` is who wanted them to be asked. Their /home says it
    at once, the line in the commons at `told_at` (None: at once, too).
    """
    try:
        await _invite(
            session, server_id, group_id, user_id, now, by_user_id=by_user_id, told_at=told_at
        )
    except UserError:
        return False
    return True


async def _goes_on(session: AsyncSession, actor: Actor, group_id: int) -> None:
    """UserError for a group that has ended: nobody is invited into an archive."""
    group = await of_server(session, actor.server_id, group_id)
    if group.archived_at is not None:
        raise UserError("stages.archived_already", group=safe(group.name))


async def _invite(
    session: AsyncSession,
    server_id: int,
    group_id: int,
    user_id: int,
    now: datetime,
    *,
    by_user_id: int,
    told_at: datetime | None = None,
) -> None:
    await of_server(session, server_id, group_id)
    home = await session.get(Membership, (server_id, user_id))
    if home is not None and home.group_id == group_id:
        raise UserError("desk.invited_lives", user=user_id)
    await removals.invited(session, server_id, user_id, group_id)
    stands = await standing.standing(session, server_id, user_id, group_id)
    if stands.barred or stands.apart:
        raise UserError("desk.invited_barred")
    await session.merge(
        Invitation(
            group_id=group_id,
            user_id=user_id,
            server_id=server_id,
            by_user_id=by_user_id,
            at=now,
        )
    )
    await session.flush()
    at = int(now.timestamp())
    await owe(
        session,
        server_id=server_id,
        kind="invitation",
        key=f"invitation:{group_id}:{user_id}:{at}",
        place="commons",
        group_id=group_id,
        user_id=user_id,
        message=invited_line(group_id, user_id, at),
        now=now,
        due_at=told_at,
    )


async def shown(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return the invitation to the one it is for."""
    row = await session.get(Invitation, (group_id, actor.user_id))
    if row is None or row.server_id != actor.server_id:
        raise UserError("desk.invitation_gone")
    group = await of_server(session, actor.server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    return invitation(group.id, group.name, visits=type_.visits != "closed")
