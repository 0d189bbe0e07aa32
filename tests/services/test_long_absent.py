"""Facilitators who were not heard of for long, in the tables: who is asked, who never is."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import long_absent
from bot.services.outbox import unpacked
from models import Connected, Facilitator, Group, Member, OutboxMessage, Presence, Server
from tests.services.conftest import (
    JO,
    LENA,
    MARA,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
)

OWNER = Actor(SERVER, 77, manages_server=True)


@pytest.fixture
async def tables(
    database: Database, town: Callable[[AsyncSession], Awaitable[None]], now: datetime
) -> Database:
    """The town, heard for half a year; Lena, who looks after Riverside, was silent for 25 days."""
    async with database.writing() as session:
        await town(session)
        session.add(Connected(server_id=SERVER, since=now - timedelta(days=180), until=now))
        for who, days in ((LENA, 25), (JO, 1), (MARA, 60)):
            session.add(Presence(server_id=SERVER, user_id=who, last_at=now - timedelta(days=days)))
    return database


async def owed(session: AsyncSession) -> list[tuple[str, tuple[int, ...]]]:
    """Return where each question goes, and whom it pings."""
    rows = await session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "absent").order_by(OutboxMessage.id)
    )
    return [(row.place, unpacked(row.content)[0].users) for row in rows]


def helps(user_id: int, now: datetime) -> Facilitator:
    """Return the office of somebody who looks after Riverside too."""
    return Facilitator(
        group_id=RIVERSIDE, user_id=user_id, server_id=SERVER, state="active", since=now
    )


async def test_the_owners_are_asked_where_nobody_helps(tables: Database, now: datetime) -> None:
    """Once, without a name in the line; her return ends the matter, another silence is another."""
    async with tables.writing() as session:
        assert await long_absent.look(session, SERVER, now) == 1
        assert await long_absent.look(session, SERVER, now + timedelta(days=9)) == 0
        assert await owed(session) == [("owners", ())]
        presence = await session.get_one(Presence, (SERVER, LENA))
        presence.last_at = now + timedelta(days=9)
        await session.flush()
        assert await long_absent.look(session, SERVER, now + timedelta(days=9)) == 0
        office = await session.get_one(Facilitator, (RIVERSIDE, LENA))
        assert office.absence_asked_of is None
        with pytest.raises(UserError) as refused:
            await long_absent.card(session, OWNER, group_id=RIVERSIDE, user_id=LENA, now=now)
        assert refused.value.key == "facilitators.absent_back"


async def test_who_helps_is_asked_before_the_owners(tables: Database, now: datetime) -> None:
    """Only those who are there themselves; a week without an answer brings it to the owners."""
    async with tables.writing() as session:
        (await session.get_one(Server, SERVER)).facilitators_room_id = 51
        session.add_all(
            [helps(JO, now - timedelta(days=90)), helps(MARA, now - timedelta(days=90))]
        )
        await session.flush()
        assert await long_absent.look(session, SERVER, now) == 2
        assert await owed(session) == [("facilitators", (JO,)), ("facilitators", (JO,))]
        assert await long_absent.look(session, SERVER, now + timedelta(days=6)) == 0
        assert await long_absent.look(session, SERVER, now + timedelta(days=7)) == 2
        assert (await owed(session))[2:] == [("owners", ()), ("owners", ())]


async def test_without_a_room_of_their_own_the_owners_are_asked(
    tables: Database, now: datetime
) -> None:
    """A line to a room that is not there would be read by nobody."""
    async with tables.writing() as session:
        session.add(helps(JO, now - timedelta(days=90)))
        await session.flush()
        assert await long_absent.look(session, SERVER, now) == 1
        assert await owed(session) == [("owners", ())]


@pytest.mark.parametrize(
    "change",
    [
        update(Server).values(paused_at=datetime.fromisoformat("2026-03-01T00:00+00:00")),
        update(Server).values(removed_at=datetime.fromisoformat("2026-03-01T00:00+00:00")),
        update(Group).values(state="resting"),
        update(Group).values(state="archived"),
        update(Member).values(opted_out_at=datetime.fromisoformat("2026-03-01T00:00+00:00")),
        update(Member).values(counted_since=None),
        update(Facilitator).values(state="asked"),
        # Hearth was deaf for the last two weeks.
        update(Connected).values(until=datetime.fromisoformat("2026-02-16T00:00+00:00")),
    ],
    ids=["paused", "removed", "resting", "archived", "opted out", "untold", "asked", "deaf"],
)
async def test_who_is_never_asked_about(tables: Database, now: datetime, change: Any) -> None:
    """Where nothing is known of a silence, or nobody waits for anybody, nobody is asked."""
    async with tables.writing() as session:
        await session.execute(change)
        assert await long_absent.look(session, SERVER, now) == 0
        assert await owed(session) == []


async def test_a_room_that_cannot_be_heard_says_nothing(tables: Database, now: datetime) -> None:
    """She may write there every day."""
    async with tables.writing() as session:
        assert await long_absent.look(session, SERVER, now, unheard={RIVERSIDE_ROOM}) == 0


async def test_only_owners_end_an_office(tables: Database, now: datetime) -> None:
    """Who helps may leave it as it is or hand it on; others are told whose matter it is."""
    about: dict[str, Any] = {"group_id": RIVERSIDE, "user_id": LENA, "now": now}
    async with tables.writing() as session:
        session.add(helps(JO, now))
        await session.flush()
        jo = Actor(SERVER, JO)
        with pytest.raises(UserError) as refused:
            await long_absent.end(session, jo, **about)
        assert refused.value.key == "errors.owners_only"
        with pytest.raises(UserError) as refused:
            await long_absent.settle(session, Actor(SERVER, MARA), **about)
        assert refused.value.key == "errors.facilitators_only"
        await long_absent.hand_to_owners(session, jo, **about)
        await long_absent.hand_to_owners(session, jo, **about)
        assert await owed(session) == [("owners", ())]
        assert not await long_absent.end(session, OWNER, **about)
        left = await session.scalars(select(Facilitator.user_id))
        assert left.all() == [JO]
