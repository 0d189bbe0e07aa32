"""Splits: from a full group to two or more, as rows that a restart finds again.

planned (facilitators look) → told (members may choose) → moving (rows have changed, Discord
follows) → done; or dropped. `look` makes plans, `step_due` takes every open split as far as it can
go by now. Both may be called at any moment, any number of times: each step is one transaction that
leaves the rows either before it or after it.

Where the parts are: the thinking in `bot.rules.splitting`, plans as rows in `split_plans`, those
who decide in `split_approval`, their word in `split_proposals`, moves by hand in `split_changes`,
members and their choice in `split_seats`, the move in `split_moves`.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database, note_after_commit
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.capacity import Room
from bot.rules.message import Message
from bot.rules.naming import safe
from bot.rules.scope import GroupScope, MemberScope, Scope
from bot.services import (
    limits,
    rights,
    split_approval,
    split_moves,
    split_plans,
    split_proposals,
    split_seats,
)
from bot.services.groups import of_server
from bot.settings import Settings
from models import Door, Group, GroupType, Server, Split, SplitChild, SplitSeat

log = logging.getLogger(__name__)

LOOKS_AGAIN = timedelta(days=1)  # whether there is a place now for what was told

_OPEN = Split.state.in_(("planned", "told"))
ANY_OPEN = exists().where(_OPEN)
_DOOR_OVER = Door.closes_at <= bindparam("now")
ANY_DOOR_DUE = exists().where(_DOOR_OVER)


@dataclass(frozen=True, slots=True)
class Moving:
    """A split whose rows have changed: what must be as the tables say before it is done."""

    split_id: int
    scopes: tuple[Scope, ...]


async def look(
    database: Database,
    server_id: int,
    now: datetime,
    settings: Settings,
    *,
    fits: Room | None = None,
) -> int:
    """Plan a split for each group at its cap that has none open; return how many were planned.

    Where `fits` says that Discord's limits leave no place for a further group, none is planned: a
    plan that could not be carried out would promise people a room that cannot be made. Those who
    would decide hear of it, and the group stays as it is: full. Plans that
    wait for a word are figured anew once a day. Takes the database, not a session: it
    reads in one scope, thinks in a thread while no transaction is open, and writes in another.
    """
    async with database.reading() as session:
        crowds, without_place = await split_plans.crowds(session, server_id, now, fits)
    if without_place:
        async with database.writing() as session:
            for group_id in without_place:
                await split_approval.no_place(session, group_id, now)
    planned = 0
    for crowd in crowds:
        plan = await asyncio.to_thread(crowd.plan)
        if plan is None:
            continue
        async with database.writing() as session:
            split = await split_plans.propose(session, crowd, plan, now, settings)
            if split is not None:
                await split_approval.show(session, split, now)
                planned += 1
    return planned


async def plan_early(
    database: Database, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Message:
    """Plan for a group that is not full, because somebody who looks after it would like to see it.

    Nobody else is asked or told before they suggest it. UserError where it could not part. Takes
    the database, as `look` does.
    """
    async with database.reading() as session:
        group = await of_server(session, actor.server_id, group_id)
        await rights.require_facilitator(session, actor, group_id)
        if await split_plans.open_split(session, group_id) is not None:
            return await split_approval.desk(session, actor, group_id)
        type_ = await session.get_one(GroupType, group.type_id)
        too_small = UserError("splits.early_too_small", group=safe(group.name), n=type_.minimum)
        if not await split_plans.could_part(session, group):
            raise too_small
        crowd = await split_plans.crowd(session, group_id, now)
    plan = await asyncio.to_thread(crowd.plan)
    if plan is None:
        raise too_small
    async with database.writing() as session:
        await split_plans.propose(session, crowd, plan, now, settings, early=True)
        return await split_approval.desk(session, actor, group_id)


async def step_due(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Take all servers' open splits as far as they can go; return how many changed.

    Called by the tick. Asks facilitators again, tells the members of groups that split by
    themselves, runs what was told when its moment comes, drops what has become pointless.
    """
    rows = await session.execute(
        select(Split, GroupType.splits)
        .join(Server, Server.id == Split.server_id)
        .join(Group, Group.id == Split.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            _OPEN,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Split.id)
    )
    changed = 0
    for split, by_whom in rows.all():
        split_id = split.id
        try:
            async with session.begin_nested():
                changed += await _step(session, split, now, settings, by_itself=by_whom == "auto")
        except OperationalError:
            raise  # the disk, not the split; SQLite may have ended the transaction already
        except Exception:
            # One split that fails holds up neither the others nor the rest of the tick.
            log.exception("Split %s could not go on; it will be tried again.", split_id)
    return changed


async def _step(
    session: AsyncSession, split: Split, now: datetime, settings: Settings, *, by_itself: bool
) -> bool:
    if await split_approval.drop_if_pointless(session, split, now):
        return True
    if split.state == "told":
        if split.runs_at is None or split.runs_at > now:
            return False
        if await limits.no_place(session, await session.get_one(Group, split.group_id)):
            # People would leave a room for one that cannot be made.
            split.runs_at = now + LOOKS_AGAIN
            await split_approval.no_place(session, split.group_id, now)
            return True
        await split_moves.run(session, split, now)
        return True
    if await split_proposals.early_is_due(session, split, now, settings):
        return True
    if split.ask_again_at is None or split.ask_again_at > now:
        return False
    if await split_proposals.advance(session, split, now, settings):
        return True
    if by_itself:
        await split_seats.tell_members(session, split, now)
    else:
        await split_approval.ask_again(session, split, now, settings)
    return True


async def unsettled(session: AsyncSession, server_id: int) -> list[Moving]:
    """Return the splits of a server whose people may still have to be moved."""
    splits = await session.scalars(
        select(Split)
        .where(Split.server_id == server_id, Split.state == "moving", Split.closed_at.is_(None))
        .order_by(Split.id)
    )
    found: list[Moving] = []
    for split in splits.all():
        groups = await session.scalars(
            select(SplitChild.group_id)
            .where(SplitChild.split_id == split.id, SplitChild.group_id.is_not(None))
            .order_by(SplitChild.index)
        )
        people = await session.scalars(
            select(SplitSeat.user_id).where(SplitSeat.split_id == split.id, SplitSeat.child > 0)
        )
        found.append(
            Moving(
                split.id,
                (
                    *(GroupScope(server_id, group_id) for group_id in groups if group_id),
                    *(MemberScope(server_id, user_id) for user_id in people),
                ),
            )
        )
    return found


async def mark_done(session: AsyncSession, split_id: int, now: datetime) -> None:
    """Note that Discord shows what a split changed: nothing is left to move."""
    split = await session.get(Split, split_id)
    if split is not None and split.state == "moving":
        split.state, split.closed_at = "done", now
        await session.flush()


async def doors_due(session: AsyncSession, now: datetime) -> int:
    """Close the doors between siblings whose 30 days are over; return how many."""
    doors = (await session.scalars(select(Door).where(_DOOR_OVER), {"now": now})).all()
    for door in doors:
        note_after_commit(session, GroupScope(door.server_id, door.group_id))
        await session.delete(door)
    await session.flush()
    return len(doors)
