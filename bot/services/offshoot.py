"""A group that grows out of another, by a split or as a bud: its row, and the people who go there.

All of it happens in the transaction of whoever lets it begin; Discord follows.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import naming
from bot.services import (
    cohorts,
    fitting,
    greeting,
    introductions,
    pair_moves,
    rehousing,
    resting,
    stages,
    ties,
)
from bot.services.group_names import spare_name, taken_names
from models import Group, Lineage, SpareName


async def grow(
    session: AsyncSession,
    parent: Group,
    *,
    name: str,
    emoji: str,
    purpose: str,
    venue: str,
    now: datetime,
    split_id: int | None = None,
) -> Group:
    """Make a group's row with its parent's manners; nobody lives there yet.

    Under a spare name where the one that was meant is given to another by now.
    """
    if naming.key(name) in await taken_names(session, parent, but_for=split_id or 0):
        emoji, name = await spare_name(session, parent)
    child = Group(
        server_id=parent.server_id,
        type_id=parent.type_id,
        name=name,
        name_key=naming.key(name),
        emoji=emoji,
        colour=parent.colour,
        purpose=purpose,
        for_whom=parent.for_whom,
        unites=parent.unites,
        norms=parent.norms,
        language=parent.language,
        zone=parent.zone,
        city=parent.city,
        venue=venue,
        first_thing=parent.first_thing,
        state="forming",
        cap=parent.cap,
        homes=0,
        visitors=0,
        created_at=now,
        opened_at=now,  # people live there from the first moment
        closes_at=parent.closes_at,
    )
    session.add(child)
    await session.flush()
    session.add(Lineage(child_id=child.id, parent_id=parent.id, split_id=split_id, at=now))
    await session.execute(
        delete(SpareName).where(SpareName.server_id == parent.server_id, SpareName.name == name)
    )
    await stages.review(session, child, now)
    await fitting.inherit(session, parent.id, child.id)
    await cohorts.copy(session, parent.id, child.id)
    await resting.copy(session, parent.id, child.id, now=now)
    return child


async def people_go(
    session: AsyncSession, parent: Group, child: Group, movers: Collection[int], now: datetime
) -> int:
    """Let people of the parent live in the new group, with what is theirs; return who has a key.

    A seat that is only kept or held moves too, but its person has no key for now.
    """
    await session.execute(
        update(Group)
        .where(Group.id == child.id)
        .values(homes=Group.homes + len(movers))
        .execution_options(synchronize_session=False)
    )
    await session.refresh(child, ["homes"])
    keys = await rehousing.rehome(session, parent, child, movers, now)
    for follow in (ties.follow, greeting.follow, introductions.follow, pair_moves.follow):
        await follow(
            session, from_group_id=parent.id, to_group_id=child.id, user_ids=frozenset(movers)
        )
    return keys
