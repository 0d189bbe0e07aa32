"""What it means that a person changed a member's group roles by hand.

A home's role that was taken: the home is held, and moderators are asked. A held home's role that
was given: a moderator has answered. A group's role given to somebody who does not live there: it is
taken back, and the owners are told, for homes are found through Hearth, which knows the caps.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.scope import MemberScope
from bot.services import departures, upkeep
from models import Group, Membership, Server


@dataclass(frozen=True, slots=True)
class Verdict:
    """What followed: the home is held now, or there again; roles that are not theirs."""

    held: bool = False
    back: bool = False
    extra: frozenset[int] = frozenset()


async def roles_changed(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    given: Collection[int],
    taken: Collection[int],
    now: datetime,
    by_user_id: int | None = None,
) -> Verdict:
    """Take in which roles others gave to a member and took from them."""
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
        home.state, home.seat_until = "here", None
        await session.flush()
        note_after_commit(session, MemberScope(server_id, user_id))
        back = True
    lives = home is not None and home.state in {"here", "held"}
    extra = frozenset(
        role for role in group_of.keys() & set(given) if not (lives and role in at_home)
    )
    for role in sorted(extra):
        await upkeep.role_taken_back(session, server_id, user_id, role, now=now)
    return Verdict(held=held, back=back, extra=extra)
