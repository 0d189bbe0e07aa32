"""Groups: made, given another charter, put to rest and opened again."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import naming
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.charter import Charter
from bot.rules.group_messages import charter_posted
from bot.rules.scope import GroupScope
from bot.services import log, rights, stages
from bot.services.outbox import owe
from models import Group, GroupType, Split, SplitChild


async def create(
    session: AsyncSession,
    actor: Actor,
    *,
    type_id: int,
    charter: Charter,
    now: datetime,
    room: Room | None = None,
) -> Group:
    """Make a group; its role and room follow after commit, and its charter is posted there.

    `room` says how many more groups Discord's limits take, as far as they are made (None: not
    known). For owners; UserError when two groups would share a name.
    """
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    type_ = await session.get(GroupType, type_id)
    if type_ is None or type_.server_id != actor.server_id:
        raise UserError("types.not_found")
    if room is not None and await still_fit(session, type_, room) <= 0:
        without = room.without_role - await promised(session, type_.server_id)
        without = (without - await promised_voice(session, type_.server_id)) // (1 + type_.voice)
        if type_.access == "role" and without > 0:
            raise UserError("groups.no_role_left", n=without)
        raise UserError("groups.no_room_left")
    group = await make(session, type_, charter, now)
    await _noted(session, actor, group, "group-create", now, after={"name": group.name})
    return group


async def make(session: AsyncSession, type_: GroupType, charter: Charter, now: datetime) -> Group:
    """Make a group without asking whether somebody may; UserError for a name that is taken."""
    group = Group(
        server_id=type_.server_id,
        type_id=type_.id,
        cap=type_.cap,
        homes=0,
        visitors=0,
        state="forming",
        created_at=now,
    )
    write_charter(group, charter)
    await free_name(session, type_.server_id, charter.name, None)
    try:
        async with session.begin_nested():
            session.add(group)
    except IntegrityError:
        raise UserError("groups.name_taken", group=naming.safe(charter.name)) from None
    note_after_commit(session, GroupScope(type_.server_id, group.id))
    await stages.review(session, group, now)
    await post_charter(session, group, now)
    return group


async def still_fit(session: AsyncSession, type_: GroupType, room: Room) -> int:
    """Return how many more groups of a type fit, those counted that are not made yet.

    A group of a type with voice rooms takes two of Discord's channels.
    """
    made_later = await promised(session, type_.server_id)
    rooms = room.without_role - made_later - await promised_voice(session, type_.server_id)
    fits = rooms // 2 if type_.voice else rooms
    return min(fits, room.by_role - made_later) if type_.access == "role" else fits


async def promised_voice(session: AsyncSession, server_id: int) -> int:
    """Return how many voice rooms will still be made: of groups there are, and of planned ones."""
    unmade = (
        select(func.count())
        .select_from(Group)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Group.server_id == server_id,
            Group.voice_id.is_(None),
            Group.state.in_(("forming", "open")),
            GroupType.voice,
        )
    )
    planned = (
        _planned(server_id)
        .join(Group, Group.id == Split.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(GroupType.voice)
    )
    return (await session.scalar(unmade) or 0) + (await session.scalar(planned) or 0)


async def promised(session: AsyncSession, server_id: int) -> int:
    """Return how many groups will still be made: without a room so far, or planned by a split."""
    unmade = select(func.count()).where(Group.server_id == server_id, Group.room_id.is_(None))
    planned = await session.scalar(_planned(server_id))
    return (await session.scalar(unmade) or 0) + (planned or 0)


def _planned(server_id: int) -> Select[int]:
    """Return the question how many groups the open splits of a server will make."""
    return (
        select(func.count())
        .select_from(Split)
        .join(SplitChild, (SplitChild.split_id == Split.id) & (SplitChild.index > 0))
        .where(Split.server_id == server_id, Split.state.in_(("planned", "told")))
    )


async def edit(
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    *,
    charter: Charter,
    now: datetime,
) -> Group:
    """Give a group another charter; its role and room follow, and the new charter is posted.

    Those who look after the group may change its words and where it lives; its name, emoji and
    colour are the owners' matter. A group that waited for the charter opens.
    """
    group = await of_server(session, actor.server_id, group_id)
    before = charter_of(group)
    anchors = (charter.name, charter.emoji, charter.colour)
    if anchors != (before.name, before.emoji, before.colour):
        await rights.require_owner(session, actor)
    elif not await rights.is_owner(session, actor):
        await rights.require_facilitator(session, actor, group_id)
    if charter == before:
        raise UserError("groups.nothing_changed")
    await free_name(session, actor.server_id, charter.name, group.id)
    write_charter(group, charter)
    await session.flush()
    note_after_commit(session, GroupScope(actor.server_id, group.id))
    await stages.review(session, group, now)
    was, became = log.changed(asdict(before), asdict(charter))
    await _noted(session, actor, group, "group-edit", now, before=was, after=became)
    if _said(charter) != _said(before):
        await post_charter(session, group, now)
    return group


async def rest(session: AsyncSession, actor: Actor, group_id: int, *, now: datetime) -> Group:
    """Let a group rest: nobody can move in, and everyone who lives there stays."""
    await rights.require_owner(session, actor)
    group = await of_server(session, actor.server_id, group_id)
    if group.archived_at is not None:
        raise UserError("stages.archived_already", group=naming.safe(group.name))
    if group.rests_since is not None:
        raise UserError("groups.rests_already", group=naming.safe(group.name))
    await stages.rest(session, group, now)
    await _noted(session, actor, group, "group-rest", now)
    return group


async def reopen(session: AsyncSession, actor: Actor, group_id: int, *, now: datetime) -> Group:
    """End a group's rest, or take it out of the archive."""
    await rights.require_owner(session, actor)
    group = await of_server(session, actor.server_id, group_id)
    if group.archived_at is not None:
        await stages.restore(session, group, now)
    elif group.rests_since is not None:
        await stages.wake(session, group, now)
    elif group.state == "forming":
        raise UserError("stages.forms_still", group=naming.safe(group.name))
    else:
        raise UserError("groups.open_already", group=naming.safe(group.name))
    await _noted(session, actor, group, "group-reopen", now)
    return group


