"""One moment of a ritual apart from its series: moved, put back, left out; and pauses that end.

The series stays as it is. A moment that is moved keeps its place in the series, and by that place
an occurrence is one: however often it is moved, it happens once.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import moments
from bot.rules import resting as days
from bot.rules.actor import Actor
from bot.rules.away import day_named
from bot.rules.naming import clean, key, safe
from bot.rules.ritual_next_cards import Next
from bot.rules.ritual_times import written
from bot.rules.rituals import Schedule, coming, local_moment, next_due, placed
from bot.services import resting, rights, rota
from bot.services.rituals import schedule_of
from models import Facilitator, Group, Occurrence, Ritual, RitualChoice, Server

LOOKED_AHEAD = 400  # moments of a series: even a daily one comes back after a year of rests

_TO_RESUME = and_(
    Ritual.state == "paused",
    or_(Ritual.paused_until <= bindparam("now"), Ritual.hostless_at.is_not(None)),
    Ritual.host_id.is_not(None),
)
ANY_DUE = exists().where(_TO_RESUME)


async def next_place(session: AsyncSession, ritual: Ritual, now: datetime) -> datetime:
    """Return the next moment of a ritual's series that was not claimed or left out already."""
    schedule = schedule_of(ritual)
    at = next_due(schedule, now)
    while await _claimed(session, ritual, schedule, at) is not None:
        at = next_due(schedule, at)
    return at


async def held_next(
    session: AsyncSession, ritual: Ritual, now: datetime, count: int = 3
) -> list[datetime]:
    """Return when a ritual is held next, days of rest left aside; or would be, if it ran."""
    rests = await resting.of_group(session, ritual.group_id)
    schedule = schedule_of(ritual)
    at = place = now
    if ritual.state == "running" and ritual.next_due_at is not None:
        at, place = ritual.next_due_at, ritual.moved_from_at or ritual.next_due_at
    found: list[datetime] = []
    for _ in range(LOOKED_AHEAD):
        if at > now and days.on(rests, days.local_day(at, ritual.zone)) is None:
            found.append(at)
        if len(found) == count:
            break
        at = place = next_due(schedule, place)
    return found or coming(schedule, now, count)


async def first_of_group(
    session: AsyncSession, group_id: int, now: datetime
) -> tuple[datetime, Ritual] | None:
    """Return when a group's next ritual is held, days of rest left aside, and which it is."""
    running = await session.scalars(
        select(Ritual).where(
            Ritual.group_id == group_id, Ritual.state == "running", Ritual.next_due_at.is_not(None)
        )
    )
    found = [
        (at, ritual.id, ritual)
        for ritual in running.all()
        for at in await held_next(session, ritual, now, 1)
    ]
    if not found:
        return None
    at, _, ritual = min(found, key=lambda one: one[:2])
    return at, ritual


async def next_held(session: AsyncSession, ritual: Ritual) -> tuple[datetime, datetime] | None:
    """Return the next moment that is held, and where it stands in the series; None at rest.

    Days of rest are left aside. One that is due and was not posted yet is still the next.
    """
    if ritual.state != "running" or ritual.next_due_at is None:
        return None
    rests = await resting.of_group(session, ritual.group_id)
    schedule = schedule_of(ritual)
    at, place = ritual.next_due_at, ritual.moved_from_at or ritual.next_due_at
    for _ in range(LOOKED_AHEAD):
        if days.on(rests, days.local_day(at, ritual.zone)) is None:
            return at, place
        at = place = next_due(schedule, place)
    return None


