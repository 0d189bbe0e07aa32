"""Who stays is counted in a whole Hearth: people join, leave, are forgotten; no name is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.settings import Settings
from models import HomeEnd, HomeWeek, RollCall
from tests.cogs import founding
from tests.whole import Running, running

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)  # the first whole week after Hearth came
WEEK = timedelta(weeks=1)


@pytest.fixture
def cogs() -> list[str]:
    """What people need for moving in, leaving, and being forgotten."""
    return ["cogs.owners", "cogs.groups", "cogs.home", "cogs.privacy", "cogs.server_events"]


async def rolls(hearth: Running) -> dict[tuple[int, str], int]:
    """Return who was there of those who joined in the first whole week, by weeks since and arm."""
    async with hearth.app.database.reading() as session:
        rows = await session.scalars(
            select(RollCall).where(
                RollCall.joined == MONDAY.date().isoformat(), RollCall.people > 0
            )
        )
        return {
            ((datetime.fromisoformat(row.week).replace(tzinfo=UTC) - MONDAY) // WEEK, row.arm): (
                row.people
            )
            for row in rows
        }


async def test_rolls_are_called_and_nobody_is_named(hearth: Running) -> None:
    """Five join and three move in; one of the others leaves at once, one in the third week.

    From the third week on those with a home are told apart. One of them has everything erased then:
    they have not left.
    """
    await founding.set_up(hearth)
    await founding.group(hearth)
    await hearth.advance(MONDAY + timedelta(days=1))
    homed = [await founding.at_home(hearth, name) for name in ("Kim", "Lena", "Mara")]
    gone, later = [await hearth.person(name) for name in ("Omar", "Vera")]
    await gone.leave()
    await hearth.settle()
    assert await rolls(hearth) == {(0, "gone"): 1}
    for weeks in range(1, 4):
        await hearth.advance(MONDAY + weeks * WEEK + timedelta(hours=1))
        if weeks == 2:
            await later.leave()
    sure = await homed[0].command("privacy forget")
    await homed[0].press(sure, "Yes, forget me")
    await hearth.advance(MONDAY + 4 * WEEK + timedelta(hours=1))
    assert await rolls(hearth) == {
        (0, "gone"): 1,
        (0, "all"): 4,
        (1, "all"): 4,
        (2, "homed"): 3,
        (3, "homed"): 2,
        (3, "forgotten"): 1,
        (3, "unhomed"): 1,
    }
    async with hearth.app.database.reading() as session:
        ends = [(row.weeks, row.how, row.people) for row in await session.scalars(select(HomeEnd))]
        assert ends == [(2, "forgotten", 1)]
        homes = await session.scalars(select(HomeWeek).order_by(HomeWeek.week))
        assert [row.homes for row in homes] == [0, 3, 3, 3, 2]


async def test_without_the_members_list_only_homes_are_counted(
    laid: Settings, now: datetime, cogs: list[str]
) -> None:
    """Reduced mode knows who lives where, but not who is in the server."""
    async with running(laid.model_copy(update={"reduced": True}), now, cogs) as hearth:
        await founding.set_up(hearth)
        await founding.group(hearth)
        await hearth.advance(MONDAY + timedelta(days=1))
        await founding.at_home(hearth, "Kim")
        await hearth.advance(MONDAY + WEEK + timedelta(hours=1))
        assert await rolls(hearth) == {}
        async with hearth.app.database.reading() as session:
            homes = await session.scalars(select(HomeWeek).order_by(HomeWeek.week))
            assert [row.homes for row in homes] == [0, 1]
