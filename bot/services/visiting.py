"""`/visit`: the door opens, or the facilitators are asked."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.arriving import require_arrived
from bot.services import braking, requests, rights, visits
from bot.services.requests import Asked
from bot.services.visits import Visited
from bot.settings import Settings


async def visit(
    session: AsyncSession,
    actor: Actor,
    *,
    group_id: int,
    now: datetime,
    settings: Settings,
) -> Visited | Asked:
    """Begin a visit, or ask for one where the type wants that; UserError when it cannot be.

    The group is one that this person may know of: `services.known_groups.find` found it for them,
    or the button that names it was shown to them.
    """
    server_id, user_id = actor.server_id, actor.user_id
    await rights.server_row(session, server_id)
    require_arrived(actor)
    await braking.require_old_enough(session, server_id, user_id, now)
    await braking.require_released(session, server_id, now)
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
