"""A statement takes one turn of SQLite's thread, and nothing else about it changes."""

import asyncio
import inspect
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import Integer, literal_column, select, text
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.database import Database
from bot.storage.sqlite import COMPILED, DRIVER, OneTurnConnection


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    """Connections of one turn to a table with one row."""
    made = create_async_engine(f"{DRIVER}:///{tmp_path}/a.db")
    async with made.begin() as connection:
        await connection.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT UNIQUE)"))
        await connection.execute(text("INSERT INTO a (b) VALUES ('x')"))
    yield made
    await made.dispose()


async def test_rows_columns_and_counts_come_out(engine: AsyncEngine) -> None:
    """Rows by name, rows changed, and rows that an insert returns are as ever."""
    async with engine.begin() as connection:
        found = await connection.execute(text("SELECT id, b FROM a"))
        assert [(row.id, row.b) for row in found] == [(1, "x")]
        changed = await connection.execute(text("UPDATE a SET b = 'y' WHERE id = 1"))
        assert changed.rowcount == 1
        nothing = await connection.execute(text("UPDATE a SET b = 'y' WHERE id = 9"))
        assert nothing.rowcount == 0
        made = await connection.execute(text("INSERT INTO a (b) VALUES ('z') RETURNING id"))
        assert made.scalar_one() == 2
        many = [{"b": "p"}, {"b": "q"}]
        await connection.execute(text("INSERT INTO a (b) VALUES (:b)"), many)
        assert await connection.scalar(text("SELECT count(*) FROM a")) == 4


async def test_a_refusal_reaches_the_caller_and_rolls_back(engine: AsyncEngine) -> None:
    """What SQLite refuses raises as SQLAlchemy's error, and the transaction is undone."""

    async def twice() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO a (b) VALUES ('z')"))
            await connection.execute(text("INSERT INTO a (b) VALUES ('z')"))

    with pytest.raises(IntegrityError) as refused:
        await twice()
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM a")) == 1


async def test_the_names_that_it_leans_on_are_there(engine: AsyncEngine) -> None:
    """What bot/storage/sqlite.py uses of its neighbours is there, else it must change."""
    assert {"_adapt_connection", "_connection", "_cursor", "_rows"} <= {
        name for kind in AsyncAdapt_aiosqlite_cursor.__mro__ for name in _slots(kind)
    }
    assert AsyncAdapt_aiosqlite_connection._cursor_cls is AsyncAdapt_aiosqlite_cursor
    for method in ("_execute_async", "_executemany_async", "_async_soft_close"):
        assert inspect.iscoroutinefunction(getattr(AsyncAdapt_aiosqlite_cursor, method))
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        adapted: Any = raw.dbapi_connection
        assert isinstance(adapted, OneTurnConnection)
        assert isinstance(adapted._execute_mutex, asyncio.Lock)
        assert isinstance(raw.driver_connection, aiosqlite.Connection)
        driver: Any = raw.driver_connection
        assert isinstance(driver._conn, sqlite3.Connection)
        assert next(iter(inspect.signature(driver._execute).parameters)) == "fn"


def _slots(kind: type) -> tuple[str, ...]:
    return tuple(getattr(kind, "__slots__", ()))


async def test_a_connection_that_fails_leaves_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread of one that could not be opened has ended before anybody is told."""
    threads: list[Thread] = []
    connection: Any = aiosqlite.Connection
    stop = connection.stop

    def slow(self: Any) -> Any:
        gate = Event()
        asyncio.get_running_loop().call_soon(gate.set)  # not before everybody else had a turn
        self._tx.put_nowait((None, gate.wait))
        threads.append(self._thread)
        return stop(self)

    monkeypatch.setattr(aiosqlite.Connection, "stop", slow)
    made = create_async_engine(f"{DRIVER}:///{tmp_path}/nowhere/a.db")
    with pytest.raises(OperationalError):
        await made.connect()
    assert [thread.is_alive() for thread in threads] == [False]
    await made.dispose()


async def test_streams_still_stream(engine: AsyncEngine) -> None:
    """A result that is read row by row keeps its own cursor."""
    async with engine.connect() as connection:
        stream = await connection.stream(text("SELECT b FROM a"))
        assert [row.b async for row in stream] == ["x"]


async def test_what_was_compiled_once_is_good_for_every_connection(
    tmp_path: Path, brought_up: Path
) -> None:
    """For those that read, the one that writes, and those of another file."""
    statement = select(literal_column("7", Integer).label("seven_of_this_test"))
    for name in ("one", "two"):
        file = shutil.copy(brought_up, tmp_path / f"{name}.db")
        async with Database.open(f"sqlite+aiosqlite:///{file}") as database:
            before = len(COMPILED)
            async with database.reading() as session:
                assert await session.scalar(statement) == 7
            async with database.writing() as session:
                assert await session.scalar(statement) == 7
            assert len(COMPILED) - before == (1 if name == "one" else 0)
