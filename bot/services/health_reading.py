"""Who may read how groups are doing: those who look after one read theirs, owners read all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.message import Button
from bot.services import health, rights
from bot.services.groups import of_server
from bot.services.health import GroupHealth, ServerHealth
from bot.settings import Settings
from models import Group


async def group(session: AsyncSession, actor: Actor, group_id: int) -> GroupHealth:
    """Return how a group is, to those who look after it and to owners."""
    await rights.require_facilitator(session, actor, group_id)
    await of_server(session, actor.server_id, group_id)
    return await health.of_group(session, group_id)


async def everything(session: AsyncSession, actor: Actor) -> ServerHealth:
    """Return how a server and all its groups are, to owners."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_owner(session, actor)
    return await health.of_server(session, actor.server_id)


async def desk_part(
    session: AsyncSession,  # noqa: ARG001 - a source of the desk
    actor: Actor,  # noqa: ARG001 - a source of the desk
    group: Group,
    now: datetime,  # noqa: ARG001 - a source of the desk
    settings: Settings,  # noqa: ARG001 - a source of the desk
) -> Sequence[Part]:
    """Return the desk's way to a group's health."""
    return (Part("room", (), (Button("health.desk_button", f"health-group:{group.id}"),)),)
