"""Messages that nobody answered, in the tables: kept, taken out, told of, and forgotten."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.signals import Heard, Kind, Place, first_id_at
from bot.services import privacy, retention, signals, unanswered
from bot.settings import Settings
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    Member,
    Membership,
    Unanswered,
    Visit,
)
from tests.services.conftest import (
    JO,
    KIM,
    LENA,
    MARA,
    MILLPOND_ROOM,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    VERA,
)

HERE = Place(RIVERSIDE_ROOM, RIVERSIDE_ROOM, SERVER)
DAY = timedelta(days=1)


@pytest.fixture
async def tables(
    database: Database, town: Callable[[AsyncSession], Awaitable[None]], now: datetime
) -> Database:
    """The town, heard for long; everybody was around on many days, but Kim, who moved in lately."""
    async with database.writing() as session:
        await town(session)
        session.add(Connected(server_id=SERVER, since=now - 90 * DAY, until=now + 90 * DAY))
        for who in (MARA, JO, LENA, VERA):
            for day in range(5):
                session.add(
                    ActiveDay(
                        server_id=SERVER,
                        user_id=who,
                        group_id=RIVERSIDE,
                        day=(now - (day + 10) * DAY).date().isoformat(),
                        signals=1,
                    )
                )
        await session.flush()
        await session.execute(update(Membership).values(wrote_at=Membership.since))
        await session.execute(
            update(Membership)
            .where(Membership.user_id == KIM)
            .values(since=now - 5 * DAY, wrote_at=None)
        )
    return database


def wrote(user_id: int, at: datetime, place: Place = HERE, **what: Any) -> Heard:
    """Return a message of somebody at a moment."""
    at_ms = int(at.timestamp() * 1000)
    return Heard(Kind.MESSAGE, place, user_id, at_ms, first_id_at(at_ms) + user_id, **what)


async def write(tables: Database, now: datetime, *batch: Heard) -> None:
    """Write a batch as one transaction."""
    async with tables.writing() as session:
        await signals.write(session, batch, {}, now)


async def waiting(tables: Database, now: datetime, *, reader: int = LENA) -> list[tuple[Any, ...]]:
    """Return what waits in Riverside, as its facilitator would read it."""
    async with tables.reading() as session:
        group = await session.get_one(Group, RIVERSIDE)
        found = await unanswered.waiting(session, group, now, reader_id=reader)
        return [(one.message_id, one.first, one.new) for one in found]


async def rows(tables: Database) -> Sequence[int]:
    """Return whose messages wait, whatever their age."""
    async with tables.reading() as session:
        found = await session.scalars(select(Unanswered.user_id).order_by(Unanswered.at))
        return found.all()


async def test_a_day_without_an_answer(tables: Database, now: datetime) -> None:
    """Not before; and in the batch in which an answer comes it is over."""
    asked = wrote(MARA, now)
    await write(tables, now, asked)
    assert await waiting(tables, now + DAY - timedelta(minutes=1)) == []
    assert await waiting(tables, now + DAY) == [(asked.message_id, False, False)]
    await write(tables, now + DAY, wrote(JO, now + DAY, mentions=(MARA,)))
    assert await waiting(tables, now + DAY) == []
    assert await rows(tables) == [JO]  # which mentions somebody, and waits itself


async def test_an_answer_in_the_same_batch_leaves_nothing(tables: Database, now: datetime) -> None:
    """What history tells of a whole week comes in one."""
    await write(tables, now, wrote(MARA, now), wrote(JO, now + timedelta(minutes=5)))
    assert await rows(tables) == []


async def test_a_first_message_comes_first_and_is_first_once(
    tables: Database, now: datetime
) -> None:
    """Then who has hardly been around, then the newest; one of each author."""
    later = now + timedelta(hours=3)
    first, second = wrote(KIM, now), wrote(KIM, later)
    mara, jo = wrote(MARA, now - DAY), wrote(JO, now + timedelta(hours=6))
    await write(tables, later, mara, first)
    await write(tables, later, second, jo)
    assert await waiting(tables, now + 2 * DAY) == [
        (first.message_id, True, True),
        (jo.message_id, False, False),
        (mara.message_id, False, False),
    ]
    async with tables.reading() as session:
        assert [row.first for row in await session.scalars(select(Unanswered))].count(True) == 1
        kim = await session.get_one(Membership, (SERVER, KIM))
        assert kim.wrote_at == now


async def test_who_came_with_the_group_is_not_new_to_it(tables: Database, now: datetime) -> None:
    """Of an adopted room or a group's first day everybody would be; and a new home is one again."""
    async with tables.writing() as session:
        await session.execute(update(Group).values(created_at=now - 5 * DAY))
    await write(tables, now, wrote(KIM, now))
    assert (await waiting(tables, now + DAY))[0][1:] == (False, True)
    async with tables.writing() as session:
        await session.execute(delete(Unanswered))
        await session.execute(update(Group).values(created_at=now - 90 * DAY))
        kim = await session.get_one(Membership, (SERVER, KIM))
        kim.wrote_at, kim.since = now - 20 * DAY, now - 2 * DAY
    await write(tables, now, wrote(KIM, now))
    assert (await waiting(tables, now + DAY))[0][1:] == (True, True)


