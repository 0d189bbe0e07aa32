"""Who looks after a group: asked privately, free to say no without a trace and to stop today."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import facilitation
from bot.rules.actor import Actor
from bot.rules.facilitation import Load
from bot.rules.naming import safe
from bot.rules.scope import HouseScope, MemberScope
from bot.services import (
    care_pauses,
    log,
    office_keys,
    people,
    rights,
    rota,
    seeking,
    stages,
    standing,
)
from bot.services.outbox import owe
from models import Facilitator, Group, Membership


@dataclass(frozen=True, slots=True)
class Office:
    """One person's office in one group; `state` is asked, offered or active."""

    group_id: int
    group: str
    user_id: int
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Began:
    """An office that began; `opened`: the group had waited for it, `counted`: counting begins."""

    group_id: int
    group: str
    lives_there: bool = True
    opened: bool = False
    counted: bool = False


async def active(session: AsyncSession, group_id: int) -> list[int]:
    """Return the ids of those who look after the group, longest first."""
    found = await session.scalars(
        select(Facilitator.user_id)
        .where(Facilitator.group_id == group_id, Facilitator.state == "active")
        .order_by(Facilitator.since, Facilitator.user_id)
    )
    return list(found)


async def list_(
    session: AsyncSession,
    server_id: int,
    *,
    group_id: int | None = None,
    user_id: int | None = None,
) -> list[Office]:
    """Return the offices of a server, or of one group or person in it, by group name.

    What was asked and not answered yet is among them; show that to owners and the asked only.
    """
    wanted = (
        select(Facilitator, Group.name)
        .join(Group, Group.id == Facilitator.group_id)
        .where(Facilitator.server_id == server_id)
        .order_by(Group.name_key, Facilitator.since, Facilitator.user_id)
    )
    if group_id is not None:
        wanted = wanted.where(Facilitator.group_id == group_id)
    if user_id is not None:
        wanted = wanted.where(Facilitator.user_id == user_id)
    return [
        Office(row.group_id, name, row.user_id, row.state, row.since)
        for row, name in await session.execute(wanted)
    ]


async def pending(session: AsyncSession, server_id: int, user_id: int) -> list[Office]:
    """Return the questions that wait for this person's yes or no; /home shows them too."""
    return [o for o in await list_(session, server_id, user_id=user_id) if o.state == "asked"]


async def ask(
    session: AsyncSession,
    *,
    server_id: int,
    group_id: int,
    user_id: int,
    now: datetime,
    actor: Actor | None = None,
) -> bool:
    """Ask someone to look after a group; False if they were asked before or do so already.

    The person finds a neutral line in the group's room, and the question behind its button and in
    /home. `actor` is who wants it, an owner or a facilitator of the group; None when Hearth itself
    asks. Owners may also ask someone who lives elsewhere or nowhere: a yes gives them a key, and
    their line stands in the commons. UserError where that cannot be. Somebody who offered to do it
    is not asked again: the office begins.
    """
    if actor is not None:
        await rights.require_facilitator(session, actor, group_id)
    group = await _group(session, server_id, group_id)
    if group.archived_at is not None:
        raise UserError("stages.archived_already", group=safe(group.name))
    known = await session.get(Facilitator, (group_id, user_id))
    if known is not None:
        if known.state != "offered":
            return False
        await begin(session, known, group, now)
        if actor is not None:
            await _noted(session, actor, "facilitator-ask", group, user_id, now)
        return True
    here = await lives_in(session, group, user_id)
    if not here:
        if actor is None or not await rights.is_owner(session, actor):
            raise UserError("facilitators.lives_elsewhere", user=user_id, group=safe(group.name))
        stands = await standing.standing(session, server_id, user_id, group_id)
        if stands.barred or stands.apart:
            raise UserError("facilitators.not_possible", user=user_id, group=safe(group.name))
    session.add(
        Facilitator(
            group_id=group_id, user_id=user_id, server_id=server_id, state="asked", since=now
        )
    )
    await session.flush()
    await care_pauses.pause(
        session, server_id=server_id, group_id=group_id, user_id=user_id, now=now
    )
    asked_at = int(now.timestamp())
    await owe(
        session,
        server_id=server_id,
        kind="question",
        key=f"question:{group_id}:{user_id}:{asked_at}",
        place="room" if here else "commons",
        group_id=group.id,
        user_id=user_id,
        message=facilitation.waits_in_room(user_id, asked_at),
        now=now,
    )
    if actor is not None:
        await _noted(session, actor, "facilitator-ask", group, user_id, now)
    return True


