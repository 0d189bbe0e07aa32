"""`import` and `export` on the command line: groups and homes from files, and back."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import CannotStart, UserError
from bot.rules import importing as rules
from bot.rules.importing import Kind, Problem, Sheet
from bot.rules.naming import clean
from bot.services import exporting, importing, servers
from bot.storage import private
from bot.texts import catalogue

WRONG_LINES = 1  # the exit's status when a file cannot be taken
WRONG_FILE = 2


def _no(line: str) -> CannotStart:
    """Return the error for a file that cannot be used, or a server that is not there."""
    return CannotStart(line, status=WRONG_FILE)


async def bring_in(
    database: Database,
    files: Sequence[Path],
    *,
    server_id: int | None,
    only_look: bool,
    now: datetime,
) -> int:
    """Take files in, or print every wrong line and change nothing; the exit's status."""
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for file in files:
        try:
            data = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            raise _no(f"{file} cannot be read: {error.strerror}.") from None
        sheet, wrong = rules.read(str(file), data)
        problems += wrong
        if sheet is not None:
            sheets.append(sheet)
    async with _telling(), database.writing() as session:
        server = await _server(session, server_id)
        done, further = await importing.bring_in(
            session, server, sheets, now=now, only_look=only_look or bool(problems)
        )
    problems += further
    if problems:
        order = {str(file): place for place, file in enumerate(files)}
        for one in sorted(problems, key=lambda one: (order[one.file], one.line)):
            _complain(f"{one.file}:{one.line}: {_plain(one.key, one.params)}")
        wrong_lines = {(one.file, one.line) for one in problems}
        _complain(f"{_counted(len(wrong_lines), 'wrong line')}. Nothing was changed.")
        return WRONG_LINES
    _say(
        f"{_counted(done.made, 'new group')}, {_counted(done.changed, 'changed group')},"
        f" {_counted(done.homes, 'new home')}; {done.as_they_were} unchanged."
    )
    if only_look:
        _say("All lines are right. Nothing was changed: leave --check out to import.")
    else:
        _say("Rooms and roles follow within a minute while the bot runs, else when it starts.")
    return 0


async def hand_out(
    database: Database, kind: Kind, file: Path, *, server_id: int | None, force: bool
) -> int:
    """Write a server's groups or homes to a file; the exit's status."""
    async with database.reading() as session:
        text = await exporting.sheet(session, await _server(session, server_id), kind)
    try:
        await asyncio.to_thread(_write, file, text, force)
    except FileExistsError:
        raise _no(f"{file} is there already; --force replaces it.") from None
    except OSError as error:
        raise _no(f"{file} cannot be written: {error.strerror}.") from None
    names = " It names people; keep it as safe as the tables." if kind == "members" else ""
    _say(f"{_counted(max(text.count(chr(10)) - 1, 0), 'line')} written to {file}.{names}")
    return 0


def _write(file: Path, text: str, force: bool) -> None:
    with private.opened(file, replace=force) as out:
        out.write(text)


@asynccontextmanager
async def _telling() -> AsyncGenerator[None]:
    """Turn what a flow in Discord would refuse into a line for the operator."""
    try:
        yield
    except UserError as refused:
        raise _no(_plain(refused.key, refused.params)) from None


async def _server(session: AsyncSession, server_id: int | None) -> int:
    """Return the server that is meant: the one there is, if none was named."""
    known = await servers.all_ids(session)
    if server_id is None and len(known) == 1:
        return known[0]
    if server_id in known:
        return server_id
    shown = ", ".join(map(str, known)) or "none; begin with /hearth setup in Discord"
    if server_id is None:
        raise _no(f"Say which server with --server: {shown}.")
    raise _no(f"Server {server_id} is not set up. There are: {shown}.")


def _plain(key: str, params: Mapping[str, Any]) -> str:
    """Return a text for a terminal, which shows no bold, and obeys what it is told by a file."""
    return clean(catalogue()(key, **params).replace("**", ""), lines=True)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _say(line: str) -> None:
    print(line)  # noqa: T201 - the answer


def _complain(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the operator reads it
