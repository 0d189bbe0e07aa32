"""A group comes of a circle: founded when enough of its people say yes, and they are asked in.

Nobody is moved: who said yes finds an invitation, and moves in by a press of their own, within
what holds for every move.
"""

import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import circle_cards, membership
from bot.rules.circle_offers import line_times, suits
from bot.services import (
    circles,
    facilitators,
    groups,
    inviting,
    limits,
    log,
    people,
    standing,
)
from bot.services.outbox import owe
from bot.settings import Settings
from models import Circle, CircleMember, Facilitator, Group, GroupType, Member, Membership, Server

logger = logging.getLogger(__name__)
MOST_HELPERS = 2  # who said that they would look after the group, and do from the first day

_OPEN = and_(Circle.state.in_(("offered", "founded")), Circle.closed_at.is_(None))
ANY_OPEN = exists().where(_OPEN)


async def step_due(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Take all servers' offered circles as far as they can go; return how many changed.

    Called by the tick. Founds what enough people said yes to, asks in who said yes since, and ends
    what its time is over for.
    """
    rows = await session.scalars(
        select(Circle)
        .join(Server, Server.id == Circle.server_id)
        .where(_OPEN, Server.paused_at.is_(None), Server.removed_at.is_(None))
        .order_by(Circle.id)
    )
    changed = 0
    for circle in rows.all():
        circle_id = circle.id
        try:
            async with session.begin_nested():
                changed += await _step(session, circle, now, settings)
        except OperationalError:
            raise  # the disk, not the circle; SQLite may have ended the transaction already
        except Exception:
            # One that fails holds up neither the others nor the rest of the tick.
            logger.exception("Circle %s could not go on; it will be tried again.", circle_id)
    return changed


async def _step(session: AsyncSession, circle: Circle, now: datetime, settings: Settings) -> bool:
    changed = False
    if circle.state == "offered" and await _enough(session, circle, now, settings):
        changed = await _found(session, circle, now)
    if circle.state == "founded":
        changed = await _ask_in(session, circle, now) or changed
    if circle.ends_at is not None and circle.ends_at <= now:
        lost = circle.state == "offered"
        await circles.close(session, circle, now)
        if lost:
            await _tell_owners(session, circle, now, None)
        changed = True
    return changed


async def ready(
    session: AsyncSession, server_id: int, user_id: int, now: datetime, settings: Settings
) -> bool:
    """Return whether somebody could move into a new group at this moment."""
    if not await _is_free(session, server_id, user_id):
        return False
    past = people.past(
        await session.get(Member, (server_id, user_id)),
        await session.get(Membership, (server_id, user_id)),
    )
    return membership.next_move_at(past, now, people.bounds(settings)) is None


async def _is_free(session: AsyncSession, server_id: int, user_id: int) -> bool:
    """Return whether somebody is in the server, and neither held nor barred there."""
    member = await session.get(Member, (server_id, user_id))
    home = await session.get(Membership, (server_id, user_id))
    if member is None or member.left_at is not None or (home and home.state == "held"):
        return False
    return 0 not in await standing.closed_to(session, server_id, user_id)


async def _enough(session: AsyncSession, circle: Circle, now: datetime, settings: Settings) -> bool:
    """Return whether as many as the type needs said yes and could move in now.

    Never where the type's groups are about who somebody is, or named nowhere, by now.
    """
    type_ = None if circle.type_id is None else await session.get(GroupType, circle.type_id)
    if type_ is None or not suits(kind=type_.kind, listed=type_.listed):
        return False
    if await limits.no_place_for(session, type_):
        return False
    said_yes = await _said_yes(session, circle)
    if len(said_yes) < type_.minimum:
        return False
    could = [
        row
        for row in said_yes
        if await ready(session, circle.server_id, row.user_id, now, settings)
    ]
    return len(could) >= type_.minimum


async def _said_yes(session: AsyncSession, circle: Circle) -> list[CircleMember]:
    """Return who said yes, and may still be asked: the first first."""
    rows = await session.scalars(
        select(CircleMember)
        .where(CircleMember.circle_id == circle.id, CircleMember.answer == "yes")
        .order_by(CircleMember.answered_at, CircleMember.user_id)
    )
    return [row for row in rows if await _is_free(session, circle.server_id, row.user_id)]


async def _found(session: AsyncSession, circle: Circle, now: datetime) -> bool:
    """Make the group; under another name where the one that was meant is taken by now."""
    assert circle.type_id is not None
    type_ = await session.get_one(GroupType, circle.type_id)
    charter = circles.charter_of(circle)
    try:
        await groups.free_name(session, circle.server_id, charter.name, None)
    except UserError:
        sign, name = await circles.spare_name(session, circle)
        charter = replace(charter, name=name, emoji=sign)
    group = await groups.make(session, type_, charter, now)
    circle.state, circle.group_id = "founded", group.id
    await session.flush()
    await _helpers(session, circle, group, now)
    await log.note(
        session,
        server_id=circle.server_id,
        by_user_id=log.NOBODY,
        action="circle-found",
        now=now,
        group_id=group.id,
        after={"name": group.name},
    )
    await _tell_owners(session, circle, now, group)
    return True


async def _helpers(session: AsyncSession, circle: Circle, group: Group, now: datetime) -> None:
    """Let the first of those who said that they would look after the group do so."""
    begun: list[int] = []
    for row in await _said_yes(session, circle):
        if not row.would_help or len(begun) >= MOST_HELPERS:
            continue
        office = Facilitator(
            group_id=group.id,
            user_id=row.user_id,
            server_id=circle.server_id,
            state="asked",
            since=now,
        )
        try:
            async with session.begin_nested():
                session.add(office)
                await session.flush()
                await facilitators.begin(session, office, group, now)
        except UserError:
            continue  # they may not enter, or have no key; the next one may
        begun.append(row.user_id)


async def _ask_in(session: AsyncSession, circle: Circle, now: datetime) -> bool:
    """Invite who said yes and was not invited yet; while the group waits to open, nobody."""
    group = None if circle.group_id is None else await session.get(Group, circle.group_id)
    if group is None or group.state != "open":
        return False
    asked = [row for row in await _said_yes(session, circle) if row.invited_at is None]
    # Their lines come one by one, as the question did; who comes alone gives nobody away.
    times = line_times(circle.id, [row.user_id for row in asked], now)
    for row in asked:
        row.invited_at = now
        await session.flush()
        await inviting.of_their_own_wish(
            session,
            circle.server_id,
            group.id,
            row.user_id,
            now,
            by_user_id=circle.by_user_id or log.NOBODY,
            told_at=times[row.user_id] if len(asked) > 1 else None,
        )
    return bool(asked)


async def _tell_owners(
    session: AsyncSession, circle: Circle, now: datetime, group: Group | None
) -> None:
    """Owe the owners' room the line that says what came of their offer."""
    name = circles.charter_of(circle).name if group is None else group.name
    way = "over" if group is None else "founded"
    await owe(
        session,
        server_id=circle.server_id,
        kind="circle-ended",
        key=f"circle-ended:{circle.id}:{way}",
        place="owners",
        message=circle_cards.ended(
            circle.id,
            name,
            founded=group is not None,
            forms=group is not None and group.state == "forming",
        ),
        now=now,
    )
