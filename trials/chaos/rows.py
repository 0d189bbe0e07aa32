"""The tables in words: every row of every table, with names for ids and days for moments.

- A Discord id is the name of what it belongs to, also inside texts.
- An id of ours is the row that it points to; a row's own id is left out, and so is the
  number of the last one, which SQLite keeps for itself.
- A moment is the day it falls on, counted from the story's beginning: two runs in which a bot was
  gone for half an hour agree on it.
- A nonce is the message that has it. Random ids of creations are random.

Left out is only what must differ when a process dies:

- In how many intervals Hearth was connected depends on how long it was gone; kept is how far the
  last one reaches.
- Signs of life are counted in memory and written once a minute: presses of the last minute die with
  the process (what was written in rooms is read again), and who tries again presses twice. So the
  days of the people who press in the act are left out; everybody else's are compared. For the same
  reason it is kept whether a ritual was answered, not how often somebody pressed, and left out how
  warm a group seemed when that was last reckoned, every few hours, from these days.
"""

import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from trials.chaos.snapshot import Snapshot

_SNOWFLAKE = re.compile(r"(?<![0-9a-f])\d{17,20}(?![0-9a-f])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
_DAY_BEGINS = timedelta(hours=6)
"""Moments of a story lie around its full days; half an hour more must not change the day."""
_HEARD = "connected"
_COUNTED = {"active_day", "presence"}
_PRESSES = ("occurrence", "answers")
_WARMTH = ("portrait", "warmth")


@dataclass(frozen=True, slots=True)
class Called:
    """What to call what has an id."""

    ids: Mapping[int, str]
    nonces: Mapping[str, str]
    """Of messages that were sent."""


def table_snapshot(
    tables: Path, called: Called, began: datetime, pressed: Collection[int]
) -> Snapshot:
    """Look at every table of a SQLite file that nobody writes to.

    `pressed` are the people who have pressed something while the bot might die.
    """
    with closing(sqlite3.connect(f"{tables.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return _Tables(connection, called, began, pressed).snapshot()


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: list[str]
    parents: dict[str, tuple[str, str]]
    """Columns that point into another table, to that table and its column."""
    own_id: str | None
    """The column by which the table's rows are counted; None for a table without."""
    order: str
    """By what rows are read: as they came, or by their key where that is not to be known."""


class _Tables:
    def __init__(
        self,
        connection: sqlite3.Connection,
        called: Called,
        began: datetime,
        pressed: Collection[int],
    ) -> None:
        self._connection = connection
        self._called = called
        self._began = began
        self._pressed = pressed
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        self._tables = {
            name: self._table(name, in_order="WITHOUT ROWID" not in sql)
            for name, sql in found
            if not name.startswith("sqlite_")
        }

    def _table(self, name: str, *, in_order: bool) -> _Table:
        columns = self._connection.execute(f"PRAGMA table_info('{name}')").fetchall()
        keys = [row["name"] for row in columns if row["pk"]]
        points = self._connection.execute(f"PRAGMA foreign_key_list('{name}')").fetchall()
        return _Table(
            name,
            [row["name"] for row in columns],
            {row["from"]: (row["table"], row["to"]) for row in points},
            "id" if keys == ["id"] else None,
            "rowid" if in_order else ", ".join(keys),
        )

    def snapshot(self) -> Snapshot:
        found: Snapshot = {}
        for table in self._tables.values():
            wanted = f"SELECT * FROM {table.name} ORDER BY {table.order}"  # noqa: S608 - names from sqlite_master
            rows = self._connection.execute(wanted).fetchall()
            if table.name == _HEARD:
                shown = [f"until={self._day(max(row['until'] for row in rows))}"] if rows else []
            elif table.name in _COUNTED:
                others = (row for row in rows if row["user_id"] not in self._pressed)
                shown = [self._shown(table, row) for row in others]
            else:
                shown = [self._shown(table, row) for row in rows]
            if shown:
                found[f"table {table.name}"] = shown
        return found

    def _shown(self, table: _Table, row: sqlite3.Row) -> str:
        return " ".join(f"{name}={value}" for name, value in self._values(table, row))

    def _values(self, table: _Table, row: sqlite3.Row) -> Iterator[tuple[str, str]]:
        for name in table.columns:
            value: object = row[name]
            if (table.name, name) == _WARMTH:
                continue
            if (table.name, name) == _PRESSES:
                yield name, "some" if value else "none"
            elif name == "nonce":
                yield name, self._called.nonces.get(str(value), "<of no message>")
            elif name in table.parents and value is not None:
                yield name, self._pointed_at(*table.parents[name], value)
            elif name != table.own_id or self._named(value):
                yield name, self._value(value)
            elif isinstance(value, str):
                yield name, "<random>"

    def _named(self, value: object) -> bool:
        return isinstance(value, int) and value in self._called.ids

    def _pointed_at(self, table: str, column: str, value: Any) -> str:
        if self._named(value):
            return self._value(value)
        row = self._connection.execute(
            f"SELECT * FROM {table} WHERE {column} = ?",  # noqa: S608 - names from the schema
            (value,),
        ).fetchone()
        if row is None:
            return f"<no {table}>"
        called = row["name"] if "name" in row.keys() else self._shown(self._tables[table], row)  # noqa: SIM118 - a Row is no mapping
        return f"<{table} {called}>"

    def _value(self, value: object) -> str:
        if isinstance(value, int):
            return self._called.ids.get(value) or self._unknown(value)
        if isinstance(value, str):
            if _MOMENT.fullmatch(value):
                return self._day(value)
            return _SNOWFLAKE.sub(lambda hit: self._value(int(hit[0])), value)
        return str(value)

    def _unknown(self, value: int) -> str:
        return "<gone>" if _SNOWFLAKE.fullmatch(str(value)) else str(value)

    def _day(self, moment: str) -> str:
        passed = datetime.fromisoformat(moment).replace(tzinfo=UTC) - self._began + _DAY_BEGINS
        return f"<day {passed // timedelta(days=1)}>"
