"""What is due: each moment of a ritual happens once, or is written down as missed.

`claim_due` writes the occurrence, unique on (ritual, local moment), and owes its message in the
same transaction; the outbox tells `posted` or `not_posted` what became of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, and_, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.rules import ritual_messages
from bot.rules.ritual_kinds import KINDS
from bot.rules.rituals import Cadence, Schedule, local_moment, next_due
from bot.services import facilitators, resting, rights, ritual_posting
from bot.services.outbox import owe
from bot.settings import Settings
from models import (
    Group,
    Occurrence,
    OutboxMessage,
    Reminder,
    Ritual,
    Server,
)

UNANSWERED_MOST = 3  # then a ritual pauses itself and asks

_DUE = and_(Ritual.state == "running", Ritual.next_due_at <= bindparam("now"))
ANY_DUE = exists().where(_DUE)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one look at the clock did."""

    posted: int = 0  # owed to the outbox
    skipped: int = 0  # too late, written down only
    rested: int = 0  # paused, because nobody answered
    left_out: int = 0  # on the group's days of rest, written down only


def schedule_of(ritual: Ritual) -> Schedule:
    """Return when a ritual is due, as the rules see it."""
    return Schedule(
        cadence=cast("Cadence", ritual.cadence),
        zone=ritual.zone,
        anchor=date.fromisoformat(ritual.anchor),
        weekday=ritual.weekday or 0,
        nth=ritual.nth or 1,
        hour=ritual.hour,
        minute=ritual.minute,
        cron=ritual.cron or "",
    )


async def claim_due(session: AsyncSession, now: datetime, settings: Settings) -> Claimed:
    """Claim every occurrence whose moment has come; the job body of the tick.

    The latest moment inside the grace window is posted, once; earlier ones are recorded as skipped,
    never posted in a burst. What falls on a day of rest is left out. A ritual that nobody answered
    three times in a row pauses itself.
    """
    grace = timedelta(minutes=settings.ritual_grace_minutes)
    rows = await session.execute(
        select(Ritual, Group)
        .join(Group, Group.id == Ritual.group_id)
        .join(Server, Server.id == Ritual.server_id)
        .where(
            _DUE,
            Group.state == "open",
            Group.locked_at.is_(None),  # nobody could answer
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Ritual.next_due_at, Ritual.id),
        {"now": now},
    )
    posted = skipped = rested = left_out = 0
    for ritual, group in list(rows):
        schedule = schedule_of(ritual)
        due = ritual.next_due_at
        assert due is not None  # the query asked for it
        # One that was moved keeps its place in the series.
        place = ritual.moved_from_at or due
        while (following := next_due(schedule, place)) <= now:
            skipped += await _skip(session, ritual, due, local_moment(schedule, place))
            due = place = following
        moment = local_moment(schedule, place)
        ritual.moved_from_at = None
        if await resting.rests(session, ritual, due):
            left_out += await _skip(session, ritual, due, moment, state="rests")
        elif now - due > grace:
            skipped += await _skip(session, ritual, due, moment)
        elif await _goes_unanswered(session, ritual):
            await _rest(session, ritual, now)
            rested += 1
            continue
        elif not await _claimed_before(session, ritual, moment):
            posted += await ritual_posting.post(
                session, ritual, group, moment, due=due, now=now, grace=grace
            )
        ritual.next_due_at = following
    await session.flush()
    return Claimed(posted, skipped, rested, left_out)


async def posted(session: AsyncSession, row: OutboxMessage, message_id: int, now: datetime) -> None:
    """Remember the message in which an occurrence stands, its thread, and how long it is open."""
    occurrence = await _of_row(session, row)
    if occurrence is None:
        return
    ritual = await session.get_one(Ritual, occurrence.ritual_id)
    occurrence.state, occurrence.message_id = "posted", message_id
    occurrence.channel_id, occurrence.thread_id = row.channel_id, row.thread_id
    occurrence.closes_at = now + KINDS[ritual.kind].open_for


async def not_posted(session: AsyncSession, row: OutboxMessage) -> None:
    """Write down that an occurrence was missed: its message could not be sent in time."""
    occurrence = await _of_row(session, row)
    if occurrence is not None:
        occurrence.state = "skipped"


async def answered(session: AsyncSession, message_id: int, answers: int = 1) -> bool:
    """Count replies, reactions and presses on a message; False if it is no occurrence's."""
    found = await session.execute(
        update(Occurrence)
        .where(Occurrence.message_id == message_id)
        .values(answers=Occurrence.answers + answers)
    )
    return cast("CursorResult[object]", found).rowcount > 0


async def remind(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int
) -> tuple[str, bool]:
    """Turn [Remind me] on or off; return the ritual's title and whether it is on now.

    For those who may be in the room; NotAllowed for others, which says nothing of the ritual.
    """
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != server_id:
        raise NotAllowed("rituals.gone")
    if not await rights.is_inside(session, server_id, user_id, ritual.group_id):
        raise NotAllowed("rituals.inside_only")
    row = await session.get(Reminder, (ritual_id, user_id))
    if row is None:
        session.add(Reminder(ritual_id=ritual_id, user_id=user_id))
    else:
        await session.delete(row)
    await session.flush()
    return ritual.title, row is None


async def _of_row(session: AsyncSession, row: OutboxMessage) -> Occurrence | None:
    return await session.get(Occurrence, int(row.key.partition(":")[2]))


async def _claimed_before(session: AsyncSession, ritual: Ritual, moment: str) -> bool:
    found = await session.scalar(
        select(Occurrence.id).where(
            Occurrence.ritual_id == ritual.id, Occurrence.local_moment == moment
        )
    )
    return found is not None


async def _skip(
    session: AsyncSession, ritual: Ritual, due: datetime, moment: str, *, state: str = "skipped"
) -> int:
    if await _claimed_before(session, ritual, moment):
        return 0
    session.add(
        Occurrence(
            ritual_id=ritual.id,
            group_id=ritual.group_id,
            local_moment=moment,
            due_at=due,
            state=state,
        )
    )
    return 1


async def _goes_unanswered(session: AsyncSession, ritual: Ritual) -> bool:
    """Look back at the occurrence before this one; return whether it was one too many.

    Days of rest in between are passed over; an answer counts, however long ago it was given. Who
    keeps a ritual, or looks whether it is right, knows of those before: the count begins after.
    """
    before = (
        select(Occurrence)
        .where(Occurrence.ritual_id == ritual.id, Occurrence.state != "rests")
        .order_by(Occurrence.due_at.desc(), Occurrence.id.desc())
        .limit(1)
    )
    last = await session.scalar(before)
    posted = await session.scalar(before.where(Occurrence.state == "posted"))
    if posted is not None and posted.answers:
        ritual.unanswered = 0
    elif posted is not None and posted is last:  # one that was never posted could not be answered
        known = ritual.reconsidered_at
        if ritual.unanswered or known is None or posted.due_at > known:
            ritual.unanswered += 1
    return ritual.unanswered >= UNANSWERED_MOST


async def _rest(session: AsyncSession, ritual: Ritual, now: datetime) -> None:
    ritual.state, ritual.next_due_at = "paused", None
    server = await session.get_one(Server, ritual.server_id)
    people = await facilitators.active(session, ritual.group_id)
    at = int(now.timestamp())
    await owe(
        session,
        server_id=ritual.server_id,
        kind="ritual-rests",
        key=f"ritual-rests:{ritual.id}:{at}",
        place="room" if server.facilitators_room_id is None else "facilitators",
        group_id=ritual.group_id,
        message=ritual_messages.waits(ritual.id, at, people),
        now=now,
    )
