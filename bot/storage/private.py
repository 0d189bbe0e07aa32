"""Files that only their owner may read: the tables, what SQLite keeps beside them, and exports.

SQLite gives the files beside its own (`-wal`, `-shm`) the rights of its own, so one file made in
good order keeps all of them closed. Copies are made by bot/storage/copying.py.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO

OURS_ALONE = 0o600
FOLDER = 0o700
BESIDE = ("", "-wal", "-shm", "-journal", ".lock")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def folder(path: Path) -> None:
    """Make a folder that nobody else may look into; one that is there stays as it is.

    Raises OSError.
    """
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=FOLDER, exist_ok=True)


def make(file: Path) -> None:
    """Make an empty file of ours alone, if there is none; what keeps it from that shows later."""
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OURS_ALONE))


def close(tables: Path) -> list[Path]:
    """Take from others the right to read the tables and all that stands beside them.

    Returns what was open. Files of somebody else's are left as they are: nothing can be done here.
    """
    copies = tables.parent.glob(f"{tables.name}.before-*") if tables.parent.is_dir() else ()
    found: list[Path] = []
    for file in (*(tables.with_name(f"{tables.name}{part}") for part in BESIDE), *copies):
        with suppress(OSError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & OTHERS:
                file.chmod(mode & ~OTHERS)
                found.append(file)
    return sorted(found)


def opened(file: Path, *, replace: bool) -> IO[str]:
    """Open a text file of ours alone for writing; FileExistsError unless it may be replaced.

    Raises OSError.
    """
    how = os.O_CREAT | os.O_WRONLY | (os.O_TRUNC if replace else os.O_EXCL)
    descriptor = os.open(file, how, OURS_ALONE)
    with suppress(OSError):
        os.fchmod(descriptor, OURS_ALONE)  # one that was there may have been open
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
