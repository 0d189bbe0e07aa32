"""Where the tables live: engine, transactions, migrations at start.

SQLite is opened in WAL mode. A writing scope takes the write lock when it begins (BEGIN IMMEDIATE):
a read that turns into a write later would fail at once under WAL, whatever the busy timeout.
Writers share one connection, so they queue in order instead of racing for the lock; readers have
connections of their own and never wait for a writer.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from bot.sqlite import one_turn

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent.parent / "migrations"
AFTER_COMMIT = "after_commit"

AfterCommit = Callable[[set[Any]], None]


def note_after_commit(session: AsyncSession, what: Any) -> None:
    """Remember `what` for whoever listens when this transaction has been committed."""
    session.info.setdefault(AFTER_COMMIT, set()).add(what)


class Database:
    """Opens transactions; one per entry point.

    `after_commit` is called with everything that `note_after_commit` collected, once the
    transaction is durable and only then: no effect is started inside one.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        self._read = async_sessionmaker(reader, expire_on_commit=False)
        self.after_commit: AfterCommit | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncGenerator[Self]:
        """Bring the tables up to date, then hand out transactions until the scope ends."""
        await migrate(url)
        writer = _engine(url, "BEGIN IMMEDIATE", writer=True)
        reader = _engine(url, "BEGIN", writer=False) if _is_sqlite(url) else writer
        try:
            yield cls(writer, reader)
        finally:
            await reader.dispose()
            await writer.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """Open the one transaction of an entry point; committed at the end, or rolled back."""
        async with self._write() as session:
            async with session.begin():
                yield session
            noted = session.info.pop(AFTER_COMMIT, None)
        if noted and self.after_commit is not None:
            self.after_commit(noted)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """Open a scope that only reads; it sees one consistent moment."""
        async with self._read() as session, session.begin():
            yield session


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _engine(url: str, begin: str, *, writer: bool) -> AsyncEngine:
    if not _is_sqlite(url):
        return create_async_engine(url, pool_pre_ping=True)
    pool = {"pool_size": 1 if writer else 4, "max_overflow": 0, "pool_timeout": 120}
    engine = create_async_engine(url, **pool)

    @event.listens_for(engine.sync_engine, "do_connect")
    def connecting(  # pyright: ignore[reportUnusedFunction]
        dialect: Any, _record: Any, arguments: Any, options: Any
    ) -> Any:
        return one_turn(dialect.connect(*arguments, **options))

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver must not open transactions by itself; `begun` does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "synchronous=NORMAL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)

    ending: set[asyncio.Task[None]] = set()

    @event.listens_for(engine.sync_engine, "invalidate")
    def invalidated(connection: Any, *_: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # Who is cancelled in the middle of a statement leaves it unfinished, and a connection that
        # is closed with one goes on holding the write lock: the transaction must end before.
        task = asyncio.ensure_future(_end(connection.driver_connection))
        ending.add(task)
        task.add_done_callback(ending.discard)

    return engine


async def _end(driver: Any) -> None:
    """Roll back what a cancelled statement left open; the connection is closed right after."""
    try:
        await driver.rollback()
    except (sqlite3.Error, ValueError) as error:  # aiosqlite's ValueError: it was closed already
        log.debug("A cancelled transaction had ended: %s", error)


async def migrate(url: str) -> None:
    """Bring the tables to the newest version.

    On a connection of its own with foreign keys off before BEGIN (a batch rebuild with foreign keys
    on deletes the children), after a copy of the file, with `foreign_key_check` at the end.
    """
    parsed = make_url(url)
    file = Path(parsed.database) if _is_sqlite(url) and parsed.database else None
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            if _is_sqlite(url):
                await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                await connection.commit()
            await connection.run_sync(_upgrade, file)
            await connection.commit()
    finally:
        await engine.dispose()


def alembic_config() -> Config:
    """Return Alembic's configuration, found beside the code wherever it is installed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _upgrade(connection: Connection, file: Path | None) -> None:
    config = alembic_config()
    current = MigrationContext.configure(connection).get_current_heads()
    wanted = ScriptDirectory.from_config(config).get_heads()
    if set(current) == set(wanted):
        return
    if file is not None and current:
        copy = file.with_name(f"{file.name}.before-{'-'.join(sorted(wanted))}")
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        log.info("The tables are brought up to date; %s keeps them as they were.", copy)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if file is not None:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration would leave {len(broken)} rows without a parent")
