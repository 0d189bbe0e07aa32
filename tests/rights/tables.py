"""What the tables held before somebody asked for something, what changed, and the way back."""

import sqlite3
from pathlib import Path

# Signs of life are counted in batches, whenever one is due; who may do what does not depend on it.
COUNTED = frozenset({"active_day", "presence", "connected", "room_cursor", "app_state"})

Rows = frozenset[tuple[object, ...]]
Held = dict[str, list[tuple[object, ...]]]
"""What stands in each table; every row is there once, it has a key."""


def between(before: Held, after: Held) -> dict[str, Rows]:
    """Return the rows, by table, that are in one and not in the other."""
    found = {
        name: frozenset(rows) ^ frozenset(before[name])
        for name, rows in after.items()
        if rows != before[name]
    }
    return {name: rows for name, rows in found.items() if rows}


class Tables:
    """The file of a running Hearth, looked at and put back from beside it.

    Only while the bot is idle: nothing that it does afterwards knows of what was put back.
    """

    def __init__(self, file: Path) -> None:
        self._live = sqlite3.connect(file, isolation_level=None)
        self._kept = sqlite3.connect(":memory:")
        self._ground = sqlite3.connect(":memory:")
        self._live.backup(self._ground)
        self._names = [
            name
            for (name,) in self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in COUNTED and not name.startswith("sqlite_")
        ]
        self._held: Held = {}
        self._version = 0

    def close(self) -> None:
        """Let go of the file."""
        self._live.close()
        self._kept.close()
        self._ground.close()

    def keep(self) -> None:
        """Take what stands there now for how it was before."""
        self._live.backup(self._kept)
        self._held = self._read()
        self._version = self._version_now()

    def changes(self) -> dict[str, Rows]:
        """Return the rows that came or went since, those that changed as they were and as they are.

        By table; only of those that hold something else than before.
        """
        if self._version_now() == self._version:
            return {}
        return between(self._held, self._read())

    def people(self) -> set[object]:
        """Return every number that stands anywhere, counted signs of life included."""
        names = [
            name
            for (name,) in self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = (row for name in names for row in self._live.execute(f"SELECT * FROM {name}"))  # noqa: S608 - names come from the file itself
        return {value for row in rows for value in row if isinstance(value, int)}

    def mark(self) -> Held:
        """Return all that stands there now, to be compared."""
        return self._read()

    def back(self) -> None:
        """Bring back what was there before."""
        self._kept.backup(self._live)
        self._version = self._version_now()

    def clear(self) -> None:
        """Bring back what stood there when this was opened."""
        self._ground.backup(self._live)
        self._version = self._version_now()

    def _version_now(self) -> int:
        """Return a number that any other connection's commit changes (SQLite, data_version)."""
        (number,) = self._live.execute("PRAGMA data_version").fetchone()
        return int(number)

    def _read(self) -> Held:
        return {
            name: self._live.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - names come from the file itself
            for name in self._names
        }
