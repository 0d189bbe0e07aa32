"""[I'd like to be with…]: people whom a member of a splitting group names, and what comes of it.

Naming somebody moves nobody but who named them, and not before the time to choose is over. Those
who are named are never told.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import split_sizes
from bot.rules.actor import Actor
from bot.rules.split_messages import Place
from bot.rules.wished_places import brought_together
from bot.rules.wishes import Mine, Wished
from bot.services import split_seats, wishes
from bot.services.split_plans import apart, children
from models import Group, GroupType, Split, SplitSeat, Wish


async def place(
    session: AsyncSession, who: Actor, split_id: int, now: datetime
) -> tuple[Place, Mine]:
    """Return where someone will be after a split, and whom they would like to be with.

    Writes, as `split_seats.where` does.
    """
    where = await split_seats.where(
        session, server_id=who.server_id, user_id=who.user_id, split_id=split_id, now=now
    )
    return where, await wishes.mine(session, who)


async def name(
    session: AsyncSession, who: Actor, split_id: int, others: Sequence[int], now: datetime
) -> tuple[Place, Mine]:
    """Keep whom someone would like to be with; UserError once the group has parted."""
    where, _ = await place(session, who, split_id, now)
    if where.child is None or where.state != "told":
        raise UserError("splits.too_late" if where.state in {"moving", "done"} else "splits.gone")
    mine = await wishes.replace(session, who, "together", others, now)
    return where, mine


async def let_decide(
    session: AsyncSession, who: Actor, split_id: int, now: datetime
) -> tuple[Place, Mine]:
    """Take one's own choice of a place back, so that the people one named decide it."""
    where, _ = await place(session, who, split_id, now)
    if where.child is None or where.state != "told":
        raise UserError("splits.too_late" if where.state in {"moving", "done"} else "splits.gone")
    seat = await session.get_one(SplitSeat, (split_id, who.user_id))
    seat.chosen = False
    await session.flush()
    return await place(session, who, split_id, now)


async def look_again(session: AsyncSession, split: Split) -> int:
    """Bring together, as the time to choose ends, who asked for it since; return how many moved.

    Who chose a place stays there. Wishes from before the members were told are in the plan already.
    """
    found = await session.scalars(
        select(SplitSeat).where(SplitSeat.split_id == split.id).order_by(SplitSeat.user_id)
    )
    seats = {seat.user_id: seat for seat in found}
    rows = await session.execute(
        select(Wish.user_id, Wish.other_id, Wish.kind, Wish.at).where(
            Wish.server_id == split.server_id, Wish.user_id.in_(seats)
        )
    )
    stated = list(rows.all())
    asking = {
        row.user_id
        for row in stated
        if row.kind == "together"
        and split.told_at is not None
        and row.at >= split.told_at
        and not seats[row.user_id].chosen
        and seats[row.user_id].wishes is None
    }
    if not asking:
        return 0
    group = await session.get_one(Group, split.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    into = len(await children(session, split.id))
    moves = brought_together(
        {user_id: seat.child for user_id, seat in seats.items()},
        [Wished(row.user_id, row.other_id, row.kind) for row in stated],
        asking,
        others={u: seat.wishes for u, seat in seats.items() if seat.wishes is not None},
        count=into,
        minimum=type_.minimum,
        cap=split_sizes.most(len(seats), group.cap, into),
        apart=await apart(session, split.server_id),
    )
    for user_id, child in moves.items():
        seats[user_id].child, seats[user_id].chosen, seats[user_id].wishes = child, True, None
    await session.flush()
    return len(moves)
