"""A server as its owners set it up, and the switch that pauses Hearth there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import naming, zones
from bot.rules.actor import Actor
from bot.rules.scope import ServerScope
from bot.rules.types import most_people
from bot.services import rights, types
from bot.texts import languages
from models import GroupType, Server, SetupRole, SpareName

ROOMS = ("commons_id", "facilitators_room_id", "moderators_room_id", "owners_room_id")


@dataclass(frozen=True, slots=True)
class Setup:
    """How a server is set up."""

    server_id: int
    commons_id: int | None
    facilitators_room_id: int | None
    moderators_room_id: int | None
    owners_room_id: int | None
    owner_role_id: int | None
    zone: str
    language: str
    safety: tuple[int, ...]
    restricted: tuple[int, ...]
    paused_at: datetime | None
    first: bool = False  # set up just now for the first time
    types: int = 0


async def set_up(
    session: AsyncSession,
    actor: Actor,
    *,
    now: datetime,
    ids: Mapping[str, int | None],
    zone: str | None = None,
    language: str | None = None,
    safety: Collection[int] = (),
    restricted: Collection[int] = (),
    take_out: int | None = None,
) -> Setup:
    """Set a server up, or change what is given; what is not given stays.

    `ids` may hold the four rooms and `owner_role_id` by their columns' names. The roles in `safety`
    and `restricted` are added to those that have that part; `take_out` takes a role's parts away.
    The first time adds the group types that every server starts out with, and names for groups that
    splits will make.
    """
    await rights.require_owner(session, actor)
    server = await session.get(Server, actor.server_id)
    first = server is None
    if server is None:
        server = Server(id=actor.server_id, added_at=now, zone="UTC", language="en")
        session.add(server)
    server.removed_at = None
    unknown = set(ids) - {*ROOMS, "owner_role_id"}
    if unknown:
        raise ValueError(f"a server has no {unknown}")
    for name, value in ids.items():
        if value is not None:
            setattr(server, name, value)
    if zone is not None:
        server.zone = zones.zone(zone)
    if language is not None:
        if language not in languages():
            raise UserError("hearth.language_unknown", names=", ".join(languages()))
        server.language = language
    if server.commons_id is None:
        raise UserError("hearth.commons_needed")
    await session.flush()
    if take_out is not None:
        await session.execute(
            delete(SetupRole).where(
                SetupRole.server_id == actor.server_id, SetupRole.role_id == take_out
            )
        )
        if server.owner_role_id == take_out:
            server.owner_role_id = None
    for part, roles in (("safety", safety), ("restricted", restricted)):
        for role_id in roles:
            await session.merge(SetupRole(server_id=actor.server_id, role_id=role_id, part=part))
    await session.flush()
    if safety:
        await _check_overwrites(session, actor.server_id)
    if first:
        for emoji, name in naming.spare_names:
            session.add(SpareName(server_id=actor.server_id, name=name, emoji=emoji))
    await types.add_starting(session, actor.server_id, server.language)
    await session.flush()
    note_after_commit(session, ServerScope(actor.server_id))
    return await setup_of(session, actor.server_id, first=first)


async def setup_of(session: AsyncSession, server_id: int, *, first: bool = False) -> Setup:
    """Return how a server is set up; UserError if it is not."""
    server = await rights.server_row(session, server_id, allow_paused=True)
    roles = await session.execute(
        select(SetupRole.role_id, SetupRole.part)
        .where(SetupRole.server_id == server_id)
        .order_by(SetupRole.role_id)
    )
    by_part: dict[str, list[int]] = {"safety": [], "restricted": []}
    for role_id, part in roles:
        by_part[part].append(role_id)
    counted = select(func.count()).select_from(GroupType).where(GroupType.server_id == server_id)
    return Setup(
        server_id=server_id,
        commons_id=server.commons_id,
        facilitators_room_id=server.facilitators_room_id,
        moderators_room_id=server.moderators_room_id,
        owners_room_id=server.owners_room_id,
        owner_role_id=server.owner_role_id,
        zone=server.zone,
        language=server.language,
        safety=tuple(by_part["safety"]),
        restricted=tuple(by_part["restricted"]),
        paused_at=server.paused_at,
        first=first,
        types=await session.scalar(counted) or 0,
    )


async def zone_of(session: AsyncSession, server_id: int | None) -> str:
    """Return the server's time zone; UTC where it is not set up."""
    server = None if server_id is None else await session.get(Server, server_id)
    return "UTC" if server is None else server.zone


async def active(session: AsyncSession) -> list[int]:
    """Return the ids of the servers that are set up and not paused."""
    found = await session.scalars(
        select(Server.id)
        .where(Server.paused_at.is_(None), Server.removed_at.is_(None))
        .order_by(Server.id)
    )
    return list(found)


async def pause(session: AsyncSession, actor: Actor, *, now: datetime) -> bool:
    """Pause Hearth in a server, or let it go on; return whether it is paused now.

    While it is paused nothing is posted, moved or counted as due; rooms stay as they are.
    """
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id, allow_paused=True)
    server.paused_at = now if server.paused_at is None else None
    await session.flush()
    note_after_commit(session, ServerScope(actor.server_id))
    return server.paused_at is not None


async def _check_overwrites(session: AsyncSession, server_id: int) -> None:
    """UserError when a type that opens rooms person by person would no longer fit."""
    safety = await types.safety_roles(session, server_id)
    for listed in await types.list_(session, server_id):
        fits = most_people(listed.rules.access, safety)
        if fits is not None and listed.rules.cap + listed.rules.most_visitors > fits:
            raise UserError(
                "hearth.too_many_safety_roles", type=naming.safe(listed.rules.name), n=safety
            )
