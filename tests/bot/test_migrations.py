"""Every earlier version's tables, filled, come to today's without losing a row or a rule."""

import asyncio
import multiprocessing
import os
import random
import re
import shutil
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import Database
from bot.errors import TablesDown
from bot.storage import migrating
from bot.storage.migrating import COPIES_KEPT, alembic_config, migrate
from models import Base

SCRIPT = ScriptDirectory.from_config(alembic_config())
HEAD = SCRIPT.get_current_head()
EARLIER = [step.revision for step in SCRIPT.walk_revisions()]
ROWS = 3  # per table
FURTHER = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None
def upgrade():
    op.create_table("further", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
"""
TRIES = 400  # values tried for a column that a rule of the table is about


def url_of(file: Path) -> str:
    """Return the tables' address."""
    return f"sqlite+aiosqlite:///{file}"


def raise_to(file: Path, revision: str) -> None:
    """Bring empty tables to a version as it was released."""

    def upgrade(connection: sa.Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async def run() -> None:
        engine = create_async_engine(url_of(file))
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
        await engine.dispose()

    asyncio.run(run())


def shape(file: Path) -> dict[str, str]:
    """Return everything that the file's schema says, by name."""
    with closing(sqlite3.connect(file)) as tables:
        found = tables.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {f"{kind} {name}": " ".join(sql.split()) for kind, name, sql in found}


def counts(file: Path) -> dict[str, int]:
    """Return how many rows each table has."""
    with closing(sqlite3.connect(file)) as tables:
        names = [
            row[0] for row in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: tables.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - from the schema
            for name in names
            if not name.startswith(("sqlite_", "alembic_"))
        }


def constraints(file: Path) -> dict[str, list[tuple[str, str]]]:
    """Return each table's named rules: keys, unique, references, checks, indexes, triggers."""
    engine = sa.create_engine(f"sqlite:///{file}")
    looking = sa.inspect(engine)
    found: dict[str, list[tuple[str, str]]] = {}
    for table in looking.get_table_names():
        rules: list[tuple[str, str]] = [("pk", str(looking.get_pk_constraint(table)))]
        for kind, read in (
            ("uq", looking.get_unique_constraints),
            ("fk", looking.get_foreign_keys),
            ("ck", looking.get_check_constraints),
        ):
            rules += [(kind, str(sorted(rule.items(), key=str))) for rule in read(table)]
        rules += [
            (column["name"], f"{column['type']} {column['nullable']}")
            for column in looking.get_columns(table)
        ]
        found[table] = sorted(rules)
    engine.dispose()
    found["indexes and triggers"] = sorted(
        (name, sql) for name, sql in shape(file).items() if name.startswith(("index", "trigger"))
    )
    return found


def plain(column: sa.Column[Any], number: int) -> Any:
    """Return some value of the column's type, another one for each number."""
    kind = column.type
    if column.nullable and number % ROWS == 0:
        return None
    if isinstance(kind, sa.Boolean):
        return bool(number % 2)
    if isinstance(kind, sa.Integer | sa.Numeric):
        return number + 1
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 1, 1 + number % 28, tzinfo=UTC)
    if isinstance(kind, sa.LargeBinary):
        return bytes([number % 256])
    return str(number + 1)


def candidates(table: sa.Table) -> dict[str, list[Any]]:
    """Return what the table's checks suggest for the columns that they name."""
    found: dict[str, list[Any]] = {}
    for rule in table.constraints:
        if not isinstance(rule, sa.CheckConstraint):
            continue
        said = str(rule.sqltext)
        words = re.findall(r"'([^']*)'", said)
        numbers = {int(n) + d for n in re.findall(r"\b\d+\b", said) for d in (-1, 0, 1)}
        for column in table.columns:
            if re.search(rf"\b{column.name}\b", said):
                textual = isinstance(column.type, sa.String)
                options = words if textual else sorted(numbers | {1, 2, 3, 5, 10, 20, 50})
                nothing = [None] if column.nullable else []
                found.setdefault(column.name, []).extend([*options, *nothing])
    return {name: options for name, options in found.items() if options}


def fill(file: Path) -> None:
    """Give every table some rows that its rules and references allow."""
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        metadata = sa.MetaData()
        metadata.reflect(connection)
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            for row in range(ROWS):
                _insert(connection, table, row)
        connection.commit()
    engine.dispose()


def _insert(connection: sa.Connection, table: sa.Table, row: int) -> None:
    """Insert a row, mending whatever the table refuses."""
    chosen: dict[str, Any] = {}
    keys = sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    for number, key in enumerate(keys):
        parents = connection.execute(sa.select(*(e.column for e in key.elements))).fetchall()
        if parents:
            # Two that point at the same table point at two rows of it.
            parent = parents[(row + number) % len(parents)]
            chosen |= dict(zip((c.name for c in key.columns), parent, strict=True))
        else:
            chosen |= {c.name: None for c in key.columns if c.nullable}
    suggested = candidates(table)
    chance = random.Random(f"{table.name} {row}")
    last: Exception | None = None
    for attempt in range(TRIES):
        tried = {c.name: plain(c, row + attempt * ROWS) for c in table.columns}
        for name in suggested:
            if attempt:
                tried[name] = chance.choice([*suggested[name], tried[name]])
        tried |= chosen
        try:
            with connection.begin_nested():
                connection.execute(table.insert().values(tried))
        except IntegrityError as error:
            last = error
        else:
            return
    raise AssertionError(f"no row could be found for {table.name}: {last}")


@pytest.fixture
def fresh(tmp_path: Path, brought_up: Path) -> Path:
    """Tables that a first start makes today."""
    return Path(shutil.copy(brought_up, tmp_path / "fresh.db"))


@pytest.fixture(scope="session")
def rules_of_today(brought_up: Path) -> dict[str, list[tuple[str, str]]]:
    """What fresh tables keep to, by name."""
    return constraints(brought_up)


@pytest.mark.parametrize("revision", EARLIER)
def test_data_of_every_version_comes_to_today(
    revision: str, fresh: Path, rules_of_today: dict[str, list[tuple[str, str]]]
) -> None:
    """No row is lost or loses its parent, and the rules are those of fresh tables, by name.

    A row's number is never given again: not that of the last row either, and not in tables that
    were there before.
    """
    file = fresh
    if revision != HEAD:
        file = fresh.with_name("old.db")
        raise_to(file, revision)
    fill(file)
    before = counts(file)
    assert before
    assert all(before.values())
    asyncio.run(migrate(url_of(file)))
    after = counts(file)
    assert {name: count for name, count in after.items() if name in before} == before
    with closing(sqlite3.connect(file)) as tables:
        assert tables.execute("PRAGMA foreign_key_check").fetchall() == []
        assert tables.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert constraints(file) == rules_of_today
    numbered = [
        table.name
        for table in Base.metadata.sorted_tables
        if table.kwargs.get("sqlite_autoincrement")
    ]
    assert {"occurrence", "outbox_message", "pair_round"} <= set(numbered)
    with closing(sqlite3.connect(file)) as tables:
        kept = dict(tables.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        # Only once a table is said to count up does SQLite keep up to where it came.
        assert [name for name in numbered if "AUTOINCREMENT" not in kept[name]] == []
        highest = dict(tables.execute("SELECT name, seq FROM sqlite_sequence"))
        assert highest["ritual"] == tables.execute("SELECT max(id) FROM ritual").fetchone()[0]


def test_nothing_is_nameless(fresh: Path) -> None:
    """Every rule has a name, so that a later migration can find it."""
    for table, rules in constraints(fresh).items():
        for kind, rule in rules:
            assert kind not in {"uq", "fk", "ck"} or "('name', None)" not in rule, table


def _die_in_the_middle(file: Path) -> None:
    """Be killed when the migration has made half of its tables."""

    def made(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    left = 40
    event.listen(sa.Engine, "before_cursor_execute", made)
    asyncio.run(migrate(url_of(file)))


def test_a_migration_that_is_killed_leaves_nothing(
    tmp_path: Path, rules_of_today: dict[str, list[tuple[str, str]]]
) -> None:
    """The next start finds the tables as they were before, not half of the new ones."""
    file = tmp_path / "t.db"
    child = multiprocessing.get_context("spawn").Process(target=_die_in_the_middle, args=(file,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert file.exists()
    assert counts(file) == {}
    asyncio.run(migrate(url_of(file)))
    assert constraints(file) == rules_of_today


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Hearth one version further: the path of its migration, which may be written anew."""
    house = tmp_path / "house"
    shutil.copytree(migrating.MIGRATIONS, house, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrating, "MIGRATIONS", house)
    step = house / "versions" / "9999_further.py"
    step.write_text(FURTHER.format(head=HEAD, then="pass"))
    return step


@pytest.mark.usefixtures("newer")
def test_a_copy_of_before_is_kept_and_only_a_few(tmp_path: Path, fresh: Path) -> None:
    """What the tables were before a migration can be had again; old copies go."""
    file = fresh.rename(tmp_path / "t.db")
    for number in range(COPIES_KEPT + 2):
        old = file.with_name(f"{file.name}.before-{number:04}")
        old.write_bytes(b"")
        os.utime(old, (number, number))
    asyncio.run(migrate(url_of(file)))
    assert "further" in counts(file)
    kept = sorted(tmp_path.glob("t.db.before-*"))
    assert [one.name for one in kept] == [f"t.db.before-{n}" for n in ("0003", "0004", "9999")]
    assert counts(kept[-1]) == {n: c for n, c in counts(file).items() if n != "further"}


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("raise RuntimeError('half way')", id="it fails"),
        pytest.param(
            "op.execute(\"INSERT INTO membership SELECT 1, 1, 1, 'here', 'x' \")", id="it is wrong"
        ),
        pytest.param("op.execute('INSERT INTO setup_role VALUES (404, 1, 1)')", id="an orphan"),
    ],
)
def test_a_migration_that_fails_changes_nothing(fresh: Path, newer: Path, then: str) -> None:
    """The tables stay as they were, whether it raises, is refused, or leaves orphans."""
    file = fresh
    before = shape(file)
    newer.write_text(FURTHER.format(head=HEAD, then=then))
    with pytest.raises((RuntimeError, DBAPIError)):
        asyncio.run(migrate(url_of(file)))
    assert shape(file) == before
    assert counts(file)["setup_role"] == 0


@pytest.mark.usefixtures("newer")
async def test_commands_beside_a_bot_do_not_migrate(fresh: Path) -> None:
    """Tables that a running bot of the version before uses are left alone."""
    file = fresh
    with pytest.raises(TablesDown, match="older version"):
        async with Database.open(url_of(file), upgrade=False):
            pass
    assert "further" not in counts(file)
