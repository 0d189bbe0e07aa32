"""What pictures of health are made of, besides the figures: the map of groups, and who stays."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.group_maps import Map, Place
from bot.rules.health import Week
from bot.rules.staying_cards import Staying
from bot.services import survival
from bot.services.health import ServerHealth
from models import Group, Lent, Lineage


async def map_of(session: AsyncSession, found: ServerHealth) -> Map | None:
    """Return the map of a server's groups; None before the first closed week."""
    if found.week is None:
        return None
    rows = await session.scalars(
        select(Lent).where(Lent.server_id == found.server_id, Lent.week == found.week.key)
    )
    lent = {(row.from_group_id, row.to_group_id): row.people for row in rows}
    family = await session.execute(
        select(Lineage.parent_id, Lineage.child_id)
        .join(Group, Group.id == Lineage.child_id)
        .where(Group.server_id == found.server_id)
        .order_by(Lineage.child_id)
    )
    places = tuple(
        Place(one.group_id, one.name if one.listed else None, one.homes, one.lines)
        for one in found.groups
    )
    return Map(found.week, places, lent, tuple((parent, child) for parent, child in family))


async def staying_in(
    session: AsyncSession, server_id: int, week: Week | None = None
) -> Staying | None:
    """Return how long people stay in a server, as of the last closed week or an earlier one.

    None before the first.
    """
    found = await survival.curves(session, server_id, week=week)
    if found is None:
        return None
    return Staying(found.week, found.joined, found.compared, found.homes, found.parted)
