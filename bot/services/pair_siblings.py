"""Pairs across two groups that came out of each other: both sides say yes, either ends it.

Only groups that may be named outside their rooms are offered: each is named to the other.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import pair_messages
from bot.rules.actor import Actor
from bot.rules.pair_cards import Sibling
from bot.services import pairs, rights
from bot.services.outbox import owe
from models import Group, GroupType, Lineage, Pairing, Server


async def possible(session: AsyncSession, group: Group) -> Sequence[Sibling]:
    """Return the groups of the same lineage that pairs could be had together with."""
    if not await rights.listed(session, group):
        return ()
    parent = select(Lineage.parent_id).where(Lineage.child_id == group.id).scalar_subquery()
    related = select(Lineage.child_id).where(
        or_(Lineage.parent_id == group.id, Lineage.parent_id == parent)
    )
    found = await session.scalars(
        select(Group)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Group.server_id == group.server_id,
            or_(Group.id.in_(related), Group.id == parent),
            Group.id != group.id,
            Group.state != "archived",
            GroupType.listed,
        )
        .order_by(Group.name_key)
    )
    return [Sibling(one.id, one.name) for one in found.all()]


async def asking(session: AsyncSession, group_id: int) -> tuple[tuple[int, Sibling], ...]:
    """Return the pairings whose hosts would like this group to take part, with their groups."""
    return await _of_others(session, group_id, "asked")


async def with_them(session: AsyncSession, group_id: int) -> tuple[tuple[int, Sibling], ...]:
    """Return the pairings of other groups in which this one takes part, with their groups."""
    return await _of_others(session, group_id, "yes")


async def ask(
    session: AsyncSession, actor: Actor, pairing_id: int, sibling_id: int, now: datetime
) -> Group:
    """Ask those who look after a sibling whether its people take part; return it."""
    row = await pairs.row(session, actor.server_id, pairing_id)
    await rights.require_facilitator(session, actor, row.group_id)
    if row.state != "running":
        raise UserError("pairs.not_running")
    if row.sibling_state != "none":
        raise UserError("pairs.sibling_busy")
    server = await session.get_one(Server, row.server_id)
    if server.commons_id is None:
        raise UserError("pairs.no_commons")
    group = await session.get_one(Group, row.group_id)
    if sibling_id not in {one.group_id for one in await possible(session, group)}:
        raise UserError("pairs.no_sibling")
    row.sibling_id, row.sibling_state, row.sibling_asked_at = sibling_id, "asked", now
    await session.flush()
    return await session.get_one(Group, sibling_id)


async def decide(
    session: AsyncSession, actor: Actor, pairing_id: int, now: datetime, *, yes: bool
) -> int:
    """Answer for the sibling, and with a yes tell its room how to take part; return the sibling."""
    row = await _for_sibling(session, actor, pairing_id)
    sibling_id = row.sibling_id
    if sibling_id is None or row.sibling_state != "asked":
        raise UserError("pairs.sibling_taken")
    if yes:
        row.sibling_state = "yes"
        await _tell(session, row, sibling_id, now)
    else:
        _alone(row)
    await session.flush()
    return sibling_id


async def stop(session: AsyncSession, actor: Actor, pairing_id: int) -> int:
    """End it from either side, or take the question back; return the group of who did.

    Pairs across both that are open cannot go on, and hear so as always.
    """
    row = await pairs.row(session, actor.server_id, pairing_id)
    here = row.group_id
    if not await _may(session, actor, row.group_id):
        here = (await _for_sibling(session, actor, pairing_id)).sibling_id or row.group_id
    _alone(row)
    await session.flush()
    return here


async def _tell(session: AsyncSession, row: Pairing, sibling_id: int, now: datetime) -> None:
    """Tell both rooms that people of both groups can meet."""
    if row.host_id is None or row.next_due_at is None:
        return  # they rest; when they go on everybody finds them at /home
    named = {one.id: one.name for one in await _both(session, row.group_id, sibling_id)}
    for group_id, other_id in ((row.group_id, sibling_id), (sibling_id, row.group_id)):
        mark = f"{group_id}-{int(now.timestamp())}"
        await owe(
            session,
            server_id=row.server_id,
            kind="pair-starts",
            key=f"pair-starts:{row.id}:both:{mark}",
            place="room",
            group_id=group_id,
            message=pair_messages.started(
                row.id,
                mark,
                host_id=row.host_id,
                often=row.cadence,
                first_at=row.next_due_at,
                sibling=named[other_id],
            ),
            now=now,
        )


async def _both(session: AsyncSession, *group_ids: int) -> Sequence[Group]:
    return (await session.scalars(select(Group).where(Group.id.in_(group_ids)))).all()


def _alone(row: Pairing) -> None:
    row.sibling_id, row.sibling_state, row.sibling_asked_at = None, "none", None


async def _may(session: AsyncSession, actor: Actor, group_id: int) -> bool:
    try:
        await rights.require_facilitator(session, actor, group_id)
    except NotAllowed:
        return False
    return True


async def _for_sibling(session: AsyncSession, actor: Actor, pairing_id: int) -> Pairing:
    row = await pairs.row(session, actor.server_id, pairing_id)
    if row.sibling_id is None:
        raise UserError("pairs.sibling_taken")
    await rights.require_facilitator(session, actor, row.sibling_id)
    return row


async def _of_others(
    session: AsyncSession, group_id: int, state: str
) -> tuple[tuple[int, Sibling], ...]:
    rows = await session.execute(
        select(Pairing.id, Group.id, Group.name)
        .join(Group, Group.id == Pairing.group_id)
        .where(Pairing.sibling_id == group_id, Pairing.sibling_state == state)
        .order_by(Pairing.id)
    )
    return tuple((pairing, Sibling(other, name)) for pairing, other, name in rows)
