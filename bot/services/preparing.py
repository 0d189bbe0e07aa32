"""What is got ready before a group is full: looked at weekly, shown to who looks after it.

Figures, names and whom one could ask are kept; who would go where is not. The moment the last seat
is taken the plan is made with all that is known then, and shown at once (`splits.look`).
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules import charter, naming, preparing
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.letter_parts import Section
from bot.rules.message import Message, say
from bot.rules.preparing import Ready
from bot.rules.split_messages import Child
from bot.rules.splitting import Plan
from bot.services import facilitators, group_names, rights, split_offices, split_plans
from bot.services.groups import of_server
from bot.settings import Settings
from models import (
    Arrival,
    Facilitator,
    FreedSeat,
    Group,
    Prepared,
    PreparedChild,
    Server,
    Split,
    Tie,
)

LOOKED_AT_FOR: Final = timedelta(days=7)

_FULL = and_(Group.homes >= Group.cap, Group.state == "open")
ANY_FULL = exists().where(Prepared.group_id == Group.id, _FULL)


async def look(database: Database, server_id: int, now: datetime) -> int:
    """Look at the groups of a server that are nearly full, each once a week; return how many.

    Takes the database, as `splits.look` does: it thinks in a thread while no transaction is open.
    """
    async with database.writing() as session:
        await _let_go(session, server_id)
        wanted = await _wanted(session, server_id, now)
    looked = 0
    for group_id in wanted:
        async with database.reading() as session:
            crowd = await split_plans.crowd(session, group_id, now)
        plan = await asyncio.to_thread(crowd.plan)
        if plan is None:
            continue
        async with database.writing() as session:
            looked += await _write(session, crowd, plan, now)
    return looked


async def _let_go(session: AsyncSession, server_id: int) -> None:
    """Erase what was got ready for groups that are no longer nearly full, or are about to part."""
    rows = await session.execute(
        select(Prepared.group_id, Group)
        .join(Group, Group.id == Prepared.group_id)
        .where(Prepared.server_id == server_id)
    )
    over = [
        group_id
        for group_id, group in rows.all()
        if group.state != "open"
        or not preparing.is_near(group.homes, group.cap)
        or await split_plans.open_split(session, group_id) is not None
    ]
    await session.execute(delete(Prepared).where(Prepared.group_id.in_(over)))


async def _wanted(session: AsyncSession, server_id: int, now: datetime) -> list[int]:
    """Return the groups that are nearly full, open and of nobody's concern yet, or not lately."""
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return []
    rows = await session.scalars(
        select(Group)
        .outerjoin(Prepared, Prepared.group_id == Group.id)
        .where(
            Group.server_id == server_id,
            Group.state == "open",
            Group.homes < Group.cap,
            or_(Prepared.group_id.is_(None), Prepared.looked_at <= now - LOOKED_AT_FOR),
        )
        .order_by(Group.id)
    )
    return [
        group.id
        for group in rows.all()
        if preparing.is_near(group.homes, group.cap)
        and await split_plans.open_split(session, group.id) is None
        and await split_plans.could_part(session, group)
    ]


async def _write(session: AsyncSession, of: split_plans.Crowd, plan: Plan, now: datetime) -> bool:
    """Keep the figures of a plan, with names and whom one could ask; False if it came too late."""
    group = await session.get(Group, of.group_id)
    if group is None or await split_plans.open_split(session, group.id) is not None:
        return False
    row = await session.get(Prepared, group.id)
    if row is None:
        row = Prepared(group_id=group.id, server_id=group.server_id)
        session.add(row)
    row.looked_at = now
    row.mean_share, row.kept_weight, row.stranded = (
        plan.mean_share,
        plan.kept_weight,
        plan.stranded,
    )
    await session.flush()
    known = {child.index: child for child in await children(session, group.id)}
    for index, size in enumerate(plan.sizes):
        child = known.pop(index, None)
        if child is None:
            emoji, name = (
                await group_names.spare_name(session, group) if index else (group.emoji, group.name)
            )
            child = PreparedChild(group_id=group.id, index=index, name=name, emoji=emoji)
            session.add(child)
        child.size = size
        people = {user_id for user_id, side in plan.sides.items() if side == index}
        child.facilitator_id = await split_offices.leader(
            session, group, people, of.ties, of.facilitators, now
        )
        await session.flush()
    for child in known.values():
        await session.delete(child)
    await session.flush()
    return True


async def children(session: AsyncSession, group_id: int) -> list[PreparedChild]:
    """Return the groups that a nearly full one would become, the one that keeps the room first."""
    rows = await session.scalars(
        select(PreparedChild)
        .where(PreparedChild.group_id == group_id)
        .order_by(PreparedChild.index)
    )
    return list(rows)


