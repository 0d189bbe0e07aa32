"""What the demo's tests share: empty tables, copied from those that are made once."""

import shutil
from pathlib import Path

import pytest

from tests.demo.checked import House, built
from tests.demo.tables import Tables


@pytest.fixture
def tables(brought_up: Path, tmp_path: Path) -> Tables:
    """Return empty tables of this test's own."""
    return Tables(Path(shutil.copy(brought_up, tmp_path / "hearth.db")))


@pytest.fixture
async def house(tables: Tables) -> House:
    """Return a server and tables that agree."""
    return await built(tables)
