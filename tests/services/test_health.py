"""Weeks are closed once, and what they showed stays."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.health import SERVER, Closing, Reckoned, Week
from bot.services import connected, health, privacy, retention
from bot.services.health_sources import SOURCES
from bot.settings import Settings
from models import Group, HealthFigure, Lent, Membership, Server
from tests.services.conftest import MARA, MILLPOND, RIVERSIDE, Town
from tests.services.conftest import SERVER as TOWN

A_WEEK = timedelta(weeks=1)


async def moved_in(database: Database, town: Town, now: datetime, *, heard: bool = True) -> None:
    """Build the town, with a fifth person in Riverside, and say whether it was heard at all."""
    async with database.writing() as session:
        await town(session)
        session.add(
            Membership(server_id=TOWN, user_id=99, group_id=RIVERSIDE, since=now - 20 * A_WEEK)
        )
        if heard:
            await connected.opened(session, [TOWN], now - 20 * A_WEEK)
            await connected.heard(session, [TOWN], now)


async def closed(database: Database, now: datetime) -> list[Week]:
    """Close what is due; return which weeks that were."""
    async with database.reading() as session:
        weeks = await health.due(session, TOWN, now)
    for week in weeks:
        async with database.reading() as session:
            found = await health.reckon(session, TOWN, week)
        async with database.writing() as session:
            await health.write(session, found)
    return weeks


async def rows(database: Database) -> list[tuple[object, ...]]:
    """Return everything that was written, in order."""
    async with database.reading() as session:
        found = await session.scalars(
            select(HealthFigure).order_by(
                HealthFigure.week, HealthFigure.group_id, HealthFigure.measure
            )
        )
        return [
            (one.week, one.group_id, one.measure, one.value, one.people, one.silent)
            for one in found
        ]


async def test_weeks_that_were_missed_are_closed_each_once(
    database: Database, town: Town, now: datetime
) -> None:
    """Twelve at most, the oldest first, up to the last whole one; after that only new ones."""
    await moved_in(database, town, now)
    weeks = await closed(database, now)
    last = Week.of(now).later(-1)
    assert weeks == list(last.window(12))
    assert await closed(database, now) == []
    before = await rows(database)
    async with database.writing() as session:
        assert await health.write(session, await health.reckon(session, TOWN, last)) == 0
    assert await rows(database) == before
    assert await closed(database, now + A_WEEK) == [last.later(1)]


async def test_a_server_begins_with_its_first_whole_week(
    database: Database, town: Town, now: datetime
) -> None:
    """The one in which Hearth came is none."""
    await moved_in(database, town, now)
    async with database.writing() as session:
        (await session.get_one(Server, TOWN)).added_at = now - 2 * A_WEEK
    assert await closed(database, now) == [Week.of(now).later(-1)]


async def test_of_fewer_than_five_nothing_is_said(
    database: Database, town: Town, now: datetime
) -> None:
    """Not even how many they are; of Riverside's five it is."""
    await moved_in(database, town, now)
    await closed(database, now)
    async with database.reading() as session:
        small = await health.of_group(session, MILLPOND)
        large = await health.of_group(session, RIVERSIDE)
        whole = await health.of_server(session, TOWN)
        last = await health.of_server(session, TOWN, weeks=1)
    alone = small.lines["homes"].now
    assert (alone.value, alone.people, alone.silent) == (None, 0, "few")
    assert (large.lines["homes"].now.value, large.lines["homes"].now.people) == (5, 5)
    assert whole.lines["homes"].now.value == 6
    assert [group.name for group in whole.groups] == ["Millpond", "Riverside"]
    assert len(large.lines["homes"].points) == 12
    assert last.lines["homes"].points == whole.lines["homes"].points[-1:]


