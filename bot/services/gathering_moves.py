"""Gatherings when a group splits, merges or is brought together again: they go where people go."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import gathering_posts as posts
from bot.services import gatherings
from models import Gathering, Group

ALIVE = ("draft", "proposed", "running", "paused")


async def with_hosts(
    session: AsyncSession, goes_from: Group, goes_to: Group, people: Collection[int], now: datetime
) -> None:
    """Let what these people host go along with them; what others host stays."""
    wanted = select(Gathering).where(
        Gathering.group_id == goes_from.id,
        Gathering.host_id.in_(people),
        Gathering.state.in_(ALIVE),
    )
    for gathering in (await session.scalars(wanted.order_by(Gathering.id))).all():
        await _goes(session, gathering, goes_from, goes_to, now)


async def follow(session: AsyncSession, goes_from: Group, goes_to: Group, now: datetime) -> None:
    """Let everything that a group still meets for go along, because its room ends."""
    wanted = select(Gathering).where(Gathering.group_id == goes_from.id, Gathering.state.in_(ALIVE))
    for gathering in (await session.scalars(wanted.order_by(Gathering.id))).all():
        await _goes(session, gathering, goes_from, goes_to, now)


async def _goes(
    session: AsyncSession, gathering: Gathering, goes_from: Group, goes_to: Group, now: datetime
) -> None:
    gathering.group_id = goes_to.id
    own_voice = gathering.place == "voice" and gathering.voice_id is None
    if own_voice and goes_from.voice_id is not None and goes_to.voice_id is None:
        gathering.place = ""  # that room was the other group's; its host says where instead
    gathering.sequence += 1
    await session.flush()
    date = await gatherings.open_date(session, gathering.id)
    if date is None or date.starts_at <= now:
        return
    mark = f"room-{goes_to.id}-{gathering.sequence}"
    words = [posts.announced(await gatherings.seen(session, date, gathering, goes_to), mark)]
    await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)
