"""Rooms that moderators lock: read by their people, written in by nobody until it is over."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import safety_cards
from bot.rules.actor import Actor
from bot.rules.naming import clean
from bot.rules.scope import GroupScope
from bot.services import groups, known_groups, log, rights
from bot.services.outbox import owe
from models import Group

LONGEST_REASON = 300


async def place_of(
    session: AsyncSession, actor: Actor, named: str | None, room_id: int | None
) -> Group:
    """Return the group that a moderator means: the named one, else the one whose room it is.

    Only a group that may be named is found by its name; one that is unlisted, in its own room.
    UserError when it is neither.
    """
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    if named is not None:
        return await known_groups.find(session, actor.server_id, named, for_user=actor.user_id)
    here = await in_room(session, actor.server_id, room_id)
    if here is None:
        raise UserError("safety.which_room")
    return here


async def in_room(session: AsyncSession, server_id: int, room_id: int | None) -> Group | None:
    """Return the group whose room, text or voice, this is."""
    if room_id is None:
        return None
    return await session.scalar(
        select(Group).where(
            Group.server_id == server_id, (Group.room_id == room_id) | (Group.voice_id == room_id)
        )
    )


async def locked_rooms(session: AsyncSession, server_id: int) -> list[int]:
    """Return the rooms that are locked now."""
    rows = await session.scalars(
        select(Group.room_id)
        .where(Group.server_id == server_id, Group.locked_at.is_not(None))
        .order_by(Group.locked_at)
    )
    return [room for room in rows if room is not None]


async def lock(
    session: AsyncSession, actor: Actor, group_id: int, reason: str, *, now: datetime
) -> bool:
    """Lock a group's room and say so in it, with a reason if there is one; False if it is locked.

    For moderators; the room follows when Hearth is not paused.
    """
    group = await _group(session, actor, group_id)
    if group.locked_at is not None:
        return False
    group.locked_at = now
    await session.flush()
    await _said(session, group, now, clean(reason, lines=True)[:LONGEST_REASON])
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="room-lock",
        now=now,
        group_id=group.id,
    )
    return True


async def unlock(session: AsyncSession, actor: Actor, group_id: int, *, now: datetime) -> bool:
    """Open a locked room again; False if it was not locked. For moderators."""
    group = await _group(session, actor, group_id)
    if group.locked_at is None:
        return False
    group.locked_at = None
    await session.flush()
    await _said(session, group, now, None)
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="room-unlock",
        now=now,
        group_id=group.id,
    )
    return True


async def _group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    return await groups.of_server(session, actor.server_id, group_id)


async def _said(session: AsyncSession, group: Group, now: datetime, reason: str | None) -> None:
    """Owe the room the line that says what it is now; `reason` None: it is open again."""
    note_after_commit(session, GroupScope(group.server_id, group.id))
    at = int(now.timestamp())
    await owe(
        session,
        server_id=group.server_id,
        kind="lock",
        key=f"{'unlock' if reason is None else 'lock'}:{group.id}:{at}",
        place="room",
        group_id=group.id,
        message=safety_cards.room_opened(at)
        if reason is None
        else safety_cards.room_locked(at, reason),
        now=now,
    )
