"""Where pairs find each other: what is owed to them, and what became of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import pair_messages
from bot.rules.message import Message
from bot.services import takedowns
from bot.services.id_chunks import chunks
from bot.services.outbox import LONGEST_WAIT, Place, owe
from models import OutboxMessage, Pair, Pairing, PairRound, PairSeat

KIND = "pair"  # of the messages that bring people together
ASKS = "pair-asks"  # whether they met


async def bring_together(
    session: AsyncSession,
    row: Pairing,
    pair: Pair,
    people: Sequence[int],
    *,
    now: datetime,
    at: datetime,
) -> None:
    """Owe the message that brings people together, at `at`."""
    # People of two groups have no room that both see but the commons, where nothing is said aloud.
    thread = row.threads or pair.group_id is None
    named = pair_messages.together(pair.id, people, pair.question, thread=False)
    one = await session.get_one(PairRound, pair.round_id)
    await owe(
        session,
        server_id=row.server_id,
        kind=KIND,
        key=f"{KIND}:{pair.id}",
        place="commons" if pair.group_id is None else "room",
        group_id=pair.group_id,
        message=pair_messages.together(pair.id, people, pair.question, thread=thread),
        fallback=named if thread else None,
        now=now,
        due_at=at,
        expires_in=min(LONGEST_WAIT, max(one.closes_at - at, timedelta(minutes=1))),
    )


async def say(  # noqa: PLR0917 - to whom, under which key, what, until when
    session: AsyncSession, pair: Pair, key: str, message: Message, until: datetime, now: datetime
) -> None:
    """Owe a message to a pair where they are: in their thread, else in the room."""
    where: Place = "room"
    if pair.thread_id is not None:
        where = "thread"
    elif pair.group_id is None:
        where = "commons"
    await owe(
        session,
        server_id=pair.server_id,
        kind=key.partition(":")[0],
        key=key,
        place=where,
        group_id=pair.group_id,
        thread_id=pair.thread_id,
        message=message,
        now=now,
        expires_in=min(LONGEST_WAIT, max(until - now, timedelta(minutes=1))),
    )


async def sent(session: AsyncSession, row: OutboxMessage, message_id: int, now: datetime) -> None:
    """Remember where a pair was brought together; a thread that came too late is closed."""
    pair = await session.get(Pair, int(row.key.partition(":")[2]))
    if pair is None:
        return
    pair.message_id, pair.channel_id, pair.thread_id = message_id, row.channel_id, row.thread_id
    one = await session.get_one(PairRound, pair.round_id)
    if one.closed_at is not None and row.thread_id is not None:
        await takedowns.close_thread(
            session, server_id=pair.server_id, thread_id=row.thread_id, now=now
        )
    await session.flush()


async def unsaid(session: AsyncSession, row: OutboxMessage) -> None:
    """Note that a pair could not be asked: its thread is gone, or nobody may write there.

    Somebody did that by hand, and whoever had no place to answer missed nothing.
    """
    pair = await session.get(Pair, int(row.key.partition(":")[2]))
    if pair is not None:
        pair.message_id = pair.thread_id = None
        await session.flush()


async def is_open(session: AsyncSession, thread_id: int) -> bool:
    """Return whether a thread is that of a pair whose round lasts."""
    found = await session.scalar(_open_in(thread_id).with_only_columns(Pair.id))
    return found is not None


async def thread_gone(session: AsyncSession, thread_id: int) -> None:
    """Note that somebody deleted the thread of a pair: as if it could not be asked there."""
    pair = await session.scalar(_open_in(thread_id))
    if pair is not None:
        pair.message_id = pair.thread_id = None
        await session.flush()


def _open_in(thread_id: int) -> Select[Pair]:
    return select(Pair).where(Pair.thread_id == thread_id, Pair.closed_at.is_(None))


async def seats(session: AsyncSession, pair_ids: Sequence[int]) -> defaultdict[int, list[PairSeat]]:
    """Return who sits where, by pair."""
    found: defaultdict[int, list[PairSeat]] = defaultdict(list)
    for ids in chunks(pair_ids):
        rows = await session.scalars(
            select(PairSeat).where(PairSeat.pair_id.in_(ids)).order_by(PairSeat.user_id)
        )
        for seat in rows.all():
            found[seat.pair_id].append(seat)
    return found
