"""Cohorts in the tables: told once, told in time, and taken along when a group becomes several."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from bot.database import Database
from bot.errors import UserError
from bot.services import cohort_days, cohorts, offshoot, privacy, settling
from bot.settings import Settings
from models import Cohort, CohortStage, Group, GroupType, Membership, OutboxMessage, Server
from tests.services.shore import LENA, RIVER, SERVER, Shore

DAY = timedelta(days=1)
DAYS = {"starts": "9 march", "stages": "Hello\nweek 3 First drafts", "last": "2026-04-05"}


@pytest.fixture
async def shore(database: Database, settings: Settings, now: datetime) -> Shore:
    """Riverside, a cohort that Lena looks after."""
    built = Shore(database, settings, now)
    await built.build(lasts_days=84)
    async with database.writing() as session:
        await session.execute(update(GroupType).values(kind="cohort"))
        await cohorts.save(session, built.actor(LENA), RIVER, DAYS, now)
    return built


async def step(shore: Shore, day: float) -> None:
    """Do what is due on a day, counted from 0 (2 March, noon)."""
    async with shore.database.writing() as session:
        await cohort_days.step_due(session, shore.now + day * DAY)


async def said(shore: Shore) -> list[str]:
    """Return what is owed to rooms about the days, by what it is about."""
    async with shore.database.reading() as session:
        rows = await session.scalars(
            select(OutboxMessage.key)
            .where(OutboxMessage.kind == cohort_days.KIND)
            .order_by(OutboxMessage.id)
        )
        return [key.partition(":")[2] for key in rows]


async def count(shore: Shore, table: type[Any]) -> int:
    """Return how many rows a table holds."""
    async with shore.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_each_day_is_told_once(shore: Shore) -> None:
    """However often it is looked at; the stage of the first morning in the same breath."""
    for day in (6, 7, 7.1, 20, 21, 21.1, 33.9, 34.3, 34.4):
        await step(shore, day)
    assert await said(shore) == [
        "1:starts:2026-03-09",
        "1:stage:2026-03-23",
        "1:circle:2026-04-05",
    ]


async def test_a_closing_circle_is_said_on_the_last_evening_or_not(shore: Shore) -> None:
    """When the day is over the room is only read: what could not be posted by then is dropped."""
    await step(shore, 34.3)
    async with shore.database.reading() as session:
        circle = (await session.scalars(select(OutboxMessage))).all()[-1]
        closes = await session.scalar(select(Group.closes_at).where(Group.id == RIVER))
    assert circle.key.startswith("cohort:1:circle")
    assert circle.expires_at == closes


async def test_what_is_days_ago_is_not_told(shore: Shore) -> None:
    """Of several stages whose day has come only the last."""
    async with shore.database.writing() as session:
        lena = shore.actor(LENA)
        stages = "Hello\n2026-03-22 Second\n2026-03-23 Third"
        await cohorts.save(session, lena, RIVER, {**DAYS, "stages": stages}, shore.now)
    await step(shore, 21.1)
    assert await said(shore) == ["1:stage:2026-03-23"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (Server, {"paused_at": True}),
        (Server, {"removed_at": True}),
        (Group, {"archived_at": True}),
        (Group, {"locked_at": True}),
        (Group, {"room_id": None}),
    ],
)
async def test_where_nothing_is_told(
    shore: Shore, table: type[Any], change: dict[str, Any]
) -> None:
    """In a server that is paused or gone, in a room that is only read, locked, or not there."""
    values = {key: shore.now if value is True else value for key, value in change.items()}
    async with shore.database.writing() as session:
        await session.execute(update(table).values(**values))
    for day in (7, 21, 34.3):
        await step(shore, day)
    assert await said(shore) == []
    again = {key: 7 if value is None else None for key, value in change.items()}
    async with shore.database.writing() as session:
        await session.execute(update(table).values(**again))
    await step(shore, 34.4)
    assert await said(shore) == ["1:circle:2026-04-05"]


async def test_a_group_that_grows_out_of_it_has_the_same_days(shore: Shore) -> None:
    """What was told is not told again there; nobody hosts them yet."""
    await step(shore, 7)
    async with shore.database.writing() as session:
        parent = await session.get_one(Group, RIVER)
        child = await offshoot.grow(
            session, parent, name="Weir", emoji="🌉", purpose="", venue="", now=shore.now + 8 * DAY
        )
        child.room_id = 77
        child_id = child.id
        row = await session.get_one(Cohort, child_id)
        assert (row.starts_on, row.host_id) == ("2026-03-09", None)
    assert await count(shore, CohortStage) == 4
    await step(shore, 21)
    assert sorted(await said(shore)) == [
        "1:stage:2026-03-23",
        "1:starts:2026-03-09",
        f"{child_id}:stage:2026-03-23",
    ]


@pytest.mark.parametrize("how", ["moves out", "is forgotten"])
async def test_a_host_who_is_gone_is_not_named(shore: Shore, how: str) -> None:
    """The days stay."""
    async with shore.database.writing() as session:
        if how == "moves out":
            home = await session.get_one(Membership, (SERVER, LENA))
            await settling.give_up(session, home, "left", shore.now)
        else:
            await privacy.forget(session, LENA, [SERVER], shore.now)
    async with shore.database.reading() as session:
        row = (await session.scalars(select(Cohort))).one()
        assert row.host_id is None
        assert row.starts_on == "2026-03-09"


async def test_a_deleted_group_takes_its_days_along(shore: Shore) -> None:
    """With all its stages."""
    async with shore.database.writing() as session:
        await session.execute(delete(Membership))
        await session.execute(delete(Group).where(Group.id == RIVER))
    assert await count(shore, Cohort) == await count(shore, CohortStage) == 0


async def test_days_are_for_cohorts_alone(shore: Shore) -> None:
    """Unless a group has them already: its type may have been changed since."""
    async with shore.database.writing() as session:
        await session.execute(update(GroupType).values(kind="interest"))
        await cohorts.form(session, shore.actor(LENA), RIVER)
        await session.execute(delete(Cohort))
        with pytest.raises(UserError, match="not_a_cohort"):
            await cohorts.form(session, shore.actor(LENA), RIVER)


async def test_more_time_keeps_whole_weeks_through_the_change_of_clocks(shore: Shore) -> None:
    """The last day is the same day of the week, at its own midnight."""
    async with shore.database.writing() as session:
        await session.execute(update(Group).values(zone="Europe/Berlin"))
        lena = shore.actor(LENA)
        await cohorts.save(session, lena, RIVER, {**DAYS, "last": "2026-03-26"}, shore.now)
        before = (await session.get_one(Group, RIVER)).closes_at
        until = await cohorts.more_time(session, lena, RIVER, 1, shore.now)
        assert before is not None
        assert until - before == timedelta(days=7) - timedelta(hours=1)
        with pytest.raises(UserError, match="not_a_cohort"):
            await cohorts.more_time(session, lena, RIVER, 3, shore.now)
    assert date(2026, 4, 2) == (until - timedelta(seconds=1)).date()
