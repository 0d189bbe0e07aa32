"""The bot in a process of its own beside a sandbox in this one, as it is beside Discord."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.app import Sandbox

ROOT = Path(__file__).parent.parent


class Beside:
    """A running `benchmarks.probed`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, question: str) -> dict[str, float]:
        """Ask and return the answer; RuntimeError when the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{question}\n".encode())
        answer = await self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the bot is gone; its last words stand above")
        return json.loads(answer)


@asynccontextmanager
async def beside(sandbox: Sandbox, folder: str, *, driven: bool) -> AsyncGenerator[Beside]:
    """Run a bot on the tables in `folder`; `driven` lets the sandbox move its clock."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
    ours = {
        "HEARTH_TOKEN": sandbox.token,
        "HEARTH_DISCORD_URL": sandbox.base_url,
        "HEARTH_DATABASE": tables(folder),
        "HEARTH_BEAT_FILE": f"{folder}/beat",
    }
    if driven:
        ours["HEARTH_TEST_CLOCK_URL"] = sandbox.clock_url
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.probed"),
        cwd=ROOT,
        env=theirs | ours,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        if driven:
            await sandbox.control.attaches()
            await sandbox.settle()
        yield Beside(process)
        process.stdin.write(b"stop\n")
        await process.stdin.drain()
    finally:
        process.stdin.close()
        await process.wait()


def tables(folder: str) -> str:
    """Return the address of the tables in a folder."""
    return f"sqlite+aiosqlite:///{folder}/hearth.db"