async def accept(
    session: AsyncSession, *, server_id: int, group_id: int, user_id: int, now: datetime
) -> Began:
    """Take the office that was offered; UserError if the question was withdrawn meanwhile."""
    group = await _group(session, server_id, group_id)
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None or row.state == "offered":
        raise UserError("facilitators.question_gone")
    if row.state == "active":
        return Began(group.id, group.name, lives_there=await lives_in(session, group, user_id))
    return await begin(session, row, group, now)


async def begin(session: AsyncSession, row: Facilitator, group: Group, now: datetime) -> Began:
    """Let an office begin: the key, if they live elsewhere, and the group that waited for it opens.

    UserError when no key can be had: they may not enter, or the room takes no further visitor.
    """
    row.state, row.since = "active", now
    group.seeks_facilitator_since = None
    await session.flush()
    counted = False
    here = await lives_in(session, group, row.user_id)
    if not here:
        if not await office_keys.give(session, row, now):
            raise UserError("facilitators.no_key", group=safe(group.name))
        counted = await people.consent(session, row.server_id, row.user_id, now)
    before = group.state
    await stages.review(session, group, now)
    note_after_commit(session, MemberScope(row.server_id, row.user_id))
    note_after_commit(session, HouseScope(row.server_id))  # the facilitators' room opens
    return Began(
        group.id,
        group.name,
        lives_there=here,
        opened=before == "forming" and group.state == "open",
        counted=counted,
    )


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Prolong the keys of those who look after a group from elsewhere. Hourly.

    Whose key somebody took has no office any more; the owners' room is told.
    """
    for office in await office_keys.renew(session, now):
        group = await session.get_one(Group, office.group_id)
        await _ended(session, office, group, now, moved_out=True)


async def lives_in(session: AsyncSession, group: Group, user_id: int) -> bool:
    """Return whether someone's home is this group, and they are there."""
    home = await session.get(Membership, (group.server_id, user_id))
    return home is not None and home.group_id == group.id and home.state == "here"


async def load(session: AsyncSession, server_id: int, user_id: int) -> Load:
    """Return how much one person looks after in a server; what is archived is no work."""
    found = await session.execute(
        select(func.count(), func.coalesce(func.sum(Group.homes), 0))
        .select_from(Facilitator)
        .join(Group, Group.id == Facilitator.group_id)
        .where(
            Facilitator.server_id == server_id,
            Facilitator.user_id == user_id,
            Facilitator.state == "active",
            Group.state != "archived",
        )
    )
    groups, homes = found.one()
    return Load(groups, int(homes))


async def decline(session: AsyncSession, *, server_id: int, group_id: int, user_id: int) -> None:
    """Say no: the question disappears, and nobody is told.

    UserError for who said yes before: an office ends at the desk, where the owners are told.
    """
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None or row.server_id != server_id:
        return
    if row.state == "active":
        group = await _group(session, server_id, group_id)
        raise UserError("facilitators.said_yes", group=safe(group.name))
    await session.delete(row)
    await session.flush()


