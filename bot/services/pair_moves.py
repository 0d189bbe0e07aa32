"""Pairs when people move together: by a split, a bud, a merge, or back again.

Who takes part takes part where they live now. Whom they met before they need not meet anew: that is
known by the people, not by the group.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.pairs import of_group
from models import Facilitator, Pairing, PairWish


async def follow(
    session: AsyncSession, *, from_group_id: int, to_group_id: int, user_ids: Collection[int]
) -> None:
    """Carry the wishes of who moves together over to the pairs of their new home.

    A new home without pairs gets the same, hosted by who hosted them if they come along; else they
    rest there until somebody presses ‹I'll host it›. The old home's go on with one of those who
    look after it.
    """
    before = await of_group(session, from_group_id)
    if before is None:
        return
    wishes = (
        await session.scalars(
            select(PairWish).where(PairWish.pairing_id == before.id, PairWish.user_id.in_(user_ids))
        )
    ).all()
    host_comes = before.host_id is not None and before.host_id in user_ids
    if not wishes and not host_comes:
        return
    there = await of_group(session, to_group_id)
    if there is None:
        there = Pairing(
            server_id=before.server_id,
            group_id=to_group_id,
            cadence=before.cadence,
            weekday=before.weekday,
            nth=before.nth,
            hour=before.hour,
            minute=before.minute,
            zone=before.zone,
            anchor=before.anchor,
            threads=before.threads,
            begun_at=before.begun_at,
            host_id=before.host_id if host_comes else None,
            state=before.state if host_comes else "paused",
            why=before.why if host_comes else "host",
            next_due_at=before.next_due_at if host_comes else None,
        )
        session.add(there)
        await session.flush()
    for wish in wishes:
        if await session.get(PairWish, (there.id, wish.user_id)) is None:
            session.add(
                PairWish(
                    pairing_id=there.id,
                    user_id=wish.user_id,
                    server_id=wish.server_id,
                    since=wish.since,
                    rests_since=wish.rests_since,
                    rests_why=wish.rests_why,
                    first=True,  # whom they were to meet may have stayed behind
                    hours=wish.hours,
                    zone=wish.zone,
                )
            )
        await session.delete(wish)
    if host_comes:
        before.host_id = await session.scalar(
            select(Facilitator.user_id)
            .where(
                Facilitator.group_id == from_group_id,
                Facilitator.state == "active",
                Facilitator.user_id.not_in(user_ids),
            )
            .order_by(Facilitator.since, Facilitator.user_id)
            .limit(1)
        )
    await session.flush()
