"""Who is told what about whom, and when."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.message import Message
from bot.services import letters, quiet, sending
from bot.services.outbox import unpacked
from bot.texts import catalogue
from models import (
    ActiveDay,
    Connected,
    Facilitator,
    Group,
    Letter,
    LetterName,
    Member,
    Membership,
    OutboxMessage,
    Presence,
    QuietEpisode,
    Server,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, LENA, OMAR = 11, 12, 14, 15
DESK_ROOM = 700

Town = Callable[[AsyncSession], Awaitable[None]]
say = catalogue("en")


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town with a facilitators' room; Mara and Jo are quiet, Jo for longer."""
    async with database.writing() as session:
        await town(session)
        await session.execute(update(Server).values(facilitators_room_id=DESK_ROOM))
        session.add(Connected(server_id=SERVER, since=now - timedelta(days=180), until=now))
        await session.flush()
        for who, days in ((MARA, 12), (JO, 16)):
            await hush(session, who, now, days)
    return database


async def hush(session: AsyncSession, user_id: int, now: datetime, days: int) -> None:
    """Let someone have been quiet for so many days, around daily before."""
    last = now - timedelta(days=days)
    session.add(Presence(server_id=SERVER, user_id=user_id, last_at=last))
    session.add(
        QuietEpisode(
            server_id=SERVER, group_id=RIVERSIDE, user_id=user_id, silent_since=last, began_at=now
        )
    )
    for back in range(20):
        day = (last - timedelta(days=back)).date().isoformat()
        session.add(
            ActiveDay(server_id=SERVER, user_id=user_id, group_id=RIVERSIDE, day=day, signals=1)
        )
    await session.flush()


async def change(database: Database, *statements: Any) -> None:
    """Change rows in a transaction of its own."""
    async with database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def due(database: Database, now: datetime) -> int:
    """Write what is due."""
    async with database.writing() as session:
        return await letters.due(session, SERVER, now)


async def read(database: Database, now: datetime, user_id: int = LENA) -> Message:
    """Open the newest letter."""
    async with database.writing() as session:
        return await letters.opened(session, RIVERSIDE, user_id, now)


