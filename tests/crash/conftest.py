"""Stories that are told in a folder of their own, and once undisturbed to compare with."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.database import migrate
from tests.crash.snapshot import Snapshot
from tests.crash.story import Death, Story

Plot = Callable[[Story, Death | None], Awaitable[None]]
Told = Callable[[Plot, Death | None], Awaitable[Snapshot]]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make empty tables through the migrations, once."""
    file = tmp_path_factory.mktemp("tables") / "hearth.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def calm() -> dict[str, Snapshot]:
    """How stories end when nobody is killed, by their plots' names."""
    return {}


@pytest.fixture
def told(
    migrated: Path,
    calm: dict[str, Snapshot],
    tmp_path_factory: pytest.TempPathFactory,
    now: datetime,
) -> Told:
    """Tell a plot with a bot in its own process; return how the server looks in the end.

    Without a death it is told once, and remembered.
    """

    async def tell(plot: Plot, death: Death | None) -> Snapshot:
        name = getattr(plot, "__name__", repr(plot))
        if death is None and name in calm:
            return calm[name]
        folder = tmp_path_factory.mktemp("story")
        shutil.copy(migrated, folder / "hearth.db")
        async with Story.begun(folder, now) as story:
            await plot(story, death)
            ending = await story.ends()
        if death is None:
            calm[name] = ending
        return ending

    return tell
