"""Roles and rooms that were there before Hearth become groups, with everybody where they are.

Who has the role makes the group their home; who lives in another group already stays as a guest,
with the role they have, until they choose. Nobody was asked, so nobody is counted: that begins with
a press. Members' roles and the room's past are not touched.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import adopting as rules
from bot.rules import charter, naming
from bot.rules.actor import Actor
from bot.rules.adopting import Found, Preview
from bot.rules.planning import OVERWRITES
from bot.rules.scope import ServerScope
from bot.rules.types import most_people
from bot.services import desired, groups, log, rights, stages, types
from bot.services.outbox import owe
from bot.services.upserts import upsert
from models import (
    Adoption,
    Apart,
    Bar,
    Group,
    GroupType,
    Member,
    Membership,
    Server,
    SetupRole,
    Visit,
)

UNTIL_CHOSEN = timedelta(days=3650)  # such a visit has no end of its own
IN_ONE_QUERY = 500  # ids; databases bound the number of values in a statement

_RESTING = and_(Adoption.rests_until_split, Adoption.undone_at.is_(None))
ANY_RESTING = exists().where(_RESTING)


@dataclass(frozen=True, slots=True)
class Adopted:
    """A group that was made of what was there, and the line of the log that undoes it."""

    group_id: int
    name: str
    emoji: str
    room_id: int
    log_id: int
    rests: bool


@dataclass(frozen=True, slots=True)
class _People:
    """Who becomes what."""

    homes: list[int]
    guests: list[int]
    barred: int


async def preview(session: AsyncSession, actor: Actor, found: Found, type_id: int) -> Preview:
    """Return what adopting would mean; UserError says what stands in the way. For owners."""
    type_ = await _require(session, actor, found, type_id)
    emoji, name = rules.called(found)
    people = await _people(session, actor.server_id, found)
    return Preview(
        name=name,
        emoji=emoji,
        type=type_.name,
        cap=type_.cap,
        homes=len(people.homes),
        guests=len(people.guests),
        barred=people.barred,
        by_role=found.role_id is not None,
    )


async def adopt(
    session: AsyncSession, actor: Actor, found: Found, type_id: int, *, now: datetime
) -> Adopted:
    """Make a group of a role and its room; for owners."""
    type_ = await _require(session, actor, found, type_id)
    emoji, name = rules.called(found)
    people = await _people(session, actor.server_id, found)
    group = Group(
        server_id=actor.server_id,
        type_id=type_.id,
        name=name,
        name_key=naming.key(name),
        emoji=emoji,
        colour=found.colour or charter.DEFAULT_COLOUR,
        purpose=rules.purpose(found.topic),
        cap=type_.cap,
        homes=len(people.homes),
        visitors=0,
        state="forming",
        created_at=now,
        opened_at=now,
        role_id=found.role_id,
        room_id=found.room_id,
    )
    session.add(group)
    await session.flush()
    # As if Hearth had written the names: what they are called is a person's decision.
    if found.role_id is not None:
        group.role_written = f"{group.colour:06x} {desired.role_name(emoji, name)}"
    group.room_written = desired.room_name(emoji, name)
    too_full = len(people.homes) > type_.cap
    kept = {
        **rules.written_down(found),
        "look": f"{group.colour:06x} {desired.role_name(emoji, name)}",
        "called": group.room_written,
    }
    adoption = Adoption(
        server_id=actor.server_id,
        group_id=group.id,
        role_id=found.role_id,
        room_id=found.room_id,
        before=json.dumps(kept, ensure_ascii=False),
        at=now,
        rests_until_split=too_full,
    )
    session.add(adoption)
    await _settle(session, group, people, now)
    if too_full:
        group.rests_since = now
    await stages.review(session, group, now)
    log_id = await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action="group-adopt",
        now=now,
        group_id=group.id,
        before={"adoption_id": adoption.id},
        after={"adoption_id": adoption.id, "name": name},
    )
    await owe(
        session,
        server_id=actor.server_id,
        kind="adopted",
        key=f"adopted:{group.id}",
        place="room",
        group_id=group.id,
        message=rules.notice(group.id),
        now=now,
    )
    note_after_commit(session, ServerScope(actor.server_id))
    return Adopted(group.id, name, emoji, found.room_id, log_id, too_full)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Let groups go on that rested because they were too full and have split; return how many."""
    rows = await session.execute(
        select(Adoption, Group)
        .join(Group, Group.id == Adoption.group_id)
        .where(_RESTING, Group.homes <= Group.cap)
    )
    found = rows.all()
    for adoption, group in found:
        adoption.rests_until_split = False
        if group.rests_since is not None:
            await stages.wake(session, group, now)
    await session.flush()
    return len(found)


