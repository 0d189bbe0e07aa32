# The two libraries between which this stands name what it needs with an underscore.
# ruff: noqa: SLF001
"""SQLite with one turn of its thread for each statement.

aiosqlite runs every call in a thread of the connection's own. SQLAlchemy makes four such calls for
one statement: a cursor, the execution, the rows, closing the cursor. The two changes of threads
that each takes cost more than SQLite itself. Here a statement is one call: the thread opens the
cursor, executes, takes all rows and closes it. What SQLAlchemy sees is the same.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import MutableMapping, Sequence
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util import LRUCache, await_only


class OneTurnCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that holds a result and nothing of SQLite's."""

    __slots__ = ("_described", "_last_row", "_rows_changed")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        # The parent's would open a cursor in the thread right away.
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor: Any = None
        self._soft_closed_memoized: Any = {}
        self._rows = deque[Any]()
        self._described: Any = None
        self._rows_changed = -1
        self._last_row: int | None = None

    @property
    def description(self) -> Any:
        """The columns of the last result; None for a statement without rows."""
        return self._described

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed; -1 for one that changes none."""
        return self._rows_changed

    @property
    def lastrowid(self) -> Any:
        """The id of the row inserted last."""
        return self._last_row

    def close(self) -> None:
        """Let the rows go; the thread holds nothing that would need closing."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Keep the rows: there is nothing else to close."""

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        def execute(cursor: sqlite3.Cursor) -> None:
            cursor.execute(operation, () if parameters is None else parameters)

        await self._in_one_turn(execute)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Sequence[Any]) -> Any:
        def execute(cursor: sqlite3.Cursor) -> None:
            cursor.executemany(operation, seq_of_parameters)

        await self._in_one_turn(execute)

    async def _in_one_turn(self, execute: Any) -> None:
        connection: Any = self._connection

        def turn() -> tuple[list[Any], Any, int, int | None]:
            cursor: sqlite3.Cursor = connection._conn.cursor()
            try:
                execute(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return rows, cursor.description, cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        async with self._adapt_connection._execute_mutex:
            rows, self._described, self._rows_changed, self._last_row = await connection._execute(
                turn
            )
            self._rows = deque(rows)


class OneTurnConnection(AsyncAdapt_aiosqlite_connection):
    """aiosqlite's connection as SQLAlchemy sees it, with cursors of one turn."""

    __slots__ = ()

    _cursor_cls = OneTurnCursor


class OneTurnDialect(SQLiteDialect_aiosqlite):
    """SQLAlchemy's dialect for aiosqlite, with connections of one turn.

    All of its instances speak alike, so what was compiled for one is good for every other: the
    connections that read, the one that writes, and those of the next database in this process.
    """

    supports_statement_cache = True

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open a connection with cursors of one turn; where it fails, its thread has ended."""
        dbapi: Any = self.dbapi
        connection: Any = dbapi.aiosqlite.connect(*cargs, **cparams)
        connection._thread.daemon = True  # as the parent has it: it keeps no process alive
        return OneTurnConnection(dbapi, await_only(_opened(connection)))

    def __eq__(self, other: object) -> bool:
        """Return whether the other is one of these."""
        return type(other) is type(self)

    def __hash__(self) -> int:
        """Return the same for every one of these: statements are kept by their dialect."""
        return hash(type(self))


async def _opened(connection: Any) -> Any:
    """Open it. aiosqlite lets go of the thread of one that fails without waiting for its end.

    Such a thread still tells the event loop that it ends; where the process ends on the failure,
    the loop is closed by then, and the thread complains on the operator's terminal.
    """
    try:
        return await connection
    except sqlite3.Error:
        await asyncio.to_thread(connection._thread.join)
        raise


DRIVER = "sqlite+one_turn"
registry.register("sqlite.one_turn", __name__, OneTurnDialect.__name__)

COMPILED: MutableMapping[Any, Any] = LRUCache(1_000)
"""Statements that were compiled already: an engine's `compiled_cache`."""