async def test_a_week_that_nobody_heard_says_nothing(
    database: Database, town: Town, now: datetime
) -> None:
    """Who lives where, and since when, is known all the same."""
    await moved_in(database, town, now, heard=False)
    await closed(database, now)
    written = await rows(database)
    heard = {why for *_, measure, _, _, why in written if measure not in health.KNOWN_DEAF}
    assert heard == {"blind"}
    assert not {why for *_, measure, _, _, why in written if measure == "stay"} & {"blind"}
    assert {
        value for _, group, measure, value, *_ in written if (group, measure) == (SERVER, "homes")
    } == {6}


async def test_who_is_forgotten_changes_no_figure(
    database: Database, town: Town, now: datetime
) -> None:
    """What was written stands, and the next week counts who is there."""
    await moved_in(database, town, now)
    await closed(database, now)
    before = await rows(database)
    async with database.writing() as session:
        await privacy.forget(session, MARA, [TOWN], now)
    assert await rows(database) == before
    await closed(database, now + A_WEEK)
    async with database.reading() as session:
        after = await health.of_group(session, RIVERSIDE)
    assert after.lines["homes"].now.silent == "few"


async def test_who_moved_in_later_did_not_live_there_then(
    database: Database, town: Town, now: datetime
) -> None:
    """Of weeks that are closed long after, too: of Riverside's five one came two weeks ago."""
    await moved_in(database, town, now)
    async with database.writing() as session:
        home = await session.get_one(Membership, (TOWN, 99))
        home.since = Week.of(now).later(-2).begins
    await closed(database, now)
    async with database.reading() as session:
        found = await health.of_group(session, RIVERSIDE)
        whole = await health.of_server(session, TOWN)
    told = [figure.value for _, figure in found.lines["homes"].points]
    assert told == [None] * 10 + [5, 5]
    assert [value for *_, value in whole.lines["homes"].spoken()] == [5] * 10 + [6, 6]


async def test_what_cannot_be_reckoned_holds_the_rest_up_for_a_day(
    database: Database, town: Town, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """The week is tried again until then; afterwards it is closed without, and the log says so."""
    await moved_in(database, town, now)
    week = Week.of(now).later(-1)

    async def broken(_session: AsyncSession, _closing: Closing) -> list[Reckoned]:
        raise ZeroDivisionError

    sources = (broken, *SOURCES)
    soon = week.ends + health.SUNDAY_EVERYWHERE + health.GIVEN_UP_AFTER
    async with database.reading() as session:
        with pytest.raises(ZeroDivisionError):
            await health.reckon(session, TOWN, week, now=soon, sources=sources)
        found = await health.reckon(
            session, TOWN, week, now=soon + timedelta(hours=1), sources=sources
        )
    assert "broken left week" in caplog.text
    told = {one.figure.measure: one.figure.value for one in found.figures if not one.group_id}
    assert told["homes"] == 6


async def test_figures_go_after_two_years(
    database: Database, town: Town, now: datetime, settings: Settings
) -> None:
    """And who lent whom how many; what is younger stays."""
    await moved_in(database, town, now)
    await closed(database, now)
    week = Week.of(now).later(-1)
    async with database.writing() as session:
        session.add(
            Lent(
                server_id=TOWN,
                week=week.key,
                from_group_id=RIVERSIDE,
                to_group_id=MILLPOND,
                people=5,
            )
        )
    for days, weeks in ((729, 1), (732, 0)):
        async with database.writing() as session:
            await retention.sweep(session, week.begins + timedelta(days=days), settings)
            assert len(set(await session.scalars(select(HealthFigure.week)))) == weeks
            assert len(list(await session.scalars(select(Lent)))) == weeks


async def test_an_archived_group_is_measured_no_more(
    database: Database, town: Town, now: datetime
) -> None:
    """Nor one that opened later."""
    await moved_in(database, town, now)
    async with database.writing() as session:
        (await session.get_one(Group, MILLPOND)).state = "archived"
        (await session.get_one(Group, RIVERSIDE)).opened_at = now - A_WEEK
    await closed(database, now)
    groups = {(week, group) for week, group, *_ in await rows(database) if group != SERVER}
    assert groups == {(Week.of(now).later(-1).key, RIVERSIDE)}