async def test_time_that_nobody_heard_is_no_day(tables: Database, now: datetime) -> None:
    """Somebody may have reacted meanwhile, and no history tells of that."""
    await write(tables, now, wrote(MARA, now))
    async with tables.writing() as session:
        await session.execute(update(Connected).values(until=now + timedelta(hours=2)))
        session.add(
            Connected(server_id=SERVER, since=now + timedelta(hours=20), until=now + 9 * DAY)
        )
    assert await waiting(tables, now + DAY) == []
    assert await waiting(tables, now + timedelta(hours=42)) != []


@pytest.mark.parametrize(
    "change",
    [
        update(Group).values(state="archived"),
        update(Group).values(locked_at=datetime(2026, 3, 1, tzinfo=UTC)),
        update(Membership).where(Membership.user_id == MARA).values(state="gone"),
        delete(Membership).where(Membership.user_id == MARA),
    ],
    ids=["ended", "locked", "left the server", "moved out"],
)
async def test_what_nobody_can_answer_is_not_told_of(
    tables: Database, now: datetime, change: Any
) -> None:
    """Where nobody can write, and of who belongs there no more."""
    await write(tables, now, wrote(MARA, now))
    async with tables.writing() as session:
        await session.execute(change)
    assert await waiting(tables, now + DAY) == []


async def test_a_visitor_is_answered_too_and_nobody_reads_of_themselves(
    tables: Database, now: datetime
) -> None:
    """As long as the visit lasts."""
    async with tables.writing() as session:
        session.add(
            Visit(
                server_id=SERVER,
                user_id=VERA,
                group_id=RIVERSIDE,
                started_at=now,
                ends_at=now + 3 * DAY,
            )
        )
    await write(tables, now, wrote(VERA, now), wrote(LENA, now + timedelta(hours=2)))
    assert len(await waiting(tables, now + 2 * DAY)) == 1
    assert len(await waiting(tables, now + 2 * DAY, reader=JO)) == 2
    assert await waiting(tables, now + 4 * DAY) == []


async def test_a_message_that_is_deleted_is_forgotten(tables: Database, now: datetime) -> None:
    """As if it had been answered."""
    asked = wrote(MARA, now)
    await write(tables, now, asked)
    gone = Heard(Kind.GONE, HERE, 0, asked.at_ms + 9, to_message_id=asked.message_id)
    await write(tables, now, gone)
    assert await rows(tables) == []


