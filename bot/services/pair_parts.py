"""Who wrote in the thread of their pair: a word there is as good as a press on ‹We met›.

Heard with the other signs of life, of people who are counted; what was written is not looked at.
"""

from collections import defaultdict

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.counting import Sums
from bot.services.id_chunks import chunks
from models import Pair, PairSeat


async def wrote(session: AsyncSession, sums: Sums) -> None:
    """Note who of a batch wrote in the thread of a pair of theirs."""
    who: defaultdict[int, set[int]] = defaultdict(set)
    for _, channel_id, user_id in sums.parts:
        who[channel_id].add(user_id)
    for channels in chunks(who):
        found = await session.execute(
            select(Pair.id, Pair.thread_id).where(
                Pair.thread_id.in_(channels), Pair.closed_at.is_(None)
            )
        )
        for pair_id, thread_id in found.all():
            assert thread_id is not None  # it was asked for
            await session.execute(
                update(PairSeat)
                .where(PairSeat.pair_id == pair_id, PairSeat.user_id.in_(who[thread_id]))
                .values(wrote=True)
            )
