"""Who took part in a ritual: how many answered, and for a while which of those who are counted.

Taking part is answering the ritual's post, reacting to it, writing in its thread, or pressing that
one is in. How many different people that were is all that is made of it.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.counting import Sums
from bot.services import rituals
from bot.services.id_chunks import chunks
from bot.services.upserts import upsert
from models import Occurrence, RitualPart


async def answered(session: AsyncSession, sums: Sums) -> None:
    """Write down the answers of a batch to occurrences of rituals."""
    who: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for server_id, message_id, user_id in sums.parts:
        who[message_id].append((server_id, user_id))
    for messages in chunks(sums.answers):
        found = await session.execute(
            select(Occurrence.id, Occurrence.message_id).where(Occurrence.message_id.in_(messages))
        )
        for occurrence_id, message_id in found.all():
            assert message_id is not None  # it was asked for
            await rituals.answered(session, message_id, sums.answers[message_id])
            await note(session, occurrence_id, who[message_id])


async def note(
    session: AsyncSession, occurrence_id: int, people: Sequence[tuple[int, int]]
) -> None:
    """Write down that people, each with their server, took part in an occurrence."""
    if people:
        await (await session.connection()).execute(
            upsert(session, RitualPart).on_conflict_do_nothing(),
            [
                {"occurrence_id": occurrence_id, "server_id": server_id, "user_id": user_id}
                for server_id, user_id in people
            ],
        )
