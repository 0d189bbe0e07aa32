"""Merges: from the first look to people at one table, as rows that a restart finds again.

planned (facilitators of both groups are asked) → told (members may choose) → moving (rows have
changed, Discord follows) → done; or dropped. Each step is one transaction that leaves the rows
either before it or after it; `step_due` takes every open merge as far as it can go by now.

Where the parts are: who fits whom in `bot.rules.merging`, what the tables know of it in
`merge_sides`, those who decide in `merge_approval`, members and their choice in `merge_members`,
the move in `merge_moves`.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.merging import WORD_WAITS
from bot.rules.scope import GroupScope, MemberScope, Scope
from bot.services import merge_moves
from models import Membership, Merge, Server

log = logging.getLogger(__name__)

_OPEN = Merge.state.in_(("planned", "told"))
ANY_OPEN = exists().where(_OPEN)


@dataclass(frozen=True, slots=True)
class Moving:
    """A merge whose rows have changed: what must be as the tables say before it is done."""

    merge_id: int
    scopes: tuple[Scope, ...]


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Take all servers' open merges as far as they can go; return how many changed.

    Called by the tick: takes back what nobody answered, and runs what was told when its moment
    comes.
    """
    rows = await session.scalars(
        select(Merge)
        .join(Server, Server.id == Merge.server_id)
        .where(
            _OPEN,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Merge.id)
    )
    changed = 0
    for merge in rows.all():
        merge_id = merge.id
        try:
            async with session.begin_nested():
                changed += await _step(session, merge, now)
        except OperationalError:
            raise  # the disk, not the merge; SQLite may have ended the transaction already
        except Exception:
            # One merge that fails holds up neither the others nor the rest of the tick.
            log.exception("Merge %s could not go on; it will be tried again.", merge_id)
    return changed


async def _step(session: AsyncSession, merge: Merge, now: datetime) -> bool:
    if merge.state == "planned":
        if merge.planned_at + WORD_WAITS > now:
            return False
        merge.state, merge.closed_at = "dropped", now
        await session.flush()
        return True
    if merge.runs_at is None or merge.runs_at > now:
        return False
    await merge_moves.run(session, merge, now)
    return True


async def unsettled(session: AsyncSession, server_id: int) -> list[Moving]:
    """Return the merges of a server whose people may still have to be moved."""
    merges = await session.scalars(
        select(Merge)
        .where(Merge.server_id == server_id, Merge.state == "moving", Merge.closed_at.is_(None))
        .order_by(Merge.id)
    )
    found: list[Moving] = []
    for merge in merges.all():
        people = await session.scalars(
            select(Membership.user_id).where(Membership.group_id == merge.into_id)
        )
        found.append(
            Moving(
                merge.id,
                (
                    GroupScope(server_id, merge.group_id),
                    GroupScope(server_id, merge.into_id),
                    *(MemberScope(server_id, user_id) for user_id in people),
                ),
            )
        )
    return found


async def mark_done(session: AsyncSession, merge_id: int, now: datetime) -> None:
    """Note that Discord shows what a merge changed: nothing is left to move."""
    merge = await session.get(Merge, merge_id)
    if merge is not None and merge.state == "moving":
        merge.state, merge.closed_at = "done", now
        await session.flush()
