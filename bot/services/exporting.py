"""Groups and homes as the files that services.importing takes."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import importing as rules
from bot.rules.importing import Kind
from bot.services import groups, rights
from models import Group, GroupType, Membership


async def sheet(session: AsyncSession, server_id: int, kind: Kind) -> str:
    """Return a server's groups or homes as a file; UserError where it is not set up.

    Homes are those of people who are there: seats that are only kept are left out.
    """
    await rights.server_row(session, server_id, allow_paused=True)
    if kind == "groups":
        return await _groups(session, server_id)
    rows = await session.execute(
        select(Membership.user_id, Group.name, Membership.since)
        .join(Group, Group.id == Membership.group_id)
        .where(Membership.server_id == server_id, Membership.state == "here")
        .order_by(Group.name_key, Membership.user_id)
    )
    return rules.written(
        rules.MEMBERS, [(str(user), name, since.isoformat()) for user, name, since in rows]
    )


async def _groups(session: AsyncSession, server_id: int) -> str:
    rows = await session.execute(
        select(Group, GroupType.name)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id)
        .order_by(Group.name_key)
    )
    found: list[list[str]] = []
    for group, type_ in rows:
        charter = groups.charter_of(group)
        cells = {"type": type_, "colour": f"#{charter.colour:06x}"}
        found.append([cells.get(c) or str(getattr(charter, c)) for c in rules.GROUPS])
    return rules.written(rules.GROUPS, found)