async def full(session: AsyncSession) -> list[int]:
    """Return the servers where a group for which something is ready has become full. Each minute.

    What is ready is used up by looking: a plan is made now, or as ever within the hour.
    """
    rows = await session.execute(
        select(Prepared.group_id, Prepared.server_id)
        .join(Group, Group.id == Prepared.group_id)
        .join(Server, Server.id == Prepared.server_id)
        .where(
            _FULL,
            Server.paused_at.is_(None),
            ~exists().where(Split.group_id == Group.id, Split.closed_at.is_(None)),
        )
        .order_by(Prepared.server_id)
    )
    return sorted({row.server_id for row in rows})


async def used_up(session: AsyncSession, server_id: int) -> None:
    """Erase what was ready for groups of a server that are full: a plan was made, or cannot be."""
    full_ = select(Group.id).where(Group.server_id == server_id, Group.homes >= Group.cap)
    await session.execute(delete(Prepared).where(Prepared.group_id.in_(full_)))


async def ready(session: AsyncSession, group: Group, now: datetime) -> Ready | None:
    """Return what is got ready for a group; None while there is nothing to get ready."""
    row = await session.get(Prepared, group.id)
    if (
        row is None
        or group.state != "open"
        or group.homes >= group.cap
        or not preparing.is_near(group.homes, group.cap)
        or await split_plans.open_split(session, group.id) is not None
    ):
        return None
    leads = await facilitators.active(session, group.id)
    asked = set(
        await session.scalars(select(Facilitator.user_id).where(Facilitator.group_id == group.id))
    )
    shown = [
        Child(
            group.name if not child.index else child.name,
            group.emoji if not child.index else child.emoji,
            child.size,
            # Who was asked already is not suggested once more.
            child.facilitator_id
            if child.facilitator_id in leads or child.facilitator_id not in asked
            else None,
            agreed=child.facilitator_id in leads,
        )
        for child in await children(session, group.id)
    ]
    return Ready(
        group_id=group.id,
        group=group.name,
        homes=group.homes,
        cap=group.cap,
        weeks=await _weeks(session, group, now),
        children=tuple(shown),
        kept_weight=row.kept_weight,
        stranded=row.stranded,
        counted=bool(await session.scalar(select(exists().where(Tie.group_id == group.id)))),
    )


async def _weeks(session: AsyncSession, group: Group, now: datetime) -> int | None:
    since = max(group.opened_at or group.created_at, now - preparing.LOOKED_BACK)
    came, left = [
        await session.scalar(
            select(func.count()).where(table.group_id == group.id, table.at > since)
        )
        for table in (Arrival, FreedSeat)
    ]
    return preparing.weeks_until_full(
        group.cap - group.homes, arrived=came or 0, freed=left or 0, watched=now - since
    )


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk says of a group that is nearly full."""
    del actor, settings
    found = await ready(session, group, now)
    return () if found is None else preparing.desk_part(found)


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return what a facilitator's letter says of a group that is nearly full."""
    del office
    found = await ready(session, group, now)
    return None if found is None else preparing.section(found)


async def card(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return what is ready, to those who look after the group."""
    return preparing.card(await _ready_for(session, actor, group_id, now))


async def _ready_for(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Ready:
    await rights.server_row(session, actor.server_id)
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    found = await ready(session, group, now)
    if found is None:
        raise NotAllowed("prepare.gone")
    return found


async def ask(
    session: AsyncSession, actor: Actor, group_id: int, user_id: int, now: datetime
) -> Message:
    """Ask somebody who would lead one of the groups to come to look after the one there is."""
    await _ready_for(session, actor, group_id, now)
    done = await facilitators.ask(
        session,
        server_id=actor.server_id,
        group_id=group_id,
        user_id=user_id,
        now=now,
        actor=actor,
    )
    return say("prepare.asked" if done else "prepare.asked_before", user=user_id)


async def to_name(
    session: AsyncSession, actor: Actor, group_id: int, index: int, now: datetime
) -> PreparedChild:
    """Return the group to come that somebody is about to name; UserError where there is none."""
    await _ready_for(session, actor, group_id, now)
    child = await session.get(PreparedChild, (group_id, index))
    if child is None or not index:
        raise NotAllowed("prepare.gone")
    return child


async def name_it(  # noqa: PLR0917 - who names which, how, when
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    index: int,
    name: str,
    emoji: str,
    now: datetime,
) -> Message:
    """Give a group to come its name and sign, for when it comes."""
    child = await to_name(session, actor, group_id, index, now)
    wanted = charter.name(name)
    sign = charter.emoji(emoji) if emoji.strip() else child.emoji
    group = await session.get_one(Group, group_id)
    taken = await group_names.taken_names(session, group)
    if naming.key(wanted) in taken and naming.key(wanted) != naming.key(child.name):
        raise UserError("splits.name_taken", name=naming.safe(wanted))
    child.name, child.emoji = wanted, sign
    await session.flush()
    return say("prepare.named", emoji=sign, name=naming.safe(wanted))
