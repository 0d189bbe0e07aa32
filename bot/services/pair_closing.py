"""While a round of pairs lasts, and its end: who cannot go on, did you meet, who missed.

What people pressed is erased when the round is over; what stays is who was paired with whom.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import pair_messages
from bot.rules.quiet import silence
from bot.services import connected, pair_breaks, pair_talk, takedowns
from bot.services.outbox import withdraw
from models import (
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Server,
)

ASKED_BEFORE = timedelta(days=1)  # the next round, whether they met
OVER_AFTER = timedelta(days=2)  # the next round's moment; then a round is closed without one
MISSES_MOST = 2  # rounds in a row without a press or a word; then somebody rests
ANY_OPEN = select(PairRound.id).where(PairRound.closed_at.is_(None)).limit(1)
HEARD_LEAST = 0.5  # of a round, else nobody missed anything: Hearth was not there
TWO = 2


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Look after open rounds: who cannot go on, who is to be asked, what is over."""
    if await session.scalar(ANY_OPEN) is None:
        return
    await pair_breaks.look_after(session, now)
    await _ask(session, now)
    over = await session.execute(
        select(PairRound, Pairing)
        .join(Pairing, Pairing.id == PairRound.pairing_id)
        .where(PairRound.closed_at.is_(None), PairRound.closes_at <= now - OVER_AFTER)
    )
    for one, row in over.all():
        await _close(session, row, one, now)


async def close_rounds(session: AsyncSession, row: Pairing, now: datetime) -> None:
    """Close the rounds that are open, before the next one is held or when pairs end."""
    rounds = await session.scalars(
        select(PairRound)
        .where(PairRound.pairing_id == row.id, PairRound.closed_at.is_(None))
        .order_by(PairRound.id)
    )
    for one in rounds.all():
        await _close(session, row, one, now)


async def end(session: AsyncSession, row: Pairing, now: datetime) -> None:
    """End pairs: threads are closed, wishes go; who was paired with whom stays for its year."""
    await close_rounds(session, row, now)
    await session.delete(row)
    await session.flush()


async def _close(session: AsyncSession, row: Pairing, one: PairRound, now: datetime) -> None:
    pairs = await session.scalars(select(Pair).where(Pair.round_id == one.id))
    listed = pairs.all()
    seats = await pair_talk.seats(session, [pair.id for pair in listed])
    # Pairs that were paused meanwhile were not asked.
    counts = row.state == "running" and await _was_heard(session, one, now)
    met = 0
    for pair in listed:
        there = [seat for seat in seats[pair.id] if not seat.gone]
        has_met = _has_met(there)
        met += has_met
        for seat in there:
            if counts and pair.message_id is not None and pair.closed_at is None:
                missed = seat.answer is None and not seat.wrote and not has_met
                await _count(session, row, seat.user_id, missed=missed, now=now)
            seat.answer, seat.wrote = None, False
        if pair.message_id is None:
            await withdraw(session, server_id=one.server_id, key=f"{pair_talk.KIND}:{pair.id}")
        if pair.thread_id is not None:
            await takedowns.close_thread(
                session, server_id=one.server_id, thread_id=pair.thread_id, now=now
            )
        pair.closed_at = pair.closed_at or now
    one.met, one.closed_at = met, now
    if counts:
        row.thin = 0 if met else row.thin + 1
    await session.flush()


def _has_met(seats: Collection[PairSeat]) -> bool:
    """Return whether a pair met: one of them said so, or two of them wrote."""
    wrote = sum(seat.wrote for seat in seats)
    return any(seat.answer == "met" for seat in seats) or wrote >= TWO


async def _was_heard(session: AsyncSession, one: PairRound, now: datetime) -> bool:
    """Return whether Hearth was there for most of a round, so that a press could reach it."""
    hearing = await connected.hearing(session, one.server_id)
    heard = silence(one.at, now, hearing.live)
    return heard >= (now - one.at) * HEARD_LEAST


async def _count(
    session: AsyncSession, row: Pairing, user_id: int, *, missed: bool, now: datetime
) -> None:
    wish = await session.get(PairWish, (row.id, user_id))
    if wish is None or wish.rests_since is not None:
        return
    wish.misses = wish.misses + 1 if missed else 0
    if wish.misses >= MISSES_MOST:
        wish.rests_since, wish.rests_why, wish.misses = now, "missed", 0


async def _ask(session: AsyncSession, now: datetime) -> None:
    """Ask the pairs of rounds that end soon whether they met, once, where they have a thread."""
    rounds = await session.scalars(
        select(PairRound)
        .join(Pairing, Pairing.id == PairRound.pairing_id)
        .join(Server, Server.id == PairRound.server_id)
        .where(
            PairRound.closed_at.is_(None),
            PairRound.asked_at.is_(None),
            PairRound.closes_at <= now + ASKED_BEFORE,
            PairRound.closes_at > now,
            Pairing.state == "running",
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
    )
    for one in rounds.all():
        one.asked_at = now
        pairs = await session.scalars(
            select(Pair).where(
                Pair.round_id == one.id, Pair.closed_at.is_(None), Pair.thread_id.is_not(None)
            )
        )
        listed = pairs.all()
        seats = await pair_talk.seats(session, [pair.id for pair in listed])
        for pair in listed:
            there = [seat for seat in seats[pair.id] if not seat.gone]
            if any(seat.answer is not None for seat in there):
                continue
            people = [seat.user_id for seat in there]
            message = pair_messages.did_you_meet(pair.id, people, one.closes_at)
            await pair_talk.say(
                session, pair, f"{pair_talk.ASKS}:{pair.id}", message, one.closes_at, now
            )
    await session.flush()
