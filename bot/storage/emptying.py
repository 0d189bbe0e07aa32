"""What was erased leaves SQLite's write-ahead log, too.

A page of the log holds what stood on it until another is written over it, which in a quiet server
may take weeks. Once everything is in the file itself the log is cut to nothing.
"""

import sqlite3
from contextlib import closing

from bot.storage.migrating import file_of


def empty_log(url: str) -> bool:
    """Bring everything that was written into the file and empty the log; blocks for milliseconds.

    False where nothing was emptied: somebody reads just now, the tables cannot be used, or they are
    no file of SQLite's. It is tried again the next day.
    """
    file = file_of(url)
    if file is None or not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=1)) as tables:
            (busy, _, _) = tables.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    return not busy
