"""One SQLite file from another, wholly or not at all."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

CHECK_LINES = 3  # of what an integrity check complains about


class Damaged(Exception):  # noqa: N818 - it names what was found
    """A copy does not hold together; the message says how."""


def copy(tables: sqlite3.Connection, to: Path) -> None:
    """Copy one consistent moment of `tables` to a file, in place of what stands there.

    Others may go on writing. The file has its name only once it is whole, checked and on the disk;
    nobody but its owner may read it. Raises sqlite3.Error, OSError or `Damaged`; then nothing is
    left behind.
    """
    partial = to.with_name(f".{to.name}.{os.getpid()}.partial")
    try:
        partial.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(partial)) as new:
            tables.backup(new)
            # One file, without a log beside it, that can be carried anywhere.
            new.execute("PRAGMA journal_mode=DELETE")
            check(new)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(to)
        sync_folder(to.parent)
    finally:
        partial.unlink(missing_ok=True)


def check(tables: sqlite3.Connection) -> None:
    """Raise `Damaged` unless every page and every reference between rows holds."""
    found = [str(row[0]) for row in tables.execute(f"PRAGMA integrity_check({CHECK_LINES})")]
    if found != ["ok"]:
        raise Damaged("; ".join(found))
    loose = tables.execute("PRAGMA foreign_key_check").fetchall()
    if loose:
        raise Damaged(f"{len(loose)} rows have lost what they belong to")


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
