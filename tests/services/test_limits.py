"""Discord's limits: owners hear of them in time, once for each step."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.capacity import Use
from bot.services import limits
from models import AppState, Group, GroupType, OutboxMessage
from tests.services.conftest import RIVERSIDE, SERVER, Town


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """One transaction in the town."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


async def told(session: AsyncSession) -> list[str]:
    """Return the keys of what the owners are told, without their days."""
    rows = await session.scalars(select(OutboxMessage.key).where(OutboxMessage.kind == "upkeep"))
    return sorted(key.removeprefix("upkeep:limit:").rpartition(":")[0] for key in rows)


async def see(session: AsyncSession, now: datetime, **used: int) -> None:
    """Take in that so much is in use."""
    use = replace(Use(roles=10, channels=10, categories=1), **used)
    await limits.take_in(session, SERVER, use, now=now)


async def test_each_step_is_told_once(session: AsyncSession, now: datetime) -> None:
    """At four fifths and at the stop, not every hour, and not again on the way down."""
    for roles, keys in (
        (199, []),
        (200, ["roles:near"]),
        (230, ["roles:near"]),
        (199, ["roles:near"]),
        (201, ["roles:near"]),
        (238, ["roles:near", "roles:stop"]),
        (250, ["roles:near", "roles:stop"]),
        (230, ["roles:near", "roles:stop"]),
    ):
        await see(session, now, roles=roles)
        assert await told(session) == keys


async def test_far_below_a_limit_it_is_forgotten(session: AsyncSession, now: datetime) -> None:
    """Nothing is remembered then, so that it can be told of anew in another year."""
    await see(session, now, channels=480, categories=50)
    assert await told(session) == ["categories:stop", "channels:stop"]
    await see(session, now)
    remembered = select(AppState.name).where(AppState.name.like("limit:%"))
    assert list(await session.scalars(remembered)) == []


@pytest.mark.parametrize(
    ("access", "used", "without_place"),
    [
        ("role", {"roles": 238}, True),
        ("overwrites", {"roles": 238}, False),
        ("overwrites", {"channels": 480}, True),
        ("role", {"roles": 237, "channels": 479}, False),
    ],
)
async def test_what_a_group_needs_decides_whether_it_has_a_place(
    session: AsyncSession, now: datetime, access: str, used: dict[str, int], *, without_place: bool
) -> None:
    """A group without a role needs none."""
    group = await session.get_one(Group, RIVERSIDE)
    type_ = await session.get_one(GroupType, group.type_id)
    type_.access, type_.cap, type_.most_visitors, type_.listed = access, 50, 25, False
    await see(session, now, **used)
    assert await limits.no_place(session, group) is without_place
