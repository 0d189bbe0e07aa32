"""Who may be in a circle, and the ties among them: read in pieces, so that the loop goes on.

Only people who pressed *Suggest me* are looked at, and only ties between two of them: of groups
that may be named, and of the commons where the owners have them counted. Rooms of identity groups,
and of groups that are listed nowhere, are left out as if nothing had been said there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    case,
    exists,
    func,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.rules import ties
from bot.rules.circle_offers import PEACE
from bot.rules.communities import Floats, Ints
from bot.services.id_chunks import chunks
from models import (
    Bar,
    Circle,
    CircleMember,
    CommonsTie,
    Group,
    GroupType,
    Member,
    Membership,
    Server,
    Tie,
    Wish,
)

AT_ONCE = 2_000  # rows between two turns of the loop


@dataclass(frozen=True, slots=True)
class Web:
    """Ties among people who want to be suggested groups; `people` is how many may be in a circle.

    Each pair once per place, with what its ties are worth now.
    """

    people: int
    low: Ints
    high: Ints
    weight: Floats


async def read(session: AsyncSession, server: Server, now: datetime) -> Web:
    """Return the ties among those who may be in a circle now."""
    people = select(func.count()).select_from(may_be(server.id, now).subquery())
    low, high = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    weight = [np.zeros(0)]
    for wanted in await _ties(session, server, now):
        rows = await session.stream(wanted.execution_options(yield_per=AT_ONCE))
        async for part in rows.partitions():
            low.append(np.fromiter((row[0] for row in part), np.int64, len(part)))
            high.append(np.fromiter((row[1] for row in part), np.int64, len(part)))
            weight.append(np.fromiter((row[2] for row in part), np.float64, len(part)))
    return Web(
        await session.scalar(people) or 0,
        np.concatenate(low),
        np.concatenate(high),
        np.concatenate(weight),
    )


def may_be(server_id: int, now: datetime) -> Select[int]:
    """Return the statement for who may be in a circle: they want to, are here, and not barred.

    Whoever is being asked is not, nor who was asked lately and did not say yes.
    """
    barred = exists().where(
        Bar.server_id == server_id, Bar.user_id == Member.user_id, Bar.group_id == 0
    )
    held = exists().where(
        Membership.server_id == server_id,
        Membership.user_id == Member.user_id,
        Membership.state == "held",
    )
    asked = (
        select(CircleMember.user_id)
        .join(Circle, Circle.id == CircleMember.circle_id)
        .where(
            Circle.server_id == server_id,
            CircleMember.user_id == Member.user_id,
            Circle.offered_at.is_not(None),
            Circle.closed_at.is_(None)
            | ((CircleMember.answer != "yes") & (Circle.offered_at > now - PEACE)),
        )
        .exists()
    )
    return select(Member.user_id).where(
        Member.server_id == server_id,
        Member.suggested_since.is_not(None),
        Member.counted_since.is_not(None),
        Member.opted_out_at.is_(None),
        Member.left_at.is_(None),
        ~barred,
        ~held,
        ~asked,
    )


async def _ties(
    session: AsyncSession, server: Server, now: datetime
) -> list[Select[int, int, float]]:
    """Return the statements for what ties are worth now, of groups and of the commons."""
    weeks = await session.scalars(
        union_all(
            select(Tie.week).where(Tie.server_id == server.id).distinct(),
            select(CommonsTie.week).where(CommonsTie.server_id == server.id).distinct(),
        )
    )
    worth = {week: ties.faded(1.0, week, now) for week in weeks}
    if not worth:
        return []
    named = (
        select(Group.id)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server.id, GroupType.listed, GroupType.kind != "identity")
    )
    found = [_summed(Tie, server.id, worth, now, Tie.group_id.in_(named))]
    if server.counts_commons:
        found.append(_summed(CommonsTie, server.id, worth, now))
    return found


def _summed(
    table: type[Tie | CommonsTie],
    server_id: int,
    worth: dict[str, float],
    now: datetime,
    *which: ColumnElement[bool],
) -> Select[int, int, float]:
    low, high = (
        aliased(may_be(server_id, now).subquery()),
        aliased(may_be(server_id, now).subquery()),
    )
    faded = type_coerce(func.sum(table.weight * case(worth, value=table.week, else_=0.0)), Float)
    return (
        select(table.low_id, table.high_id, faded)
        .join(low, low.c.user_id == table.low_id)
        .join(high, high.c.user_id == table.high_id)
        .where(table.server_id == server_id, *which)
        .group_by(table.low_id, table.high_id)
    )


async def rather_not(session: AsyncSession, server_id: int) -> list[tuple[int, int]]:
    """Return who would rather not live with whom, as (whose wish it is, the other)."""
    rows = await session.execute(
        select(Wish.user_id, Wish.other_id).where(Wish.server_id == server_id, Wish.kind == "apart")
    )
    return [(row[0], row[1]) for row in rows]


async def homes(session: AsyncSession, server_id: int, user_ids: Sequence[int]) -> dict[int, int]:
    """Return the group that each of some people lives in, for those who live in one."""
    found: dict[int, int] = {}
    for ids in chunks(user_ids):
        rows = await session.execute(
            select(Membership.user_id, Membership.group_id).where(
                Membership.server_id == server_id,
                Membership.user_id.in_(ids),
                Membership.state == "here",
            )
        )
        found.update((row[0], row[1]) for row in rows)
    return found
