"""What tests share: tables of their own, a fixed moment, plain settings, and a whole Hearth."""

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from bot.app import COGS
from bot.database import Database
from bot.settings import Settings
from bot.storage.migrating import file_of, migrate
from tests import one_thread
from tests.founded import founded
from tests.whole import Running, running

TESTS = Path(__file__).parent

# Every test loads all cogs anew. Compiling them each time would be a third of the whole suite.
sys.dont_write_bytecode = False

# No clock decides whether a property holds: a busy machine is not a wrong rule.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Tests of promises to people: what they print of how much they tried is shown when they pass, too.
TELL = ("tests/hostile/", "tests/trust/")


def pytest_xdist_auto_num_workers() -> int:
    """Run one more than there are cores: much of a conversation's test waits for sockets."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what tests have counted: `record_property("counted", "3,900 cells of a table")`."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    for report in reports:
        for name, value in report.user_properties:
            if name == "counted":
                terminalreporter.write_line(f"counted: {value}")
        if report.when == "call" and report.nodeid.startswith(TELL):
            for line in filter(None, report.capstdout.splitlines()):
                terminalreporter.write_line(f"counted: {line}")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known that tests are told apart by."""
    config.addinivalue_line("markers", "founded(by): what stands before a test; tests/founded.py")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage among what tests leave behind, not in all that they were made of."""
    del session
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def sqlite_in_one_thread(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare tests of what is above the tables two changes of threads for each statement."""
    if request.path.relative_to(TESTS).parts[0] in one_thread.WHERE:
        one_thread.settle_in(monkeypatch)


@pytest.fixture
def now() -> datetime:
    """A Monday noon, far from any change of clocks."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings as they come, with the tables in this test's own folder."""
    return Settings(
        database=f"sqlite+aiosqlite:///{tmp_path}/hearth.db", beat_file=tmp_path / "beat"
    )


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty tables that the migrations brought up, once; every test begins with a copy."""
    file = tmp_path_factory.mktemp("tables") / "hearth.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def laid(settings: Settings, brought_up: Path) -> Settings:
    """The settings, with empty tables in their place."""
    file = file_of(settings.database)
    assert file is not None
    shutil.copy(brought_up, file)  # with its rights: closed to others
    return settings


@pytest.fixture
async def database(laid: Settings) -> AsyncGenerator[Database]:
    """Empty tables, brought up by the migrations."""
    async with Database.open(laid.database) as opened:
        yield opened


@pytest.fixture
def cogs() -> Sequence[str]:
    """The parts of the conversation that are loaded; a test that is about one names it."""
    return COGS


@pytest.fixture
async def hearth(
    laid: Settings, now: datetime, cogs: Sequence[str], request: pytest.FixtureRequest
) -> AsyncGenerator[Running]:
    """A bot that is connected to a sandbox's server: nothing is set up, or what `founded` names."""
    mark = request.node.get_closest_marker("founded")
    by = mark.kwargs["by"] if mark else None
    opened = founded(by, laid, now, cogs) if by else running(laid, now, cogs)
    async with opened as here:
        yield here
