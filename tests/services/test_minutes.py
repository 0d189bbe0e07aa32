"""What Hearth asks its tables each minute: one thing for a matter in which nothing is due."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.services import bridge_sources, cohort_days, gathering_steps, pair_closing
from tests.services.conftest import Town

Step = Callable[[AsyncSession, datetime], Awaitable[object]]


@pytest.mark.parametrize(
    "step",
    [
        bridge_sources.step_due,
        cohort_days.step_due,
        gathering_steps.step_due,
        pair_closing.step_due,
    ],
)
async def test_where_nothing_is_due_one_thing_is_asked(
    database: Database, town: Town, now: datetime, step: Step
) -> None:
    """Where nobody shares, meets in pairs or gathers, each costs one look a minute."""
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    async with database.writing() as session:
        await town(session)
    async with database.writing() as session:
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", count)
        try:
            await step(session, now)
        finally:
            event.remove(bind, "before_cursor_execute", count)
    assert len(asked) == 1
    assert asked[0].startswith("SELECT")
