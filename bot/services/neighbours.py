"""Which groups fit one as neighbours, from the tables: for evenings together, and for questions."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import neighbours as rules
from bot.rules.neighbours import Neighbour
from bot.services import merge_sides
from models import Group, GroupType, Neighbourliness, Server

MOST = 25  # choices that a menu holds


async def fitting(
    session: AsyncSession,
    group: Group,
    now: datetime,
    *,
    about: str = "",
    but: Collection[int] = (),
    most: int = MOST,
) -> list[Neighbour]:
    """Return the listed, open groups that fit one best, the best first; `about`: a question."""
    server = await session.get_one(Server, group.server_id)
    kin, visits = await merge_sides.bonds(session, group, now)
    rows = await session.execute(
        select(Group, GroupType.kind)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(
            Group.server_id == group.server_id,
            Group.id != group.id,
            Group.id.not_in(but),
            Group.state == "open",
            Group.locked_at.is_(None),
            GroupType.listed,
        )
        .order_by(Group.id)
    )
    kind = (await session.get_one(GroupType, group.type_id)).kind
    mine = _neighbour(group, kind, server, now)
    others = [
        _neighbour(other, kind_, server, now, kin=other.id in kin, visits=visits.get(other.id, 0))
        for other, kind_ in rows.all()
    ]
    return rules.ranked(mine, others, about=about, most=most)


async def takes_questions(session: AsyncSession, group_id: int) -> bool:
    """Return whether a group wants to be asked by others; it does until somebody says no."""
    row = await session.get(Neighbourliness, group_id)
    return row is None or row.takes_questions


async def row_of(session: AsyncSession, group: Group) -> Neighbourliness:
    """Return what a group wants of its neighbours, written now if nothing was."""
    row = await session.get(Neighbourliness, group.id)
    if row is None:
        row = Neighbourliness(group_id=group.id, server_id=group.server_id, takes_questions=True)
        session.add(row)
        await session.flush()
    return row


def _neighbour(
    group: Group, kind: str, server: Server, now: datetime, *, kin: bool = False, visits: int = 0
) -> Neighbour:
    offset = now.astimezone(ZoneInfo(group.zone or server.zone)).utcoffset()
    return Neighbour(
        group_id=group.id,
        name=group.name,
        emoji=group.emoji,
        charter=f"{group.purpose} {group.for_whom}".strip(),
        kind=kind,
        language=group.language or server.language,
        hours=0.0 if offset is None else offset.total_seconds() / 3600,
        kin=kin,
        visits=visits,
    )
