"""Who is found quiet, and how it ends."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.quiet import Hearing
from bot.services import connected, quiet
from bot.services.quiet import Looked, Said
from models import (
    ActiveDay,
    Connected,
    Group,
    GroupType,
    Member,
    Membership,
    Presence,
    QuietEpisode,
    Server,
)

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
MARA, JO, KIM, LENA, OMAR = 11, 12, 13, 14, 15

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
async def tables(database: Database, town: Town, now: datetime) -> Database:
    """The town, heard for half a year; everyone was around until twelve days ago but Lena."""
    async with database.writing() as session:
        await town(session)
        session.add(Connected(server_id=SERVER, since=now - timedelta(days=180), until=now))
        for who in (MARA, JO, KIM, LENA, OMAR):
            last = now - timedelta(days=1 if who == LENA else 12)
            await around(session, who, last, days=5)
    return database


async def around(session: AsyncSession, user_id: int, last: datetime, *, days: int) -> None:
    """Let someone have been around on so many days in a row, the last sign of life at `last`."""
    session.add(Presence(server_id=SERVER, user_id=user_id, last_at=last))
    for back in range(days):
        day = (last - timedelta(days=back)).date().isoformat()
        session.add(
            ActiveDay(server_id=SERVER, user_id=user_id, group_id=RIVERSIDE, day=day, signals=1)
        )


async def change(database: Database, *statements: Any) -> None:
    """Change rows in a transaction of its own."""
    async with database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def look(database: Database, now: datetime) -> Looked:
    """Look once."""
    async with database.writing() as session:
        return await quiet.daily(session, SERVER, now)


async def episodes(database: Database) -> dict[int, str | None]:
    """Return how each member's newest episode ended, None while it is open."""
    async with database.reading() as session:
        rows = await session.scalars(select(QuietEpisode).order_by(QuietEpisode.id))
        return {row.user_id: row.closed_by for row in rows}


async def test_a_long_silence_opens_one_episode(tables: Database, now: datetime) -> None:
    """Once per silence, however often it is looked at."""
    assert await look(tables, now) == Looked(looked=True, opened=4)
    assert await episodes(tables) == dict.fromkeys((MARA, JO, KIM, OMAR))
    for day in (1, 2):
        assert await look(tables, now + timedelta(days=day)) == Looked(looked=True)


async def test_a_closed_room_says_nothing_about_anybody(tables: Database, now: datetime) -> None:
    """Somebody closed Riverside's room to Hearth: who lives there may be talking all day."""
    await change(tables, update(Group).where(Group.id == RIVERSIDE).values(room_id=501))
    async with tables.writing() as session:
        looked = await quiet.daily(session, SERVER, now, unheard={501})
    assert looked.opened < 4
    assert MARA not in await episodes(tables)


async def test_one_look_per_local_day(tables: Database, now: datetime) -> None:
    """Eleven at night in Berlin is still today, an hour later it is not."""
    assert (await look(tables, now)).looked
    assert not (await look(tables, now.replace(hour=22, minute=59))).looked
    assert (await look(tables, now.replace(hour=23, minute=0))).looked


@pytest.mark.parametrize(
    "reason",
    [
        update(Member).where(Member.user_id == MARA).values(away_from=datetime.fromisoformat(
            "2026-03-01T00:00:00+00:00")),
        update(Member).where(Member.user_id == MARA).values(opted_out_at=datetime.fromisoformat(
            "2026-03-01T00:00:00+00:00")),
        update(Member).where(Member.user_id == MARA).values(counted_since=None),
        update(Membership).where(Membership.user_id == MARA).values(since=datetime.fromisoformat(
            "2026-02-25T00:00:00+00:00")),
        update(Membership).where(Membership.user_id == MARA).values(state="kept"),
        delete(Membership).where(Membership.user_id == MARA),
        delete(Presence).where(Presence.user_id == MARA),
        delete(ActiveDay).where(ActiveDay.user_id == MARA, ActiveDay.day == "2026-02-18"),
        update(Connected).values(until=datetime.fromisoformat("2026-02-25T00:00:00+00:00")),
    ],
    ids=[
        "away", "opted out", "never told", "new here", "left", "no home", "unheard of",
        "three days of four", "hearth was blind",
    ],
)  # fmt: skip
async def test_reasons_to_say_nothing(tables: Database, now: datetime, reason: Any) -> None:
    """Each of these keeps Mara's name out."""
    async with tables.writing() as session:
        # Four days are just enough, so that one less is not.
        await session.execute(
            delete(ActiveDay).where(ActiveDay.user_id == MARA, ActiveDay.day == "2026-02-14")
        )
    await change(
        tables, delete(ActiveDay).where(ActiveDay.user_id == MARA, ActiveDay.day < "2026-02-15")
    )
    await change(tables, reason)
    await look(tables, now)
    assert MARA not in await episodes(tables)


