"""Who looks after the children of a split: whoever does already, else who is asked, one by one.

A no leaves no trace; the next is asked, until nobody is left of whom anything speaks for it. Then
the room itself is asked who would.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import care_pauses, facilitators, seeking, ties, volunteers
from models import Facilitator, Group, Member, Membership, Server, Split, SplitChild

ANSWERS_WITHIN: Final = timedelta(days=5)  # then somebody else is asked, too
LOOKED_FOR: Final = timedelta(days=30)  # after the groups parted


async def candidate(
    session: AsyncSession,
    server_id: int,
    people: Collection[int],
    weights: Sequence[tuple[int, int, float]],
    now: datetime,
    *,
    first: Sequence[int] = (),
    passed_over: Collection[int] = (),
) -> int | None:
    """Return whom to ask to look after these people: of `first`, else the most tied, who could.

    Not who is in `passed_over`, away, whose seat is only kept, who wants not to be counted, or who
    already looks after a group or was asked to. None where nobody has any tie.
    """
    sums: dict[int, float] = {}
    for low, high, weight in weights:
        if low in people and high in people:
            sums[low] = sums.get(low, 0.0) + weight
            sums[high] = sums.get(high, 0.0) + weight
    wanted = [user_id for user_id in first if user_id in people]
    wanted += sorted(sums, key=lambda user_id: (-sums[user_id], user_id))
    able = await _able(session, server_id, wanted, now) - set(passed_over)
    return next((user_id for user_id in wanted if user_id in able), None)


async def _able(
    session: AsyncSession, server_id: int, people: Collection[int], now: datetime
) -> set[int]:
    """Return who of these people may be asked."""
    if not people:
        return set()
    here = select(Membership.user_id).where(
        Membership.server_id == server_id,
        Membership.user_id.in_(people),
        Membership.state == "here",
    )
    busy = select(Facilitator.user_id).where(
        Facilitator.server_id == server_id, Facilitator.user_id.in_(people)
    )
    unwilling = select(Member.user_id).where(
        Member.server_id == server_id,
        Member.user_id.in_(people),
        or_(
            Member.away_from.is_not(None)
            & (Member.away_until.is_(None) | (Member.away_until > now)),
            Member.opted_out_at.is_not(None),
        ),
    )
    able = set(await session.scalars(here))
    return able - {*await session.scalars(busy), *await session.scalars(unwilling)}


async def leader(  # noqa: PLR0917 - where, who lives there, who talks with whom, who does it now
    session: AsyncSession,
    group: Group,
    people: Collection[int],
    weights: Sequence[tuple[int, int, float]],
    offices: Sequence[int],
    now: datetime,
    *,
    keep: int | None = None,
) -> int | None:
    """Return who would look after a child made of these people, else who might be asked to.

    `offices` are those who look after the group now, longest first; `keep` who was thought of so
    far.
    """
    for user_id in offices:
        if user_id in people:
            return user_id
    return await candidate(
        session,
        group.server_id,
        people,
        weights,
        now,
        first=[
            *([] if keep is None else [keep]),
            *await volunteers.willing_or_fit(session, group.id, now),
        ],
        passed_over=await care_pauses.paused(session, group.id, now),
    )


async def ask_for(
    session: AsyncSession,
    split: Split,
    rows: Collection[SplitChild],
    sides: Mapping[int, int],
    now: datetime,
) -> None:
    """Ask someone to look after a child that nobody looks after, and nobody was asked to."""
    for row in rows:
        group = await session.get_one(Group, row.group_id or split.group_id)
        active = await facilitators.active(session, group.id)
        if active:
            row.facilitator_id = active[0]
            continue
        people = {user_id for user_id, side in sides.items() if side == row.index}
        await _ask_somebody(session, split, row, group, people, now)
    await session.flush()


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Ask the next where a child of a young split has nobody yet; return how many were. Hourly.

    Who has not answered within five days is still asked, but no longer waited for.
    """
    rows = await session.execute(
        select(SplitChild, Split, Group)
        .join(Split, Split.id == SplitChild.split_id)
        .join(Group, Group.id == SplitChild.group_id)
        .join(Server, Server.id == Split.server_id)
        .where(
            Split.moved_at > now - LOOKED_FOR,
            Split.undone_at.is_(None),
            Group.archived_at.is_(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Split.id, SplitChild.index)
    )
    asked = 0
    for row, split, group in rows.all():
        offices = await facilitators.list_(session, split.server_id, group_id=group.id)
        if any(one.state != "asked" or one.since > now - ANSWERS_WITHIN for one in offices):
            continue
        lives = await session.scalars(
            select(Membership.user_id).where(Membership.group_id == group.id)
        )
        if await _ask_somebody(session, split, row, group, set(lives), now):
            asked += 1
        elif not offices:
            await seeking.seek(session, group, now, alone=True)
    return asked


async def _ask_somebody(  # noqa: PLR0917 - whose child, which group, who lives there, when
    session: AsyncSession,
    split: Split,
    row: SplitChild,
    group: Group,
    people: Collection[int],
    now: datetime,
) -> bool:
    """Ask the next candidate for a child; False where there is none to ask."""
    passed_over = await care_pauses.paused(session, group.id, now)
    planned = [] if row.facilitator_id is None else [row.facilitator_id]
    who = await candidate(
        session,
        split.server_id,
        people,
        await ties.weights(session, group.id, now),
        now,
        first=[*planned, *await volunteers.willing_or_fit(session, group.id, now)],
        passed_over=passed_over | await care_pauses.paused(session, split.group_id, now),
    )
    row.facilitator_id = who
    if who is None:
        return False
    return await facilitators.ask(
        session, server_id=split.server_id, group_id=group.id, user_id=who, now=now
    )
