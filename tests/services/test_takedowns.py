"""What shall go from Discord: tried for a month, and given up then, not while nobody tries."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.services import takedowns
from models import Server, Takedown
from tests.services.conftest import RIVERSIDE_ROOM, SERVER, Town

DAY = timedelta(days=1)


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """A transaction in which one message is to go."""
    async with database.writing() as opened:
        await town(opened)
        await takedowns.want(
            opened, server_id=SERVER, channel_id=RIVERSIDE_ROOM, message_id=7, now=now
        )
        yield opened


async def tried(session: AsyncSession, now: datetime) -> bool:
    """Try in vain if it is due; return whether it is still wanted."""
    for one in await takedowns.due(session, now, most=1):
        await takedowns.later(session, one.id, now)
    return await session.scalar(select(Takedown.id)) is not None


async def test_what_was_tried_for_a_month_is_given_up(session: AsyncSession, now: datetime) -> None:
    """In a room that Hearth is not let into, each time that it is due and a minute late."""
    moment, tries = now, 0
    while await tried(session, moment):
        row = (await session.scalars(select(Takedown))).one()
        moment, tries = row.due_at + timedelta(minutes=1), tries + 1
    assert 30 * DAY <= moment - now < 31 * DAY
    assert 120 < tries < 140


async def test_a_pause_is_no_time_of_trying(session: AsyncSession, now: datetime) -> None:
    """However long it lasts: what failed once before and once after it is tried again."""
    server = await session.get_one(Server, SERVER)
    assert await tried(session, now)
    server.paused_at = now + timedelta(seconds=1)
    assert await takedowns.due(session, now + 40 * DAY, most=1) == []
    server.paused_at = None
    assert await tried(session, now + 60 * DAY)
    assert await tried(session, now + 61 * DAY)
