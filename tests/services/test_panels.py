"""The panel's books: what is on its way, stands, is over, or was deleted by hand."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import panels, sending
from bot.services.sending import Delivered
from models import Group, GroupType, OutboxMessage, Panel, Server

SERVER, SQUARE = 9_000, 500
MILLPOND = 2
OWNER = Actor(SERVER, 1, manages_server=True)

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town, whose commons have no panel."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


async def states(session: AsyncSession) -> list[str]:
    """Return the states of all panels, the oldest first."""
    return list(await session.scalars(select(Panel.state).order_by(Panel.id)))


async def send(session: AsyncSession, message_id: int, now: datetime) -> None:
    """Let the message that is owed stand in the room under an id."""
    row = (await session.scalars(select(OutboxMessage))).one()
    await sending.sent(session, row.id, Delivered(message_id, 2), now)


async def test_only_owners_post_and_take_down(session: AsyncSession, now: datetime) -> None:
    """Rights are checked again in the service."""
    for call in (
        panels.post(session, Actor(SERVER, 2), now=now),
        panels.take_down(session, Actor(SERVER, 2)),
    ):
        with pytest.raises(UserError) as refused:
            await call
        assert refused.value.key == "errors.owners_only"
    assert await states(session) == []


async def test_one_after_the_other(session: AsyncSession, now: datetime) -> None:
    """The older is over once the newer stands, is deleted, and is forgotten."""
    await panels.post(session, OWNER, now=now)
    await panels.post(session, OWNER, now=now)
    assert await states(session) == ["owed"]
    await send(session, 71, now)
    assert (await session.get_one(Server, SERVER)).panel_message_id == 71
    again = await panels.post(session, OWNER, now=now)
    assert again.again
    assert await states(session) == ["stands", "owed"]
    await send(session, 72, now)
    assert await states(session) == ["over", "stands"]
    (over,) = await panels.over(session)
    assert (over.channel_id, over.message_id) == (SQUARE, 71)
    await panels.gone(session, over.id)
    assert await states(session) == ["stands"]


async def test_what_could_not_be_sent_leaves_the_one_before(
    session: AsyncSession, now: datetime
) -> None:
    """A refusal or an expiry takes nothing away."""
    await panels.post(session, OWNER, now=now)
    await send(session, 71, now)
    await panels.post(session, OWNER, now=now)
    row = (await session.scalars(select(OutboxMessage))).one()
    await sending.refused(session, row.id, now, why="no", code=50013)
    assert await states(session) == ["stands"]


async def test_taken_down_while_it_is_being_sent(session: AsyncSession, now: datetime) -> None:
    """It cannot be called back any more: it is over the moment it stands."""
    await panels.post(session, OWNER, now=now)
    (await session.scalars(select(OutboxMessage))).one().state = "claimed"
    await session.flush()
    assert await panels.take_down(session, OWNER)
    await send(session, 71, now)
    assert await states(session) == ["over"]
    assert (await session.get_one(Server, SERVER)).panel_message_id is None
    assert not await panels.take_down(session, OWNER)


async def test_when_it_is_stale(session: AsyncSession, now: datetime) -> None:
    """After a day, when its figures mislead; unlisted groups are not among them."""
    await panels.post(session, OWNER, now=now)
    await send(session, 71, now)
    later = now + timedelta(days=1)
    assert await panels.stale(session, later) == []
    hidden = GroupType(
        id=2, server_id=SERVER, name="Own", name_key="own", kind="identity", listed=False
    )
    session.add(hidden)
    await session.flush()
    session.add(
        Group(server_id=SERVER, type_id=2, name="Quay", name_key="quay", cap=150, created_at=now)
    )
    await session.flush()
    assert await panels.stale(session, later) == []
    (await session.get_one(Group, MILLPOND)).state = "resting"
    await session.flush()
    (stale,) = await panels.stale(session, later)
    assert await panels.stale(session, later - timedelta(minutes=1)) == []
    assert await panels.repost(session, stale, later)
    assert await states(session) == ["stands", "owed"]


async def test_deleted_by_hand(session: AsyncSession, now: datetime) -> None:
    """Never posted anew by itself, until an owner does."""
    await panels.post(session, OWNER, now=now)
    await send(session, 71, now)
    (panel,) = (await session.scalars(select(Panel))).all()
    standing = panels.Standing(panel.id, SERVER, SQUARE, 71)
    assert not await panels.removed(session, SERVER, {70, 72})
    assert await panels.stands_among(session, SERVER, {70, 71})
    assert await panels.removed(session, SERVER, {70, 71})
    assert not await panels.stands_among(session, SERVER, {70, 71})
    assert await states(session) == ["removed"]
    assert not await panels.repost(session, standing, now)
    assert await panels.stale(session, now + timedelta(days=9)) == []
    await panels.post(session, OWNER, now=now)
    await send(session, 72, now)
    assert await states(session) == ["stands"]
