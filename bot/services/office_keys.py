"""The key of somebody who looks after a group that they do not live in.

It is a visit that lasts as long as the office, so everything that ends a visit ends it too: a bar,
two people kept apart, a moderator. Who has lost the key has lost the office.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import visits
from bot.services.visits import OFFICE
from models import Facilitator, Membership, Visit

RENEWED = timedelta(days=7)  # before it would run out


async def give(session: AsyncSession, office: Facilitator, now: datetime) -> bool:
    """Give the key, or prolong it; False where they may not enter, or the room is full of keys."""
    until = await visits.grant(
        session,
        server_id=office.server_id,
        user_id=office.user_id,
        group_id=office.group_id,
        now=now,
        origin=OFFICE,
    )
    return until is not None


async def take_back(
    session: AsyncSession, *, server_id: int, group_id: int, user_id: int, now: datetime
) -> None:
    """End the key; a visit that somebody asked for runs on."""
    await visits.end_for(
        session, server_id=server_id, user_id=user_id, group_id=group_id, origin=OFFICE, now=now
    )


async def renew(session: AsyncSession, now: datetime) -> list[Facilitator]:
    """Prolong keys, so that their date stays ahead; return the offices whose holders have none.

    A key whose office has ended goes.
    """
    lives = exists().where(
        Membership.server_id == Facilitator.server_id,
        Membership.user_id == Facilitator.user_id,
        Membership.group_id == Facilitator.group_id,
    )
    rows = await session.execute(
        select(Facilitator, Visit.ends_at)
        .outerjoin(
            Visit,
            (Visit.group_id == Facilitator.group_id)
            & (Visit.user_id == Facilitator.user_id)
            & Visit.ended_at.is_(None),
        )
        .where(Facilitator.state == "active", ~lives)
    )
    without: list[Facilitator] = []
    found: list[tuple[Facilitator, datetime | None]] = [(row[0], row[1]) for row in rows]
    for office, ends_at in found:
        if ends_at is None:
            without.append(office)
        elif ends_at < now + RENEWED:
            await give(session, office, now)
    holds = exists().where(
        Facilitator.group_id == Visit.group_id,
        Facilitator.user_id == Visit.user_id,
        Facilitator.state == "active",
    )
    orphans = select(Visit).where(Visit.ended_at.is_(None), Visit.origin == OFFICE, ~holds)
    for key in (await session.scalars(orphans)).all():
        await take_back(
            session,
            server_id=key.server_id,
            group_id=key.group_id,
            user_id=key.user_id,
            now=now,
        )
    return without
