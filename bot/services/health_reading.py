"""Who may read how groups are doing: those who look after one read theirs, owners read all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.group_maps import Map
from bot.rules.message import Button
from bot.rules.staying_cards import Staying
from bot.services import health, rights
from bot.services.groups import of_server
from bot.services.health import GroupHealth, ServerHealth
from bot.services.health_lines import SHOWN_WEEKS
from bot.services.health_sights import map_of, staying_in
from bot.settings import Settings
from models import Group


async def group(session: AsyncSession, actor: Actor, group_id: int) -> GroupHealth:
    """Return how a group is, to those who look after it and to owners."""
    await rights.require_facilitator(session, actor, group_id)
    await of_server(session, actor.server_id, group_id)
    return await health.of_group(session, group_id)


async def everything(
    session: AsyncSession, actor: Actor, *, weeks: int = SHOWN_WEEKS
) -> ServerHealth:
    """Return how a server and all its groups are, to owners, by their lines of the last weeks."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_owner(session, actor)
    return await health.of_server(session, actor.server_id, weeks=weeks)


async def map_of_groups(session: AsyncSession, actor: Actor) -> Map | None:
    """Return who lends visitors to whom, to owners; None before the first closed week."""
    return await map_of(session, await everything(session, actor, weeks=1))


async def staying(session: AsyncSession, actor: Actor) -> Staying | None:
    """Return how long people stay, to owners; None before the first closed week."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_owner(session, actor)
    return await staying_in(session, actor.server_id)


async def desk_part(
    session: AsyncSession,  # noqa: ARG001 - a source of the desk
    actor: Actor,  # noqa: ARG001 - a source of the desk
    group: Group,
    now: datetime,  # noqa: ARG001 - a source of the desk
    settings: Settings,  # noqa: ARG001 - a source of the desk
) -> Sequence[Part]:
    """Return the desk's way to a group's health."""
    return (Part("room", (), (Button("health.desk_button", f"health-group:{group.id}"),)),)
