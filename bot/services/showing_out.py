"""How others end somebody's home or visit: moderators, and for visits the group's own people.

Each is written into the owners' log, told to the person through /home, and open to an appeal. The
group's door stays shut for them for a while, unless somebody of the group invites them back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import log, people, removals, rights, visits
from bot.services.removals import DAYS_SHUT, MOST_DAYS_SHUT, Kind
from bot.services.settling import give_up, leave_lines
from models import Membership, Visit


@dataclass(frozen=True, slots=True)
class Place:
    """A home or visit of somebody; `group` None where it may not be named."""

    group_id: int
    group: str | None
    visit_id: int | None = None  # None: it is their home


async def places(session: AsyncSession, actor: Actor, user_id: int) -> list[Place]:
    """Return somebody's home, in any state, and the visits that run. For moderators."""
    await _moderates(session, actor)
    found: list[Place] = []
    home = await session.get(Membership, (actor.server_id, user_id))
    if home is not None:
        found.append(Place(home.group_id, await removals.named(session, home.group_id)))
    for visit in await visits.of_member(session, actor.server_id, user_id):
        name = await removals.named(session, visit.group_id)
        found.append(Place(visit.group_id, name, visit.id))
    return found


async def remove(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    *,
    now: datetime,
    reason: str = "",
    days: int = DAYS_SHUT,
) -> Place:
    """End somebody's home at once; they may not move in again for `days`. For moderators.

    UserError for oneself, for someone without a home, and for a time that cannot be.
    """
    await _moderates(session, actor)
    if user_id == actor.user_id:
        raise UserError("safety.not_yourself")
    if not 0 <= days <= MOST_DAYS_SHUT:
        raise UserError("safety.days", most=MOST_DAYS_SHUT)
    await people.in_turn(session, actor.server_id, {user_id})
    home = await session.get(Membership, (actor.server_id, user_id))
    if home is None:
        raise UserError("safety.no_home", user=user_id)
    group_id = home.group_id
    await give_up(session, home, "released", now)
    await leave_lines(session, actor.server_id, user_id, group_id)
    await _written(session, actor, user_id, group_id, "removed", reason, now, days)
    return Place(group_id, await removals.named(session, group_id))


async def end_visit(
    session: AsyncSession, actor: Actor, visit_id: int, *, now: datetime, reason: str = ""
) -> tuple[int, Place]:
    """End somebody's visit; return whose and where. For moderators."""
    await _moderates(session, actor)
    row = await session.get(Visit, visit_id)
    if row is None or row.server_id != actor.server_id or row.ended_at is not None:
        raise UserError("visits.over")
    return await _visit_over(session, actor, row, "visit-ended", reason, now)


async def ask_to_leave(
    session: AsyncSession, actor: Actor, visit_id: int, *, now: datetime, reason: str = ""
) -> tuple[int, Place]:
    """Ask a visitor to leave, which ends their visit today; for those who look after the group.

    UserError for a visit that is over, and for somebody else's group. Moderators use `end_visit`.
    """
    row = await session.get(Visit, visit_id)
    if row is None or row.server_id != actor.server_id or row.ended_at is not None:
        raise UserError("visits.over")
    await rights.require_facilitator(session, actor, row.group_id)
    return await _visit_over(session, actor, row, "asked-to-leave", reason, now)


async def _visit_over(  # noqa: PLR0917 - what is written down
    session: AsyncSession, actor: Actor, row: Visit, kind: Kind, reason: str, now: datetime
) -> tuple[int, Place]:
    if row.user_id == actor.user_id:
        raise UserError("safety.own_visit")
    user_id, group_id = row.user_id, row.group_id
    await visits.end_for(
        session, server_id=actor.server_id, user_id=user_id, group_id=group_id, now=now
    )
    await leave_lines(session, actor.server_id, user_id, group_id)
    await _written(session, actor, user_id, group_id, kind, reason, now, DAYS_SHUT)
    return user_id, Place(group_id, await removals.named(session, group_id), row.id)


async def _written(  # noqa: PLR0917 - what is written down
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    group_id: int,
    kind: Kind,
    reason: str,
    now: datetime,
    days: int,
) -> None:
    await removals.note(
        session,
        server_id=actor.server_id,
        user_id=user_id,
        group_id=group_id,
        by_user_id=actor.user_id,
        kind=kind,
        now=now,
        reason=reason,
        days_shut=days,
    )
    await log.note(
        session,
        server_id=actor.server_id,
        by_user_id=actor.user_id,
        action={"removed": "member-remove", "visit-ended": "visit-end"}.get(kind, "visitor-leave"),
        now=now,
        group_id=group_id,
        user_id=user_id,
    )


async def _moderates(session: AsyncSession, actor: Actor) -> None:
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
