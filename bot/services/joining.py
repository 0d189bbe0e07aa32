"""The door: `/join` and [Wait], for who has arrived in the server.

A home, a request to the facilitators, a place in line, or first the question whether.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.arriving import require_arrived
from bot.services import known_groups, membership, requests, rights, waiting
from bot.services.membership import Joined, Outlook
from bot.services.requests import Asked
from bot.services.waiting import Waits
from bot.settings import Settings


async def join(
    session: AsyncSession,
    actor: Actor,
    *,
    group: str,
    sure: bool,
    now: datetime,
    settings: Settings,
) -> Joined | Asked | Outlook:
    """Make the group that was named someone's home, or ask its facilitators where it wants that.

    Where a home would be left and they are not `sure` yet, nothing changes and the outlook comes
    back. UserError, or `Full` with alternatives, when it cannot be.
    """
    server_id, user_id = actor.server_id, actor.user_id
    await rights.server_row(session, server_id)
    require_arrived(actor)
    found = await known_groups.find(session, server_id, group, for_user=user_id)
    outlook = await membership.outlook(
        session, server_id, user_id, found.id, now=now, settings=settings
    )
    if outlook.leaves is not None and not sure:
        return outlook
    if outlook.way == "ask":
        return await requests.ask(
            session,
            server_id=server_id,
            user_id=user_id,
            group_id=found.id,
            kind="join",
            now=now,
        )
    return await membership.join(session, server_id, user_id, found.id, now=now, settings=settings)


async def wait(
    session: AsyncSession, actor: Actor, *, group: str, now: datetime, settings: Settings
) -> Waits:
    """Stand in line for a seat in the group that was named; UserError when that cannot be."""
    server_id, user_id = actor.server_id, actor.user_id
    await rights.server_row(session, server_id)
    require_arrived(actor)
    found = await known_groups.find(session, server_id, group, for_user=user_id)
    return await waiting.wait(session, server_id, user_id, found.id, now=now, settings=settings)