async def test_days_long_ago_do_not_count(tables: Database, now: datetime) -> None:
    """Four days of which one was seven months before the silence are three."""
    await change(
        tables,
        delete(ActiveDay).where(ActiveDay.user_id == JO, ActiveDay.day != "2026-02-18"),
    )
    async with tables.writing() as session:
        for day in ("2025-07-16", "2026-02-16", "2026-02-17"):
            session.add(
                ActiveDay(server_id=SERVER, user_id=JO, group_id=RIVERSIDE, day=day, signals=9)
            )
    await look(tables, now)
    assert JO not in await episodes(tables)
    await change(
        tables, update(ActiveDay).where(ActiveDay.day == "2025-07-16").values(day="2026-02-01")
    )
    await look(tables, now + timedelta(days=1))
    assert JO in await episodes(tables)


async def test_who_was_around_for_long_is_waited_for_longer(
    tables: Database, now: datetime
) -> None:
    """Kim came every other day for months; her twelve days say less than Mara's after five."""
    async with tables.writing() as session:
        for back in range(6, 150, 2):
            day = (now - timedelta(days=12 + back)).date().isoformat()
            session.add(
                ActiveDay(server_id=SERVER, user_id=KIM, group_id=RIVERSIDE, day=day, signals=1)
            )
    await look(tables, now)
    assert MARA in await episodes(tables)
    assert KIM not in await episodes(tables)
    async with tables.reading() as session:
        order = await quiet.silences(session, SERVER, (MARA, KIM), now)
    assert order[MARA].lasted == order[KIM].lasted == timedelta(days=12)
    assert order[MARA].beyond > 1 > order[KIM].beyond
    later = now + timedelta(days=20)
    await change(tables, update(Connected).values(until=later))
    await look(tables, later)
    assert KIM in await episodes(tables)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (update(Membership).values(state="kept"), "left"),
        (update(Member).values(opted_out_at=datetime.fromisoformat("2026-03-02T13:00:00+00:00")),
         "opted-out"),
        (update(Member).values(away_from=datetime.fromisoformat("2026-03-02T13:00:00+00:00")),
         "away"),
        (update(Presence).values(last_at=datetime.fromisoformat("2026-03-02T13:00:00+00:00")),
         "returned"),
    ],
    ids=["left", "opted out", "away", "returned"],
)  # fmt: skip
async def test_how_an_episode_ends(tables: Database, now: datetime, what: Any, why: str) -> None:
    """The next look closes it and says why."""
    await look(tables, now)
    await change(tables, what)
    assert (await look(tables, now + timedelta(days=1))).closed >= 3
    assert (await episodes(tables))[MARA] == why


async def test_an_episode_follows_its_member(tables: Database, now: datetime) -> None:
    """A split moves a quiet member: it stays one episode, now their new home's."""
    await look(tables, now)
    await change(tables, update(Membership).values(group_id=MILLPOND))
    assert await look(tables, now + timedelta(days=1)) == Looked(looked=True)
    async with tables.reading() as session:
        assert set(await session.scalars(select(QuietEpisode.group_id))) == {MILLPOND}


async def test_nobody_is_reminded_of_for_ever(tables: Database, now: datetime) -> None:
    """After sixty days the episode is over, and the same silence opens no other."""
    await look(tables, now)
    later = now + timedelta(days=60)
    await change(tables, update(Connected).values(until=later))
    assert (await look(tables, later)).closed == 4
    assert (await look(tables, later + timedelta(days=1))).opened == 0


async def test_a_new_silence_is_a_new_episode(tables: Database, now: datetime) -> None:
    """Mara came back for four days and fell silent again."""
    await look(tables, now)
    back = now + timedelta(days=5)
    async with tables.writing() as session:
        await session.execute(delete(Presence).where(Presence.user_id == MARA))
        await session.execute(delete(ActiveDay).where(ActiveDay.user_id == MARA))
        await around(session, MARA, back, days=4)
    await look(tables, now + timedelta(days=6))
    later = back + timedelta(days=11)
    await change(tables, update(Connected).values(until=later))
    assert (await look(tables, later)).opened == 2  # Lena has not been heard of meanwhile either
    assert (await episodes(tables))[MARA] is None


