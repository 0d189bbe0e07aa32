"""What it means that a person changed a member's group roles, or entries in a room, by hand.

A home's role that was taken, or in a group without a role the entry in its room: the home is held,
and moderators are asked. A held home's key that was given: a moderator has answered. A group's role
given to somebody who does not live there: it is put aside, and moderators are asked whether they
may come in, for homes are found through Hearth, which knows the seats. Many at once are one line.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.home_messages import role_given
from bot.rules.planning import OVERWRITES
from bot.rules.scope import MemberScope
from bot.services import departures, upkeep, visits
from bot.services.desired import ADOPTED
from bot.services.outbox import owe
from models import Group, GroupType, Membership, Server, Visit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What followed: the home is held now, or there again; roles that are not theirs."""

    held: bool = False
    back: bool = False
    extra: frozenset[int] = frozenset()


async def not_theirs(
    session: AsyncSession, server_id: int, user_id: int, given: Collection[int]
) -> set[int]:
    """Return which of the roles that a member was given belong to groups they don't live in."""
    if not given:
        return set()
    home = await session.get(Membership, (server_id, user_id))
    lives = home.group_id if home is not None and home.state in {"here", "held"} else None
    rows = await session.execute(
        select(Group.id, Group.role_id).where(
            Group.server_id == server_id, Group.role_id.in_(given)
        )
    )
    theirs = {lives, *await _guest_in(session, server_id, user_id)}
    return {row.role_id for row in rows if row.id not in theirs and row.role_id is not None}


async def _guest_in(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    """Return the groups whose role somebody had before Hearth, and keeps as a guest."""
    return set(
        await session.scalars(
            select(Visit.group_id).where(
                Visit.server_id == server_id,
                Visit.user_id == user_id,
                Visit.ended_at.is_(None),
                Visit.origin == ADOPTED,
            )
        )
    )


async def roles_changed(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    given: Collection[int],
    taken: Collection[int],
    now: datetime,
    by_user_id: int | None = None,
    many: Collection[int] = (),
) -> Verdict:
    """Take in which roles others gave to a member and took from them; `by_user_id` if it is known.

    `many` are roles that were given to so many that nobody can be asked about each.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return Verdict()
    touched = {*given, *taken}
    rows = await session.execute(
        select(Group.id, Group.role_id).where(
            Group.server_id == server_id, Group.role_id.in_(touched)
        )
    )
    group_of = {row.role_id: row.id for row in rows}
    home = await session.get(Membership, (server_id, user_id))
    at_home = {role for role, group in group_of.items() if home and home.group_id == group}
    held = back = False
    if home is not None and home.state == "here" and at_home & set(taken):
        held = await departures.home_taken_by_hand(
            session, server_id, user_id, now=now, by_user_id=by_user_id
        )
    elif home is not None and home.state == "held" and at_home & set(given):
        await _answered(session, home, now)
        back = True
    guest_in = await _guest_in(session, server_id, user_id) if group_of else set[int]()
    for role in group_of.keys() & set(taken):
        if group_of[role] in guest_in:  # a guest's only key: whoever took it ended the visit
            await visits.end_for(
                session, server_id=server_id, user_id=user_id, group_id=group_of[role], now=now
            )
    lives = home is not None and home.state in {"here", "held"}
    extra = frozenset(
        role
        for role in group_of.keys() & set(given)
        if not (lives and role in at_home) and group_of[role] not in guest_in
    )
    for role in sorted(extra):
        if role in many:
            await upkeep.roles_taken_back(session, server_id, role, now=now)
        else:
            await _ask_about(
                session, server, user_id, group_of[role], now=now, by_user_id=by_user_id
            )
    return Verdict(held=held, back=back, extra=extra)


async def _ask_about(
    session: AsyncSession,
    server: Server,
    user_id: int,
    group_id: int,
    *,
    now: datetime,
    by_user_id: int | None,
) -> None:
    """Ask the moderators about somebody who was given a group's role; once a day."""
    group = await session.get_one(Group, group_id)
    await owe(
        session,
        server_id=server.id,
        kind="given",
        key=f"extra:{user_id}:{group_id}:{now:%Y%m%d}",
        place="owners" if server.moderators_room_id is None else "moderators",
        group_id=group_id,
        user_id=user_id,
        message=role_given(user_id, group_id, group.name, by_user_id, now),
        now=now,
    )


async def keys_changed(
    session: AsyncSession,
    server_id: int,
    group_id: int,
    *,
    given: Collection[int],
    taken: Collection[int],
    now: datetime,
) -> None:
    """Take in whom others let into a group's room and whom they shut out, entry by entry.

    Only where members have entries instead of a role: there the entry is the home's key.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return
    group = await session.get(Group, group_id)
    type_ = None if group is None else await session.get(GroupType, group.type_id)
    if type_ is None or type_.access != OVERWRITES:
        return
    for user_id in sorted({*given, *taken}):
        home = await session.get(Membership, (server_id, user_id))
        if home is None or home.group_id != group_id:
            continue
        if user_id in taken:
            await departures.home_taken_by_hand(session, server_id, user_id, now=now)
        elif home.state == "held":
            await _answered(session, home, now)


async def _answered(session: AsyncSession, home: Membership, now: datetime) -> None:
    """Let a held home be there again: who gave the key back has answered the question."""
    home.state, home.seat_until = "here", None
    await session.flush()
    await departures.held_no_more(session, home, now)
    note_after_commit(session, MemberScope(home.server_id, home.user_id))
