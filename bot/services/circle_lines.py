"""The neutral lines for people of a circle: one each, over a day, taken back while unsent."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.circle_offers import line_times
from bot.rules.home_messages import something_waits
from bot.services.outbox import owe, withdraw
from models import Circle, CircleMember


async def owe_all(session: AsyncSession, circle: Circle, ends_at: datetime, now: datetime) -> None:
    """Owe each person of a circle the line that something waits for them."""
    user_ids = await session.scalars(
        select(CircleMember.user_id).where(CircleMember.circle_id == circle.id)
    )
    for user_id, due_at in line_times(circle.id, user_ids.all(), now).items():
        await owe(
            session,
            server_id=circle.server_id,
            kind="waits",
            key=_key(circle.id, user_id),
            place="commons",
            user_id=user_id,
            message=something_waits(user_id, f"circle-{circle.id}-{user_id}"),
            now=now,
            due_at=due_at,
            expires_in=ends_at - due_at,
        )


async def withdraw_all(session: AsyncSession, circle: Circle) -> None:
    """Take back the lines of a circle that were not sent yet."""
    user_ids = await session.scalars(
        select(CircleMember.user_id).where(CircleMember.circle_id == circle.id)
    )
    for user_id in user_ids.all():
        await withdraw(session, server_id=circle.server_id, key=_key(circle.id, user_id))


async def withdraw_for(session: AsyncSession, server_id: int, user_id: int) -> None:
    """Take back somebody's lines that were not sent yet."""
    circle_ids = await session.scalars(
        select(CircleMember.circle_id)
        .join(Circle, Circle.id == CircleMember.circle_id)
        .where(Circle.server_id == server_id, CircleMember.user_id == user_id)
    )
    for circle_id in circle_ids.all():
        await withdraw(session, server_id=server_id, key=_key(circle_id, user_id))


def _key(circle_id: int, user_id: int) -> str:
    return f"circle:{circle_id}:{user_id}"