async def test_it_goes_after_a_week_and_old_history_leaves_nothing(
    tables: Database, now: datetime, settings: Settings
) -> None:
    """Nobody is sent to a talk of last month."""
    await write(tables, now, wrote(MARA, now - 8 * DAY), wrote(JO, now - 2 * DAY))
    assert await rows(tables) == [JO]
    async with tables.writing() as session:
        await retention.sweep(session, now + 5 * DAY + timedelta(hours=1), settings)
    assert await rows(tables) == []


async def test_opting_out_and_being_forgotten_take_it_along(
    tables: Database, now: datetime
) -> None:
    """It was counted, so it goes; and a first message that was forgotten is not news again."""
    await write(tables, now, wrote(MARA, now), wrote(KIM, now + timedelta(hours=2)))
    assert set(await rows(tables)) == {MARA, KIM}
    async with tables.writing() as session:
        kept = await privacy.show(session, KIM, [SERVER])
        assert kept.rows["unanswered"] == 1
        shown = await privacy.export(session, KIM, [SERVER], settings=Settings())
        assert "message_id" in shown["unanswered"]["rows"][0]
        await privacy.opt_out(session, KIM, [SERVER], now)
        assert (await session.get_one(Membership, (SERVER, KIM))).wrote_at == now - 5 * DAY
        await privacy.forget(session, MARA, [SERVER], now)
    assert await rows(tables) == []


async def test_the_list_is_for_who_looks_after_the_group(tables: Database, now: datetime) -> None:
    """And for owners; anybody else is told whose matter it is."""
    await write(tables, now, wrote(MARA, now))
    lena, owner = Actor(SERVER, LENA), Actor(SERVER, 77, manages_server=True)
    async with tables.reading() as session:
        for actor in (lena, owner):
            shown = await unanswered.for_desk(session, actor, RIVERSIDE, now + DAY)
            assert [line.key for line in shown.lines][1] == "noticing.unanswered_one"
        with pytest.raises(UserError) as refused:
            await unanswered.for_desk(session, Actor(SERVER, OMAR), RIVERSIDE, now + DAY)
        assert refused.value.key == "errors.facilitators_only"


async def test_only_somebody_new_is_a_reason_for_a_letter(tables: Database, now: datetime) -> None:
    """Others stand in a letter that is written anyway; a message more is no new reason."""

    async def section(at: datetime) -> Any:
        async with tables.reading() as session:
            office = await session.get_one(Facilitator, (RIVERSIDE, LENA))
            group = await session.get_one(Group, RIVERSIDE)
            return await unanswered.section(session, office, group, at)

    assert await section(now + DAY) is None
    await write(tables, now, wrote(MARA, now))
    assert (await section(now + DAY)).key == ""
    await write(tables, now, wrote(KIM, now + timedelta(hours=2)))
    told = await section(now + 2 * DAY)
    assert told.key.startswith("unanswered:")
    await write(tables, now, wrote(JO, now + timedelta(hours=4)))
    again = await section(now + 2 * DAY)
    assert again.key == told.key
    assert len(again.lines) == 4


async def test_another_groups_messages_are_not_among_them(tables: Database, now: datetime) -> None:
    """Each facilitator is told of their own group."""
    place = replace(HERE, channel_id=MILLPOND_ROOM, room_id=MILLPOND_ROOM)
    await write(tables, now, wrote(OMAR, now, place))
    assert await rows(tables) == [OMAR]
    assert await waiting(tables, now + DAY) == []


async def test_who_is_not_counted_leaves_no_trace(tables: Database, now: datetime) -> None:
    """But their answer counts."""
    async with tables.writing() as session:
        await session.execute(
            update(Member).where(Member.user_id == JO).values(opted_out_at=now - DAY)
        )
    await write(tables, now, wrote(JO, now), wrote(MARA, now + timedelta(hours=2)))
    assert await rows(tables) == [MARA]
    await write(tables, now, wrote(JO, now + DAY, mentions=(MARA,)))
    assert await rows(tables) == []
