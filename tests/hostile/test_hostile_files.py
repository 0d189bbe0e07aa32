"""Files that an operator was given: every cell, every text; nothing reaches the terminal or stays.

A text that is refused is named by its line. What is taken can be shown, and comes out of an export
as no formula, and in again unchanged.
"""

import csv
import io
import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import bulk
from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.importing import GROUPS, LONGEST_CELL, MEMBERS
from bot.services import servers
from models import Group
from tests.hostile.texts import Bystanders, packed, short, unseen

WHO = Bystanders(1184422334455667788, 1184422334455667789, 1184422334455667790)
FORMULAS = {
    "a sum": "=1+1",
    "a call": "@SUM(1)",
    "a minus": "-2+3",
    "marked": "'=1+1",
    "plus": "+1",
}
EVERY = {**packed(WHO), **short(WHO), **FORMULAS}
TEXTS = {name: text[:LONGEST_CELL] for name, text in EVERY.items()}
GOOD = {"type": "Interest", "purpose": "Evening runs around the lake."}
SERVER = 4_000


@pytest.fixture
async def set_up(database: Database, now: datetime) -> Database:
    """Tables with one server."""
    async with database.writing() as session:
        owner = Actor(SERVER, 1, manages_server=True)
        await servers.set_up(session, owner, now=now, ids={"commons_id": 7})
    return database


def sheet(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    """Return a file as a spreadsheet writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def group_lines(column: str) -> list[dict[str, str]]:
    """Return a line for every text in a column of groups."""
    return [
        {"name": f"{column.title()} {number}", **GOOD, column: text}
        for number, text in enumerate(TEXTS.values())
    ]


async def read(database: Database, file: Path, now: datetime, *, only_look: bool = False) -> int:
    """Take a file in."""
    return await bulk.bring_in(database, [file], server_id=None, only_look=only_look, now=now)


@pytest.mark.parametrize("column", GROUPS)
async def test_a_cell_of_groups(
    set_up: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    """What is wrong is said in words that a terminal only shows; the rest is clean and round."""
    file, again = tmp_path / "groups.csv", tmp_path / "again.csv"
    lines = group_lines(column)
    file.write_text(sheet(GROUPS, lines), encoding="utf-8")
    await read(set_up, file, now, only_look=True)
    said = capsys.readouterr()
    complaints = said.err.splitlines()
    assert [line for line in complaints if unseen(line)] == []
    wrong = {int(found[1]) for found in re.finditer(rf"^{file}:(\d+): ", said.err, re.MULTILINE)}
    right: list[dict[str, str]] = []
    begins = 2
    for line in lines:
        if begins not in wrong:
            right.append(line)
        begins += sheet(GROUPS, [line]).count("\n") - 1
    right = right or [{"name": "Hill", **GOOD}]
    file.write_text(sheet(GROUPS, right), encoding="utf-8")
    assert await read(set_up, file, now) == 0, capsys.readouterr().err
    async with set_up.reading() as session:
        for one in (await session.scalars(select(Group))).all():
            for value in (one.name, one.purpose, one.for_whom, one.norms, one.city, one.venue):
                assert unseen(value or "") == []
    await bulk.hand_out(set_up, "groups", again, server_id=None, force=False)
    for row in csv.reader(again.read_text(encoding="utf-8").splitlines()[1:]):
        assert not any(re.match(r"[=+\-@]", cell) for cell in row), row
    capsys.readouterr()
    assert await read(set_up, again, now) == 0
    assert f"; {len(right)} unchanged." in capsys.readouterr().out.replace("0 changed groups", "")
    with capsys.disabled():
        print(f"\ngroups.csv, {column}: {len(lines)} texts, {len(right)} taken")  # noqa: T201 - counts


@pytest.mark.parametrize("column", MEMBERS)
async def test_a_cell_of_members(
    set_up: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    """No text is a person, a group or a moment."""
    file = tmp_path / "members.csv"
    file.write_text(sheet(GROUPS, [{"name": "Hill", **GOOD}]), encoding="utf-8")
    assert await read(set_up, file, now) == 0
    lines = [
        {"user_id": f"{WHO.person + number}", "group": "Hill", column: text}
        for number, text in enumerate(TEXTS.values())
        if text.strip()
    ]
    file.write_text(sheet(MEMBERS, lines), encoding="utf-8")
    assert await read(set_up, file, now) == bulk.WRONG_LINES
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if unseen(line)] == []
    assert f"{len(lines)} wrong lines. Nothing was changed." in said


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_a_file_that_is_none(
    set_up: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """Whatever stands in place of the columns: told in a line, and nothing is changed."""
    file = tmp_path / "groups.csv"
    for whole in (text, f"name,type,purpose,{text}\n", f'name,type,purpose\n"{text}'):
        file.write_text(whole, encoding="utf-8")
        await read(set_up, file, now)
        said = capsys.readouterr()
        assert [line for line in said.err.splitlines() if unseen(line)] == []
    async with set_up.reading() as session:
        assert (await session.scalars(select(Group))).all() == []
