"""How near a server stands to Discord's limits: told to the owners in time, and once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import capacity
from bot.rules.capacity import Limit, Use
from bot.services import installation, upkeep
from models import Group, GroupType

NEAR, STOP = "near", "stop"


async def take_in(session: AsyncSession, server_id: int, use: Use, *, now: datetime) -> None:
    """Remember which limits are near or reached, and tell the owners of each step once.

    What goes well below again is forgotten, and may be told of anew.
    """
    for limit in capacity.limits(use):
        name = _name(server_id, limit.name)
        known = await installation.remembered(session, name)
        if limit.far:
            if known is not None:
                await installation.forget(session, name)
            continue
        step = _step(limit)
        if step is None or step == known:
            continue
        await installation.remember(session, name, step)
        if step == STOP or known is None:  # not when a few of those beyond the stop have gone
            await upkeep.limit(session, server_id, limit, step, now=now)


async def no_place(session: AsyncSession, group: Group) -> bool:
    """Return whether, as of the last look, nothing more can be made that a group's split needs."""
    return await no_place_for(session, await session.get_one(GroupType, group.type_id))


async def no_place_for(session: AsyncSession, type_: GroupType) -> bool:
    """Return whether, as of the last look, nothing more can be made that such a group needs."""
    asked = ("channels", "categories", *(("roles",) if type_.access == "role" else ()))
    return any(
        [
            await installation.remembered(session, _name(type_.server_id, name)) == STOP
            for name in asked
        ]
    )


def _step(limit: Limit) -> str | None:
    if limit.reached:
        return STOP
    return NEAR if limit.near else None


def _name(server_id: int, limit: str) -> str:
    return f"limit:{server_id}:{limit}"
