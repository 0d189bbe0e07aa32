"""What ends a pair before its round does: somebody left, rests, was forgotten, or is kept apart.

Who is left hears that it cannot go on, never why or through whom, and comes first the next time.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.rules import pair_messages
from bot.services import pair_talk, takedowns
from bot.services.outbox import withdraw
from models import Apart, Membership, Pair, Pairing, PairRound, PairSeat, PairWish

TWO = 2
TOLD_WITHIN = timedelta(days=2)

# Asked each minute while a round is open: built once.
_MAY = (
    select(PairWish.user_id)
    .join(
        Membership,
        and_(Membership.server_id == PairWish.server_id, Membership.user_id == PairWish.user_id),
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
CANNOT_GO_ON = (
    select(PairSeat, Pair, Pairing)
    .join(Pair, Pair.id == PairSeat.pair_id)
    .join(PairRound, PairRound.id == Pair.round_id)
    .join(Pairing, Pairing.id == PairRound.pairing_id)
    .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None), ~PairSeat.gone, ~_MAY)
)
_SITTING = (  # at a pair's table, and can go on
    select(func.count())
    .select_from(PairSeat)
    .where(PairSeat.pair_id == Pair.id, ~PairSeat.gone)
    .correlate(Pair)
    .scalar_subquery()
)
ALONE = (
    select(Pair, Pairing)
    .join(PairRound, PairRound.id == Pair.round_id)
    .join(Pairing, Pairing.id == PairRound.pairing_id)
    .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None), _SITTING < TWO)
)
_LOW, _HIGH = aliased(PairSeat), aliased(PairSeat)
APART = (
    select(Pair, PairRound.pairing_id)
    .join(PairRound, PairRound.id == Pair.round_id)
    .join(_LOW, _LOW.pair_id == Pair.id)
    .join(_HIGH, _HIGH.pair_id == Pair.id)
    .join(
        Apart,
        and_(
            Apart.server_id == Pair.server_id,
            Apart.low_id == _LOW.user_id,
            Apart.high_id == _HIGH.user_id,
        ),
    )
    .where(PairRound.closed_at.is_(None), Pair.closed_at.is_(None))
)


async def look_after(session: AsyncSession, now: datetime) -> None:
    """End, or go on with two of three, where somebody lives there no more, rests, or is kept apart.

    Who is left hears that it cannot go on, not why, and comes first the next time.
    """
    rows = await session.execute(CANNOT_GO_ON)
    hit: dict[int, tuple[Pair, Pairing]] = {}
    for seat, pair, row in rows.all():
        seat.gone = True
        hit[pair.id] = pair, row
    # Whoever was forgotten has no seat at all.
    alone = await session.execute(ALONE)
    hit |= {pair.id: (pair, row) for pair, row in alone.all()}
    await session.flush()
    for pair, row in hit.values():
        await _goes_on(session, row, pair, now)
    await _part(session, now)


async def _part(session: AsyncSession, now: datetime) -> None:
    """Close at once the threads of people whom moderators keep apart since; nothing is said."""
    rows = await session.execute(APART)
    for pair, pairing_id in rows.all():
        there = (await pair_talk.seats(session, [pair.id]))[pair.id]
        await _come_first(session, pairing_id, [seat.user_id for seat in there], None)
        for seat in there:
            seat.gone = True
        pair.closed_at = now
        await withdraw(session, server_id=pair.server_id, key=f"{pair_talk.KIND}:{pair.id}")
        if pair.thread_id is not None:
            await takedowns.close_thread(
                session, server_id=pair.server_id, thread_id=pair.thread_id, now=now
            )
    await session.flush()


async def _goes_on(session: AsyncSession, row: Pairing, pair: Pair, now: datetime) -> None:
    """Say to who is left of a pair that it cannot go on, or of three that two do."""
    there = [seat for seat in (await pair_talk.seats(session, [pair.id]))[pair.id] if not seat.gone]
    left = [seat.user_id for seat in there]
    unsent = pair.message_id is None and await withdraw(
        session, server_id=pair.server_id, key=f"{pair_talk.KIND}:{pair.id}"
    )
    if unsent and len(left) >= TWO:
        await pair_talk.bring_together(session, row, pair, left, now=now, at=now)
    elif left and pair.message_id is not None:
        next_at = row.next_due_at if row.state == "running" else None
        message = pair_messages.goes_on(row.id, pair.id, left, next_at)
        until = now + TOLD_WITHIN
        await pair_talk.say(
            session, pair, f"pair-goes-on:{pair.id}:{len(left)}", message, until, now
        )
    if len(left) < TWO:
        # Who knows nothing of it yet reads at /home that nobody was there for them.
        await _come_first(session, row.id, left, now if pair.message_id is None else None)
        pair.closed_at = now
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
