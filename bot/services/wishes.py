"""Wishes about whom one lives with: kept for their author's eyes only, weighed in plans.

Every answer here is the same whatever the other person is, wishes, or lives in: nobody can find out
about somebody by wishing something about them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.wishes import MOST, Kind, Mine, Weighed, Wished, weigh
from bot.services import rights
from models import Wish


async def mine(session: AsyncSession, who: Actor) -> Mine:
    """Return one's own wishes in a server."""
    await rights.server_row(session, who.server_id, allow_paused=True)
    rows = await session.execute(
        select(Wish.other_id, Wish.kind)
        .where(Wish.server_id == who.server_id, Wish.user_id == who.user_id)
        .order_by(Wish.at, Wish.other_id)
    )
    found: dict[str, list[int]] = {"together": [], "apart": []}
    for other_id, kind in rows:
        found[kind].append(other_id)
    return Mine(tuple(found["together"]), tuple(found["apart"]))


async def wish(
    session: AsyncSession, who: Actor, other_id: int, kind: Kind | None, now: datetime
) -> Mine:
    """Keep one wish about someone in place of any other about them, or (None) take it back.

    UserError for a wish about oneself, and for one more than there may be of a kind.
    """
    if other_id == who.user_id:
        raise UserError("wishes.yourself")
    before = await mine(session, who)
    had = before.together if kind == "together" else before.apart
    if kind is not None and other_id not in had and len(had) >= MOST:
        raise UserError(f"wishes.too_many_{kind}", n=MOST)
    await _forget(session, who, [other_id])
    if kind is not None:
        session.add(
            Wish(server_id=who.server_id, user_id=who.user_id, other_id=other_id, kind=kind, at=now)
        )
        await session.flush()
    return await mine(session, who)


async def replace(
    session: AsyncSession, who: Actor, kind: Kind, others: Sequence[int], now: datetime
) -> Mine:
    """Keep exactly these wishes of a kind, said now; what was wished otherwise about them goes.

    UserError for a wish about oneself, and for more than there may be of a kind.
    """
    if who.user_id in others:
        raise UserError("wishes.yourself")
    wanted = list(dict.fromkeys(others))
    if len(wanted) > MOST:
        raise UserError(f"wishes.too_many_{kind}", n=MOST)
    before = await mine(session, who)
    had = before.together if kind == "together" else before.apart
    await _forget(session, who, had)
    for other_id in wanted:
        await wish(session, who, other_id, kind, now)
    return await mine(session, who)


async def weighed(session: AsyncSession, server_id: int, members: Collection[int]) -> Weighed:
    """Return what the wishes of these people about each other weigh in a plan."""
    rows = await session.execute(
        select(Wish.user_id, Wish.other_id, Wish.kind).where(
            Wish.server_id == server_id, Wish.user_id.in_(members)
        )
    )
    return weigh((Wished(*row) for row in rows), members)


async def _forget(session: AsyncSession, who: Actor, others: Collection[int]) -> None:
    await session.execute(
        delete(Wish).where(
            Wish.server_id == who.server_id,
            Wish.user_id == who.user_id,
            Wish.other_id.in_(others),
        )
    )
