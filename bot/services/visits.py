"""Visits: opened, granted, ended. The reconciler follows with a member's own overwrite on the room.

Visits that someone asked for count towards what a person may have at once and towards the group's
`visitors`, a counted column: a place is taken by UPDATE … WHERE visitors < most_visitors in the
transaction that writes the visit. Granted visits, after a move or a split, count to neither.

`/visit` itself, which may end in a request to the facilitators, is in `bot.services.visiting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import attributes, util

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import visits as rules
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.scope import MemberScope
from bot.services import keeping_out, people, rights, standing
from bot.services.groups import of_server
from bot.settings import Settings
from models import Door, Facilitator, Group, GroupType, Invitation, Membership, SetupRole, Visit

OFFICE = "office"  # the origin of a key that goes with looking after a group: office_keys
GUEST = "guest"  # of a key for one guest evening: guest_doors

_OVER = and_(Visit.ended_at.is_(None), Visit.ends_at <= bindparam("now"), Visit.origin != OFFICE)
ANY_DUE = exists().where(_OVER)


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that began; `told`: counting begins with it, and the reply must say so."""

    group_id: int
    group: str
    room_id: int | None  # None: not made yet
    ends_at: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """One visit that is open now."""

    id: int
    group_id: int
    group: str
    room_id: int | None
    user_id: int
    origin: str
    ends_at: datetime
    by_old_role: bool = False  # adopted with it, and no home chosen yet: without an end so far


async def way_in(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    settings: Settings,
    admitted: bool = False,
) -> rules.Way:
    """Return how someone may visit a group; UserError says what stands in the way."""
    await rights.server_row(session, server_id)
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    await people.member(session, server_id, user_id)  # one person's visits are opened in turn
    found = await standing.standing(session, server_id, user_id, group_id)
    home = await session.get(Membership, (server_id, user_id))
    counted = (
        select(func.count())
        .select_from(Visit)
        .where(
            Visit.server_id == server_id,
            Visit.user_id == user_id,
            Visit.ended_at.is_(None),
            Visit.origin == "asked",
        )
    )
    last = select(func.max(Visit.ended_at)).where(
        Visit.group_id == group_id, Visit.user_id == user_id, Visit.origin != GUEST
    )
    current = await _open(session, group_id, user_id)
    door = None if home is None else await _door(session, group_id, home.group_id, now)
    return rules.way_in(
        rules.Host(group.name, group.state, type_.access, type_.visits),
        rules.Guest(
            lives_here=home is not None and home.group_id == group_id,
            visits_until=None if current is None else current.ends_at,
            door_until=door,
            ended_at=await session.scalar(last),
            open_visits=await session.scalar(counted) or 0,
            barred=found.barred,
            apart=found.apart,
            invited=found.invited,
        ),
        now,
        at_once=settings.visits_at_once,
        admitted=admitted,
    )


async def admit(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    settings: Settings,
) -> Visited:
    """Begin a visit that facilitators said yes to; UserError if it is no longer possible."""
    await way_in(
        session,
        server_id=server_id,
        user_id=user_id,
        group_id=group_id,
        now=now,
        settings=settings,
        admitted=True,
    )
    return await begin(session, server_id=server_id, user_id=user_id, group_id=group_id, now=now)


async def begin(
    session: AsyncSession, *, server_id: int, user_id: int, group_id: int, now: datetime
) -> Visited:
    """Begin a visit that `way_in` found to be possible; UserError when every place is taken."""
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    if not await takes_one_more(session, group, type_):
        raise UserError("visits.room_full", group=safe(group.name))
    if not await _take_place(session, group_id):
        raise UserError("visits.full", group=safe(group.name), n=type_.most_visitors)
    # Places are counted one after the other, so whoever came in meanwhile is seen.
    if (await standing.standing(session, server_id, user_id, group_id)).apart:
        raise UserError("visits.door_closed", group=safe(group.name))
    ends_at = now + timedelta(days=type_.visit_days)
    session.add(
        Visit(
            server_id=server_id,
            group_id=group_id,
            user_id=user_id,
            origin="asked",
            started_at=now,
            ends_at=ends_at,
        )
    )
    await session.execute(
        delete(Invitation).where(Invitation.group_id == group_id, Invitation.user_id == user_id)
    )
    await session.flush()
    told = await people.consent(session, server_id, user_id, now)
    note_after_commit(session, MemberScope(server_id, user_id))
    return Visited(group.id, group.name, group.room_id, ends_at, told)


