"""A server as its owners set it up, and the switch that pauses Hearth there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import naming, zones
from bot.rules.actor import Actor
from bot.rules.scope import ServerScope
from bot.rules.types import most_people
from bot.services import circles, house, log, offers, rights, silent_seats, stages, types
from bot.texts import languages
from models import GroupType, Server, SetupRole, SpareName

ROOMS = ("commons_id", "facilitators_room_id", "moderators_room_id", "owners_room_id")
# What setup decides, as the owners' log keeps it; beside the roles with a part in safety.
DECIDED = (
    *ROOMS,
    "owner_role_id",
    "zone",
    "language",
    "needs_facilitator",
    "shows_cities",
    "brake_account_days",
    "brake_joins_per_hour",
)


# What owners wish of how groups open and grow, as the columns are called.
WISHES = ("needs_facilitator", "shows_cities", "brake_account_days", "brake_joins_per_hour")
BRAKE_DAYS_MOST, BRAKE_JOINS_MOST = 365, 10_000


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
    needs_facilitator: bool = False
    shows_cities: bool = False
    brake_account_days: int = 0
    brake_joins_per_hour: int = 0


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
    wishes: Mapping[str, bool | int | None] | None = None,
    whole: bool = False,
) -> Setup:
    """Set a server up, or change what is given; what is not given stays.

    `ids` may hold the four rooms and `owner_role_id` by their columns' names. The roles in `safety`
    and `restricted` are added to those that have that part; `take_out` takes a role's parts away.
    The first time adds the group types that every server starts out with, and names for groups that
    splits will make. `wishes` may hold the columns in `WISHES`. With `whole` everything is given
    (the guided setup): what is None or not among the roles is taken away, the commons may be a room
    that is still to be made, and no types are added.
    """
    await rights.require_owner(session, actor)
    server = await session.get(Server, actor.server_id)
    first = server is None
    if server is None:
        server = Server(id=actor.server_id, added_at=now, zone="UTC", language="en")
        session.add(server)
    before = {} if first else await decided(session, server)
    server.removed_at = None
    unknown = set(ids) - {*ROOMS, "owner_role_id"}
    if unknown:
        raise ValueError(f"a server has no {unknown}")
    for name, value in ids.items():
        if value is not None or whole:
            setattr(server, name, value)
            if name in ROOMS:
                await house.chosen(session, actor.server_id, name, value)
    for name, wish in (wishes or {}).items():
        if name not in WISHES:
            raise ValueError(f"a server has no wish {name}")
        if wish is not None:
            setattr(server, name, wish)
    if zone is not None:
        server.zone = zones.zone(zone)
    if language is not None:
        if language not in languages():
            raise ValueError(f"there are no texts in {language!r}")
        server.language = language
    if server.commons_id is None and not whole:
        raise UserError("hearth.commons_needed")
    await session.flush()
    if whole:
        await session.execute(delete(SetupRole).where(SetupRole.server_id == actor.server_id))
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
    if not whole:
        await types.add_starting(session, actor.server_id, server.language)
    await stages.review_all(session, actor.server_id, now)
    await session.flush()
    was, became = log.changed(before, await decided(session, server)) if before else ({}, {})
    if first or became:
        await log.note(
            session,
            server_id=actor.server_id,
            by_user_id=actor.user_id,
            action="setup-first" if first else "setup-change",
            now=now,
            before=was,
            after=became,
        )
    note_after_commit(session, ServerScope(actor.server_id))
    return await setup_of(session, actor.server_id, first=first)


async def decided(session: AsyncSession, server: Server) -> dict[str, Any]:
    """Return what setup decided so far, by the columns' names, as the owners' log keeps it."""
    columns = {name: getattr(server, name) for name in DECIDED}
    return {**columns, **await _parts(session, server.id)}


async def setup_of(session: AsyncSession, server_id: int, *, first: bool = False) -> Setup:
    """Return how a server is set up; UserError if it is not."""
    server = await rights.server_row(session, server_id, allow_paused=True)
    by_part = await _parts(session, server_id)
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
        needs_facilitator=server.needs_facilitator,
        shows_cities=server.shows_cities,
        brake_account_days=server.brake_account_days,
        brake_joins_per_hour=server.brake_joins_per_hour,
    )


async def zone_of(session: AsyncSession, server_id: int | None) -> str:
    """Return the server's time zone; UTC where it is not set up."""
    server = None if server_id is None else await session.get(Server, server_id)
    return "UTC" if server is None else server.zone


async def language_of(session: AsyncSession, server_id: int) -> str:
    """Return the language that a server's rooms are written to in."""
    return (await session.get_one(Server, server_id)).language


async def active(session: AsyncSession) -> list[int]:
    """Return the ids of the servers that are set up and not paused."""
    found = await session.scalars(
        select(Server.id)
        .where(Server.paused_at.is_(None), Server.removed_at.is_(None))
        .order_by(Server.id)
    )
    return list(found)


async def all_ids(session: AsyncSession) -> list[int]:
    """Return the ids of the servers that are set up, paused ones too."""
    found = await session.scalars(
        select(Server.id).where(Server.removed_at.is_(None)).order_by(Server.id)
    )
    return list(found)


async def pause(session: AsyncSession, actor: Actor, *, now: datetime) -> bool:
    """Pause Hearth in a server, or let it go on; return whether it is paused now.

    While it is paused nothing is posted, moved or counted as due; rooms stay as they are.
    """
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id, allow_paused=True)
    if server.paused_at is not None:
        await offers.after_pause(session, server.id, server.paused_at, now)
        await circles.after_pause(session, server.id, server.paused_at, now)
        await silent_seats.after_pause(session, server.id, server.paused_at, now)
    server.paused_at = now if server.paused_at is None else None
    await session.flush()
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="go-on" if server.paused_at is None else "pause",
        now=now,
    )
    note_after_commit(session, ServerScope(actor.server_id))
    return server.paused_at is not None


async def _parts(session: AsyncSession, server_id: int) -> dict[str, list[int]]:
    """Return the roles with a part in safety, by their part."""
    roles = await session.execute(
        select(SetupRole.role_id, SetupRole.part)
        .where(SetupRole.server_id == server_id)
        .order_by(SetupRole.role_id)
    )
    by_part: dict[str, list[int]] = {"safety": [], "restricted": []}
    for role_id, part in roles:
        by_part[part].append(role_id)
    return by_part


async def _check_overwrites(session: AsyncSession, server_id: int) -> None:
    """UserError when a type that opens rooms person by person would no longer fit."""
    safety = await types.safety_roles(session, server_id)
    for listed in await types.list_(session, server_id):
        fits = most_people(listed.rules.access, safety)
        if fits is not None and listed.rules.cap + listed.rules.most_visitors > fits:
            raise UserError(
                "hearth.too_many_safety_roles", type=naming.safe(listed.rules.name), n=safety
            )
