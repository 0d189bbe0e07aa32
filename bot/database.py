"""Where the tables live: engine and transactions.

SQLite is opened in WAL mode. A writing scope takes the write lock when it begins (BEGIN IMMEDIATE):
a read that turns into a write later would fail at once under WAL, whatever the busy timeout.
Writers share one connection, so they queue in order instead of racing for the lock; readers have
connections of their own and never wait for a writer. While another program holds the lock a writer
waits a few seconds in the event loop, then is told (`TablesDown`), and so at once is everybody
after it until the lock is free: nobody waits in a queue behind it.

Migrations at start are bot/storage/migrating.py.
"""

import asyncio
import logging
import math
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from bot.storage import trouble
from bot.storage.migrating import file_of, migrate, require_newest
from bot.storage.sqlite import COMPILED, DRIVER
from bot.storage.trouble import Health, telling

log = logging.getLogger(__name__)

AFTER_COMMIT = "after_commit"
LOCK_SECONDS = 5.0  # how long a writer waits for a lock that another program holds
LOCK_LOOKS = (0.005, 0.01, 0.02, 0.05)  # seconds between looks at it; the last one from then on
READERS_WAIT_MS = 2000

AfterCommit = Callable[[set[Any]], None]


def note_after_commit(session: AsyncSession, what: Any) -> None:
    """Remember `what` for whoever listens when this transaction has been committed."""
    session.info.setdefault(AFTER_COMMIT, set()).add(what)


@dataclass(slots=True)
class LockWait:
    """How long writers wait for another program's lock: not at all while it is known of."""

    health: Health
    seconds: float
    until: float = math.inf  # of the event loop's time; nobody waits longer

    async def begin(self, driver: Any) -> None:
        """Take SQLite's write lock on an aiosqlite connection."""
        loop = asyncio.get_running_loop()
        seconds = 0.0 if self.health.trouble else self.seconds
        last = min(loop.time() + seconds, self.until)
        looks = iter(LOCK_LOOKS)
        while True:
            try:
                await driver.execute_fetchall("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not trouble.lock_is_held(error) or loop.time() >= last:
                    raise
            else:
                return
            await asyncio.sleep(next(looks, LOCK_LOOKS[-1]))


class Database:
    """Opens transactions; one per entry point.

    `after_commit` is called with everything that `note_after_commit` collected, once the
    transaction is durable and only then: no effect is started inside one. Both kinds of scope raise
    `TablesDown` when the file or the server behind it fails; then nothing was changed.
    """

    def __init__(
        self, writer: AsyncEngine, reader: AsyncEngine, waits: LockWait, file: Path | None
    ) -> None:
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        self._read = async_sessionmaker(reader, expire_on_commit=False)
        self._waits = waits
        self._file = file
        self.health = waits.health
        self.after_commit: AfterCommit | None = None
        self.watch: Callable[[str, float], None] | None = None
        """Told "read" or "write" and its seconds when a scope ends, however it does."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, upgrade: bool = True, lock_seconds: float = LOCK_SECONDS
    ) -> AsyncGenerator[Self]:
        """Bring the tables up to date, then hand out transactions until the scope ends.

        Without `upgrade` they must be up to date already: a running bot may be using them.
        """
        file = file_of(url)
        waits = LockWait(Health(), lock_seconds)
        await (migrate(url) if upgrade else require_newest(url))
        writer = _engine(url, waits)
        reader = _engine(url, None) if file is not None else writer
        try:
            with telling(file):
                async with writer.connect():
                    pass  # the file is in WAL mode from now on, whoever locks it
            yield cls(writer, reader, waits, file)
        finally:
            await reader.dispose()
            await writer.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """Open the one transaction of an entry point; committed at the end, or rolled back."""
        async with self._write() as session:
            with self._watched("write"), telling(self._file, self.health):
                async with session.begin():
                    yield session
            noted = session.info.pop(AFTER_COMMIT, None)
        self.health.well()
        if noted and self.after_commit is not None:
            self.after_commit(noted)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """Open a scope that only reads; it sees one consistent moment.

        It ends with a rollback, which closing a session sees through even if its reader is
        cancelled at just that moment.
        """
        with self._watched("read"), telling(self._file, self.health):
            async with self._read() as session:
                await _seen_through(session.connection())
                yield session

    @contextmanager
    def _watched(self, kind: str) -> Generator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            if self.watch is not None:
                self.watch(kind, time.perf_counter() - begun)

    async def prove(self) -> None:
        """Write for certain, changing nothing: a full disk or a read-only file shows here."""
        with telling(self._file):
            async with self._write() as session, session.begin():
                if self._file is None:
                    await session.execute(text("SELECT 1"))
                    return
                version = await session.scalar(text("PRAGMA user_version"))
                await session.execute(text(f"PRAGMA user_version = {int(version or 0)}"))

    def hurry(self, until: float) -> None:
        """Let no writer wait for another program's lock beyond `until` of the loop's time."""
        self._waits.until = until


async def _seen_through(opening: Coroutine[Any, Any, object]) -> None:
    """Wait for a connection; cancelled, still wait, or nobody would ever close what is opened."""
    task = asyncio.ensure_future(opening)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _engine(url: str, waits: LockWait | None) -> AsyncEngine:
    """Return connections for reading, or with `waits` the one connection for writing."""
    if file_of(url) is None and not _is_sqlite(url):
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    pool = {"pool_size": 4 if waits is None else 1, "max_overflow": 0, "pool_timeout": 120}
    # What is written names people: an error must not carry it into the log.
    engine = create_async_engine(
        make_url(url).set(drivername=DRIVER),
        hide_parameters=True,
        execution_options={"compiled_cache": COMPILED},
        **pool,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        # The driver must not open transactions by itself; `begun` does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={READERS_WAIT_MS}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=NORMAL",
            "secure_delete=ON",  # what is erased is overwritten, not only taken off the books
        ):
            cursor.execute(f"PRAGMA {pragma}")
        if waits is not None:
            cursor.execute("PRAGMA busy_timeout=0")  # `LockWait` waits, in nobody's way
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        if waits is None:
            connection.exec_driver_sql("BEGIN")
            return
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.run_async(waits.begin)
        except asyncio.CancelledError as error:
            connection.invalidate(error)
            raise

    ending: set[asyncio.Task[None]] = set()

    @event.listens_for(engine.sync_engine, "invalidate")
    def invalidated(connection: Any, *_: Any) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        # Who is cancelled in the middle of a statement leaves it unfinished, and a connection that
        # is closed with one goes on holding the write lock: the transaction must end before.
        task = asyncio.ensure_future(_end(connection.driver_connection))
        ending.add(task)
        task.add_done_callback(ending.discard)

    return engine


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


async def _end(driver: Any) -> None:
    """Roll back what a cancelled statement left open; the connection is closed right after."""
    try:
        await driver.rollback()
    except (sqlite3.Error, ValueError) as error:  # aiosqlite's ValueError: it was closed already
        log.debug("A cancelled transaction had ended: %s", error)
