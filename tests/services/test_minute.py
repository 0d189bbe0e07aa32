"""A minute asks once what there may be to do, and leaves alone what has nothing."""

from datetime import datetime, timedelta
from typing import Any, Self

import pytest
from sqlalchemy import delete, event
from sqlalchemy.engine import Engine

from bot.minute import GLANCE, MATTERS, tick
from models import OutboxMessage
from tests.conftest import Running
from tests.services.conftest import RIVERSIDE, SERVER, Town
from tests.services.everything import everything

LATER = (timedelta(0), timedelta(hours=2), timedelta(days=1), timedelta(days=8), timedelta(days=60))


class Statements:
    """What the tables are asked and told while it listens; `changes` are those that hit rows."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.changes: list[str] = []

    def __enter__(self) -> Self:
        event.listen(Engine, "after_cursor_execute", self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "after_cursor_execute", self._heard)

    def _heard(self, _connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            return
        self.asked.append(statement)
        if not statement.startswith("SELECT") and cursor.rowcount > 0:
            self.changes.append(statement)


async def test_an_idle_minute_asks_once(hearth: Running) -> None:
    """Where a group lives and nothing is due, a minute is one question and two notes of hearing."""
    desk = await hearth.owner.create_channel("desk")
    await hearth.owner.command(
        "hearth setup", commons=hearth.server.channel("general"), facilitators_room=desk
    )
    await hearth.owner.command("hearth group create", name="Riverside", type="Interest")
    await hearth.advance(timedelta(minutes=2))
    await hearth.settle()
    with Statements() as told:
        await tick(hearth.app.client, hearth.app.client.clock.now())
    about_hearing = [one for one in told.asked if "connected" in one]
    others = [one for one in told.asked if "connected" not in one]
    assert len(about_hearing) == 2
    assert [one.partition(" AS matter_0")[0].startswith("SELECT") for one in others] == [True]


@pytest.mark.parametrize("after", LATER, ids=str)
async def test_what_is_not_seen_has_nothing_to_do(
    hearth: Running, town: Town, now: datetime, after: timedelta
) -> None:
    """With a row in every table, whatever the glance leaves out would change no row."""
    client = hearth.app.client
    async with client.database.writing() as session:
        await town(session)
        await everything(session, now, SERVER, RIVERSIDE)
        await session.execute(delete(OutboxMessage))  # what is sent meanwhile changes rows, too
    async with client.database.reading() as session:
        seen = await GLANCE.take(session, now + after)
    unseen = [matter for matter, there in zip(MATTERS, seen, strict=True) if not there]
    for matter in unseen:
        with Statements() as told:
            await matter.work(client, now + after)
        assert told.changes == [], matter.name
