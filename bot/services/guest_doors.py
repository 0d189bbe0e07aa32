"""The doors of guest evenings: opened and closed at their times, whatever happened in between.

An evening's rows say what is due; the tick takes each as far as it can go by now. Where both groups
have a role, a door is one row, and the reconciler follows with one overwrite in and one out. Else
each guest who said so gets a visit that ends with the evening.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import guest_cards
from bot.rules import guest_evenings as rules
from bot.rules.guest_evenings import Side, Stands
from bot.rules.scope import GroupScope, MemberScope
from bot.services import facilitators, guest_posts, people, standing, visits
from bot.services.outbox import withdraw
from models import (
    Door,
    Group,
    GroupType,
    GuestComing,
    GuestEvening,
    Membership,
    Server,
    Visit,
)

Ending = Literal["declined", "lapsed", "off", "over", "missed", "by_hand"]

_OPEN = GuestEvening.closed_at.is_(None)
ANY_OPEN = exists().where(_OPEN)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Take all servers' evenings as far as they go by now; return how many changed.

    Nothing of a paused server's: a door that was to open meanwhile stays shut, one that stands open
    closes with its date, once the pause is over.
    """
    rows = await session.scalars(
        select(GuestEvening)
        .join(Server, Server.id == GuestEvening.server_id)
        .where(
            _OPEN,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(GuestEvening.id)
    )
    changed = 0
    for row in rows.all():
        changed += await _step(session, row, now)
    return changed


async def _step(session: AsyncSession, row: GuestEvening, now: datetime) -> bool:
    host, guest = (
        await guest_posts.side(session, row.group_id),
        await guest_posts.side(session, row.guest_group_id),
    )
    hosts = await facilitators.active(session, row.group_id)
    hosted = row.host_id in hosts
    possible = rules.why_not(host, guest) is None
    stands = Stands(row.opens_at, row.ends_at, row.agreed_at is not None, row.opened_at is not None)
    due = rules.due(stands, now, possible=possible, hosted=hosted)
    if due == "open":
        return await _open(session, row, host, guest, now)
    if due is not None:
        await close(session, row, due, now)
        return True
    if row.host_id is not None and not hosted and row.opened_at is None:
        row.host_id = None
        await session.flush()
        await guest_posts.ask(session, row, row.group_id, now, mark="host")
        return True
    return False


async def _open(
    session: AsyncSession, row: GuestEvening, host: Side, guest: Side, now: datetime
) -> bool:
    """Open the door, and say so in both rooms; where the room takes no more keys, call it off."""
    row.by_door = rules.by_door(host, guest)
    group = await session.get_one(Group, row.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    if row.by_door:
        door = await _door(session, row.group_id, row.guest_group_id)
        if door is not None:
            row.stood_until = door.closes_at
            door.closes_at = max(door.closes_at, row.ends_at)
        elif not await visits.takes_one_more(session, group, type_, door_for=row.guest_group_id):
            await close(session, row, "off", now)
            return True
        else:
            session.add(
                Door(
                    server_id=row.server_id,
                    group_id=row.group_id,
                    for_group_id=row.guest_group_id,
                    closes_at=row.ends_at,
                    reads_history=type_.visitors_read_history,
                )
            )
        note_after_commit(session, GroupScope(row.server_id, row.group_id))
    row.opened_at = now
    await session.flush()
    if not row.by_door:
        coming = await session.scalars(
            select(GuestComing.user_id)
            .where(GuestComing.evening_id == row.id)
            .order_by(GuestComing.user_id)
        )
        for user_id in coming.all():
            await let_in(session, row, user_id, now)
    shown = await guest_posts.evening(session, row)
    await guest_posts.post(session, row, "here", guest_cards.opened(shown, "here"), "open", now)
    await guest_posts.post(session, row, "there", guest_cards.opened(shown, "there"), "open", now)
    return True


async def close(session: AsyncSession, row: GuestEvening, ending: Ending, now: datetime) -> None:
    """End an evening, whatever it has come to; both rooms hear of it if they had heard before.

    A door that stood open there anyway stays open until its own day.
    """
    if row.closed_at is not None:
        return
    row.closed_at, row.ending = now, ending
    if row.opened_at is not None:
        await _shut(session, row, now)
    await session.execute(delete(GuestComing).where(GuestComing.evening_id == row.id))
    await session.flush()
    if row.agreed_at is None or ending in {"over", "missed"}:
        return
    early = row.opened_at is not None
    shown = await guest_posts.evening(session, row)
    for half in ("here", "there"):
        # Who has not read that it takes place need not read that it does not.
        key = guest_posts.key_of(row, half, "open" if early else "agreed")
        if await withdraw(session, server_id=row.server_id, key=key) and not early:
            continue
        message = guest_cards.called_off(shown, half, early=early)
        await guest_posts.post(session, row, half, message, "off", now)


async def _shut(session: AsyncSession, row: GuestEvening, now: datetime) -> None:
    if row.by_door:
        door = await _door(session, row.group_id, row.guest_group_id)
        await _put_back(session, row, door, now)
        note_after_commit(session, GroupScope(row.server_id, row.group_id))
        return
    coming = await session.scalars(
        select(GuestComing.user_id).where(GuestComing.evening_id == row.id)
    )
    for user_id in coming.all():
        await show_out(session, row, user_id, now)


async def let_in(session: AsyncSession, row: GuestEvening, user_id: int, now: datetime) -> bool:
    """Give one guest a key until the end of the evening; False where none can be given.

    Only to who lives with the guests still, and whom nothing keeps out of the room.
    """
    home = await session.get(Membership, (row.server_id, user_id))
    if home is None or home.group_id != row.guest_group_id or home.state != "here":
        return False
    await people.member(session, row.server_id, user_id)  # one person's visits are opened in turn
    found = await standing.standing(session, row.server_id, user_id, row.group_id)
    if found.barred or found.apart:
        return False
    runs = await session.scalar(
        select(Visit.id).where(
            Visit.group_id == row.group_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
        )
    )
    if runs is not None:
        return True  # a key of their own, which outlasts the evening
    group = await session.get_one(Group, row.group_id)
    type_ = await session.get_one(GroupType, group.type_id)
    if not await visits.takes_one_more(session, group, type_):
        return False
    session.add(
        Visit(
            server_id=row.server_id,
            group_id=row.group_id,
            user_id=user_id,
            origin=visits.GUEST,
            started_at=now,
            ends_at=row.ends_at,
        )
    )
    await session.flush()
    note_after_commit(session, MemberScope(row.server_id, user_id))
    return True


async def show_out(session: AsyncSession, row: GuestEvening, user_id: int, now: datetime) -> None:
    """Take back the key that a guest got for the evening."""
    await visits.end_for(
        session,
        server_id=row.server_id,
        user_id=user_id,
        group_id=row.group_id,
        origin=visits.GUEST,
        now=now,
    )


async def shut_by_hand(
    session: AsyncSession,
    server_id: int,
    group_id: int,
    roles: Collection[int],
    now: datetime,
    *,
    at: datetime | None = None,
) -> bool:
    """Take in that a person took these roles' entries out of a group's room; True if it counts.

    It ends the evening for which one of them stood there, if that had begun when they did so (`at`;
    None: now). The door of a sibling is put right.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return False
    rows = await session.scalars(
        select(GuestEvening)
        .join(Group, Group.id == GuestEvening.guest_group_id)
        .where(
            GuestEvening.group_id == group_id,
            GuestEvening.opened_at <= (at or now),
            GuestEvening.closed_at.is_(None),
            GuestEvening.by_door,
            Group.role_id.in_(roles),
            or_(GuestEvening.stood_until.is_(None), GuestEvening.stood_until <= now),
        )
    )
    ended = rows.all()
    for row in ended:
        await close(session, row, "by_hand", now)
    return bool(ended)


async def group_ends(session: AsyncSession, group_id: int, now: datetime) -> None:
    """Call off what a group had planned with others: it goes, with its doors."""
    rows = await session.scalars(
        select(GuestEvening).where(
            or_(GuestEvening.group_id == group_id, GuestEvening.guest_group_id == group_id),
            GuestEvening.closed_at.is_(None),
        )
    )
    for row in rows.all():
        await close(session, row, "off", now)


async def follow_offshoot(
    session: AsyncSession, group_id: int, children: Collection[int], now: datetime
) -> None:
    """Let those who move out of a group keep the evenings that were promised to them.

    Each new group that they live in has an evening of its own, which ends by itself or sooner.
    Where the group has guests over just now, these stay its own: no new room opens to them. Call it
    when people have moved, and the doors have followed them (`split_doors`).
    """
    rows = await session.scalars(
        select(GuestEvening)
        .where(
            or_(GuestEvening.group_id == group_id, GuestEvening.guest_group_id == group_id),
            GuestEvening.agreed_at.is_not(None),
            GuestEvening.closed_at.is_(None),
        )
        .order_by(GuestEvening.id)
    )
    for row in rows.all():
        for child_id in children:
            if child_id in {row.group_id, row.guest_group_id}:
                continue
            if row.guest_group_id == group_id:
                await _invite_also(session, row, child_id, now)
            elif row.opened_at is not None and row.by_door:
                door = await _door(session, child_id, row.guest_group_id)
                await _put_back(session, row, door, now)
    await session.flush()


async def _invite_also(
    session: AsyncSession, row: GuestEvening, child_id: int, now: datetime
) -> None:
    values = {
        column.key: getattr(row, column.key)
        for column in GuestEvening.__table__.columns
        if column.key not in {"id", "guest_group_id"}
    }
    also = GuestEvening(guest_group_id=child_id, **values)
    session.add(also)
    await session.flush()
    moved = select(Membership.user_id).where(Membership.group_id == child_id)
    await session.execute(
        update(GuestComing)
        .where(GuestComing.evening_id == row.id, GuestComing.user_id.in_(moved))
        .values(evening_id=also.id)
        .execution_options(synchronize_session=False)
    )
    if also.opened_at is None:
        await guest_posts.announce(session, also, now, halves=("there",))
        return
    shown = await guest_posts.evening(session, also)
    await guest_posts.post(session, also, "there", guest_cards.opened(shown, "there"), "open", now)


async def end_all(session: AsyncSession, row: GuestEvening, now: datetime) -> int:
    """End an evening that runs for all who are over, also those who moved out since it began.

    Returns how many groups that were.
    """
    rows = await session.scalars(
        select(GuestEvening)
        .where(
            GuestEvening.group_id == row.group_id,
            GuestEvening.asked_at == row.asked_at,
            GuestEvening.opened_at.is_not(None),
            GuestEvening.closed_at.is_(None),
        )
        .order_by(GuestEvening.id)
    )
    over = rows.all()
    for one in over:
        await close(session, one, "off", now)
    return len(over)


async def _put_back(
    session: AsyncSession, row: GuestEvening, door: Door | None, now: datetime
) -> None:
    """Let a door be as if there was no evening: shut, or open until the day that it had before."""
    if door is None or door.closes_at != row.ends_at:
        return
    if row.stood_until is not None and row.stood_until > now:
        door.closes_at = row.stood_until
    else:
        await session.delete(door)
    note_after_commit(session, GroupScope(row.server_id, door.group_id))


async def _door(session: AsyncSession, group_id: int, guest_group_id: int) -> Door | None:
    return await session.scalar(
        select(Door).where(Door.group_id == group_id, Door.for_group_id == guest_group_id)
    )
