"""What people press in their pair's thread: did you meet, another question, a break."""

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import pair_messages
from bot.rules.actor import Actor
from bot.rules.message import Message, say
from bot.services import pair_closing, pair_talk, rights
from models import Pair, Pairing, PairRound, PairSeat, PairWish

Answer = Literal["met", "not"]


async def answered(session: AsyncSession, who: Actor, pair_id: int, answer: Answer) -> Message:
    """Keep what one of a pair pressed, until the round is over; the last press counts."""
    seat, _, one = await _seat(session, who, pair_id)
    seat.answer = answer
    pairing = await _pairing(session, one)
    # Whoever rested after two rounds without a word has said one now.
    wish = await session.get(PairWish, (one.pairing_id or 0, who.user_id))
    if wish is not None:
        wish.misses = 0
    await session.flush()
    if pairing is None or pairing.next_due_at is None:
        return say(f"pairs.said_{answer}_open")
    return say(f"pairs.said_{answer}", at=int(pairing.next_due_at.timestamp()))


async def another(session: AsyncSession, who: Actor, pair_id: int, now: datetime) -> Message:
    """Give a pair another question: in its thread, or to who asks where it has none."""
    _, pair, one = await _seat(session, who, pair_id)
    if pair.questions >= pair_messages.QUESTIONS_MOST:
        raise UserError("pairs.more_enough")
    pair.question = pair_messages.next_question(pair.question)
    pair.questions += 1
    wish = await session.get(PairWish, (one.pairing_id or 0, who.user_id))
    if wish is not None:
        wish.misses = -1  # who asks for more did press, whatever becomes of it in this round
    await session.flush()
    message = pair_messages.more(pair.id, pair.questions, pair.question)
    if pair.thread_id is None:
        return message
    key = f"pair-more:{pair.id}:{pair.questions}"
    await pair_talk.say(session, pair, key, message, one.closes_at, now)
    return say("pairs.said_more")


async def has_break(session: AsyncSession, who: Actor, pair_id: int, now: datetime) -> Message:
    """Let one of a pair rest until they come back; who is left hears that it cannot go on."""
    _, _, one = await _seat(session, who, pair_id)
    wish = await session.get(PairWish, (one.pairing_id or 0, who.user_id))
    if wish is not None:
        wish.rests_since, wish.rests_why = now, "own"
    await session.flush()
    await pair_closing.step_due(session, now)
    return say("pairs.said_break")


async def _seat(
    session: AsyncSession, who: Actor, pair_id: int
) -> tuple[PairSeat, Pair, PairRound]:
    await rights.server_row(session, who.server_id)
    pair = await session.get(Pair, pair_id)
    seat = await session.get(PairSeat, (pair_id, who.user_id))
    if pair is None or pair.server_id != who.server_id or seat is None:
        raise NotAllowed("pairs.not_yours")
    one = await session.get_one(PairRound, pair.round_id)
    if one.closed_at is not None or pair.closed_at is not None or seat.gone:
        raise NotAllowed("pairs.pair_over")
    return seat, pair, one


async def _pairing(session: AsyncSession, one: PairRound) -> Pairing | None:
    found = await session.get(Pairing, one.pairing_id or 0)
    return found if found is not None and found.state == "running" else None
