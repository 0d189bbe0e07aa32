"""SQLite in the event loop's own thread, for tests of what is above it.

aiosqlite gives each statement to a thread and takes its result from there: two changes of threads,
which cost a test that talks to Hearth a fifth of its time. Here a statement is run where it is
asked for, and then everybody else gets a turn, as they do while a thread works. A statement that
waits for a lock would wait for ever: there is one who writes, as in Hearth.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest
from aiosqlite import core

WHERE = ("cogs", "hostile", "models", "rights", "services", "trust")
"""The folders of tests to which the thread is a matter of another house."""


async def _execute(self: Any, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
    if not self._running or not self._connection:
        raise ValueError("Connection closed")
    try:
        return fn(*args, **options)
    finally:
        await asyncio.sleep(0)


async def _connect(self: Any) -> Any:
    if self._connection is None:
        try:
            self._connection = self._connector()
        except BaseException:
            self.stop()
            raise
    return self


def _stop(self: Any) -> asyncio.Future[Any] | None:
    self._running = False
    if self._connection is not None:
        self._connection.close()
        self._connection = None
    try:
        future = asyncio.get_event_loop().create_future()
    except RuntimeError:
        future = None
    self._tx.put_nowait((future, lambda: core._STOP_RUNNING_SENTINEL))
    return future


def settle_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have aiosqlite do its work in the thread that asks for it."""
    monkeypatch.setattr(aiosqlite.Connection, "_execute", _execute)
    monkeypatch.setattr(aiosqlite.Connection, "_connect", _connect)
    monkeypatch.setattr(aiosqlite.Connection, "stop", _stop)
