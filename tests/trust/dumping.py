"""Where a number stands: in every table's cells, in the file's bytes, in a process's memory."""

import re
import sqlite3
import types
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

# What belongs to others: Discord's library keeps the list of a server's members, whoever they are.
FOREIGN = ("discord", "aiohttp", "asyncio", "sqlalchemy", "apscheduler", "logging", "sandbox")
PLAIN = (bytes, bytearray, float, complex, type(None), bool)
DEAD_ENDS = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.CodeType,
    types.FrameType,
    types.GeneratorType,
    types.CoroutineType,
)


def rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table: the table's name, and the row by its columns."""
    with closing(sqlite3.connect(file)) as tables:
        names = [
            row[0]
            for row in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row[0].startswith("sqlite_")
        ]
        for name in names:
            found = tables.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a table's own name
            columns = [column[0] for column in found.description]
            for row in found:
                yield name, dict(zip(columns, row, strict=True))


def cells(file: Path) -> Iterator[tuple[str, str, object]]:
    """Yield every value of every table: table, column, value."""
    for table, row in rows(file):
        yield from ((table, column, value) for column, value in row.items())


def standing(file: Path, number: int) -> set[tuple[str, str]]:
    """Return where in the tables a number stands, by itself or within a text."""
    whole = re.compile(rf"(?<!\d){number}(?!\d)")
    return {(table, column) for table, column, value in cells(file) if whole.search(str(value))}


def in_bytes(file: Path, number: int) -> list[str]:
    """Return in which of the tables' files a number stands, as SQLite writes it or as text."""
    written = (number.to_bytes(8, "big"), str(number).encode())
    found: list[str] = []
    for part in ("", "-wal"):
        beside = file.with_name(f"{file.name}{part}")
        if beside.exists() and any(one in beside.read_bytes() for one in written):
            found.append(beside.name)
    return found


def remembered(roots: Collection[object], number: int) -> tuple[list[str], int]:
    """Return the paths on which a number is reached from these objects, and how many were seen.

    Followed is everything of our own: attributes, slots, containers, what methods are bound to and
    what functions enclose.
    """
    whole = re.compile(rf"(?<!\d){number}(?!\d)")
    return _reached(roots, lambda value: whole.search(str(value)) is not None)


def _reached(
    roots: Collection[object], is_it: Callable[[int | str], bool]
) -> tuple[list[str], int]:
    found: list[str] = []
    seen: set[int] = set()
    waiting: deque[tuple[str, Any]] = deque((type(root).__name__, root) for root in roots)
    while waiting:
        path, value = waiting.popleft()
        if isinstance(value, PLAIN):
            continue
        if isinstance(value, int | str):
            if is_it(value):
                found.append(path)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.extend(_inside(path, value))
    return found, len(seen)


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        known = cast("dict[Any, Any]", value)
        for key, one in list(known.items()):
            yield f"{path}[key]", key
            yield f"{path}[…]", one
    elif isinstance(value, list | tuple | set | frozenset | deque):
        yield from ((f"{path}[]", one) for one in list(cast("list[Any]", value)))
    elif isinstance(value, types.MethodType):
        yield f"{path}.self", value.__self__
    elif isinstance(value, types.FunctionType):
        for cell in value.__closure__ or ():
            yield f"{path}.closed", cell.cell_contents
    elif not isinstance(value, DEAD_ENDS) and not _foreign(value):
        for name in _names(value):
            yield f"{path}.{name}", getattr(value, name, None)


def _names(value: object) -> set[str]:
    names = set(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = getattr(kind, "__slots__", ())
        names.update((slots,) if isinstance(slots, str) else slots)
    return names


def _foreign(value: object) -> bool:
    return type(value).__module__.partition(".")[0] in FOREIGN


def remembered_text(roots: Collection[object], words: str) -> list[str]:
    """Return the paths on which a text is reached from these objects."""
    return _reached(roots, lambda value: isinstance(value, str) and words in value)[0]
