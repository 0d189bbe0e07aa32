"""Groups and homes as tables in a file: what they hold, and every line that is wrong.

Which of the two a file is, its first line says. Cells are set apart by commas or semicolons, as
spreadsheets write them; a cell in quotes may hold line breaks, so a line is named by the number
where it begins. Nothing here decides about what is in the tables already: services.importing does.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bot.errors import UserError
from bot.rules import charter, naming
from bot.rules.charter import Charter

Kind = Literal["groups", "members"]

GROUPS = (
    "name",
    "type",
    "emoji",
    "colour",
    "purpose",
    "for_whom",
    "unites",
    "norms",
    "language",
    "zone",
    "city",
    "venue",
)
MEMBERS = ("user_id", "group", "since")
NEEDED: dict[Kind, tuple[str, ...]] = {
    "groups": ("name", "type", "purpose"),
    "members": ("user_id", "group"),
}
KNOWN: dict[Kind, tuple[str, ...]] = {"groups": GROUPS, "members": MEMBERS}
USER_ID = re.compile(r"\d{15,20}")  # Discord's ids, since 2015
FORMULA = re.compile(r"'*[=+\-@]")  # how a cell begins that a spreadsheet would work out
MARKED = re.compile(r"'+[=+\-@]")
LONGEST_CELL = 4000  # characters; a text of Discord's own is no longer


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line; `key` and `params` name the text that says so."""

    file: str
    line: int
    key: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file below its first, by the names of its columns."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file, read."""

    file: str
    kind: Kind
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A line that describes a group; what has no column is None in `typed`."""

    number: int
    name: str
    type: str
    charter: Charter
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A line that says where somebody lives."""

    number: int
    user_id: int
    group: str
    since: datetime | None


def read(file: str, data: bytes) -> tuple[Sheet | None, list[Problem]]:
    """Return a file as a sheet, with what is wrong with its shape; no sheet: nothing to go by."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Problem(file, line, "import.not_utf8")]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.split("\n", 1)[0]
    if not first.strip():
        return None, [Problem(file, 1, "import.empty")]
    mark = ";" if first.count(";") > first.count(",") else ","
    found, problems = _rows(file, text, mark)
    columns = tuple(cell.strip().casefold() for cell in found[0][1]) if found else ()
    kind = _kind(columns)
    if kind is None:
        return None, [Problem(file, 1, "import.no_header"), *problems]
    problems += _header(file, kind, columns)
    if any(problem.line == 1 for problem in problems):
        return None, problems  # which cell is which is not known
    lines: list[Line] = []
    for number, cells in found[1:]:
        if len(cells) != len(columns):
            params = {"n": len(cells), "columns": len(columns)}
            problems.append(Problem(file, number, "import.cells", params))
            continue
        lines.append(
            Line(number, {c: _meant(cell.strip()) for c, cell in zip(columns, cells, strict=True)})
        )
    if not lines and not problems:
        problems.append(Problem(file, 1, "import.only_header"))
    return Sheet(file, kind, columns, tuple(lines)), problems


def groups(sheet: Sheet) -> tuple[list[GroupLine], list[Problem]]:
    """Return the groups that a sheet describes, and what is wrong with each line."""
    good: list[GroupLine] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    given = frozenset(sheet.columns)
    for line in sheet.lines:
        values: dict[str, Any] = {}
        wrong: list[Problem] = []
        for column in GROUPS:
            typed = line.cells.get(column, "")
            if column == "type" or (not typed and column not in {"name", "purpose"}):
                continue
            try:
                values[column] = getattr(charter.read({column: typed}, Charter("", "")), column)
            except UserError as error:
                wrong.append(Problem(sheet.file, line.number, error.key, dict(error.params)))
        if not line.cells.get("type"):
            wrong.append(Problem(sheet.file, line.number, "import.no_type"))
        if "name" in values:
            first = seen.setdefault(naming.key(values["name"]), line.number)
            if first != line.number:
                params = {"name": values["name"], "first": first}
                wrong.append(Problem(sheet.file, line.number, "import.name_twice", params))
        problems += wrong
        if not wrong:
            made = Charter(**values)
            good.append(GroupLine(line.number, made.name, line.cells["type"], made, given))
    return good, problems


def members(sheet: Sheet, now: datetime) -> tuple[list[MemberLine], list[Problem]]:
    """Return the homes that a sheet gives, and what is wrong with each line."""
    good: list[MemberLine] = []
    problems: list[Problem] = []
    seen: dict[int, int] = {}
    for line in sheet.lines:
        wrong: list[Problem] = []
        typed = line.cells["user_id"]
        user_id = int(typed) if USER_ID.fullmatch(typed) and typed.isascii() else 0
        if not user_id or user_id >= 2**63:
            wrong.append(Problem(sheet.file, line.number, "import.no_user", {"typed": typed[:40]}))
        else:
            first = seen.setdefault(user_id, line.number)
            if first != line.number:
                params = {"user": user_id, "first": first}
                wrong.append(Problem(sheet.file, line.number, "import.user_twice", params))
        if not line.cells["group"]:
            wrong.append(Problem(sheet.file, line.number, "import.no_group"))
        since = None
        if line.cells.get("since"):
            since = _moment(line.cells["since"])
            if since is None or since > now:
                params = {"typed": line.cells["since"][:40]}
                wrong.append(Problem(sheet.file, line.number, "import.no_moment", params))
        problems += wrong
        if not wrong:
            good.append(MemberLine(line.number, user_id, line.cells["group"], since))
    return good, problems


def written(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a file with these columns, as `read` takes it.

    What a spreadsheet would take for a formula gets the mark before it by which they know a text:
    names are typed by people, and an owner may open the file with one.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([f"'{cell}" if FORMULA.match(cell) else cell for cell in row] for row in rows)
    return out.getvalue()


def _meant(cell: str) -> str:
    """Return a cell without the mark that `written` puts before what looks like a formula."""
    return cell[1:] if MARKED.match(cell) else cell


def _rows(file: str, text: str, mark: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the rows with the number of the line where each begins; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if any(len(cell) > LONGEST_CELL for cell in cells):
                    return found, [Problem(file, begins, "import.cell_too_long")]
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        return found, [Problem(file, begins, "import.quotes")]
    return found, []


def _kind(columns: tuple[str, ...]) -> Kind | None:
    """Return what a file is about: the kind of whose columns it has the most."""
    if "user_id" in columns:
        return "members"
    return "groups" if {"name", "type"} & set(columns) else None


def _header(file: str, kind: Kind, columns: tuple[str, ...]) -> list[Problem]:
    problems = [
        Problem(file, 1, "import.column_missing", {"column": column})
        for column in NEEDED[kind]
        if column not in columns
    ]
    for place, column in enumerate(columns):
        if column in columns[:place]:
            problems.append(Problem(file, 1, "import.column_twice", {"column": column[:40]}))
        elif column not in KNOWN[kind]:
            params = {"column": column[:40], "known": ", ".join(KNOWN[kind])}
            problems.append(Problem(file, 1, "import.column_unknown", params))
    return problems


def _moment(typed: str) -> datetime | None:
    """Return a moment written as ISO 8601 does; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
