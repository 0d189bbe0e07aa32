"""Homes: moving in, moving on, leaving, coming back, being away.

A row of `membership` in any state holds a seat, and its primary key is the person, so nobody has
two homes; `seats` keeps every group within its cap. Both change in the caller's one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import membership as rules
from bot.rules.membership import Past, Target, Way
from bot.rules.naming import safe
from bot.rules.scope import MemberScope
from bot.services import (
    braking,
    entering,
    facilitators,
    offers,
    people,
    standing,
    visits,
)
from bot.services.groups import of_server
from bot.services.seats import free_seat
from bot.services.settling import close_episodes, move, moved_out, settle
from bot.settings import Settings
from models import Facilitator, Group, GroupType, Member, Membership


@dataclass(frozen=True, slots=True)
class Outlook:
    """What making a group one's home would mean, before it is done."""

    way: Way
    group_id: int
    group: str
    emoji: str
    leaves: str | None = None  # the group that they live in now
    looks_after: bool = False  # an office there that ends with the move
    visit_stays: bool = False  # the door to it stays open for a while
    free: bool = True  # whether the move starts no cool-down


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a join. `told`: counting begins, and the reply must say so."""

    group_id: int
    group: str
    emoji: str
    room_id: int | None
    returned: bool = False
    office_open: bool = False  # they came back, and nobody looks after the group
    told: bool = False
    left: str | None = None
    visit_until: datetime | None = None  # how long the door to the old home stays open
    next_move_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A home that was left, and until when its seat is kept."""

    group_id: int
    group: str
    seat_until: datetime


async def outlook(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int,
    *,
    now: datetime,
    settings: Settings,
    admitted: bool = False,
) -> Outlook:
    """Return what joining would mean; UserError, or `Full` with alternatives, if it cannot be."""
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    row = await people.member(session, server_id, user_id)  # one person's moves happen in turn
    home = await session.get(Membership, (server_id, user_id))
    past, bounds = people.past(row, home), people.bounds(settings)
    way = rules.way_in(
        Target(group.id, group.name, group.state, type_.entry),
        past,
        await standing.standing(session, server_id, user_id, group_id),
        now,
        bounds,
        admitted=admitted or await offers.open_offer_to(session, group, user_id, now),
    )
    if way != "return":
        await braking.require_old_enough(session, server_id, user_id, now)
    if way == "enter":
        why = await entering.hindrance(session, group, type_, user_id, now=now, settings=settings)
        if why is not None:
            raise await entering.full(session, group, type_, user_id, why=why, now=now)
    leaves, stays, looks_after = None, False, False
    if home is not None and home.state == "here" and home.group_id != group_id:
        old = await session.get_one(Group, home.group_id)
        old_type = await session.get_one(GroupType, old.type_id)
        leaves, stays = old.name, old_type.visits != "closed"
        office = await session.get(Facilitator, (old.id, user_id))
        looks_after = office is not None and office.state == "active"
    after = rules.after_entering(past, group_id, now, bounds)
    return Outlook(
        way=way,
        group_id=group.id,
        group=group.name,
        emoji=group.emoji,
        leaves=leaves,
        looks_after=looks_after,
        visit_stays=stays,
        free=rules.next_move_at(after, now, bounds) is None,
    )


