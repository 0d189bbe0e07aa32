"""What the tables held before somebody asked for something, what changed, and the way back."""

import sqlite3
from pathlib import Path

# Signs of life are counted in batches, whenever one is due; who may do what does not depend on it.
COUNTED = frozenset({"active_day", "presence", "connected", "room_cursor", "app_state"})
NOT_COMPARED = COUNTED | {"sqlite_sequence"}  # the next free ids
STATEMENTS = 1024  # more than there are tables: each is prepared once

Rows = frozenset[tuple[object, ...]]
Held = dict[str, list[tuple[object, ...]]]
"""What stands in each table; every row is there once, it has a key."""


def between(before: Held, after: Held) -> dict[str, Rows]:
    """Return the rows, by table, that are in one and not in the other; nothing of the counted."""
    found = {
        name: frozenset(rows) ^ frozenset(before[name])
        for name, rows in after.items()
        if name not in NOT_COMPARED and rows != before[name]
    }
    return {name: rows for name, rows in found.items() if rows}


class Tables:
    """The file of a running Hearth, looked at and put back from beside it.

    Only while the bot is idle: nothing that it does afterwards knows of what was put back. Only
    rows are put back: a whole file would have every connection read all tables' definitions anew.
    """

    def __init__(self, file: Path) -> None:
        self._live = sqlite3.connect(file, isolation_level=None, cached_statements=STATEMENTS)
        self._live.execute("PRAGMA synchronous=OFF")
        found = self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._names = [name for (name,) in found]
        self._version = -1
        self._now: Held = {}
        self._held = self._ground = self.mark()

    def close(self) -> None:
        """Let go of the file."""
        self._live.close()

    def keep(self) -> None:
        """Take what stands there now for how it was before."""
        self._held = self.mark()

    def changes(self) -> dict[str, Rows]:
        """Return the rows that came or went since, those that changed as they were and as they are.

        By table; only of those that hold something else than before.
        """
        return between(self._held, self.mark())

    def people(self) -> set[object]:
        """Return every number that stands anywhere, counted signs of life included."""
        rows = (row for held in self.mark().values() for row in held)
        return {value for row in rows for value in row if isinstance(value, int)}

    def mark(self) -> Held:
        """Return all that stands there now, to be compared; it is read anew if somebody wrote."""
        # Any other connection's commit changes this number (SQLite, data_version).
        (version,) = self._live.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return self._now
        self._version = version
        self._now = {
            name: self._live.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - names come from the file itself
            for name in self._names
        }
        return self._now

    def back(self) -> None:
        """Bring back what was there before."""
        self._bring(self._held)

    def clear(self) -> None:
        """Bring back what stood there when this was opened."""
        self._bring(self._ground)
        self._held = self._ground

    def _bring(self, wanted: Held) -> None:
        """Have these rows stand in the tables, in their order, and no others."""
        if self.mark() is wanted:
            return
        self._live.execute("BEGIN IMMEDIATE")
        for name, rows in self.mark().items():
            if rows != wanted[name]:
                self._live.execute(f"DELETE FROM {name}")  # noqa: S608 - names come from the file itself
                if wanted[name]:
                    places = ", ".join("?" * len(wanted[name][0]))
                    self._live.executemany(
                        f"INSERT INTO {name} VALUES ({places})",  # noqa: S608 - the same
                        wanted[name],
                    )
        self._live.execute("COMMIT")
        self._now = wanted
