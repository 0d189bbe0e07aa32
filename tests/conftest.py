"""What tests share: tables in a file of their own, a fixed moment, plain settings."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.database import Database
from bot.settings import Settings


@pytest.fixture
def now() -> datetime:
    """A Monday noon, far from any change of clocks."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings as they come, with the tables in this test's own folder."""
    return Settings(database=f"sqlite+aiosqlite:///{tmp_path}/hearth.db")


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    """Empty tables, brought up by the migrations."""
    async with Database.open(settings.database) as opened:
        yield opened