async def of_server(session: AsyncSession, server_id: int, group_id: int) -> Group:
    """Return the group by its id; UserError when this server has none of it."""
    group = await session.get(Group, group_id)
    if group is None or group.server_id != server_id:
        raise UserError("groups.not_found")
    return group


def charter_of(group: Group) -> Charter:
    """Return the group's charter as it stands."""
    return Charter(
        name=group.name,
        purpose=group.purpose,
        emoji=group.emoji,
        colour=group.colour,
        for_whom=group.for_whom,
        norms=group.norms,
        unites=group.unites,
        language=group.language,
        zone=group.zone,
        city=group.city,
        venue=group.venue,
    )


def write_charter(group: Group, charter: Charter) -> None:
    """Let a row say what the charter says."""
    group.name, group.name_key = charter.name, naming.key(charter.name)
    group.emoji, group.colour = charter.emoji, charter.colour
    group.purpose, group.for_whom = charter.purpose, charter.for_whom
    group.unites, group.norms = charter.unites, charter.norms
    group.language, group.zone = charter.language, charter.zone
    group.city, group.venue = charter.city, charter.venue


def _said(charter: Charter) -> Charter:
    """Return what the room reads of a charter: all but the sign that the list of rooms shows."""
    return replace(charter, emoji="", colour=0)


async def post_charter(session: AsyncSession, group: Group, now: datetime) -> None:
    """Owe the group's charter to its room; it waits there until the room is made."""
    await owe(
        session,
        server_id=group.server_id,
        kind="charter",
        key=f"charter:{group.id}:{int(now.timestamp())}",
        place="room",
        group_id=group.id,
        message=charter_posted(group.id, charter_of(group), now),
        now=now,
    )


async def _noted(
    session: AsyncSession,
    actor: Actor,
    group: Group,
    action: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=group.id,
        before=before,
        after=after,
    )


async def free_name(session: AsyncSession, server_id: int, name: str, but_for: int | None) -> None:
    """UserError when another group has the name; a table's own constraint decides races."""
    taken = await session.scalar(
        select(func.count())
        .select_from(Group)
        .where(
            Group.server_id == server_id,
            Group.name_key == naming.key(name),
            Group.id != (but_for or 0),
        )
    )
    if taken:
        raise UserError("groups.name_taken", group=naming.safe(name))