async def _require(session: AsyncSession, actor: Actor, found: Found, type_id: int) -> GroupType:
    """Return the type; UserError for whatever stands in the way of an adoption."""
    await rights.require_owner(session, actor)
    server = await rights.server_row(session, actor.server_id)
    type_ = await session.get(GroupType, type_id)
    if type_ is None or type_.server_id != actor.server_id:
        raise UserError("types.not_found")
    by_role = type_.access != OVERWRITES
    if by_role and found.role_id is None:
        raise UserError("adopt.role_needed", type=naming.safe(type_.name))
    if not by_role and found.role_id is not None:
        raise UserError("adopt.no_role", type=naming.safe(type_.name))
    rules.require_possible(found)
    await _require_free(session, server, found)
    await groups.free_name(session, server.id, rules.called(found)[1], None)
    if not found.people:
        raise UserError("adopt.nobody")
    pairs = await session.execute(
        select(Apart.low_id, Apart.high_id).where(Apart.server_id == server.id)
    )
    meet = sum(1 for low, high in pairs if low in found.people and high in found.people)
    if meet:
        raise UserError("adopt.kept_apart", n=meet)
    fits = most_people(type_.access, await types.safety_roles(session, server.id))
    if fits is not None and len(found.people) > fits:
        raise UserError("adopt.too_many_entries", n=len(found.people), most=fits)
    return type_


async def _require_free(session: AsyncSession, server: Server, found: Found) -> None:
    """UserError where role or room has a part already: in another group, or in the setup."""
    taken = await session.scalar(
        select(Group).where(
            Group.server_id == server.id,
            or_(Group.room_id == found.room_id, Group.role_id == (found.role_id or 0)),
        )
    )
    if taken is not None:
        raise UserError("adopt.is_group", group=naming.safe(taken.name))
    rooms = {
        server.commons_id,
        server.facilitators_room_id,
        server.moderators_room_id,
        server.owners_room_id,
    }
    if found.room_id in rooms:
        raise UserError("adopt.room_of_setup", room=found.room_id)
    if found.role_id is None:
        return
    part = await session.scalar(
        select(func.count()).where(
            SetupRole.server_id == server.id, SetupRole.role_id == found.role_id
        )
    )
    if found.role_id in {server.id, server.owner_role_id} or part:
        raise UserError("adopt.role_of_setup", role=found.role_id)


async def _people(session: AsyncSession, server_id: int, found: Found) -> _People:
    bars = set(
        await session.scalars(
            select(Bar.user_id).where(Bar.server_id == server_id, Bar.group_id == 0)
        )
    )
    may_stay = sorted(found.people - bars)
    housed: set[int] = set()
    for start in range(0, len(may_stay), IN_ONE_QUERY):
        some = may_stay[start : start + IN_ONE_QUERY]
        housed |= set(
            await session.scalars(
                select(Membership.user_id).where(
                    Membership.server_id == server_id, Membership.user_id.in_(some)
                )
            )
        )
    return _People(
        homes=[user for user in may_stay if user not in housed],
        guests=[user for user in may_stay if user in housed],
        barred=len(found.people & bars),
    )


async def _settle(session: AsyncSession, group: Group, people: _People, now: datetime) -> None:
    """Write everybody down where they are; their first move is free, and nobody is counted."""
    here = {"server_id": group.server_id}
    everybody = people.homes + people.guests
    for start in range(0, len(everybody), IN_ONE_QUERY):
        await session.execute(
            upsert(session, Member)
            .values(
                [
                    {**here, "user_id": user, "moves": 0, "free_move": True}
                    for user in everybody[start : start + IN_ONE_QUERY]
                ]
            )
            .on_conflict_do_update(
                index_elements=["server_id", "user_id"], set_={"free_move": True}
            )
        )
    session.add_all(
        Membership(**here, user_id=user, group_id=group.id, state="here", since=now)
        for user in people.homes
    )
    session.add_all(
        Visit(
            **here,
            group_id=group.id,
            user_id=user,
            origin=desired.ADOPTED,
            started_at=now,
            ends_at=now + UNTIL_CHOSEN,
        )
        for user in people.guests
    )
    await session.flush()
