"""Backups of the tables: taken while the bot runs, brought back while it does not."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import CannotStart
from bot.services.installation import RESTORED
from bot.storage import trouble
from bot.storage.copying import Damaged, check, copy, sync_folder
from bot.storage.lease import holding
from bot.storage.migrating import file_of, migrate

NOT_DONE = 1  # the exit's status when a backup or restore could not be made
BESIDE = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    file: Path
    size: int  # bytes
    version: str  # of the tables
    servers: int


class NotDone(CannotStart):
    """The backup or restore was not made, and nothing was changed; the message says why."""

    def __init__(self, line: str) -> None:
        super().__init__(line, status=NOT_DONE)


def backup(url: str, to: Path, *, force: bool = False) -> Backup:
    """Copy the tables as of one moment to a file, checked and on the disk; the bot may run.

    An existing file stays unless `force`. Raises `NotDone`.
    """
    tables = _file(url)
    if not tables.exists():
        raise NotDone(f"There is nothing to back up: {tables} is not there.")
    if to.exists() and not force:
        raise NotDone(f"{to} is there already. Choose another name, or add --force.")
    if to.exists() and to.samefile(tables):
        raise NotDone("That is the file with the tables itself.")
    if not to.parent.is_dir():
        raise NotDone(f"There is no folder {to.parent}.")
    with _told(tables, to), closing(sqlite3.connect(tables)) as source:
        copy(source, to)
    return look(to)


def look(file: Path) -> Backup:
    """Check a backup and tell what it holds. Raises `NotDone`."""
    if not file.is_file():
        raise NotDone(f"There is no file {file}.")
    with _told(file, file), closing(_read_only(file)) as tables:
        check(tables)
        names = {row[0] for row in tables.execute("SELECT name FROM sqlite_master")}
        if not {"alembic_version", "server", "app_state"} <= names:
            raise NotDone(f"{file} does not hold Hearth's tables.")
        versions = [
            str(row[0]) for row in tables.execute("SELECT version_num FROM alembic_version")
        ]
        (servers,) = tables.execute("SELECT count(*) FROM server").fetchone()
    return Backup(file, file.stat().st_size, ", ".join(sorted(versions)), servers)


async def restore(url: str, source: Path, now: datetime) -> tuple[Backup, Path | None]:
    """Put a backup in the tables' place; return what it holds, and where the present file is kept.

    Refuses while a bot runs. An older backup is brought up to date before it takes the place; a
    newer one, or a damaged one, is refused. Raises `NotDone`, `CannotStart` or `TablesDown`; then
    the present tables are as they were.
    """
    tables = _file(url)
    with holding(tables):
        new = tables.with_name(f".{tables.name}.restoring")
        try:
            found = await asyncio.to_thread(_fetch, source, tables, new)
            await migrate(_url_of(url, new), keep_copy=False)
            kept = await asyncio.to_thread(_replace, tables, new, now)
        finally:
            for part in ("", *BESIDE):
                new.with_name(f"{new.name}{part}").unlink(missing_ok=True)
    return found, kept


def _fetch(source: Path, tables: Path, new: Path) -> Backup:
    """Copy a backup, checked, to where it can be made ready."""
    found = look(source)
    if tables.exists() and source.samefile(tables):
        raise NotDone("That is the file with the tables itself.")
    with _told(source, new), closing(_read_only(source)) as old:
        copy(old, new)
    return found


def _replace(tables: Path, new: Path, now: datetime) -> Path | None:
    with _told(new, new):
        _mark(new, now)
        kept = _set_aside(tables, now)
        new.replace(tables)
        sync_folder(tables.parent)
    return kept


def _mark(file: Path, now: datetime) -> None:
    """Write into a restored file that it is one, and make one file of it again.

    What it owes may have been sent since: it is looked for in its room before it is sent.
    """
    with closing(sqlite3.connect(file)) as tables:
        with tables:
            tables.execute(
                "INSERT OR REPLACE INTO app_state (name, value) VALUES (?, ?)",
                (RESTORED, now.isoformat()),
            )
            tables.execute(
                "UPDATE outbox_message SET state = 'claimed', claimed_at = created_at"
                " WHERE state = 'owed'"
            )
        tables.execute("PRAGMA journal_mode=DELETE")


def _set_aside(tables: Path, now: datetime) -> Path | None:
    """Keep the present file, with what belongs to it, under another name."""
    if not tables.exists():
        for part in BESIDE:  # they belong to no file any more, and must not join the new one
            tables.with_name(f"{tables.name}{part}").unlink(missing_ok=True)
        return None
    kept = tables.with_name(f"{tables.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    try:
        with closing(sqlite3.connect(tables)) as present:
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # a damaged file is kept as it is
    for part in BESIDE:
        beside = tables.with_name(f"{tables.name}{part}")
        if beside.exists():
            beside.replace(kept.with_name(f"{kept.name}{part}"))
    kept.hardlink_to(tables)  # so that the tables' own name is never without a file
    return kept


def _url_of(url: str, file: Path) -> str:
    return make_url(url).set(database=str(file)).render_as_string(hide_password=False)


def _file(url: str) -> Path:
    file = file_of(url)
    if file is None:
        raise NotDone("The tables are not in an SQLite file: use the database's own tools.")
    return file


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _told(source: Path, to: Path) -> Generator[None]:
    """Turn what goes wrong with files into one line."""
    try:
        yield
    except Damaged as error:
        raise NotDone(f"{source} is damaged: {error}.") from error
    except sqlite3.Error as error:
        line = trouble.of_sqlite(error, source) or str(error)
        raise NotDone(f"It could not be done: {line}.") from error
    except OSError as error:
        raise NotDone(f"It could not be done: {trouble.of_folder(to, error)}.") from error
