"""Splits: from a full group to two, as rows that a restart finds again.

planned (facilitators look) → told (members may choose) → moving (rows have changed, Discord
follows) → done; or dropped. `look` makes plans, `step_due` takes every open split as far as it can
go by now: ask again, tell, run, close. Both may be called at any moment, any number of times.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.settings import Settings


async def look(database: Database, server_id: int, now: datetime, settings: Settings) -> int:
    """Plan a split for each group at its cap that has none open; return how many were planned.

    Takes the database, not a session: it reads in one scope, thinks in a thread while no
    transaction is open, and writes in another.
    """
    raise NotImplementedError


async def step_due(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """Take all servers' open splits as far as they can go; return how many changed.

    Called by the tick. Asks facilitators again, tells the members of groups that split by
    themselves, runs what was told when its moment comes, drops what has become pointless.
    """
    raise NotImplementedError


async def unsettled(session: AsyncSession, server_id: int) -> list[tuple[int, tuple[int, ...]]]:
    """Return (split id, ids of its groups) for each split whose people still have to be moved."""
    raise NotImplementedError


async def mark_done(session: AsyncSession, split_id: int, now: datetime) -> None:
    """Note that Discord shows what a split changed: nothing is left to move."""
    raise NotImplementedError


async def doors_due(session: AsyncSession, now: datetime) -> int:
    """Close the doors between siblings whose 30 days are over; return how many."""
    raise NotImplementedError
