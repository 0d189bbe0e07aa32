"""What follows people into the room they share from now on, and what ends in the one they leave."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import naming
from bot.rules.planning import OVERWRITES
from bot.services import guest_doors, hosting, office_keys, rota, seats, standing, visits
from models import (
    Apart,
    Door,
    EntryRequest,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Membership,
    MissedOffer,
    Reminder,
    Ritual,
    Visit,
    Waiting,
)


async def show_guests_out(
    session: AsyncSession, goes: Group, stays: Group, behind: Collection[int], now: datetime
) -> None:
    """End visits where people move in whom a guest must not meet: who lives there stays."""
    moving = select(Membership.user_id).where(
        Membership.group_id == goes.id, Membership.user_id.not_in(behind)
    )
    guests = await session.scalars(
        select(Visit.user_id)
        .join(
            Apart,
            (Apart.server_id == Visit.server_id)
            & or_(
                (Apart.low_id == Visit.user_id) & Apart.high_id.in_(moving),
                (Apart.high_id == Visit.user_id) & Apart.low_id.in_(moving),
            ),
        )
        .where(Visit.group_id == stays.id, Visit.ended_at.is_(None))
        .distinct()
    )
    for user_id in guests.all():
        await visits.end_for(
            session, server_id=goes.server_id, user_id=user_id, group_id=stays.id, now=now
        )


async def end_what_the_room_offered(
    session: AsyncSession, goes: Group, stays: Group, now: datetime
) -> None:
    """End visits, requests and calls of the group that goes; who waited there waits on here.

    But where people are asked first, or which is named nowhere: they read in /home that what they
    wait for has ended.
    """
    guests = await session.scalars(
        select(Visit.user_id).where(Visit.group_id == goes.id, Visit.ended_at.is_(None))
    )
    for user_id in guests.all():
        await visits.end_for(
            session, server_id=goes.server_id, user_id=user_id, group_id=goes.id, now=now
        )
    for table in (EntryRequest, Invitation, MissedOffer):
        await session.execute(delete(table).where(table.group_id == goes.id))
    await guest_doors.group_ends(session, goes.id, now)
    await session.execute(
        delete(Door).where(or_(Door.group_id == goes.id, Door.for_group_id == goes.id))
    )
    here = await session.get_one(GroupType, goes.type_id)
    there = await session.get_one(GroupType, stays.type_id)
    if there.entry not in {"open", here.entry} or (here.listed and not there.listed):
        return
    waiting = await session.execute(
        select(Waiting.user_id, Waiting.since).where(Waiting.group_id == goes.id)
    )
    for user_id, since in waiting.all():
        await seats.leave_line(session, goes.server_id, user_id, goes.id)
        stands = await standing.standing(session, goes.server_id, user_id, stays.id)
        home = await session.get(Membership, (goes.server_id, user_id))
        lives_there = home is not None and home.group_id == stays.id
        if not stands.barred and not stands.apart and not lives_there:
            session.add(
                Waiting(server_id=goes.server_id, user_id=user_id, group_id=stays.id, since=since)
            )
    await session.flush()


async def offices_follow(
    session: AsyncSession,
    goes: Group,
    stays: Group,
    now: datetime,
    *,
    of: Collection[int] | None = None,
) -> None:
    """Let whoever looks after the group that goes, or was asked to, do so for both.

    With `of` only these people. Who lives elsewhere gets a key to the room that is theirs now;
    without one the office ends, as any does whose key is gone (`office_keys`).
    """
    offices = await session.scalars(select(Facilitator).where(Facilitator.group_id == goes.id))
    for office in offices.all():
        if of is not None and office.user_id not in of:
            continue
        known = await session.get(Facilitator, (stays.id, office.user_id))
        cares = office.state == "active"
        if known is None:
            values = {
                column.key: getattr(office, column.key)
                for column in Facilitator.__table__.columns
                if column.key != "group_id"
            }
            known = Facilitator(group_id=stays.id, **values)
            session.add(known)
        elif known.state != "active" and cares:
            known.state, known.since = "active", office.since
        await session.delete(office)
        home = await session.get(Membership, (goes.server_id, office.user_id))
        if cares and (home is None or home.group_id != stays.id):
            await office_keys.give(session, known, now)
    await session.flush()


async def rituals_follow(
    session: AsyncSession, goes: Group, stays: Group, movers: Collection[int]
) -> bool:
    """Give the table the rituals of both: what is new there rests until somebody presses Start.

    True if any came along. In the room that is only read from now on none goes on.
    """
    there = {
        naming.key(title)
        for title in await session.scalars(select(Ritual.title).where(Ritual.group_id == stays.id))
    }
    rituals = await session.scalars(
        select(Ritual).where(Ritual.group_id == goes.id).order_by(Ritual.id)
    )
    came = False
    for ritual in rituals.all():
        host, ritual.host_id = ritual.host_id, None
        ritual.state = "paused"
        ritual.next_due_at = ritual.moved_from_at = ritual.paused_until = None
        twin = None
        if naming.key(ritual.title) not in there:
            twin = await hosting.copy_one(session, ritual, stays)
            twin.host_id = host if host in movers else None
            there.add(naming.key(ritual.title))
            came = True
        reminders = await session.scalars(select(Reminder).where(Reminder.ritual_id == ritual.id))
        for reminder in reminders.all():
            if twin is not None and reminder.user_id in movers:
                session.add(Reminder(ritual_id=twin.id, user_id=reminder.user_id))
            await session.delete(reminder)
        await rota.follow(session, ritual, twin, movers)
        await rota.nobody(session, ritual.id)
    await session.flush()
    return came


async def may_read(
    session: AsyncSession, goes: Group, stays: Group, until: datetime, now: datetime
) -> None:
    """Let everybody at the new table read the old room for a while.

    By one overwrite of the group's role; a group without a role has guests instead.
    """
    type_ = await session.get_one(GroupType, stays.type_id)
    if type_.access != OVERWRITES:
        session.add(
            Door(server_id=goes.server_id, group_id=goes.id, for_group_id=stays.id, closes_at=until)
        )
        await session.flush()
        return
    homes = await session.scalars(
        select(Membership.user_id)
        .where(Membership.group_id == stays.id, Membership.state == "here")
        .order_by(Membership.user_id)
    )
    for user_id in homes.all():
        await visits.grant(
            session, server_id=goes.server_id, user_id=user_id, group_id=goes.id, now=now
        )
