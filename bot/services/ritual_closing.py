"""What ends an occurrence of a ritual: a word of thanks in numbers, and its thread is closed.

A thread is closed after the word was said in it: once the outbox knows what became of that. Where
nobody came nothing is said. What comes more than a day late, because Hearth was away, is not said
either; the thread is closed all the same.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import ritual_messages
from bot.rules.ritual_kinds import KINDS, OWN
from bot.rules.ritual_messages import Held
from bot.services import ritual_choices, ritual_moves, takedowns
from bot.services.outbox import owe
from models import (
    Group,
    Occurrence,
    OutboxMessage,
    Ritual,
    RitualChoice,
    RitualPart,
    Server,
)

KIND = "ritual-end"
LATE = timedelta(days=1)
AT_ONCE = 200  # occurrences in one transaction; the others follow a minute later

_OVER = and_(Occurrence.closed_at.is_(None), Occurrence.closes_at <= bindparam("now"))
ANY_DUE = exists().where(_OVER)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Close what has been open long enough; return how many occurrences that were. By the minute.

    Nothing of a server that is paused: it is closed when that goes on.
    """
    rows = await session.execute(
        select(Occurrence, Ritual, Group)
        .join(Ritual, Ritual.id == Occurrence.ritual_id)
        .join(Group, Group.id == Occurrence.group_id)
        .join(Server, Server.id == Ritual.server_id)
        .where(
            _OVER,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Occurrence.closes_at, Occurrence.id)
        .limit(AT_ONCE),
        {"now": now},
    )
    found = rows.all()
    for occurrence, ritual, group in found:
        await _close(session, occurrence, ritual, group, now)
    return len(found)


async def removed(session: AsyncSession, ritual: Ritual, now: datetime) -> None:
    """Close the threads of a ritual that is removed, without a word."""
    rows = await session.scalars(
        select(Occurrence).where(
            Occurrence.ritual_id == ritual.id,
            Occurrence.closed_at.is_(None),
            Occurrence.thread_id.is_not(None),
        )
    )
    for occurrence in rows:
        await _shut(session, ritual.server_id, occurrence.thread_id, now)


async def said(session: AsyncSession, row: OutboxMessage, _: int, now: datetime) -> None:
    """Close the thread in which the last word now stands."""
    if row.place == "thread":
        await _shut(session, row.server_id, row.thread_id, now)


async def unsaid(session: AsyncSession, row: OutboxMessage) -> None:
    """Close the thread in which the last word could not be said."""
    if row.place == "thread":
        await _shut(session, row.server_id, row.thread_id, row.expires_at)


async def _close(
    session: AsyncSession, occurrence: Occurrence, ritual: Ritual, group: Group, now: datetime
) -> None:
    people = await _people(session, occurrence)
    occurrence.closed_at, occurrence.people = now, people
    await ritual_choices.over(session, occurrence)
    thread_id = occurrence.thread_id
    came = people or occurrence.answers
    late = occurrence.closes_at is None or now - occurrence.closes_at > LATE
    heard = group.state == "open" and group.locked_at is None
    # A ritual of their own that stays in the room says nothing at its end.
    wanted = thread_id is not None or ritual.kind != OWN
    if not came or late or not heard or not wanted:
        await _shut(session, ritual.server_id, thread_id, now)
        return
    following = await ritual_moves.next_held(session, ritual)
    await owe(
        session,
        server_id=ritual.server_id,
        kind=KIND,
        key=f"{KIND}:{occurrence.id}",
        place="room" if thread_id is None else "thread",
        thread_id=thread_id,
        group_id=group.id,
        message=ritual_messages.ended(
            Held(
                occurrence.id,
                ritual.id,
                title=ritual.title,
                part=KINDS[ritual.kind].part,
                people=people,
                following=None if following is None else int(following[0].timestamp()),
            )
        ),
        now=now,
        expires_in=LATE,
    )


async def _people(session: AsyncSession, occurrence: Occurrence) -> int:
    """Return how many different people took part, as far as that is known."""
    parts = select(RitualPart.user_id).where(RitualPart.occurrence_id == occurrence.id)
    pressed = select(RitualChoice.user_id).where(
        RitualChoice.ritual_id == occurrence.ritual_id,
        RitualChoice.moment == occurrence.local_moment,
        RitualChoice.choice == "in",
    )
    both = parts.union(pressed).subquery()
    return await session.scalar(select(func.count()).select_from(both)) or 0


async def _shut(
    session: AsyncSession, server_id: int, thread_id: int | None, now: datetime
) -> None:
    if thread_id is not None:
        await takedowns.close_thread(session, server_id=server_id, thread_id=thread_id, now=now)
