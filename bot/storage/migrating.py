"""Brings the tables to the newest version, wholly or not at all.

A migration runs in one transaction on a connection of its own, with foreign keys off before BEGIN
(a batch rebuild with foreign keys on deletes the children) and `foreign_key_check` before COMMIT.
Whatever ends it in between leaves the tables as they were. A copy of the file is kept beside it.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import TablesDown
from bot.storage import private, trouble
from bot.storage.copying import Damaged, copy
from bot.storage.sqlite import DRIVER
from bot.storage.trouble import telling

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parents[2] / "migrations"
COPIES_KEPT = 3
LOCK_SECONDS = 30  # a migration may wait longer for another program's lock than a person


def file_of(url: str) -> Path | None:
    """Return SQLite's file; None for another database, or for one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def alembic_config() -> Config:
    """Return Alembic's configuration, found beside the code wherever it is installed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


async def migrate(url: str, *, keep_copy: bool = True) -> None:
    """Bring the tables to the newest version; `TablesDown` when they are from a newer Hearth."""
    file = file_of(url)
    if file is not None:
        _make_folder(file)
        private.make(file)
        opened = private.close(file)
        if opened:
            log.warning("Others could read %s; now only its owner can.", opened[0])
    found = await revisions(url)
    if _is_newest(found):
        return
    if file is not None and found and keep_copy:
        _keep_copy(file)
    engine = _engine(url, "BEGIN IMMEDIATE")
    try:
        with telling(file):
            async with engine.connect() as connection, connection.begin():
                await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def require_newest(url: str) -> None:
    """Raise `TablesDown` unless the tables are up to date; nothing is changed."""
    file = file_of(url)
    if file is not None and not file.exists():
        raise TablesDown(f"there is no {file}")
    if not _is_newest(await revisions(url)):
        raise TablesDown(
            "a Hearth is running on tables of an older version. Stop it, start the new one, and"
            " try again"
        )


async def is_newest(url: str) -> bool:
    """Return whether the tables are up to date; `TablesDown` when a newer Hearth wrote them."""
    file = file_of(url)
    try:
        missing = file is not None and not file.exists()
    except PermissionError:
        missing = False  # whatever is behind that door, SQLite will say why it is shut
    return not missing and _is_newest(await revisions(url))


async def revisions(url: str) -> frozenset[str]:
    """Return the version of the tables; empty where there are none yet."""
    engine = _engine(url, "BEGIN")
    try:
        with telling(file_of(url)):
            async with engine.connect() as connection:
                return frozenset(await connection.run_sync(_revisions))
    finally:
        await engine.dispose()


def _revisions(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()


def _is_newest(found: frozenset[str]) -> bool:
    script = ScriptDirectory.from_config(alembic_config())
    unknown = found - {step.revision for step in script.walk_revisions()}
    if unknown:
        raise TablesDown(
            f"they were written by a newer Hearth (version {', '.join(sorted(unknown))}). Start"
            " that one, or bring back a backup of before"
        )
    return found == frozenset(script.get_heads())


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration would leave {len(broken)} rows without a parent")


def _make_folder(file: Path) -> None:
    try:
        private.folder(file.parent)
    except OSError as error:
        raise TablesDown(
            f"the folder {file.parent} is not there, and cannot be made ({error.strerror})"
        ) from error


def _keep_copy(file: Path) -> None:
    """Copy the file as it is now; of such copies the newest few are kept."""
    wanted = "-".join(sorted(ScriptDirectory.from_config(alembic_config()).get_heads()))
    kept = file.with_name(f"{file.name}.before-{wanted}")
    try:
        with telling(file), closing(sqlite3.connect(file)) as tables:
            copy(tables, kept)
    except Damaged as error:
        raise TablesDown(f"{trouble.DAMAGED.format(file=file)} ({error})") from error
    except OSError as error:
        raise TablesDown(trouble.of_folder(kept, error)) from error
    log.info("The tables are brought up to date; %s keeps them as they were.", kept)
    copies = sorted(
        (p for p in file.parent.glob(f"{file.name}.before-*") if "restore" not in p.name),
        key=lambda p: p.stat().st_mtime,
    )
    for old in copies[:-COPIES_KEPT]:
        old.unlink()


def _engine(url: str, begin: str) -> AsyncEngine:
    """Return an engine whose transactions hold schema changes too, which the driver's do not."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_async_engine(
        make_url(url).set(drivername=DRIVER), poolclass=NullPool, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        connection.exec_driver_sql(begin)

    return engine
