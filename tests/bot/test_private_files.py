"""Only Hearth's own account reads its files: tables, their neighbours, copies, backups, exports."""

import os
import re
import shutil
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from bot import backups
from bot.bulk import hand_out
from bot.clock import SystemClock
from bot.database import Database
from bot.storage import private
from bot.storage.lease import only_one
from models import AppState, Server

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _careless() -> Generator[None]:
    """Let the process be one whose files everybody may read and write unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where the tables are: in a folder that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path}/data/hearth.db"


@pytest.fixture
def _there(tmp_path: Path, brought_up: Path) -> None:
    """Have the tables there, as a start made them."""
    private.folder(tmp_path / "data")
    shutil.copy(brought_up, tmp_path / "data" / "hearth.db")


def open_to_others(folder: Path) -> list[str]:
    """Return what in a folder somebody else could look into, the folder too."""
    return [
        str(path.relative_to(folder.parent))
        for path in (folder, *sorted(folder.rglob("*")))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


async def fill(database: Database) -> None:
    """Write something, so that every file there will be is there."""
    async with database.writing() as session:
        session.add(AppState(name="one", value="x"))
        session.add(Server(id=7, added_at=SystemClock().now()))


async def test_nobody_else_reads_the_tables_or_what_is_beside_them(
    url: str, tmp_path: Path
) -> None:
    """The file, its log, its index, the lock and the folder, from the first moment on."""
    async with only_one(url), Database.open(url) as database:
        await fill(database)
        names = {path.name for path in (tmp_path / "data").iterdir()}
        assert names == {"hearth.db", "hearth.db-wal", "hearth.db-shm", "hearth.db.lock"}
        assert open_to_others(tmp_path / "data") == []


@pytest.mark.usefixtures("_there")
async def test_copies_are_closed_too(url: str, tmp_path: Path) -> None:
    """A backup, one that is brought back, and what was there before."""
    folder = tmp_path / "data"
    async with Database.open(url) as database:
        await fill(database)
        backups.backup(url, folder / "kept.db")
    await backups.restore(url, folder / "kept.db", SystemClock().now())
    assert len(list(folder.iterdir())) == 4
    assert open_to_others(folder) == []


@pytest.mark.usefixtures("_there")
async def test_an_export_is_closed_even_where_it_replaces_an_open_file(
    url: str, tmp_path: Path
) -> None:
    """A file of members names people, whatever stood in its place."""
    new, there = tmp_path / "data" / "members.csv", tmp_path / "data" / "groups.csv"
    async with Database.open(url) as database:
        await fill(database)
        there.write_text("anything that is longer than what comes", encoding="utf-8")
        assert await hand_out(database, "members", new, server_id=None, force=False) == 0
        assert await hand_out(database, "groups", there, server_id=None, force=True) == 0
        with pytest.raises(FileExistsError):
            private.opened(new, replace=False)
        assert open_to_others(tmp_path / "data") == []
    assert there.read_text(encoding="utf-8").startswith("name,")


@pytest.mark.usefixtures("_there")
async def test_tables_that_were_open_are_closed_at_the_next_start(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An older Hearth left them to the machine's habits; the operator reads it once."""
    folder = tmp_path / "data"
    async with Database.open(url) as database:
        await fill(database)
    (folder / "hearth.db").chmod(0o644)
    (folder / "hearth.db.before-0005").write_bytes(b"")
    for _ in range(2):
        async with Database.open(url):
            assert open_to_others(folder) == []
    assert caplog.text.count("Others could read") == 1


def test_a_folder_that_is_there_stays_as_its_owner_made_it(tmp_path: Path) -> None:
    """Whoever shares a folder on purpose keeps it; only new ones are made closed."""
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    private.folder(shared)
    private.folder(shared / "deep" / "data")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    assert stat.S_IMODE((shared / "deep" / "data").stat().st_mode) == 0o700


def test_the_container_runs_as_nobody_special_with_a_folder_of_its_own() -> None:
    """Not as root, and the volume's folder is closed."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER hearth$", text, re.MULTILINE)
    assert "install -d -m 0700 -o hearth -g hearth /data" in text
