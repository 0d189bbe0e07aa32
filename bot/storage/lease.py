"""Only one Hearth acts on the same tables.

SQLite: a lock on a file beside the tables, held by the kernel for as long as the process lives; it
is gone with the process, however that ends. PostgreSQL: an advisory lock on a connection that is
kept open. See docs/decisions/0006-one-hearth-for-the-tables.md.
"""

import asyncio
import fcntl
import os
import socket
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import CannotStart, TablesDown
from bot.storage import private, trouble
from bot.storage.migrating import file_of

TAKEN = 4  # the exit's status when another Hearth runs
ANSWER_WITHIN = 20.0  # seconds; a line that says nothing may be gone at the other end long since
NAME = zlib.crc32(b"hearth")  # of the advisory lock

Held = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def only_one(url: str) -> AsyncGenerator[Held]:
    """Be the only Hearth on these tables while the scope is open; `CannotStart` if one is there.

    What is handed out tells whether this still holds: a database server may have lost us.
    """
    file = file_of(url)
    if file is not None:
        with holding(file):
            yield _always
    elif make_url(url).get_backend_name() == "postgresql":
        async with _advisory(url) as held:
            yield held
    else:
        yield _always


@contextmanager
def holding(file: Path) -> Generator[None]:
    """Hold the lock beside an SQLite file; `CannotStart` when another process does."""
    beside = file.with_name(f"{file.name}.lock")
    with _opened(beside) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = lock.read().strip()
            raise CannotStart(
                f"Another Hearth runs on {file}{f' ({who})' if who else ''}. Two would do"
                " everything twice; stop that one first.",
                status=TAKEN,
            ) from None
        try:
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {socket.gethostname()}")
            lock.flush()
        except OSError:
            pass  # who it is helps the next one's line; on a full disk the lock holds without
        # The file stays when the lock is let go: a new one of its name would be another lock.
        yield


@contextmanager
def _opened(beside: Path) -> Generator[IO[str]]:
    try:
        private.folder(beside.parent)
        private.make(beside)
        opened = beside.open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(
            f"The tables cannot be used: {trouble.of_folder(beside, error)}.",
            status=TablesDown.status,
        ) from error
    with opened:
        opened.seek(0)
        yield opened


async def _always() -> bool:
    return True


@asynccontextmanager
async def _advisory(url: str) -> AsyncGenerator[Held]:
    engine = create_async_engine(url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        try:
            connection = await stack.enter_async_context(engine.connect())
            got = await connection.scalar(
                text("SELECT pg_try_advisory_lock(:name)"), {"name": NAME}
            )
        except (OSError, DBAPIError) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise CannotStart(
                f"The tables cannot be used: the database server does not answer ({reason}).",
                status=TablesDown.status,
            ) from error
        if not got:
            raise CannotStart(
                "Another Hearth runs on this database. Two would do everything twice; stop that"
                " one first.",
                status=TAKEN,
            )

        async def held() -> bool:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await connection.execute(text("SELECT 1"))
            except (DBAPIError, OSError):  # TimeoutError is among the latter
                return False
            return True

        yield held