async def join(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    group_id: int,
    *,
    now: datetime,
    settings: Settings,
    admitted: bool = False,
) -> Joined:
    """Make a group someone's one home, or bring them back to the seat that was kept.

    `admitted` when facilitators let them in. `Full` when there is no seat for them now; UserError
    for what else stands in the way, and where facilitators must be asked first
    (`services.requests.ask`). A seat that is kept for them is theirs by any way in.
    """
    group = await of_server(session, server_id, group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    row = await people.member(session, server_id, user_id)
    await session.flush()  # then as it is now, whatever was read before it was this one's turn
    home = await session.get(Membership, (server_id, user_id), populate_existing=True)
    past, bounds = people.past(row, home), people.bounds(settings)
    way = rules.way_in(
        Target(group.id, group.name, group.state, type_.entry),
        past,
        await standing.standing(session, server_id, user_id, group_id),
        now,
        bounds,
        admitted=admitted or await offers.open_offer_to(session, group, user_id, now),
    )
    if way == "ask":
        raise UserError("home.ask_first", group=safe(group.name))
    left: Group | None = None
    visit_until: datetime | None = None
    if way == "enter":
        await braking.require_old_enough(session, server_id, user_id, now)
        await entering.take(session, group, type_, user_id, now=now, settings=settings)
        # Seats of a group are counted one after the other, so whoever came in meanwhile is seen.
        if (await standing.standing(session, server_id, user_id, group_id)).apart:
            raise UserError("home.door_closed", group=safe(group.name))
        if home is None:
            session.add(
                Membership(
                    server_id=server_id,
                    user_id=user_id,
                    group_id=group_id,
                    state="here",
                    since=now,
                    course="begun",
                )
            )
        else:
            left = await session.get_one(Group, home.group_id)
            was_here = home.state == "here"
            await free_seat(session, left.id, now)
            await moved_out(session, home, "moved", now)
            await move(session, home, group_id, now)
            if was_here:
                visit_until = await _door_stays_open(session, left, user_id, now)
            else:
                left = None
    elif home is not None:
        home.state, home.seat_until = "here", None
    after = rules.after_entering(past, group_id, now, bounds)
    _remember(row, after)
    told = await people.consent(session, server_id, user_id, now)
    await settle(session, group, user_id, now=now, welcomed=way == "enter")
    return Joined(
        group_id=group.id,
        group=group.name,
        emoji=group.emoji,
        room_id=group.room_id,
        returned=way == "return",
        office_open=way == "return" and not await facilitators.active(session, group.id),
        told=told,
        left=None if left is None else left.name,
        visit_until=visit_until,
        next_move_at=rules.next_move_at(after, now, bounds),
    )


async def leave(
    session: AsyncSession, server_id: int, user_id: int, *, now: datetime, settings: Settings
) -> Left:
    """Leave one's home; the seat is kept for a while in case they think again."""
    home = await session.get(Membership, (server_id, user_id))
    if home is None:
        raise UserError("home.none")
    if home.state == "held":
        raise UserError("home.held")
    group = await session.get_one(Group, home.group_id)
    if home.state != "here" and home.seat_until is not None:
        raise UserError(
            "home.left_already", group=safe(group.name), until=int(home.seat_until.timestamp())
        )
    until = now + timedelta(hours=settings.seat_kept_hours)
    home.state, home.seat_until = "kept", until
    await session.flush()
    await moved_out(session, home, "left", now)
    note_after_commit(session, MemberScope(server_id, user_id))
    return Left(group.id, group.name, until)


async def away(
    session: AsyncSession, server_id: int, user_id: int, *, until: datetime | None, now: datetime
) -> None:
    """Remember that someone is away, until a moment or until they say that they are back."""
    if until is not None and until <= now:
        raise UserError("home.away_past")
    row = await people.member(session, server_id, user_id)
    row.away_from, row.away_until = now, until
    await close_episodes(session, server_id, user_id, "away", now)


async def back(session: AsyncSession, server_id: int, user_id: int) -> bool:
    """End someone's absence; False if they were not away."""
    row = await people.member(session, server_id, user_id)
    was_away = row.away_from is not None
    row.away_from = row.away_until = None
    await session.flush()
    return was_away


def _remember(row: Member, past: Past) -> None:
    row.first_home_at, row.last_move_at = past.first_home_at, past.last_move_at
    row.moves, row.free_move = past.moves, past.free_move
    row.left_at = None


async def _door_stays_open(
    session: AsyncSession, left: Group, user_id: int, now: datetime
) -> datetime | None:
    type_ = await session.get_one(GroupType, left.type_id)
    if type_.visits == "closed":
        return None
    return await visits.grant(
        session, server_id=left.server_id, user_id=user_id, group_id=left.id, now=now
    )
