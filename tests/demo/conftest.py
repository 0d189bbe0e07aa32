"""What the demo's tests share: empty tables, made once and copied."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.database import migrate
from tests.demo.checked import House, built
from tests.demo.tables import Tables


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make empty tables through the migrations."""
    file = tmp_path_factory.mktemp("tables") / "hearth.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def tables(empty: Path, tmp_path: Path) -> Tables:
    """Return empty tables of this test's own."""
    return Tables(Path(shutil.copy(empty, tmp_path / "hearth.db")))


@pytest.fixture
async def house(tables: Tables) -> House:
    """Return a server and tables that agree."""
    return await built(tables)
