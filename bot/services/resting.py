"""When a group rests: its own list of days on which its rituals are left out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import resting
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.resting import Reason, Rest
from bot.services import pair_rounds, rights
from bot.services.groups import of_server
from models import Group, GroupRest, Ritual, Server


@dataclass(frozen=True, slots=True)
class Resting:
    """When a group rests, in order; its days are those of `zone`."""

    group_id: int
    group: str
    rests: tuple[Rest, ...]
    zone: str


async def of_group(
    session: AsyncSession, group_id: int, *, since: date | None = None
) -> list[Rest]:
    """Return when a group rests, in order; `since`: leave out what was over by that day."""
    wanted = (
        select(GroupRest)
        .where(GroupRest.group_id == group_id)
        .order_by(GroupRest.first, GroupRest.last, GroupRest.id)
    )
    if since is not None:
        wanted = wanted.where(GroupRest.last >= since.isoformat())
    return [_rest(row) for row in await session.scalars(wanted)]


async def rests(session: AsyncSession, ritual: Ritual, at: datetime) -> bool:
    """Return whether a moment of a ritual lies on a day of rest, by the ritual's own calendar."""
    day = resting.local_day(at, ritual.zone).isoformat()
    found = await session.scalar(
        select(GroupRest.id)
        .where(GroupRest.group_id == ritual.group_id, GroupRest.first <= day, GroupRest.last >= day)
        .limit(1)
    )
    return found is not None


async def shown(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Resting:
    """Return when a group rests, from today on, to those who look after it."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    server = await session.get_one(Server, actor.server_id)
    rests = await of_group(session, group_id, since=resting.local_day(now, server.zone))
    return Resting(group_id, group.name, tuple(rests), server.zone)


async def add(
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    why: str,
    *,
    first: str,
    last: str,
    now: datetime,
) -> Rest:
    """Let a group rest on the days that were typed; what lies in them already becomes one rest.

    UserError when it has ended, has too many rests ahead, or for what cannot be read.
    """
    there = await shown(session, actor, group_id, now)
    await _not_archived(session, group_id)
    if why not in resting.REASONS:
        raise UserError("errors.expired")
    begins, ends = resting.read(first, last, now=now, zone=there.zone)
    for rest in there.rests:
        if (rest.first, rest.last, rest.why) == (begins, ends, why):
            return rest
    inside = [rest.id for rest in there.rests if begins <= rest.first and rest.last <= ends]
    if len(there.rests) - len(inside) >= resting.RESTS_MOST:
        raise UserError("resting.many", n=resting.RESTS_MOST)
    await session.execute(delete(GroupRest).where(GroupRest.id.in_(inside)))
    row = GroupRest(
        server_id=actor.server_id,
        group_id=group_id,
        first=begins.isoformat(),
        last=ends.isoformat(),
        why=why,
    )
    session.add(row)
    await session.flush()
    await pair_rounds.mind_rests(session, now, group_id)
    return _rest(row)


async def end(
    session: AsyncSession, actor: Actor, group_id: int, rest_id: int, now: datetime
) -> None:
    """Let a group rest no more on some days; what was left out already stays left out."""
    await shown(session, actor, group_id, now)
    await _not_archived(session, group_id)
    row = await session.get(GroupRest, rest_id)
    if row is None or row.group_id != group_id:
        raise NotAllowed("resting.gone")
    await session.delete(row)
    await session.flush()
    await pair_rounds.mind_rests(session, now, group_id)


async def copy(session: AsyncSession, group_id: int, child_id: int, *, now: datetime) -> None:
    """Let a group that comes from another rest when that one does: its people planned for it."""
    child = await session.get_one(Group, child_id)
    for rest in await of_group(session, group_id, since=now.date() - timedelta(days=1)):
        session.add(
            GroupRest(
                server_id=child.server_id,
                group_id=child.id,
                first=rest.first.isoformat(),
                last=rest.last.isoformat(),
                why=rest.why,
            )
        )
    await session.flush()


async def _not_archived(session: AsyncSession, group_id: int) -> None:
    group = await session.get_one(Group, group_id)
    if group.archived_at is not None:
        raise UserError("stages.archived_already", group=safe(group.name))


def _rest(row: GroupRest) -> Rest:
    return Rest(
        date.fromisoformat(row.first),
        date.fromisoformat(row.last),
        cast("Reason", row.why),
        row.id,
    )
