"""Two bots on the same tables by mistake: the second one ends at its start."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.storage.lease import TAKEN, only_one
from sandbox.app import Sandbox
from tests.bot.commandline import command, on, running


async def test_the_second_ends_at_once_and_the_first_goes_on(
    tmp_path: Path, brought_up: Path, now: datetime
) -> None:
    """One line names who is there; commands beside the running bot still work."""
    shutil.copy(brought_up, tmp_path / "hearth.db")
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        sandbox.add_server()
        async with running(tmp_path, on(sandbox)) as first:
            await sandbox.control.attaches()
            await sandbox.settle()
            asked = sandbox.requests.total
            second = await command("run", folder=tmp_path, more=on(sandbox))
            assert second.status == TAKEN, second
            (line,) = second.complained.splitlines()
            assert line.startswith("Hearth cannot start. Another Hearth runs on")
            assert "process" in line
            assert sandbox.requests.total == asked
            for words in (("privacy", "export", "1"), ("privacy", "forget", "1"), ("check",)):
                beside = await command(*words, folder=tmp_path)
                assert beside.status == 0, beside
            await sandbox.settle()
            assert await first.stops() == 0
    async with only_one(f"sqlite+aiosqlite:///{tmp_path}/hearth.db") as held:
        assert await held()  # the next one may start


async def test_the_lock_is_gone_with_its_holder(tmp_path: Path) -> None:
    """Who holds the tables keeps others out, and nobody afterwards."""
    url = f"sqlite+aiosqlite:///{tmp_path}/hearth.db"
    for _ in range(2):
        async with only_one(url) as held:
            assert await held()
            with pytest.raises(CannotStart, match="Another Hearth"):
                async with only_one(url):
                    pass
