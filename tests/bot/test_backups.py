"""A backup is taken while the bot runs, and what comes back from it is whole."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import backups
from bot.backups import NotDone
from bot.database import Database
from bot.errors import CannotStart, TablesDown
from bot.services.installation import RESTORED
from bot.settings import Settings
from bot.storage import migrating
from bot.storage.lease import only_one
from models import AppState

MANY = 300


@pytest.fixture
def url(laid: Settings) -> str:
    """Where the tables are."""
    return laid.database


async def keep(url: str, name: str) -> None:
    """Write a row."""
    async with Database.open(url) as database, database.writing() as session:
        session.add(AppState(name=name, value="x"))


async def kept(url: str) -> set[str]:
    """Return the rows that were written."""
    async with Database.open(url) as database, database.reading() as session:
        found = await session.scalars(select(AppState.name))
        return set(found) - {RESTORED}


def left_behind(folder: Path) -> list[str]:
    """Return files that should have been tidied away."""
    return [one.name for one in folder.iterdir() if one.name.startswith(".")]


async def test_a_backup_is_one_moment(url: str, tmp_path: Path) -> None:
    """A transaction that is being written is wholly in a backup or not at all."""
    to = tmp_path / "copy.db"
    async with Database.open(url) as database:
        async with database.writing() as session:
            session.add_all(AppState(name=f"n{number}", value="x") for number in range(MANY))
        async with database.writing() as session:
            session.add_all(AppState(name=f"m{number}", value="x") for number in range(MANY))
            await session.flush()
            made = backups.backup(url, to)
    assert (made.file, made.servers) == (to, 0)
    assert len(await kept(f"sqlite+aiosqlite:///{to}")) == MANY
    assert to.stat().st_mode & 0o077 == 0
    assert left_behind(tmp_path) == []


async def test_a_file_that_is_there_stays(url: str, tmp_path: Path) -> None:
    """Only --force replaces a backup, and never the tables themselves."""
    to = tmp_path / "copy.db"
    await keep(url, "a")
    backups.backup(url, to)
    with pytest.raises(NotDone, match="--force"):
        backups.backup(url, to)
    await keep(url, "b")
    backups.backup(url, to, force=True)
    with pytest.raises(NotDone, match="the tables itself"):
        backups.backup(url, tmp_path / "hearth.db", force=True)
    assert await kept(f"sqlite+aiosqlite:///{to}") == {"a", "b"}


async def test_what_was_kept_comes_back(url: str, tmp_path: Path, now: datetime) -> None:
    """After a restore the tables are those of the backup; the present ones are put aside."""
    to = tmp_path / "copy.db"
    await keep(url, "a")
    backups.backup(url, to)
    await keep(url, "b")
    _, aside = await backups.restore(url, to, now)
    assert aside is not None
    assert await kept(url) == {"a"}
    assert await kept(f"sqlite+aiosqlite:///{aside}") == {"a", "b"}
    assert left_behind(tmp_path) == []


async def test_nothing_comes_back_under_a_running_bot(
    url: str, tmp_path: Path, now: datetime
) -> None:
    """A restore refuses while somebody acts on the tables."""
    to = tmp_path / "copy.db"
    await keep(url, "a")
    backups.backup(url, to)
    async with only_one(url):
        with pytest.raises(CannotStart, match="Another Hearth runs"):
            await backups.restore(url, to, now)
    await backups.restore(url, to, now)


async def test_damaged_tables_are_replaced(url: str, tmp_path: Path, now: datetime) -> None:
    """What a backup is for: the present file is of no use, and is kept all the same."""
    to, tables = tmp_path / "copy.db", tmp_path / "hearth.db"
    await keep(url, "a")
    backups.backup(url, to)
    tables.write_bytes(b"not tables" * 1000)
    _, aside = await backups.restore(url, to, now)
    assert aside is not None
    assert aside.read_bytes().startswith(b"not tables")
    assert await kept(url) == {"a"}


@pytest.mark.parametrize("what", ["damaged", "other tables", "missing", "newer"])
async def test_what_is_no_backup_changes_nothing(
    url: str, tmp_path: Path, now: datetime, what: str
) -> None:
    """A file that is of no use is refused in one line, and the tables stay."""
    to = tmp_path / "copy.db"
    await keep(url, "a")
    backups.backup(url, to)
    spoil(to, what)
    with pytest.raises((NotDone, TablesDown)) as refused:
        await backups.restore(url, to, now)
    assert "\n" not in str(refused.value)
    assert await kept(url) == {"a"}
    assert left_behind(tmp_path) == []


def spoil(file: Path, what: str) -> None:
    """Make a backup useless."""
    if what == "missing":
        file.unlink()
        return
    if what == "damaged":
        content = file.read_bytes()
        file.write_bytes(content[:8192] + b"\xa5" * 4096 + content[12288:])
        return
    with closing(sqlite3.connect(file)) as tables, tables:
        if what == "newer":
            tables.execute("UPDATE alembic_version SET version_num = '9999'")
        else:
            tables.execute("ALTER TABLE alembic_version RENAME TO something_else")


async def test_an_older_backup_is_brought_up_to_date(
    url: str, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of the version before comes back as tables of today's."""
    to = tmp_path / "copy.db"
    await keep(url, "a")
    backups.backup(url, to)
    house = tmp_path / "house"
    shutil.copytree(migrating.MIGRATIONS, house, ignore=shutil.ignore_patterns("__pycache__"))
    (head,) = await migrating.revisions(url)
    (house / "versions" / "9999_further.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f'revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None\n'
        "def upgrade():\n"
        '    op.create_table("further", sa.Column("id", sa.Integer(), primary_key=True))\n'
    )
    monkeypatch.setattr(migrating, "MIGRATIONS", house)
    found, _ = await backups.restore(url, to, now)
    assert found.version == head
    assert await migrating.revisions(url) == {"9999"}
    assert await kept(url) == {"a"}
