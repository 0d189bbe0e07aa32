"""What the tables say that a server should be like, read in one moment."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import BigInteger, ColumnElement, bindparam, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import naming
from bot.rules.planning import OVERWRITES, Desired, DesiredGroup, Home
from bot.services import keeping_out
from models import Door, Group, GroupType, Membership, Server, SetupRole, Visit

ADOPTED = "adopted"  # the origin of visits that keep a role which was there before
ROLE_NAME_LENGTH = 100  # Discord's limit for a role's name
PAUSE_EVERY = 1000  # rows; a look at a large server lets others work in between
TOPIC_LENGTH = 1024  # Discord's limit for a text channel's topic

# What every look at a server reads; built once, for building them costs more than reading.
_SERVER = bindparam("server_id", type_=BigInteger())
_GROUPS = (
    select(
        Group.id,
        Group.name,
        Group.emoji,
        Group.colour,
        Group.purpose,
        Group.state,
        Group.role_id,
        Group.room_id,
        Group.role_written,
        Group.room_written,
        Group.locked_at,
        Group.voice_id,
        Group.voice_written,
        GroupType.voice,
        GroupType.access,
        GroupType.visitors_read_history,
    )
    .join(GroupType, GroupType.id == Group.type_id)
    .where(Group.server_id == _SERVER)
)
_DOORS = select(Door.group_id, Door.for_group_id, Door.reads_history).where(
    Door.server_id == _SERVER, Door.closes_at > bindparam("now")
)
_SETUP_ROLES = select(SetupRole.part, SetupRole.role_id).where(SetupRole.server_id == _SERVER)


@dataclass(frozen=True, slots=True)
class Doors:
    """Whose role may enter which group's room, and who of them reads no history there."""

    open: dict[int, set[int]]
    blind: dict[int, set[int]]


async def load(
    session: AsyncSession,
    server_id: int,
    *,
    now: datetime,
    groups: Collection[int] | None = None,
    users: Collection[int] | None = None,
) -> Desired | None:
    """Return what a server should be like; None while Hearth should change nothing in it.

    With `groups` or `users` only these are complete: the rooms of `groups`, the homes of `users`
    and the rooms to which a user's rows give or gave them a key. With neither, everything is.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return None
    base = await _groups(session, server_id)
    kept_out = await keeping_out.read(session, server_id)
    doors: Doors | None = None
    if groups is None and users is None:
        complete = set(base)
        homes = await _homes(session, server_id, true())
        visits = await _visits(session, server_id, true())
    else:
        asked = set(users or ())
        complete = set(groups or ()) & base.keys()
        if asked:
            theirs = await _visits(session, server_id, Visit.user_id.in_(asked))
            complete |= {group for group, _user, _runs, _adopted in theirs}
        if asked & kept_out.concerned:
            doors = await _doors(session, server_id, now)
            complete |= await keeping_out.beside(
                session, server_id, asked & kept_out.concerned, doors.open
            )
        living = or_(Membership.group_id.in_(complete), Membership.user_id.in_(asked))
        homes = await _homes(session, server_id, living)
        found = {homes[user].group_id for user in asked & homes.keys()} - complete
        found = {group for group in found if not _needs_nobody(base[group])}
        if found:
            homes |= await _homes(session, server_id, Membership.group_id.in_(found))
            complete |= found
        visits = []
        if complete:
            visits = await _visits(session, server_id, Visit.group_id.in_(complete))
    if doors is None:
        doors = await _doors(session, server_id, now) if complete else Doors({}, {})
    shut = await keeping_out.shut_out(session, server_id, kept_out, doors.open)
    setup = await _setup_roles(session, server_id)
    return Desired(
        server_id=server_id,
        groups=_peopled(base, homes, visits, doors, shut, complete),
        complete=frozenset(complete),
        homes=homes,
        bars=kept_out.bars,
        safety_roles=frozenset(setup["safety"]),
        restricted_roles=frozenset(setup["restricted"]),
        language=server.language,
        guests=_guests(base, visits),
    )


def _needs_nobody(group: DesiredGroup) -> bool:
    """Return whether a member's key to this group is a role that has been made."""
    return group.by_role and group.role_id is not None and group.room_id is not None


