"""What islands are offered, from the figures of closed weeks to the desk."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed
from bot.rules.actor import Actor
from bot.rules.health import Week
from bot.services import islands
from bot.services.islands import Offer
from bot.settings import Settings
from models import Group, GroupType, HealthFigure, Server
from tests.services.conftest import KIM, LENA, MILLPOND, RIVERSIDE, SERVER, Town

HER = Actor(SERVER, LENA)


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """A transaction in the town; of Riverside nobody went or came for four weeks."""
    async with database.writing() as opened:
        await town(opened)
        last = Week.of(now).later(-1)
        (await opened.get_one(Server, SERVER)).health_week = last.key
        await figures(opened, RIVERSIDE, last, 0)
        await figures(opened, MILLPOND, last, 6)
        yield opened


async def figures(session: AsyncSession, group_id: int, last: Week, value: float) -> None:
    """Write down how many came and went in the last four weeks."""
    session.add_all(
        HealthFigure(
            server_id=SERVER,
            group_id=group_id,
            week=last.later(-back).key,
            measure=measure,
            value=value,
            low=value,
            high=value,
            people=6,
        )
        for back in range(4)
        for measure in ("lends", "borrows")
    )
    await session.flush()


async def offered(
    session: AsyncSession, now: datetime, settings: Settings, group_id: int = RIVERSIDE
) -> list[str]:
    """Return what stands on the front of a group's desk about it."""
    group = await session.get_one(Group, group_id)
    parts = await islands.desk_part(session, HER, group, now, settings)
    return [line.key for part in parts for line in part.lines]


async def test_an_island_is_offered_one_thing(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """For two weeks at its desk; the next a quarter later, and another one."""
    assert await islands.look(session, SERVER, now) == [Offer(RIVERSIDE, MILLPOND)]
    assert await offered(session, now, settings) == []
    await islands.write(session, [Offer(RIVERSIDE, MILLPOND)], now)
    (first,) = await offered(session, now, settings)
    assert await offered(session, now, settings, MILLPOND) == []
    assert await islands.look(session, SERVER, now + timedelta(days=7)) == []
    assert await offered(session, now + timedelta(days=14), settings) == []
    later = now + timedelta(days=92)
    assert await islands.look(session, SERVER, later) == [Offer(RIVERSIDE, MILLPOND)]
    await islands.write(session, [Offer(RIVERSIDE, MILLPOND)], later)
    (second,) = await offered(session, later, settings)
    assert first != second


async def test_not_for_us_is_kept(session: AsyncSession, now: datetime, settings: Settings) -> None:
    """Said by who looks after the group; nothing is offered again."""
    await islands.write(session, [Offer(RIVERSIDE, MILLPOND)], now)
    with pytest.raises(NotAllowed, match="facilitators_only"):
        await islands.not_for_us(session, Actor(SERVER, KIM), RIVERSIDE, now)
    await islands.not_for_us(session, HER, RIVERSIDE, now)
    assert await offered(session, now, settings) == []
    assert await islands.look(session, SERVER, now + timedelta(days=400)) == []


@pytest.mark.parametrize("what", ["unlisted", "locked", "resting", "paused", "before"])
async def test_who_is_not_offered_anything(
    session: AsyncSession, now: datetime, settings: Settings, what: str
) -> None:
    """Groups that are named nowhere or closed, paused servers, and before the first week."""
    await islands.write(session, [Offer(RIVERSIDE, MILLPOND)], now)
    group = await session.get_one(Group, RIVERSIDE)
    server = await session.get_one(Server, SERVER)
    if what == "unlisted":
        (await session.get_one(GroupType, 1)).listed = False
    elif what == "locked":
        group.locked_at = now
    elif what == "resting":
        group.state = "resting"
    elif what == "paused":
        server.paused_at = now
    else:
        server.health_week = None
    await session.flush()
    assert await islands.look(session, SERVER, now + timedelta(days=92)) == []
    shown = await offered(session, now, settings)
    assert bool(shown) is (what in {"paused", "before"})


async def test_a_neighbour_that_is_gone_is_not_named(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """One that rests or was archived since."""
    await islands.write(session, [Offer(RIVERSIDE, MILLPOND)], now)
    (await session.get_one(Group, MILLPOND)).state = "archived"
    await session.flush()
    assert await offered(session, now, settings) == []
