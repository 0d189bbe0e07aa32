"""What a move would end and leave as it is, told before it is made."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.moving_messages import Ends
from models import Greeter, Group, Introduction, Membership, Ritual, Visit, Waiting


async def ends(session: AsyncSession, server_id: int, user_id: int, to_group_id: int) -> Ends:
    """Return what else goes with someone's home when they move to another; reads only."""
    home = await session.get(Membership, (server_id, user_id))
    if home is None:
        return Ends()
    hosts = await session.scalars(
        select(Ritual.title)
        .where(Ritual.group_id == home.group_id, Ritual.host_id == user_id)
        .order_by(Ritual.id)
    )
    line = await session.get(Waiting, (server_id, user_id))
    waits_for: str | None = None
    if line is not None and line.group_id != to_group_id:
        waits_for = (await session.get_one(Group, line.group_id)).name
    visits = await session.scalars(
        select(Visit.group_id).where(
            Visit.server_id == server_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
        )
    )
    return Ends(
        hosts=tuple(hosts),
        greets=await session.get(Greeter, (home.group_id, user_id)) is not None,
        told=await session.get(Introduction, (home.group_id, user_id)) is not None,
        waits_for=waits_for,
        visits=bool(set(visits) - {to_group_id}),
    )