async def grant(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    group_id: int,
    now: datetime,
    origin: str = "granted",
) -> datetime | None:
    """Give someone 30 days in a group that they moved away from; return when they end.

    With another `origin` for another reason: see the table.

    None, and nothing changes, where a bar or an apart stands in the way, where they live in the
    group, or where the room can take no further overwrite. An open visit is prolonged.
    """
    group = await session.get_one(Group, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    found = await standing.standing(session, server_id, user_id, group_id)
    home = await session.get(Membership, (server_id, user_id))
    if found.barred or found.apart or (home is not None and home.group_id == group_id):
        return None
    ends_at = now + rules.GRANTED_FOR
    current = await _open(session, group_id, user_id)
    if current is not None:
        current.ends_at = max(current.ends_at, ends_at)
        ends_at = current.ends_at
    elif not await takes_one_more(session, group, type_):
        return None
    else:
        session.add(
            Visit(
                server_id=server_id,
                group_id=group_id,
                user_id=user_id,
                origin=origin,
                started_at=now,
                ends_at=ends_at,
            )
        )
    await session.flush()
    note_after_commit(session, MemberScope(server_id, user_id))
    return ends_at


async def end(session: AsyncSession, actor: Actor, visit_id: int, now: datetime) -> OpenVisit:
    """End a visit: one's own, or as the group's facilitator, an owner or a moderator."""
    row = await session.get(Visit, visit_id)
    if row is None or row.server_id != actor.server_id or row.ended_at is not None:
        raise UserError("visits.over")
    if row.user_id != actor.user_id and not actor.moderates_members:
        await rights.require_facilitator(session, actor, row.group_id)
    group = await session.get_one(Group, row.group_id)
    await _end(session, [row], now)
    return _shown(row, group)


async def end_for(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    now: datetime,
    group_id: int | None = None,
    origin: str | None = None,
) -> int:
    """End someone's open visits, all or the one to `group_id`; return how many there were.

    With `origin` only those that came about so.

    For a visited group that becomes their home, a ban, a bar, or leaving the server.
    """
    wanted = select(Visit).where(
        Visit.server_id == server_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
    )
    if group_id is not None:
        wanted = wanted.where(Visit.group_id == group_id)
    if origin is not None:
        wanted = wanted.where(Visit.origin == origin)
    return await _end(session, (await session.scalars(wanted)).all(), now)


async def end_due(session: AsyncSession, now: datetime) -> int:
    """End the visits of all servers whose time is over; return how many. Called by the tick.

    The key of somebody who looks after a group lasts as long as that, whatever its date.
    """
    due = await session.scalars(select(Visit).where(_OVER), {"now": now})
    return await _end(session, due.all(), now)


async def of_member(session: AsyncSession, server_id: int, user_id: int) -> list[OpenVisit]:
    """Return someone's open visits, the first to end first."""
    return await _list(session, Visit.server_id == server_id, Visit.user_id == user_id)


async def of_group(session: AsyncSession, actor: Actor, group_id: int) -> list[OpenVisit]:
    """Return a group's open visits for its facilitators and owners, the first to end first.

    Who looks after the group is no visitor: their key lasts as long as their office.
    """
    await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    cares = exists().where(
        Facilitator.group_id == Visit.group_id,
        Facilitator.user_id == Visit.user_id,
        Facilitator.state == "active",
    )
    return await _list(session, Visit.group_id == group_id, Visit.origin != OFFICE, ~cares)


async def _list(session: AsyncSession, *which: Any) -> list[OpenVisit]:
    rows = await session.execute(
        select(Visit, Group)
        .join(Group, Group.id == Visit.group_id)
        .where(Visit.ended_at.is_(None), *which)
        .order_by(Visit.ends_at, Visit.id)
    )
    return [_shown(visit, group) for visit, group in rows]


def _shown(visit: Visit, group: Group) -> OpenVisit:
    return OpenVisit(
        id=visit.id,
        group_id=group.id,
        group=group.name,
        room_id=group.room_id,
        user_id=visit.user_id,
        origin=visit.origin,
        ends_at=visit.ends_at,
        by_old_role=visit.ends_at - visit.started_at > rules.NO_END,
    )


async def _open(session: AsyncSession, group_id: int, user_id: int) -> Visit | None:
    return await session.scalar(
        select(Visit).where(
            Visit.group_id == group_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
        )
    )


async def _door(
    session: AsyncSession, group_id: int, home_id: int, now: datetime
) -> datetime | None:
    """Return until when the door to a sibling stands open for those who live in `home_id`."""
    return await session.scalar(
        select(Door.closes_at).where(
            Door.group_id == group_id, Door.for_group_id == home_id, Door.closes_at > now
        )
    )


async def _end(session: AsyncSession, visits: Sequence[Visit], now: datetime) -> int:
    ended = 0
    for visit in visits:
        # Who was offline when a visit ran out does not wait longer for the next one.
        over = (
            update(Visit)
            .where(Visit.id == visit.id, Visit.ended_at.is_(None))
            .values(ended_at=min(now, visit.ends_at))
        )
        note_after_commit(session, MemberScope(visit.server_id, visit.user_id))
        if await session.scalar(over.returning(Visit.id)) is None:
            continue  # another writer has ended it meanwhile
        ended += 1
        if visit.origin == "asked":
            await _free_place(session, visit.group_id)
    await session.flush()
    return ended


async def takes_one_more(
    session: AsyncSession, group: Group, type_: GroupType, *, door_for: int | None = None
) -> bool:
    """Return whether the room has an overwrite left within the hundred that one call takes.

    With `door_for` a door to that group's people is to open, and whoever of them must stay out of
    the room all the same is named in it, too.
    """
    guards = await session.scalar(
        select(func.count())
        .select_from(SetupRole)
        .where(SetupRole.server_id == group.server_id, SetupRole.part == "safety")
    )
    guests = await session.scalar(
        select(func.count())
        .select_from(Visit)
        .where(Visit.group_id == group.id, Visit.ended_at.is_(None))
    )
    doors = await session.scalars(
        select(Door.for_group_id).where(
            or_(Door.group_id == group.id, Door.for_group_id == group.id)
        )
    )
    others = doors.all()
    siblings = {*others, *(() if door_for is None else (door_for,))} - {group.id}
    shut = await _shut_out(session, group, siblings)
    keys = group.homes if type_.access == "overwrites" else 1
    taken = rules.OVERWRITES_OF_HEARTH + (guards or 0) + keys + len(others) + (guests or 0) + shut
    return taken < rules.OVERWRITES_MOST


async def _shut_out(session: AsyncSession, group: Group, siblings: set[int]) -> int:
    """Return how many have to be kept out of a room by name, while these groups' doors are open."""
    if not siblings:
        return 0
    kept_out = await keeping_out.read(session, group.server_id)
    shut = await keeping_out.shut_out(session, group.server_id, kept_out, {group.id: siblings})
    return len(shut.get(group.id, ()))


async def _take_place(session: AsyncSession, group_id: int) -> bool:
    """Take one of the group's places for visitors; False when none is free."""
    most = (
        select(GroupType.most_visitors)
        .where(GroupType.id == Group.type_id)
        .correlate(Group)
        .scalar_subquery()
    )
    taken = (
        update(Group)
        .where(Group.id == group_id, Group.visitors < most)
        .values(visitors=Group.visitors + 1)
    )
    return await _counted(session, group_id, taken)


async def _free_place(session: AsyncSession, group_id: int) -> None:
    freed = (
        update(Group)
        .where(Group.id == group_id, Group.visitors > 0)
        .values(visitors=Group.visitors - 1)
    )
    await _counted(session, group_id, freed)


async def _counted(session: AsyncSession, group_id: int, change: Update) -> bool:
    visitors = await session.scalar(
        change.returning(Group.visitors), execution_options={"synchronize_session": False}
    )
    if visitors is None:
        return False
    # The statement went past the session: tell the row that it may hold in memory.
    key: Any = util.identity_key(Group, group_id)
    loaded = session.identity_map.get(key)
    if loaded is not None:
        attributes.set_committed_value(loaded, "visitors", visitors)
    return True
