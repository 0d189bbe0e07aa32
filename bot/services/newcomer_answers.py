"""First messages that nobody answered: counted once their time is over, before they are erased.

Those that were answered are counted with the batch that answered them (bot/rules/counting.py).
"""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import delete, select
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
    """Count the first messages that nobody answered in seven days, and erase them.

    Where Hearth was deaf for more than a day of them, nobody knows: such a message counts nowhere.
    """
    until = now - answering.KEPT
    never = await unanswered(session, until)
    await session.execute(
        delete(Unanswered).where(Unanswered.first, Unanswered.at <= until),
        execution_options={"synchronize_session": False},
    )
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


async def unanswered(
    session: AsyncSession, until: datetime, server_id: int | None = None
) -> Counter[tuple[int, int, str]]:
    """Return how many first messages up to a moment wait in vain, by server, group and week.

    They are over by then, and not counted yet: that is done once a day.
    """
    wanted = select(Unanswered.server_id, Unanswered.group_id, Unanswered.at).where(
        Unanswered.first, Unanswered.at <= until
    )
    if server_id is not None:
        wanted = wanted.where(Unanswered.server_id == server_id)
    heard: dict[int, Hearing] = {}
    never: Counter[tuple[int, int, str]] = Counter()
    for whose, group_id, at in (await session.execute(wanted)).all():
        if whose not in heard:
            heard[whose] = await connected.hearing(session, whose)
        waited = silence(at, at + answering.KEPT, heard[whose].live)
        if waited >= answering.KEPT - MOST_UNHEARD:
            never[whose, group_id, week_of(int(at.timestamp() * 1000))] += 1
    return never
