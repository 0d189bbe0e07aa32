"""What a minute may have something to do about, at one glance.

Each minute concerns some thirty matters, and in most minutes there is nothing to do about most of
them. So all are asked about in one statement first. A matter states beside its work whether there
may be anything for it (`ANY…`), in the words of the query that finds it there: what this does not
see, that would not find. Some see more than is due, none less.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import gatherings
from bot.services.portraits import STALE

Question = ColumnElement[bool]


class Glance:
    """One statement that asks about several matters; each is asked about by its questions."""

    def __init__(self, matters: Sequence[Sequence[Question]]) -> None:
        self._statement = select(
            *(or_(*asks).label(f"matter_{number}") for number, asks in enumerate(matters))
        )

    async def take(self, session: AsyncSession, now: datetime) -> tuple[bool, ...]:
        """Return for each matter whether there may be anything to do at `now`."""
        answers = (await session.execute(self._statement, _moments(now))).one()
        return tuple(bool(answer) for answer in answers)


def _moments(now: datetime) -> dict[str, Any]:
    """Return the moments that questions name."""
    return {
        "now": now,
        "next_hour": now + gatherings.HOUR,
        "tomorrow": now + timedelta(days=1),
        "gathered_by": now - gatherings.HERE_FOR,
        "portrayed_by": now - STALE,
    }
