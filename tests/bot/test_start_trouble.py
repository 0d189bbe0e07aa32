"""Where Hearth cannot start with its tables it says so in one line, and changes nothing."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.database import Database
from tests.bot.commandline import Ended, command

TABLES_STATUS = 3
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")


@pytest.fixture
def outside() -> Generator[Path]:
    """A folder that everybody may enter; pytest's own are for the tester alone."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
async def folder(outside: Path, brought_up: Path) -> Path:
    """A folder with tables in it; beside it such as are only there to be opened once."""
    for name in ("data", "warm"):
        (outside / name).mkdir()
        shutil.copy(brought_up, outside / name / "hearth.db")
    async with Database.open(f"sqlite+aiosqlite:///{outside}/data/hearth.db"):
        pass
    return outside / "data"


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A disk of its own of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", place):
        pytest.skip("only who may mount can have a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)  # noqa: S603, S607 - wherever it is


def hand_over(folder: Path, mode: int = 0o755) -> None:
    """Give the folder with all it holds to nobody."""
    for part in (folder, *folder.iterdir()):
        os.chown(part, NOBODY, NOBODY)
    folder.chmod(mode)


def mount(*words: str | Path) -> bool:
    """Mount something; False where this is not allowed."""
    line = ["mount", *map(str, words)]
    return not subprocess.run(line, check=False, capture_output=True).returncode  # noqa: S603 - our own words


def fill(disk: Path) -> None:
    """Leave no byte free."""
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x" * 4096)


def refused(ended: Ended, *words: str) -> None:
    """Hold that a command ended with one line that has these words."""
    assert ended.status == TABLES_STATUS, ended
    lines = ended.complained.splitlines()
    assert len(lines) == 1, ended.complained
    for word in words:
        assert word in lines[0]


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """The first start needs no preparation."""
    ended = await command("check", folder=tmp_path / "some" / "where")
    assert ended.status == 0, ended
    assert (tmp_path / "some" / "where" / "hearth.db").is_file()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the folder should be is named."""
    (tmp_path / "data").write_text("not a folder")
    refused(await command("check", folder=tmp_path / "data" / "x"), str(tmp_path / "data" / "x"))


@as_root
async def test_a_folder_of_somebody_else(folder: Path) -> None:
    """A volume with the wrong owner: the line names both and the command that mends it."""
    refused(await command("check", folder=folder, user=NOBODY), "belongs to", f"chown -R {NOBODY}")


@as_root
async def test_a_file_of_somebody_else(folder: Path) -> None:
    """One file that root left behind in a folder of ours is found."""
    os.chown(folder, NOBODY, NOBODY)
    (folder / "hearth.db").chmod(0o644)
    refused(
        await command("check", folder=folder, user=NOBODY), f"{folder}/hearth.db belongs to root"
    )


@as_root
async def test_a_read_only_file(folder: Path) -> None:
    """A file that its owner may not write is told apart from one of somebody else."""
    hand_over(folder)
    (folder / "hearth.db").chmod(0o444)
    refused(await command("check", folder=folder, user=NOBODY), "is read-only", "chmod u+rw")


@as_root
async def test_a_read_only_folder(folder: Path) -> None:
    """SQLite needs the folder too, for its log."""
    hand_over(folder, mode=0o555)
    refused(await command("check", folder=folder, user=NOBODY), f"{folder} is read-only")


async def test_a_disk_mounted_read_only(small_disk: Path, folder: Path) -> None:
    """A volume that is mounted read-only is named as such."""
    shutil.copy(folder / "hearth.db", small_disk / "hearth.db")
    assert mount("-o", "remount,ro", small_disk)
    refused(await command("check", folder=small_disk), "mounted read-only")


async def test_a_full_disk(small_disk: Path, folder: Path) -> None:
    """A disk without a byte left is seen at the start, not at the first member."""
    shutil.copy(folder / "hearth.db", small_disk / "hearth.db")
    fill(small_disk)
    refused(await command("check", folder=small_disk), "the disk is full")
    with closing(sqlite3.connect(folder / "hearth.db")) as tables:
        assert tables.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_file_that_is_none(folder: Path) -> None:
    """Something else under the tables' name is not touched."""
    (folder / "hearth.db").write_text("a shopping list " * 400)
    refused(await command("check", folder=folder), "damaged", "restore")
    assert (folder / "hearth.db").read_text().startswith("a shopping list")


async def test_tables_of_a_newer_hearth(folder: Path) -> None:
    """An older Hearth leaves newer tables alone."""
    with closing(sqlite3.connect(folder / "hearth.db")) as tables, tables:
        tables.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(await command("check", folder=folder), "newer Hearth", "9999")


async def test_the_beat_tells_of_trouble(folder: Path) -> None:
    """The health check fails while the tables cannot be used, and says why."""
    (folder / "beat").write_text("")
    assert (await command("check", "--beat", folder=folder)).status == 0
    (folder / "beat").write_text("the disk is full")
    ended = await command("check", "--beat", folder=folder)
    assert (ended.status, "the disk is full" in ended.said) == (1, True)
