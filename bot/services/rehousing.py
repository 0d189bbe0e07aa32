"""People of one group get their home in another, all at once: where groups join, or part."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import bridge_sources, goal_moves, seats, survival_counts, visits
from models import EntryRequest, Group, Invitation, Member, Membership, QuietEpisode


async def take_seats(
    session: AsyncSession, group: Group, count: int, *, though_shut: bool = False
) -> bool:
    """Take several seats of an open group at once; False, and none, when they are not all free.

    `though_shut`: also of a group that rests or waits for something, since owners say so.
    """
    shut = Group.archived_at.is_(None) if though_shut else Group.state == "open"
    taken = await session.scalar(
        update(Group)
        .where(Group.id == group.id, shut, Group.homes + Group.offered + count <= Group.cap)
        .values(homes=Group.homes + count)
        .returning(Group.homes)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(group, ["homes"])
    return taken is not None


async def move(
    session: AsyncSession, goes: Group, stays: Group, movers: Collection[int], now: datetime
) -> int:
    """Give everybody their new home in a group that others live in; return who has a key to move.

    The seats there are taken already. What they wanted of that group so far is over.
    """
    keys = await rehome(session, goes, stays, movers, now)
    for user_id in movers:
        await seats.leave_line(session, goes.server_id, user_id, stays.id)
        await visits.end_for(
            session, server_id=goes.server_id, user_id=user_id, group_id=stays.id, now=now
        )
    for table in (EntryRequest, Invitation):
        await session.execute(
            delete(table).where(table.group_id == stays.id, table.user_id.in_(movers))
        )
    return keys


async def rehome(
    session: AsyncSession, goes: Group, stays: Group, movers: Collection[int], now: datetime
) -> int:
    """Give everybody their new home; return how many of them have a key to move.

    The seats there are taken already. Since when someone lives in their home stays: this is no new
    beginning.
    """
    mine = Membership.group_id == goes.id, Membership.user_id.in_(movers)
    keys = await session.scalar(select(func.count()).where(*mine, Membership.state == "here"))
    homes = (await session.scalars(select(Membership).where(*mine))).all()
    await survival_counts.went_along(session, homes, now)
    for home in homes:
        home.group_id = stays.id
    await session.flush()
    await session.execute(
        update(Group)
        .where(Group.id == goes.id)
        .values(homes=Group.homes - len(movers))
        .execution_options(synchronize_session=False)
    )
    await session.refresh(goes, ["homes"])
    await session.execute(
        update(QuietEpisode)
        .where(QuietEpisode.group_id == goes.id, QuietEpisode.user_id.in_(movers))
        .values(group_id=stays.id)
    )
    await bridge_sources.went_along(session, goes.id, stays.id, movers)
    await goal_moves.follow(session, goes, stays, movers, now)
    return keys or 0


async def free_to_move(session: AsyncSession, server_id: int, people: Collection[int]) -> None:
    """Let everybody's next move be free, wherever they live now."""
    members = select(Member).where(Member.server_id == server_id, Member.user_id.in_(people))
    for member in await session.scalars(members):
        member.free_move = True
    await session.flush()