async def test_a_paused_server_is_left_alone(tables: Database, now: datetime) -> None:
    """Paused means that nothing is found out about anyone."""
    await change(tables, update(Server).values(paused_at=now))
    assert await look(tables, now) == Looked(looked=False)


@pytest.mark.parametrize(
    ("said", "ended"), [("reached", None), ("later", None), ("away", "away"), ("fine", "released")]
)
async def test_what_facilitators_say(
    tables: Database, now: datetime, said: Said, ended: str | None
) -> None:
    """Two answers end the silence for the letters, and it does not come back."""
    await look(tables, now)
    async with tables.writing() as session:
        mara = await session.scalar(select(QuietEpisode.id).where(QuietEpisode.user_id == MARA))
        assert mara is not None
        await quiet.say(session, mara, LENA, said, now)
        with pytest.raises(UserError):
            await quiet.say(session, mara, OMAR, said, now)
    assert (await episodes(tables))[MARA] == ended
    assert (await look(tables, now + timedelta(days=1))).opened == 0


async def test_intervals_of_hearing(tables: Database, now: datetime) -> None:
    """Extended while connected, begun anew after a gap; a gap that was read is known as such.

    One of a few minutes that was read is none.
    """
    minute = timedelta(minutes=1)
    async with tables.writing() as session:
        start = (await connected.hearing(session, SERVER)).live[0][0]
        await connected.heard(session, [SERVER, 4711], now + minute)
        assert (await connected.hearing(session, SERVER)).live == [(start, now + minute)]
        await connected.closed(session, [SERVER], now + 2 * minute)
        await connected.opened(session, [SERVER], now + 9 * minute)
        await connected.heard(session, [SERVER], now + 10 * minute)
        apart = [(start, now + 2 * minute), (now + 9 * minute, now + 10 * minute)]
        assert await connected.hearing(session, SERVER) == Hearing(apart, apart)
        await connected.gap_read(session, [SERVER])
        await connected.heard(session, [SERVER], now + 11 * minute)
        apart[1] = (apart[1][0], now + 11 * minute)
        assert await connected.hearing(session, SERVER) == Hearing(
            apart, [(start, now + 11 * minute)]
        )
        await connected.opened(session, [SERVER], now + 13 * minute)
        await connected.gap_read(session, [SERVER])
        assert (await connected.hearing(session, SERVER)).live == [
            (start, now + 2 * minute),
            (now + 9 * minute, now + 13 * minute),
        ]


async def test_a_reaction_in_the_dark_is_nobodys_silence(tables: Database, now: datetime) -> None:
    """Five days were read from history; who used to react on days without a word is let be."""
    await change(
        tables,
        update(Connected).values(until=now - timedelta(days=8)),
        update(ActiveDay)
        .where(ActiveDay.user_id == JO, ActiveDay.day == "2026-02-18")
        .values(unwritten=1),
    )
    async with tables.writing() as session:
        await connected.opened(session, [SERVER], now - timedelta(days=3))
        await connected.heard(session, [SERVER], now)
        await connected.gap_read(session, [SERVER])
    await look(tables, now)
    assert MARA in await episodes(tables)
    assert JO not in await episodes(tables)


async def test_a_new_server_is_heard_from_its_first_minute(
    database: Database, now: datetime
) -> None:
    """One that was set up while Hearth was connected has no interval to extend."""
    async with database.writing() as session:
        session.add(Server(id=SERVER, added_at=now))
        await session.flush()
        await connected.heard(session, [SERVER], now)
        await connected.heard(session, [SERVER], now + timedelta(minutes=1))
        known = await connected.hearing(session, SERVER)
        assert known.live == [(now, now + timedelta(minutes=1))]


async def test_patience_is_the_types_own(tables: Database, now: datetime) -> None:
    """The same silence of eight days is long in one group and normal in another."""
    async with tables.writing() as session:
        session.add(
            GroupType(
                id=2, server_id=SERVER, name="Slow", name_key="slow", kind="goal", patience="late"
            )
        )
        await session.flush()
        await session.execute(update(Group).where(Group.id == MILLPOND).values(type_id=2))
    await change(tables, update(Presence).values(last_at=now - timedelta(days=9)))
    await look(tables, now)
    assert OMAR not in await episodes(tables)
    assert {MARA, JO, KIM} <= (await episodes(tables)).keys()
    await look(tables, now + timedelta(days=1))
    assert OMAR not in await episodes(tables)
    await change(tables, update(Connected).values(until=now + timedelta(days=3)))
    await look(tables, now + timedelta(days=3))
    assert OMAR in await episodes(tables)
