"""While a round of pairs lasts, and its end: who cannot go on, did you meet, who missed.

What people pressed is erased when the round is over; what stays is who was paired with whom.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.rules import pair_messages
from bot.rules.message import Message
from bot.rules.quiet import silence
from bot.services import connected, takedowns
from bot.services.outbox import LONGEST_WAIT, Place, owe, withdraw
from bot.services.signals import chunks
from models import (
    Apart,
    Membership,
    OutboxMessage,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Server,
)

KIND = "pair"  # of the messages that bring people together
ASKS = "pair-asks"  # whether they met
ASKED_BEFORE = timedelta(days=1)  # the next round, whether they met
OVER_AFTER = timedelta(days=2)  # the next round's moment; then a round is closed without one
MISSES_MOST = 2  # rounds in a row without a press or a word; then somebody rests
HEARD_LEAST = 0.5  # of a round, else nobody missed anything: Hearth was not there
TWO = 2


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Look after open rounds: who cannot go on, who is to be asked, what is over."""
    await _look_after(session, now)
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
    seats = await _seats(session, [pair.id for pair in listed])
    counts = await _was_heard(session, one, now)
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
            await withdraw(session, server_id=one.server_id, key=f"{KIND}:{pair.id}")
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
        seats = await _seats(session, [pair.id for pair in listed])
        for pair in listed:
            there = [seat for seat in seats[pair.id] if not seat.gone]
            if any(seat.answer is not None for seat in there):
                continue
            people = [seat.user_id for seat in there]
            message = pair_messages.did_you_meet(pair.id, people, one.closes_at)
            await say(session, pair, f"{ASKS}:{pair.id}", message, one.closes_at, now)
    await session.flush()


async def _look_after(session: AsyncSession, now: datetime) -> None:
    """End, or go on with two of three, where somebody lives there no more, rests, or is kept apart.

    Who is left hears that it cannot go on, not why, and comes first the next time.
    """
    may = (
        select(PairWish.user_id)
        .join(
            Membership,
            and_(
                Membership.server_id == PairWish.server_id, Membership.user_id == PairWish.user_id
            ),
        )
        .where(
            PairWish.pairing_id == Pairing.id,
            PairWish.user_id == PairSeat.user_id,
            PairWish.rests_since.is_(None),
            Membership.state == "here",
            or_(
                Membership.group_id == Pairing.group_id,
                and_(Membership.group_id == Pairing.sibling_id, Pairing.sibling_state == "yes"),
            ),
        )
        .correlate(Pairing, PairSeat)
        .exists()
    )
    rows = await session.execute(
        select(PairSeat, Pair, Pairing)
        .join(Pair, Pair.id == PairSeat.pair_id)
        .join(PairRound, PairRound.id == Pair.round_id)
        .join(Pairing, Pairing.id == PairRound.pairing_id)
        .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None), ~PairSeat.gone, ~may)
    )
    hit: dict[int, tuple[Pair, Pairing]] = {}
    for seat, pair, row in rows.all():
        seat.gone = True
        hit[pair.id] = pair, row
    # Whoever was forgotten has no seat at all.
    alone = await session.execute(
        select(Pair, Pairing)
        .join(PairRound, PairRound.id == Pair.round_id)
        .join(Pairing, Pairing.id == PairRound.pairing_id)
        .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None), _sitting() < TWO)
    )
    hit |= {pair.id: (pair, row) for pair, row in alone.all()}
    await session.flush()
    for pair, row in hit.values():
        await _goes_on(session, row, pair, now)
    await _part(session, now)


def _sitting() -> ScalarSelect[int]:
    """Count who sits at a pair's table and can go on."""
    return (
        select(func.count())
        .select_from(PairSeat)
        .where(PairSeat.pair_id == Pair.id, ~PairSeat.gone)
        .correlate(Pair)
        .scalar_subquery()
    )


async def _part(session: AsyncSession, now: datetime) -> None:
    """Close at once the threads of people whom moderators keep apart since; nothing is said."""
    low, high = aliased(PairSeat), aliased(PairSeat)
    rows = await session.execute(
        select(Pair, PairRound.pairing_id)
        .join(PairRound, PairRound.id == Pair.round_id)
        .join(low, low.pair_id == Pair.id)
        .join(high, high.pair_id == Pair.id)
        .join(
            Apart,
            and_(
                Apart.server_id == Pair.server_id,
                Apart.low_id == low.user_id,
                Apart.high_id == high.user_id,
            ),
        )
        .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None))
    )
    for pair, pairing_id in rows.all():
        there = (await _seats(session, [pair.id]))[pair.id]
        await _come_first(session, pairing_id, [seat.user_id for seat in there], None)
        for seat in there:
            seat.gone = True
        pair.closed_at = now
        await withdraw(session, server_id=pair.server_id, key=f"{KIND}:{pair.id}")
        if pair.thread_id is not None:
            await takedowns.close_thread(
                session, server_id=pair.server_id, thread_id=pair.thread_id, now=now
            )
    await session.flush()


async def _goes_on(session: AsyncSession, row: Pairing, pair: Pair, now: datetime) -> None:
    """Say to who is left of a pair that it cannot go on, or of three that two do."""
    there = [seat for seat in (await _seats(session, [pair.id]))[pair.id] if not seat.gone]
    left = [seat.user_id for seat in there]
    unsent = pair.message_id is None and await withdraw(
        session, server_id=pair.server_id, key=f"{KIND}:{pair.id}"
    )
    if unsent and len(left) >= TWO:
        await bring_together(session, row, pair, left, now=now, at=now)
    elif left and pair.message_id is not None:
        next_at = row.next_due_at if row.state == "running" else None
        message = pair_messages.goes_on(row.id, pair.id, left, next_at)
        until = now + timedelta(days=2)
        await say(session, pair, f"pair-goes-on:{pair.id}:{len(left)}", message, until, now)
    if len(left) < TWO:
        # Who knows nothing of it yet reads at /home that nobody was there for them.
        await _come_first(session, row.id, left, now if pair.message_id is None else None)
        pair.closed_at = now
    await session.flush()


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


async def _come_first(
    session: AsyncSession,
    pairing_id: int | None,
    people: Collection[int],
    alone_at: datetime | None,
) -> None:
    """Let people come first in the next round; with `alone_at` they read of it at /home."""
    rows = await session.scalars(
        select(PairWish).where(PairWish.pairing_id == pairing_id, PairWish.user_id.in_(people))
    )
    for wish in rows.all():
        wish.first, wish.alone_at = True, alone_at
    await session.flush()


async def _seats(
    session: AsyncSession, pair_ids: Sequence[int]
) -> defaultdict[int, list[PairSeat]]:
    """Return who sits where, by pair."""
    found: defaultdict[int, list[PairSeat]] = defaultdict(list)
    for ids in chunks(pair_ids):
        rows = await session.scalars(
            select(PairSeat).where(PairSeat.pair_id.in_(ids)).order_by(PairSeat.user_id)
        )
        for seat in rows.all():
            found[seat.pair_id].append(seat)
    return found


async def unsaid(session: AsyncSession, row: OutboxMessage) -> None:
    """Note that a pair could not be asked: its thread is gone, or nobody may write there.

    Somebody did that by hand, and whoever had no place to answer missed nothing.
    """
    pair = await session.get(Pair, int(row.key.partition(":")[2]))
    if pair is not None:
        pair.message_id = pair.thread_id = None
        await session.flush()
