"""Whom a private word reaches: the facilitators of its author's group, or the moderators.

A word about a message of somebody who looks after the group goes to the moderators, and so does one
that nobody else could read there: nobody is judge of their own matter.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.concern_cards import Whom
from bot.services import facilitators, locking, removals, rights
from models import Group, Membership, Visit

# Why moderators get a word that was meant for facilitators: it is about one of them, nobody (else)
# looks after the group, or its author belongs to none.
Why = Literal["", "of_facilitator", "nobody", "no_group"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who would read a word: `readers` by id where they are facilitators."""

    whom: Whom
    group_id: int | None
    group: str | None  # None: no group, or one that is not named
    readers: tuple[int, ...]
    why: Why
    room_id: int | None

    def packed(self) -> str:
        """Return what must be remembered of it."""
        return f"{self.whom}:{self.group_id or 0}:{self.why}:{self.room_id or 0}"


async def reach(
    session: AsyncSession, actor: Actor, whom: Whom, room_id: int | None, *, of: int | None = None
) -> Reach:
    """Return who reads a word that is written in a room; `of` is the author of what it is about."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    group = await _group(session, actor, room_id)
    if whom == "moderators":
        return await _to(session, actor, "moderators", group, "", room_id)
    if group is None:
        return await _to(session, actor, "moderators", None, "no_group", room_id)
    if of is not None and of in await facilitators.active(session, group.id):
        return await _to(session, actor, "moderators", group, "of_facilitator", room_id)
    return await _to(session, actor, "facilitators", group, "", room_id)


async def unpacked(session: AsyncSession, actor: Actor, packed: str) -> Reach:
    """Return whom a word reaches that was kept; facilitators may have changed meanwhile."""
    whom, group_id, why, room_id = packed.split(":")
    group = await session.get(Group, int(group_id))
    reason: Why = "of_facilitator" if why == "of_facilitator" else ""
    if why in {"nobody", "no_group"}:
        reason = "nobody" if why == "nobody" else "no_group"
    to: Whom = "facilitators" if whom == "facilitators" and group is not None else "moderators"
    return await _to(session, actor, to, group, reason, int(room_id) or None)


async def readers(session: AsyncSession, group_id: int | None) -> list[int]:
    """Return who looks after a group."""
    return [] if group_id is None else await facilitators.active(session, group_id)


async def name(session: AsyncSession, group_id: int | None) -> str | None:
    """Return the group's name where it may stand outside its room."""
    return await removals.named(session, group_id)


async def _to(  # noqa: PLR0917 - what a Reach holds
    session: AsyncSession,
    actor: Actor,
    whom: Whom,
    group: Group | None,
    why: Why,
    room_id: int | None,
) -> Reach:
    group_id = None if group is None else group.id
    people: tuple[int, ...] = ()
    if whom == "facilitators":
        found = await readers(session, group_id)
        people = tuple(user for user in found if user != actor.user_id)
        if not people:
            whom, why = "moderators", "nobody"
    return Reach(whom, group_id, await name(session, group_id), people, why, room_id)


async def _group(session: AsyncSession, actor: Actor, room_id: int | None) -> Group | None:
    """Return the group of the room where someone is, if they belong there, else their own."""
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    visited = await session.scalars(
        select(Visit.group_id)
        .where(
            Visit.server_id == actor.server_id,
            Visit.user_id == actor.user_id,
            Visit.ended_at.is_(None),
        )
        .order_by(Visit.started_at, Visit.id)
    )
    own = [*([] if home is None else [home.group_id]), *visited]
    here = await locking.in_room(session, actor.server_id, room_id)
    if here is not None and here.id in own:
        return here
    return await session.get(Group, own[0]) if own else None
