"""`/visit`: the door opens, or the facilitators are asked."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import requests, visits
from bot.services.requests import Asked
from bot.services.visits import Visited
from bot.settings import Settings


async def visit(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    settings: Settings,
) -> Visited | Asked:
    """Begin a visit, or ask for one where the type wants that; UserError when it cannot be.

    The group is one that this person may know of: `services.groups.find` found it for them, or the
    button that names it was shown to them.
    """
    way = await visits.way_in(
        session,
        server_id=server_id,
        user_id=user_id,
        group_id=group_id,
        now=now,
        settings=settings,
    )
    if way == "ask":
        return await requests.ask(
            session,
            server_id=server_id,
            user_id=user_id,
            group_id=group_id,
            kind="visit",
            now=now,
        )
    return await visits.begin(
        session, server_id=server_id, user_id=user_id, group_id=group_id, now=now
    )