async def remove(
    session: AsyncSession, actor: Actor, *, group_id: int, user_id: int, now: datetime
) -> None:
    """End someone's office, or take the question back; for owners."""
    await rights.require_owner(session, actor)
    group = await _group(session, actor.server_id, group_id)
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None:
        raise UserError("facilitators.not_one", user=user_id, group=safe(group.name))
    await session.delete(row)
    await session.flush()
    await office_keys.take_back(
        session, server_id=group.server_id, group_id=group.id, user_id=user_id, now=now
    )
    if not await lives_in(session, group, user_id):  # else they may host as anybody there does
        await rota.leaves(session, server_id=group.server_id, user_id=user_id, group_id=group.id)
    await stages.review(session, group, now)
    await _noted(session, actor, "facilitator-remove", group, user_id, now)
    note_after_commit(session, MemberScope(actor.server_id, user_id))
    note_after_commit(session, HouseScope(actor.server_id))


async def step_down(
    session: AsyncSession, *, server_id: int, group_id: int, user_id: int, now: datetime
) -> int:
    """End one's own office today, successor or not; return how many facilitators remain.

    The owners' room is told; a group that nobody looks after any more is asked who would.
    """
    group = await _group(session, server_id, group_id)
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None or row.state != "active":
        raise UserError("facilitators.not_you")  # unnamed: it may not be listed
    left = await _ended(session, row, group, now)
    note_after_commit(session, MemberScope(server_id, user_id))
    return left


async def moved_out(session: AsyncSession, *, group_id: int, user_id: int, now: datetime) -> None:
    """End the office, or the question, of someone who left the group; the owners' room is told."""
    row = await session.get(Facilitator, (group_id, user_id))
    if row is None:
        return
    if row.state == "active":
        await _ended(session, row, await session.get_one(Group, group_id), now, moved_out=True)
        return
    await session.delete(row)
    await session.flush()


async def gone(
    session: AsyncSession, server_id: int, user_id: int, now: datetime | None = None
) -> None:
    """Take someone who left the server or wants to be forgotten out of every office.

    With `now` the owners' room is told of each; without, nothing names the person once more.
    """
    mine = Facilitator.server_id == server_id, Facilitator.user_id == user_id
    if now is not None:
        for row in (await session.scalars(select(Facilitator).where(*mine))).all():
            await moved_out(session, group_id=row.group_id, user_id=user_id, now=now)
    await session.execute(delete(Facilitator).where(*mine))
    note_after_commit(session, HouseScope(server_id))
    await rota.leaves(session, server_id=server_id, user_id=user_id)


async def _ended(
    session: AsyncSession, row: Facilitator, group: Group, now: datetime, *, moved_out: bool = False
) -> int:
    """End an office and owe the owners' room the line about it; return how many remain."""
    user_id = row.user_id
    await session.delete(row)
    await session.flush()
    note_after_commit(session, HouseScope(group.server_id))
    await office_keys.take_back(
        session, server_id=group.server_id, group_id=group.id, user_id=user_id, now=now
    )
    if not await lives_in(session, group, user_id):  # else they may host as anybody there does
        await rota.leaves(session, server_id=group.server_id, user_id=user_id, group_id=group.id)
    await stages.review(session, group, now)
    left = len(await active(session, group.id))
    asked = not left and await seeking.seek(session, group, now, alone=True)
    at = int(now.timestamp())
    if await rights.listed(session, group):
        message = facilitation.stepped_down(
            group.id, group.name, user_id, left=left, at=at, moved_out=moved_out, asked=asked
        )
    else:
        message = facilitation.stepped_down_unlisted(group.id, at)
    await owe(
        session,
        server_id=group.server_id,
        kind="stepped-down",
        key=f"stepped-down:{group.id}:{user_id}:{at}",
        place="owners",
        group_id=group.id,
        user_id=user_id,
        message=message,
        now=now,
    )
    return left


async def _noted(  # noqa: PLR0917 - what the owners' log says
    session: AsyncSession, actor: Actor, action: str, group: Group, user_id: int, now: datetime
) -> None:
    await log.note(
        session,
        server_id=group.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=group.id,
        user_id=user_id,
    )


async def _group(session: AsyncSession, server_id: int, group_id: int) -> Group:
    group = await session.get(Group, group_id)
    if group is None or group.server_id != server_id:
        raise UserError("facilitators.no_such_group")
    return group
