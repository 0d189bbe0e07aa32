"""Members as Hearth knows them: a row from the first use on, and what they agreed to."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import util

from bot.rules.membership import Bounds, Past
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Member, Membership


async def member(session: AsyncSession, server_id: int, user_id: int) -> Member:
    """Return the member's row, made now if there was none.

    It is locked where the database locks rows, so what one member asks for twice at once happens
    one after the other.
    """
    key: Any = util.identity_key(Member, (server_id, user_id))
    loaded = session.identity_map.get(key)
    if loaded is not None:
        return loaded
    wanted = (
        select(Member)
        .where(Member.server_id == server_id, Member.user_id == user_id)
        .with_for_update()
    )
    found = await session.scalar(wanted)
    if found is None:
        found = await session.scalar(
            upsert(session, Member)
            .values(server_id=server_id, user_id=user_id, moves=0, free_move=False)
            .on_conflict_do_nothing()
            .returning(Member)
        )
    # Another writer was quicker; only on a database with several.
    return found if found is not None else (await session.scalars(wanted)).one()


async def in_turn(session: AsyncSession, server_id: int, user_ids: Collection[int]) -> None:
    """Wait for what these members do at this moment, where the database locks rows.

    For decisions about them: a home that is being moved into is seen, or sees the decision.
    """
    await session.execute(
        select(Member.user_id)
        .where(Member.server_id == server_id, Member.user_id.in_(user_ids))
        .order_by(Member.user_id)
        .with_for_update()
    )


async def consent(session: AsyncSession, server_id: int, user_id: int, now: datetime) -> bool:
    """Begin to count this member's signs of life, if that has not begun.

    True when it begins now: then the reply must say so, with the way out beside it. Someone who
    opted out is not counted and not asked again.
    """
    row = await member(session, server_id, user_id)
    if row.counted_since is not None or row.opted_out_at is not None:
        return False
    row.counted_since = now
    await session.flush()
    return True


def past(row: Member | None, home: Membership | None) -> Past:
    """Return what the rules on moving need to know of someone."""
    return Past(
        home=None if home is None else home.group_id,
        state=None if home is None else home.state,
        first_home_at=None if row is None else row.first_home_at,
        last_move_at=None if row is None else row.last_move_at,
        moves=0 if row is None else row.moves,
        free_move=row is not None and row.free_move,
    )


def bounds(settings: Settings) -> Bounds:
    """Return the installation's figures for moving."""
    return Bounds(
        cooldown=timedelta(days=settings.move_cooldown_days),
        free_first=timedelta(days=settings.free_first_move_days),
    )
