"""What fails below the tables is told in one line, changes nothing, and passes by itself."""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bot.database import Database
from bot.errors import TablesDown
from models import AppState, Member

MANY = 400
PAGE = 4096  # bytes
ROOM = 8  # pages that a disk has left


@pytest.fixture
def file(tmp_path: Path, brought_up: Path) -> Path:
    """Where the tables are."""
    return Path(shutil.copy(brought_up, tmp_path / "hearth.db"))


@pytest.fixture
async def database(file: Path) -> AsyncGenerator[Database]:
    """Tables whose writers do not wait long for another program."""
    async with Database.open(f"sqlite+aiosqlite:///{file}", lock_seconds=0.05) as opened:
        yield opened


async def write(database: Database, name: str, size: int = 1) -> None:
    """Write `size` rows in one transaction."""
    async with database.writing() as session:
        for number in range(size):
            session.add(AppState(name=f"{name} {number}", value="x" * 200))
            await session.flush()


async def rows(database: Database) -> int:
    """Return how many rows there are."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(AppState)) or 0


def overwrite(file: Path) -> None:
    """Let a disk lose everything but the first page."""
    with closing(sqlite3.connect(file)) as tables:
        tables.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()
    file.write_bytes(content[:PAGE] + b"\xa5" * (len(content) - PAGE))


async def test_a_writer_waits_for_a_lock_that_is_let_go(file: Path) -> None:
    """Another program that writes for a moment is waited for, and nobody hears of it."""
    async with Database.open(f"sqlite+aiosqlite:///{file}") as database:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(write(database, "a"))
            assert await rows(database) == 0  # a reader is not held up
            assert not writing.done()
            other.execute("COMMIT")
            await writing
        assert await rows(database) == 1


async def test_a_lock_that_stays_is_told_once_and_holds_up_nobody(
    database: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All who wait are told soon, the operator once, and everything goes on when it is free."""
    back: list[bool] = []
    database.health.recovered = lambda: back.append(True)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        tries = await asyncio.gather(
            *(write(database, f"n{number}") for number in range(50)), return_exceptions=True
        )
        assert {type(one) for one in tries} == {TablesDown}
        assert database.health.trouble is not None
        assert await rows(database) == 0
        other.execute("COMMIT")
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage().split(":")[0] for record in told] == ["The tables cannot be used"]
    assert "another program holds the lock" in told[0].getMessage()
    assert "\n" not in told[0].getMessage()
    await write(database, "after")
    assert (await rows(database), database.health.trouble, back) == (1, None, [True])


async def test_a_waiting_writer_that_is_cancelled_leaves_no_lock(
    database: Database, file: Path
) -> None:
    """Who gives up waiting for the lock does not take it afterwards."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(write(database, "a"))
        await rows(database)
        writing.cancel()
        await asyncio.wait([writing])
        other.execute("COMMIT")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    await write(database, "b")
    assert await rows(database) == 1


async def test_a_full_disk_leaves_no_half(database: Database) -> None:
    """What does not fit is not there at all; what is there is read as ever."""
    await write(database, "before")
    async with database.writing() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {pages + ROOM}"))
    with pytest.raises(TablesDown, match="the disk is full"):
        await write(database, "much", MANY)
    assert await rows(database) == 1
    async with database.writing() as session:
        await session.execute(text("PRAGMA max_page_count = 1000000"))
    await write(database, "much", MANY)
    assert await rows(database) == MANY + 1


async def test_a_damaged_file_is_told(database: Database, file: Path) -> None:
    """A page that was overwritten shows as damage, with what to do, not as a traceback."""
    await write(database, "a", MANY)
    overwrite(file)
    with pytest.raises(TablesDown, match="python -m bot restore"):
        async with Database.open(f"sqlite+aiosqlite:///{file}", upgrade=False) as other:
            await rows(other)


async def test_a_file_that_was_deleted_is_told(database: Database, file: Path) -> None:
    """Nothing is written into a file that nobody will find again."""
    for part in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{part}").unlink(missing_ok=True)
    with pytest.raises(TablesDown, match="moved or deleted"):
        await write(database, "a")


async def test_our_own_mistakes_are_not_the_disks(database: Database, now: datetime) -> None:
    """A refused row stays what it is: the tables are well."""
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(Member(server_id=404, user_id=1, counted_since=now))
    assert database.health.trouble is None


async def test_an_error_above_the_tables_goes_through(database: Database) -> None:
    """What fails in a transaction for other reasons is rolled back and raised as it is."""

    async def fail() -> None:
        async with database.writing() as session:
            session.add(AppState(name="a", value="b"))
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await fail()
    assert (await rows(database), database.health.trouble) == (0, None)
