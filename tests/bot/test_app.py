"""The whole of it starts, tells Discord its commands, and stops in good order."""

from pathlib import Path
from typing import TYPE_CHECKING

from bot.app import COGS

if TYPE_CHECKING:
    from tests.conftest import Running

ROOT = Path(__file__).parents[2]


async def test_it_starts_and_answers(hearth: "Running") -> None:
    """A fresh installation is ready, offers its commands, and says what to do first."""
    assert hearth.app.client.is_ready()
    answer = await hearth.owner.command("home")
    assert "/hearth setup" in answer.text


def test_every_cog_is_loaded() -> None:
    """Nothing that was written is left out of the house by oversight."""
    there = {f"cogs.{file.stem}" for file in (ROOT / "cogs").iterdir() if file.stem[0] != "_"}
    assert set(COGS) == there
