"""First messages that nobody answered: counted once their time is over, before they are erased.

Those that were answered are counted with the batch that answered them (bot/rules/counting.py).
"""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import answering
from bot.rules.health_newcomers import NEVER
from bot.rules.quiet import Hearing, silence
from bot.rules.ties import week_of
from bot.services import connected
from bot.services.upserts import upsert
from models import NewcomerAnswer, Unanswered

MOST_UNHEARD = timedelta(days=1)  # of the seven in which an answer could have come


async def over(session: AsyncSession, now: datetime) -> None:
    """Count the first messages that nobody answered in seven days; call it before they go.

    Where Hearth was deaf for more than a day of them, nobody knows: such a message counts nowhere.
    """
    rows = await session.execute(
        select(Unanswered.server_id, Unanswered.group_id, Unanswered.at).where(
            Unanswered.first, Unanswered.at <= now - answering.KEPT
        )
    )
    heard: dict[int, Hearing] = {}
    never: Counter[tuple[int, int, str]] = Counter()
    for server_id, group_id, at in rows.all():
        if server_id not in heard:
            heard[server_id] = await connected.hearing(session, server_id)
        waited = silence(at, at + answering.KEPT, heard[server_id].live)
        if waited >= answering.KEPT - MOST_UNHEARD:
            never[server_id, group_id, week_of(int(at.timestamp() * 1000))] += 1
    statement = upsert(session, NewcomerAnswer)
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "week", "within"],
        set_={"people": NewcomerAnswer.people + statement.excluded.people},
    )
    for (server_id, group_id, week), people in never.items():
        await session.execute(
            statement.values(
                server_id=server_id, group_id=group_id, week=week, within=NEVER, people=people
            )
        )
