"""What challenges came to in a whole server, with a partner and without: a line for its owners."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.goal_cards import sides
from bot.rules.goals import Ended
from bot.rules.message import Line
from bot.services import goals
from models import Goal

LOOKED_BACK = timedelta(days=365)


async def with_and_without(session: AsyncSession, server_id: int, now: datetime) -> Line | None:
    """Return how many completed their challenge with a partner and without, within a year.

    Only challenges with five people or more on either side are added up: what was left out of a sum
    could be found again by taking the others off. None where there are none.
    """
    rows = await session.scalars(
        select(Goal).where(
            Goal.server_id == server_id, Goal.state == "over", Goal.closed_at > now - LOOKED_BACK
        )
    )
    found = [came for came in map(goals.came, rows) if came.beside() is not None]
    whole = Ended(
        sum(one.joined for one in found),
        sum(one.completed for one in found),
        sum(one.paired for one in found),
        sum(one.paired_completed for one in found),
    )
    beside = whole.beside()
    return None if beside is None else Line("goals.pairs_all", sides(beside))
