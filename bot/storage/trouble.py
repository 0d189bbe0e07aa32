"""What is wrong with the tables, as one line that tells the operator what to do."""

import asyncio
import errno
import logging
import os
import pwd
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bot.errors import TablesDown

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

AGAIN_AFTER = 300.0  # seconds until a trouble that lasts is logged again
LEAST_ROOM = 65_536  # bytes; SQLite needs half as much for the file by which readers see writers

FULL = "the disk is full, or its quota. Make room; Hearth goes on by itself"
LOCKED = (
    "another program holds the lock on {file}. Hearth goes on as soon as it lets go; close"
    " whatever has the file open for writing (an sqlite3 shell, a browser of tables)"
)
DAMAGED = (
    "{file} is damaged, or is no SQLite database. Stop Hearth and bring a backup back:"
    " python -m bot restore FILE"
)
MOVED = "{file} was moved or deleted while Hearth runs. Put it back, or restart Hearth"
FAILING = (
    "the disk under {file} gives errors ({error}). Look at the machine's log; if the disk is well,"
    " restart Hearth"
)
CLOSED = "{file} cannot be opened ({error})"


def lock_is_held(error: BaseException) -> bool:
    """Return whether SQLite only says that somebody else is writing."""
    return isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_BUSY


def of_sqlite(error: sqlite3.Error, file: Path) -> str | None:
    """Return what is wrong with the file; None when the error is about a statement, not about it.

    A refused row, a misspelt column and the like are mistakes of ours and go on as they are.
    """
    extended = getattr(error, "sqlite_errorcode", None)
    if extended == sqlite3.SQLITE_READONLY_DBMOVED:
        return MOVED.format(file=file)
    match _code(error):
        case sqlite3.SQLITE_BUSY:
            return LOCKED.format(file=file)
        case sqlite3.SQLITE_FULL:
            return FULL
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DAMAGED.format(file=file)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return of_file(file) or CLOSED.format(file=file, error=error)
        case sqlite3.SQLITE_IOERR:
            if _is_full(file.parent):
                return FULL
            if not file.exists():
                return MOVED.format(file=file)
            return of_file(file) or FAILING.format(file=file, error=error)
        case _:
            return None


def of_file(file: Path) -> str | None:
    """Return why this process cannot write the file in its folder; None when it can."""
    folder = file.parent
    if not folder.exists():
        return f"the folder {folder} is not there, and could not be made"
    if not folder.is_dir():
        return f"{folder} is not a folder"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return f"{folder} is mounted read-only. Mount it for writing"
    if not os.access(folder, os.W_OK | os.X_OK):
        return _not_ours(folder)
    if file.is_dir():
        return f"{file} is a folder, not a file"
    # SQLite keeps two files beside its own; one that root made once locks everybody else out.
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if part.exists() and not os.access(part, os.R_OK | os.W_OK):
            return _not_ours(part)
    return None


def of_folder(file: Path, error: OSError) -> str:
    """Return why a file could not be written, for what the operating system said."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FULL
    return of_file(file) or f"{file} cannot be written ({error.strerror})"


def _is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < LEAST_ROOM


def _not_ours(path: Path) -> str:
    status = path.stat()
    me = os.geteuid()
    if status.st_uid == me:
        return f"{path} is read-only. Allow writing: chmod u+rwX {path}"
    return (
        f"{path} belongs to {_name(status.st_uid)}, and Hearth runs as {_name(me)}. Hand it over:"
        f" chown -R {me} {path if path.is_dir() else path.parent}"
    )


def _name(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} ({uid})"
    except KeyError:
        return f"user {uid}"


def _code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary code; extended ones carry more in their upper bits."""
    extended = getattr(error, "sqlite_errorcode", None)
    return None if extended is None else extended & 0xFF


class Health:
    """Whether the tables can be used. The operator is told once, not at every try.

    `trouble` is the line while something is wrong; `recovered` is called when it is over.
    """

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.recovered: Callable[[], None] | None = None
        self._since = self._told_at = 0.0

    def failed(self, line: str) -> None:
        """Take in that the tables could not be used."""
        now = asyncio.get_running_loop().time()
        if self.trouble is None:
            self._since = now
        if line != self.trouble or now - self._told_at >= AGAIN_AFTER:
            log.error("The tables cannot be used: %s. What is counted waits in memory.", line)
            self._told_at = now
        self.trouble = line

    def well(self) -> None:
        """Take in that something was written."""
        if self.trouble is None:
            return
        gone_for = asyncio.get_running_loop().time() - self._since
        log.warning("The tables can be used again, after %.0f seconds.", gone_for)
        self.trouble = None
        if self.recovered is not None:
            self.recovered()


@contextmanager
def telling(file: Path | None, health: Health | None = None) -> Generator[None]:
    """Turn what fails below the tables into `TablesDown`, which says it in one line."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        line = _line(error, file)
        if line is None:
            raise
        if health is not None:
            health.failed(line)
        raise TablesDown(line) from error


def _line(error: BaseException, file: Path | None) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if file is not None:
        return of_sqlite(cause, file) if isinstance(cause, sqlite3.Error) else None
    if isinstance(error, InterfaceError | OperationalError | OSError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return f"the database server does not answer ({str(cause).splitlines()[0]})"
    return None
