"""While the tables cannot be written people are answered, and nothing that was noticed is lost."""

import asyncio
import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import rounds
from models import ActiveDay, Membership
from tests.cogs.founding import at_home, group, set_up
from tests.conftest import Running

MESSAGES = 7


@contextmanager
def locked(hearth: Running, folder: Path) -> Generator[None]:
    """Let another program hold the write lock."""
    hearth.app.database.hurry(0.0)  # nobody waits for it
    with closing(sqlite3.connect(folder / "hearth.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def homes(hearth: Running) -> int:
    """Return how many people have a home."""
    async with hearth.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Membership)) or 0


async def test_who_asks_is_told_and_may_try_again(hearth: Running, tmp_path: Path) -> None:
    """A join is refused warmly and whole; the same press works when the tables are back."""
    await set_up(hearth)
    await group(hearth)
    mara = await hearth.person("Mara")
    with locked(hearth, tmp_path):
        answer = await mara.command("join", group="Riverside")
        assert "try again in a few minutes" in answer.text
        assert await homes(hearth) == 0
    answer = await mara.command("join", group="Riverside")
    assert "Welcome home" in answer.text
    assert await homes(hearth) == 1


async def test_what_is_noticed_waits_in_memory(
    hearth: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages of the dark time are counted when it is over, and the log has one line."""
    await set_up(hearth)
    await group(hearth)
    mara = await at_home(hearth, "Mara")
    room = next(c for c in hearth.server.channels.values() if "riverside" in c.name)
    client = hearth.app.client
    caplog.clear()
    with locked(hearth, tmp_path):
        for number in range(MESSAGES):
            await mara.write(room, f"Number {number}")
        while client.signals.idle:  # noqa: ASYNC110 - events say nothing when they are noted
            await asyncio.sleep(0)
        await hearth.app.schedule._run(
            next(job for job in rounds.jobs(client) if job.name == "tick")
        )
        assert not client.signals.idle
        await rounds.beat(client, client.clock.now())
        assert "holds the lock" in client.settings.beat_file.read_text()
    told = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(told) == 1, told
    await hearth.settle()
    async with hearth.app.database.reading() as session:
        counted = select(func.sum(ActiveDay.signals)).where(ActiveDay.user_id == mara.id)
        assert (await session.scalar(counted) or 0) >= MESSAGES
    await rounds.beat(client, client.clock.now())
    assert not client.settings.beat_file.read_text()


async def test_who_left_meanwhile_is_found_afterwards(hearth: Running, tmp_path: Path) -> None:
    """Events that could not be taken in are made up for by a look at everything."""
    await set_up(hearth)
    await group(hearth)
    mara = await at_home(hearth, "Mara")
    with locked(hearth, tmp_path):
        await mara.leave()
        while hearth.app.database.health.trouble is None:  # noqa: ASYNC110 - until it was heard
            await asyncio.sleep(0)
    await hearth.owner.command("join", group="Riverside")  # a write: the tables are back
    await hearth.settle()
    async with hearth.app.database.reading() as session:
        home = await session.get_one(Membership, (hearth.server.id, mara.id))
        assert home.state == "gone"
