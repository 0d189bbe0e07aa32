"""Suggesting homes: what the tables know of a person and of the groups, put before the rule."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.matching import Suggestion
from bot.settings import Settings


async def suggest(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    now: datetime,
    settings: Settings,
    count: int = 3,
    role_ids: Collection[int] = (),
    without: Collection[int] = (),
) -> list[Suggestion]:
    """Return up to `count` groups that may be someone's home, the best first.

    Only groups that they could move into or ask right now: open, with a seat that is kept for
    nobody else, within their pace, not barred, nobody there whom they must not meet, not their own
    home, none of `without`. A group that is not listed only where an answer of theirs asks for such
    groups. Who has not answered anything gets groups with seats, warm ones first. `role_ids` are
    the person's roles where they are at hand: they may stand for answers. Reads only.
    """
    del session, server_id, user_id, now, settings, count, role_ids, without
    return []


async def shown_answers(session: AsyncSession, server_id: int, user_id: int) -> list[str]:
    """Return what someone answered and ticked as "may be shown", in the order it was asked.

    For the welcome in their home's room: labels as the owners wrote them, to be passed through
    `rules.naming.safe`.
    """
    del session, server_id, user_id
    return []


async def seeking(session: AsyncSession, server_id: int) -> list[int]:
    """Return who looks for a home: answered a question of *Find a home* and lives nowhere yet."""
    del session, server_id
    return []