async def card(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Next:
    """Return a ritual's next moment, to who hosts it or looks after its group."""
    return await _next(session, await _mine(session, actor, ritual_id), now)


async def move(
    session: AsyncSession, actor: Actor, ritual_id: int, typed: str, now: datetime
) -> Next:
    """Move the next moment alone; a city may be typed, else it is meant in the ritual's zone.

    UserError for what cannot be read, is past, on a day of rest, or not before the one that
    follows in the series.
    """
    ritual = await _running(session, actor, ritual_id)
    place, schedule = _place(ritual), schedule_of(ritual)
    at = moments.read(typed, now, ritual.zone).at
    after = next_due(schedule, place)
    if at <= now:
        raise UserError("moving.past")
    if at >= after:
        raise UserError("moving.after_next", at=int(after.timestamp()))
    if await resting.rests(session, ritual, at):
        raise UserError("moving.rests")
    ritual.next_due_at = at
    ritual.moved_from_at = None if at == place else place
    await session.flush()
    return await _next(session, ritual, now)


async def put_back(session: AsyncSession, actor: Actor, ritual_id: int, now: datetime) -> Next:
    """Hold the next moment where it stands in the series; UserError when that is past."""
    ritual = await _running(session, actor, ritual_id)
    if ritual.moved_from_at is not None:
        if ritual.moved_from_at <= now:
            raise UserError("moving.own_time_past")
        ritual.next_due_at, ritual.moved_from_at = ritual.moved_from_at, None
        await session.flush()
    return await _next(session, ritual, now)


async def leave_out(
    session: AsyncSession, actor: Actor, ritual_id: int, place_at: int, now: datetime
) -> Next:
    """Leave the next moment out; `place_at` (seconds since 1970) says which one is meant."""
    ritual = await _running(session, actor, ritual_id)
    place, schedule = _place(ritual), schedule_of(ritual)
    if int(place.timestamp()) == place_at:  # else the press came twice, or too late
        session.add(
            Occurrence(
                ritual_id=ritual.id,
                group_id=ritual.group_id,
                local_moment=local_moment(schedule, place),
                due_at=place,
                state="rests",
            )
        )
        # Who took that one off need not: nobody holds it.
        await session.execute(
            delete(RitualChoice).where(
                RitualChoice.ritual_id == ritual.id,
                RitualChoice.moment == local_moment(schedule, place),
            )
        )
        ritual.next_due_at, ritual.moved_from_at = next_due(schedule, place), None
        await session.flush()
    return await _next(session, ritual, now)


async def hold_after_all(
    session: AsyncSession, actor: Actor, ritual_id: int, now: datetime
) -> Next:
    """Take back what was left out, the earliest that is still to come; UserError if none is."""
    ritual = await _running(session, actor, ritual_id)
    left = await _left_out(session, ritual, now)
    if left is None:
        raise UserError("moving.nothing_left_out")
    await session.delete(left)
    await session.flush()
    ritual.next_due_at, ritual.moved_from_at = await next_place(session, ritual, now), None
    await session.flush()
    return await _next(session, ritual, now)


async def pause_until(
    session: AsyncSession, actor: Actor, ritual_id: int, typed: str, now: datetime
) -> datetime:
    """Let a ritual rest and start again by itself on a day; return when that day begins.

    UserError for what names no day to come, or one that is more than a year away.
    """
    ritual = await _ritual(session, actor, ritual_id)
    await rights.require_facilitator(session, actor, ritual.group_id)
    if ritual.host_id is None:
        raise UserError("moving.pause_no_host")
    here = days.local_day(now, ritual.zone)
    day = day_named(key(typed), here)
    if day is None:
        raise UserError("resting.no_day", typed=safe(clean(typed)[: days.WORD_SHOWN]))
    if day <= here:
        raise UserError("moving.pause_past")
    if day - here > days.AHEAD:
        raise UserError("resting.far")
    until = placed(datetime.combine(day, time()), ZoneInfo(ritual.zone))
    ritual.state, ritual.paused_until = "paused", until
    ritual.next_due_at = ritual.moved_from_at = None
    ritual.unanswered = 0
    await session.flush()
    return until


async def resume_due(session: AsyncSession, now: datetime) -> int:
    """Let rituals start again whose pause is over; return how many did. Each minute.

    So do those that rested because nobody hosted them, once somebody does. One whose host is not
    there any more stays at rest: bot.services.hostless asks who hosts it.
    """
    rows = await session.scalars(
        select(Ritual)
        .join(Group, Group.id == Ritual.group_id)
        .join(Server, Server.id == Ritual.server_id)
        .where(
            _TO_RESUME,
            Group.state == "open",
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        ),
        {"now": now},
    )
    begun = 0
    for ritual in rows.all():
        ritual.state, ritual.unanswered = "running", 0
        ritual.paused_until = ritual.hostless_at = None
        ritual.next_due_at = await next_place(session, ritual, now)
        begun += 1
    await session.flush()
    return begun


async def as_typed(session: AsyncSession, ritual: Ritual) -> str:
    """Return a ritual's calendar as it would be typed."""
    server = await session.get_one(Server, ritual.server_id)
    return written(schedule_of(ritual), own_zone=ritual.zone != server.zone)


async def _next(session: AsyncSession, ritual: Ritual, now: datetime) -> Next:
    running = ritual.state == "running" and ritual.next_due_at is not None
    place = _place(ritual) if running else None
    left = await _left_out(session, ritual, now)
    return Next(
        ritual_id=ritual.id,
        title=ritual.title,
        at=ritual.next_due_at if running else None,
        place=place,
        after=None if place is None else next_due(schedule_of(ritual), place),
        host=await rota.whose_turn(session, ritual, ritual.next_due_at or now),
        left_out=None if left is None else left.due_at,
        rests=running
        and ritual.next_due_at is not None
        and await resting.rests(session, ritual, ritual.next_due_at),
        zone=ritual.zone,
    )


def _place(ritual: Ritual) -> datetime:
    """Return where a ritual's next moment stands in its series."""
    place = ritual.moved_from_at or ritual.next_due_at
    assert place is not None  # it runs
    return place


async def _left_out(session: AsyncSession, ritual: Ritual, now: datetime) -> Occurrence | None:
    """Return what was left out and still lies ahead, before the next one that is held."""
    wanted = (
        select(Occurrence)
        .where(
            Occurrence.ritual_id == ritual.id,
            Occurrence.state == "rests",
            Occurrence.due_at > now,
        )
        .order_by(Occurrence.due_at)
        .limit(1)
    )
    return await session.scalar(wanted)


async def _claimed(
    session: AsyncSession, ritual: Ritual, schedule: Schedule, at: datetime
) -> Occurrence | None:
    return await session.scalar(
        select(Occurrence).where(
            Occurrence.ritual_id == ritual.id,
            Occurrence.local_moment == local_moment(schedule, at),
        )
    )


async def _ritual(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    await rights.server_row(session, actor.server_id)
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != actor.server_id:
        raise NotAllowed("rituals.gone")
    return ritual


async def _mine(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    """Return a ritual to who hosts it or looks after its group; NotAllowed for others."""
    ritual = await _ritual(session, actor, ritual_id)
    office = await session.get(Facilitator, (ritual.group_id, actor.user_id))
    cares = office is not None and office.state == "active"
    if not cares and actor.user_id not in await rota.hosts(session, ritual):
        await rights.require_facilitator(session, actor, ritual.group_id)
    return ritual


async def _running(session: AsyncSession, actor: Actor, ritual_id: int) -> Ritual:
    ritual = await _mine(session, actor, ritual_id)
    if ritual.state != "running" or ritual.next_due_at is None:
        raise UserError("moving.not_running", title=safe(ritual.title))
    return ritual