async def _groups(session: AsyncSession, server_id: int) -> dict[int, DesiredGroup]:
    rows = await session.execute(_GROUPS, {"server_id": server_id})
    return {
        row.id: DesiredGroup(
            group_id=row.id,
            name=role_name(row.emoji, row.name),
            colour=row.colour,
            room_name=room_name(row.emoji, row.name),
            topic=row.purpose[:TOPIC_LENGTH],
            by_role=row.access != OVERWRITES,
            open=row.state in {"forming", "open"},  # who will look after it makes ready there
            role_id=row.role_id,
            room_id=row.room_id,
            role_written=row.role_written,
            room_written=row.room_written,
            visitors_read_history=row.visitors_read_history,
            read_only=row.locked_at is not None or row.state == "archived",
            voice=row.voice,
            voice_name=role_name(row.emoji, row.name),
            voice_id=row.voice_id,
            voice_written=row.voice_written,
        )
        for row in rows
    }


@lru_cache(maxsize=4096)
def room_name(emoji: str, name: str) -> str:
    """Return a group's room name; remembered, since every look needs all of them."""
    return naming.room_name(emoji, name)


def role_name(emoji: str, name: str) -> str:
    """Return a group's role name; a server's own emoji cannot stand in one."""
    shown = name if emoji.startswith("<") or not emoji else f"{emoji} {name}"
    return shown[:ROLE_NAME_LENGTH]


async def _homes(
    session: AsyncSession, server_id: int, which: ColumnElement[bool]
) -> dict[int, Home]:
    found = select(
        Membership.user_id, Membership.group_id, Membership.state, Membership.since
    ).where(Membership.server_id == server_id, which)
    # Not through the session: that would make all rows at once, however few are taken.
    rows = await (await session.connection()).execute(found)
    homes: dict[int, Home] = {}
    for some in rows.partitions(PAUSE_EVERY):
        homes |= {user: Home(group, state, since) for user, group, state, since in some}
        await asyncio.sleep(0)
    return homes


async def _visits(
    session: AsyncSession, server_id: int, which: ColumnElement[bool]
) -> list[tuple[int, int, bool, bool]]:
    """Return (group, user, whether it runs, whether it keeps a role) of visits.

    Ended ones are kept for 30 days.
    """
    rows = await session.execute(
        select(Visit.group_id, Visit.user_id, Visit.ended_at, Visit.origin).where(
            Visit.server_id == server_id, which
        )
    )
    return [
        (row.group_id, row.user_id, row.ended_at is None, row.origin == ADOPTED) for row in rows
    ]


def _guests(
    base: dict[int, DesiredGroup], visits: Iterable[tuple[int, int, bool, bool]]
) -> dict[int, frozenset[int]]:
    """Return whose role of which groups was there before Hearth and is their key as guests."""
    found: dict[int, set[int]] = defaultdict(set)
    for group, user, runs, adopted in visits:
        if runs and adopted and base[group].by_role:
            found[user].add(group)
    return {user: frozenset(groups) for user, groups in found.items()}


async def _doors(session: AsyncSession, server_id: int, now: datetime) -> Doors:
    rows = await session.execute(_DOORS, {"server_id": server_id, "now": now})
    doors: dict[int, set[int]] = defaultdict(set)
    blind: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        doors[row.group_id].add(row.for_group_id)
        if not row.reads_history:
            blind[row.group_id].add(row.for_group_id)
    return Doors(doors, blind)


async def _setup_roles(session: AsyncSession, server_id: int) -> dict[str, set[int]]:
    rows = await session.execute(_SETUP_ROLES, {"server_id": server_id})
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        found[row.part].add(row.role_id)
    return found


def _peopled(  # noqa: PLR0917 - all that was read
    base: dict[int, DesiredGroup],
    homes: dict[int, Home],
    visits: Iterable[tuple[int, int, bool, bool]],
    doors: Doors,
    shut: dict[int, set[int]],
    complete: Collection[int],
) -> dict[int, DesiredGroup]:
    """Return the groups with who has a key to their room, where that was read in whole."""
    residents: dict[int, set[int]] = defaultdict(set)
    visitors: dict[int, set[int]] = defaultdict(set)
    former: dict[int, set[int]] = defaultdict(set)
    for user, home in homes.items():
        (residents if home.state == "here" else former)[home.group_id].add(user)
    for group, user, runs, adopted in visits:
        if runs and adopted and base[group].by_role:
            continue  # their role is their key
        (visitors if runs else former)[group].add(user)
    peopled = dict(base)
    for group in complete:
        peopled[group] = replace(
            base[group],
            residents=frozenset(residents[group]),
            visitors=frozenset(visitors[group]),
            former=frozenset(former[group] - residents[group] - visitors[group]),
            doors=frozenset(doors.open.get(group, ())),
            blind_doors=frozenset(doors.blind.get(group, ())),
            shut=frozenset(shut.get(group, ())),
        )
    return peopled
