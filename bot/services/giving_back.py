"""Taking an adoption back: the group goes, its role and room stay with everybody who has them.

Nobody loses a role or a word. What Hearth wrote into the room is made as it was before, by the
reconciler, and what it renamed is called as before.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.scope import ServerScope
from bot.services import desired, facilitators, rights
from models import Adoption, Group, Lineage, Merge, OutboxMessage, SetupRole, Split, Visit


@dataclass(frozen=True, slots=True)
class Owed:
    """A role and a room that have to be given back, and how they were."""

    adoption_id: int
    role_id: int | None
    room_id: int
    before: dict[str, Any]
    roles: frozenset[int]  # that Hearth writes into rooms: safety's, the group's, @everyone's


async def undo(session: AsyncSession, actor: Actor, adoption_id: int, *, now: datetime) -> None:
    """Take an adoption back; for owners. UserError when the group has changed too much since."""
    await rights.require_owner(session, actor)
    adoption = await session.get(Adoption, adoption_id)
    if adoption is None or adoption.server_id != actor.server_id or adoption.undone_at is not None:
        raise UserError("log.undone_already")
    group = await session.get(Group, adoption.group_id)
    if group is None:
        raise UserError("log.changed_since")
    await _require_whole(session, group, adoption)
    before = json.loads(adoption.before)
    # What was renamed since has a name of Hearth's; else a person's stands.
    look = f"{group.colour:06x} {desired.role_name(group.emoji, group.name)}"
    before["role_renamed"] = group.role_written is not None and before.get("look") != look
    before["room_renamed"] = before.get("called") != group.room_written
    adoption.before, adoption.undone_at = json.dumps(before, ensure_ascii=False), now
    for office in await facilitators.list_(session, group.server_id, group_id=group.id):
        await facilitators.remove(
            session, actor, group_id=group.id, user_id=office.user_id, now=now
        )
    for owed in await session.scalars(
        select(OutboxMessage).where(OutboxMessage.group_id == group.id)
    ):
        await session.delete(owed)
    await session.flush()
    await session.delete(group)
    await session.flush()
    note_after_commit(session, ServerScope(actor.server_id))


async def owed(session: AsyncSession, server_id: int) -> list[Owed]:
    """Return the roles and rooms of a server that have to be given back."""
    rows = await session.scalars(
        select(Adoption).where(
            Adoption.server_id == server_id,
            Adoption.undone_at.is_not(None),
            Adoption.given_back_at.is_(None),
        )
    )
    found = rows.all()
    if not found:
        return []
    safety = await session.scalars(
        select(SetupRole.role_id).where(
            SetupRole.server_id == server_id, SetupRole.part == "safety"
        )
    )
    written = {server_id, *safety}
    groups = await session.scalars(
        select(Group.role_id).where(Group.server_id == server_id, Group.role_id.is_not(None))
    )
    written |= {role for role in groups if role is not None}
    return [
        Owed(
            row.id,
            row.role_id,
            row.room_id,
            json.loads(row.before),
            frozenset(written | ({row.role_id} if row.role_id is not None else set())),
        )
        for row in found
    ]


async def given_back(session: AsyncSession, adoption_id: int, now: datetime) -> None:
    """Note that role and room are as they were."""
    adoption = await session.get(Adoption, adoption_id)
    if adoption is not None:
        adoption.given_back_at = now
        await session.flush()


async def _require_whole(session: AsyncSession, group: Group, adoption: Adoption) -> None:
    """UserError where giving back would not bring things to what they were."""
    kin = await session.scalar(
        select(func.count()).where(or_(Lineage.parent_id == group.id, Lineage.child_id == group.id))
    )
    under_way = await session.scalar(
        select(func.count()).where(
            Split.group_id == group.id, Split.closed_at.is_(None), Split.state != "planned"
        )
    )
    merged = await session.scalar(
        select(func.count()).where(
            or_(Merge.group_id == group.id, Merge.into_id == group.id),
            Merge.state.in_(("told", "moving", "done")),
        )
    )
    if kin or under_way or merged:  # whoever moved in by a merge has their home there
        raise UserError("adopt.has_split")
    guests = await session.scalar(
        select(func.count()).where(
            Visit.group_id == group.id, Visit.ended_at.is_(None), Visit.origin != desired.ADOPTED
        )
    )
    if guests and adoption.role_id is None:
        raise UserError("adopt.visitors_first", n=guests)
