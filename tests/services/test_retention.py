"""Every period that is set is carried out, day by day, and nothing goes before its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.keeping import KEPT
from bot.rules.signals import first_id_at
from bot.services import privacy, retention, servers, stay
from bot.settings import Settings
from models import (
    Base,
    Bud,
    Concern,
    Connected,
    GroupAsk,
    GuestEvening,
    Member,
    Membership,
    Merge,
    Occurrence,
    QuietEpisode,
    Removal,
    RoomCursor,
    Server,
    Split,
    TalkDay,
    Visit,
)
from tests.services.conftest import Town
from tests.services.everything import MARA, RIVERSIDE, SERVER, everything

# Each another number, so that one that is carried out by another's is noticed.
PERIODS = {
    "retention_days": 75,
    "ties_days": 67,
    "left_days": 21,
    "drafts_days": 5,
    "letters_days": 45,
    "notes_days": 40,
    "concerns_days": 50,
    "removals_days": 100,
    "log_days": 110,
    "grace_days": 12,
}
# When each of these tables' rows are over in this test: now.
OVER = (
    (Visit, "ended_at"),
    (QuietEpisode, "closed_at"),
    (Split, "closed_at"),
    (Merge, "closed_at"),
    (Bud, "closed_at"),
    (GroupAsk, "closed_at"),
    (GuestEvening, "closed_at"),
    (Concern, "closed_at"),
)
BY_WEEK = {"tie", "commons_tie", "care"}  # kept by the week that they were counted in
# What goes with a row that is over, and what stays as long as she lives there.
WITH_ANOTHER = {"bud_guest", "circle_member", "undertaking_step", "concern_reply", "appeal"}


@pytest.fixture
def periods(settings: Settings) -> Settings:
    """Settings of which every period is another."""
    return settings.model_copy(update=PERIODS)


async def filled(session: AsyncSession, town: Town, now: datetime) -> None:
    """Put Mara into every table, and let everything that can be over be over by now."""
    await town(session)
    await everything(session, now, SERVER, RIVERSIDE)
    session.add(Membership(server_id=SERVER, user_id=MARA, group_id=RIVERSIDE, since=now))
    await session.flush()
    for table, column in OVER:
        await session.execute(update(table).values({column: now}))
    await session.execute(update(Removal).values(shut=False))
    await session.flush()


async def swept(
    session: AsyncSession, now: datetime, days: Sequence[float], settings: Settings
) -> dict[str, float]:
    """Sweep after each of these numbers of days; return after how many each table was empty."""
    gone: dict[str, float] = {}
    for after in days:
        await retention.sweep(session, now + timedelta(days=after), settings)
        kept = (await privacy.show(session, MARA, [SERVER])).rows
        gone |= {name: after for name in KEPT if name not in kept and name not in gone}
    return gone


def around(settings: Settings) -> list[float]:
    """Return the moments half a day before and after every period's end, and a week later."""
    days = {kept.days_by(settings) for kept in KEPT.values()} - {None}
    return sorted({day + more for day in days for more in (-0.5, 0.6, 7.5) if day is not None})


async def test_every_period_is_carried_out(
    database: Database, town: Town, periods: Settings, now: datetime
) -> None:
    """By the setting or the number that stands with each table, and not half a day sooner."""
    async with database.writing() as session:
        await filled(session, town, now)
        gone = await swept(session, now, around(periods), periods)
    checked = 0
    for name, kept in KEPT.items():
        days = kept.days_by(periods)
        if name in WITH_ANOTHER or kept.ends == "left":
            continue
        if days is None:
            continue
        late = 7.5 if name in BY_WEEK else 1
        assert days < gone[name] <= days + late, (name, gone[name])
        checked += 1
    stays = {"membership", "member", "member_answer", "member_choice", "wish", "bar", "apart"}
    assert not stays & gone.keys()
    assert checked > 20
    print(f"{checked} tables, each gone at its own time")  # noqa: T201 - a figure of the suite


async def test_what_was_counted_about_who_left_goes_sooner(
    database: Database, town: Town, periods: Settings, now: datetime
) -> None:
    """With their choices, answers and wishes; those of others stay, and so does an opt-out."""
    async with database.writing() as session:
        await filled(session, town, now)
        home = await session.get_one(Membership, (SERVER, MARA))
        await session.delete(home)
        await session.execute(update(Member).where(Member.user_id == MARA).values(left_at=now))
        everybody = await count(session, Member)
        gone = await swept(session, now, [20.5, 21.6], periods)
        for name in ("active_day", "presence", "tie", "commons_tie", "quiet_episode", "care"):
            assert gone[name] == 21.6, name
        for name in ("member", "member_answer", "member_choice", "wish", "ritual_part"):
            assert gone[name] == 21.6, name
        assert await count(session, Member) == everybody - 1
        assert "bar" not in gone


async def test_an_opt_out_outlasts_leaving(
    database: Database, town: Town, periods: Settings, now: datetime
) -> None:
    """Who comes back is not counted without being asked again."""
    async with database.writing() as session:
        await town(session)
        await privacy.opt_out(session, MARA, [SERVER], now)
        await session.execute(update(Member).where(Member.user_id == MARA).values(left_at=now))
        await retention.sweep(session, now + timedelta(days=700), periods)
        assert (await privacy.show(session, MARA, [SERVER])).opted_out


async def test_what_is_about_nobody_goes_too(
    database: Database, town: Town, periods: Settings, now: datetime
) -> None:
    """When Hearth was connected, how far rooms were read, what groups said in all."""
    cursor = first_id_at(int(now.timestamp() * 1000))
    async with database.writing() as session:
        await filled(session, town, now)
        session.add_all(
            [
                Connected(server_id=SERVER, since=now, until=now),
                RoomCursor(room_id=1, server_id=SERVER, message_id=cursor),
                TalkDay(server_id=SERVER, group_id=RIVERSIDE, day="2026-03-02"),
            ]
        )
        await session.flush()
        for days, left in ((74, 1), (76.1, 0)):
            await retention.sweep(session, now + timedelta(days=days), periods)
            for table in (Connected, RoomCursor, Occurrence, TalkDay):
                assert await count(session, table) == left, (table, days)


async def count(session: AsyncSession, table: type[Base]) -> int:
    """Return how many rows a table holds."""
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_server_that_removed_hearth_ends_after_a_grace_time(
    database: Database, town: Town, periods: Settings, now: datetime
) -> None:
    """Until then it comes back as it was; then nothing of it is left in any table."""
    async with database.writing() as session:
        await filled(session, town, now)
        await stay.removed(session, SERVER, now=now)
        await retention.sweep(session, now + timedelta(days=11), periods)
        before = (await privacy.show(session, MARA)).rows
        assert await servers.active(session) == []
        await stay.added(session, SERVER)
        await retention.sweep(session, now + timedelta(days=13), periods)
        assert await servers.active(session) == [SERVER]
        assert (await privacy.show(session, MARA)).rows == before
        await stay.removed(session, SERVER, now=now + timedelta(days=14))
        await retention.sweep(session, now + timedelta(days=27), periods)
        assert await session.get(Server, SERVER, populate_existing=True) is None
        left = {
            table.name: rows
            for table in Base.metadata.sorted_tables
            if (rows := await session.scalar(select(func.count()).select_from(table)))
        }
    assert left == {}, left