async def owed(database: Database) -> list[OutboxMessage]:
    """Return what is owed."""
    async with database.reading() as session:
        return list(await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


async def told(database: Database) -> int:
    """Return the figure for alerts."""
    async with database.reading() as session:
        return await letters.alerts(session, SERVER)


def text(message: Message) -> str:
    """Return what a person reads."""
    return "\n".join(say(line.key, **line.params) for line in message.lines)


def labels(message: Message) -> list[str]:
    """Return the buttons' labels."""
    return [say(button.label, **button.params) for button in message.buttons]


async def test_the_room_learns_no_name_but_the_facilitators(
    tables: Database, now: datetime
) -> None:
    """The line says whose letter is ready; neither the quiet nor the group are in it."""
    assert await due(tables, now) == 1
    (line,) = await owed(tables)
    message = unpacked(line.content)[0]
    assert (line.place, line.user_id) == ("facilitators", LENA)
    assert text(message) == f"<@{LENA}>, your letter is ready."
    assert message.users == (LENA,)
    for secret in (str(MARA), str(JO), "Riverside"):
        assert secret not in line.content.replace(f'"{LENA}"', "")
    assert await told(tables) == 0


async def test_opening_shows_names_and_counts_as_told(tables: Database, now: datetime) -> None:
    """Days since the last sign of life, the longest silence first, and nothing more."""
    await due(tables, now)
    message = await read(tables, now)
    assert text(message).splitlines()[:3] == [
        f"Hi <@{LENA}>, Riverside this week.",
        f"**1** · <@{JO}>, quiet for 16 days, longer than usual for them.",
        f"**2** · <@{MARA}>, quiet for 12 days, longer than usual for them.",
    ]
    assert labels(message)[:5] == [
        "1 · I reached out",
        "1 · They're away",
        "1 · They're fine",
        "1 · Not now",
        "2 · I reached out",
    ]
    assert labels(message)[-2:] == ["No more letters", "Letters by DM"]
    assert await told(tables) == 2


async def test_only_facilitators_of_that_home_may_open(tables: Database, now: datetime) -> None:
    """Omar looks after another group, Mara after none, and someone asked has not agreed yet."""
    async with tables.writing() as session:
        for who, group, state in ((OMAR, MILLPOND, "active"), (JO, RIVERSIDE, "asked")):
            session.add(
                Facilitator(group_id=group, user_id=who, server_id=SERVER, state=state, since=now)
            )
    await due(tables, now)
    for who in (OMAR, MARA, JO):
        with pytest.raises(UserError):
            await read(tables, now, who)
    assert await told(tables) == 0


async def test_no_letter_without_news(tables: Database, now: datetime) -> None:
    """Weekly, and only if there is a new name."""
    assert await due(tables, now) == 1
    assert await due(tables, now + timedelta(days=7)) == 0
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    assert await due(tables, now + timedelta(days=3)) == 0
    assert await due(tables, now + timedelta(days=7, minutes=-30)) == 1
    message = await read(tables, now + timedelta(days=7))
    assert "<@13>" in text(message)
    assert f"<@{MARA}>" not in text(message)


async def test_at_most_five_names_the_furthest_beyond_first(
    tables: Database, now: datetime
) -> None:
    """The others wait for the next letter; with five names all buttons find room."""
    async with tables.writing() as session:
        for who in range(20, 25):
            session.add(Member(server_id=SERVER, user_id=who, counted_since=now))
            session.add(
                Membership(
                    server_id=SERVER,
                    user_id=who,
                    group_id=RIVERSIDE,
                    since=now - timedelta(days=99),
                )
            )
            await session.flush()
            await hush(session, who, now, who)
    await due(tables, now)
    message = await read(tables, now)
    assert [f"<@{who}>" in text(message) for who in (24, 23, 22, 21, 20, JO, MARA)] == [
        *[True] * 5,
        False,
        False,
    ]
    rows = [button.row for button in message.buttons]
    assert len(rows) == 22
    assert all(rows.count(row) <= 5 for row in range(5))
    await due(tables, now + timedelta(days=7))
    assert f"<@{MARA}>" in text(await read(tables, now + timedelta(days=7)))


async def test_daily_and_none(tables: Database, now: datetime) -> None:
    """Each facilitator chooses; fewer goes step by step and none is an answer."""
    await change(tables, update(Facilitator).values(letters="daily"))
    assert await due(tables, now) == 1
    async with tables.writing() as session:
        await hush(session, 13, now, 20)
    assert await due(tables, now + timedelta(days=1)) == 1
    async with tables.writing() as session:
        assert "Fewer letters" in labels(await read(tables, now))
        assert await letters.less(session, RIVERSIDE, LENA) == "weekly"
    assert "No more letters" in labels(await read(tables, now))
    async with tables.writing() as session:
        assert await letters.less(session, RIVERSIDE, LENA) == "none"
        assert await letters.less(session, RIVERSIDE, LENA) == "none"
        await hush(session, 30, now, 20)
    assert await due(tables, now + timedelta(days=30)) == 0
    last = labels(await read(tables, now))
    assert "Letters again" in last
    assert "Letters by DM" not in last


async def test_by_dm_the_names_go_out_and_count_when_sent(tables: Database, now: datetime) -> None:
    """The DM carries the letter; if it cannot be sent the neutral line takes its place."""
    async with tables.writing() as session:
        await letters.by_dm(session, RIVERSIDE, LENA, wanted=True)
    await due(tables, now)
    (dm,) = await owed(tables)
    message, fallback = unpacked(dm.content)
    assert (dm.place, dm.user_id) == ("dm", LENA)
    assert f"<@{MARA}>" in text(message)
    assert "No more DMs" in labels(message)
    assert fallback is not None
    assert text(fallback) == f"<@{LENA}>, your letter is ready."
    assert await told(tables) == 0
    async with tables.writing() as session:
        await sending.sent(session, dm.id, 1, now)
    assert await told(tables) == 2


async def test_without_a_room_the_letter_waits_at_the_desk(tables: Database, now: datetime) -> None:
    """Nothing is posted anywhere else."""
    await change(tables, update(Server).values(facilitators_room_id=None))
    assert await due(tables, now) == 1
    assert await owed(tables) == []
    assert f"<@{MARA}>" in text(await read(tables, now))


async def test_a_facilitator_is_not_told_about_themselves(tables: Database, now: datetime) -> None:
    """Lena is quiet too; that is for someone else to notice."""
    await change(tables, delete(QuietEpisode))
    async with tables.writing() as session:
        await hush(session, LENA, now, 30)
    assert await due(tables, now) == 0


async def test_what_was_said_shows_in_the_letter(tables: Database, now: datetime) -> None:
    """Answers take their buttons away; a return shows as one."""
    await due(tables, now)
    async with tables.writing() as session:
        ids = {e.user_id: e.id for e in await session.scalars(select(QuietEpisode))}
        await quiet.say(session, ids[MARA], LENA, "reached", now)
        await session.execute(
            update(QuietEpisode)
            .where(QuietEpisode.user_id == JO)
            .values(closed_at=now, closed_by="returned")
        )
        letter = await session.scalar(select(Letter.id))
        assert letter is not None
        message = await letters.read_again(session, letter, LENA, now)
        with pytest.raises(UserError):
            await letters.read_again(session, letter, OMAR, now)
    assert labels(message) == ["No more letters", "Letters by DM"]
    assert f"✓ <@{JO}> is back." in text(message)
    assert "reached out" in text(message)


async def test_not_now_brings_the_name_back(tables: Database, now: datetime) -> None:
    """A week later it is new again; who was reached out to is not."""
    await due(tables, now)
    async with tables.writing() as session:
        ids = {e.user_id: e.id for e in await session.scalars(select(QuietEpisode))}
        await quiet.say(session, ids[MARA], LENA, "later", now + timedelta(days=1))
        await quiet.say(session, ids[JO], LENA, "reached", now + timedelta(days=1))
    assert await due(tables, now + timedelta(days=7)) == 0
    assert await due(tables, now + timedelta(days=8)) == 1
    message = await read(tables, now + timedelta(days=8))
    assert f"<@{MARA}>, quiet for" in text(message)
    assert f"<@{JO}>" not in text(message)
    assert labels(message)[0] == "I reached out"
    assert await due(tables, now + timedelta(days=20)) == 0


async def test_whoever_moved_is_nobodys_business_here(tables: Database, now: datetime) -> None:
    """A name whose silence ended by moving, leaving or opting out is not shown any more."""
    await due(tables, now)
    await change(tables, update(QuietEpisode).values(closed_at=now, closed_by="moved"))
    assert text(await read(tables, now)).splitlines()[1:] == [say("letters.nobody")]


async def test_a_name_with_markdown_stays_a_name(tables: Database, now: datetime) -> None:
    """A group's name cannot ping or format."""
    await change(tables, update(Group).values(name="@everyone **{x}**"))
    await due(tables, now)
    assert "**{x}**" not in text(await read(tables, now))


async def test_nothing_to_open_says_so(tables: Database, now: datetime) -> None:
    """Before the first letter a facilitator reads that all is well."""
    assert say("letters.nobody") in text(await read(tables, now))
    async with tables.reading() as session:
        assert list(await session.scalars(select(LetterName))) == []
