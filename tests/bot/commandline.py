"""`python -m bot …` as an operator runs it: in a process of its own, to its end or told to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.app import Sandbox

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # real seconds until a process counts as hanging


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command came to its end."""

    status: int
    said: str
    complained: str


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment with nothing of Hearth's but what is given."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
    return ours | {
        "HEARTH_DATABASE": f"sqlite+aiosqlite:///{folder}/hearth.db",
        "HEARTH_BEAT_FILE": str(folder / "beat"),
        **more,
    }


def on(sandbox: Sandbox, *, driven: bool = True) -> dict[str, str]:
    """Return what points a bot at a sandbox; without `driven` it lives by the machine's clock."""
    found = {"HEARTH_TOKEN": sandbox.token, "HEARTH_DISCORD_URL": sandbox.base_url}
    return found | {"HEARTH_TEST_CLOCK_URL": sandbox.clock_url} if driven else found


# The interpreter itself may lie where only root may read: everything is loaded before. What runs in
# a thread loads its part of the library at the first one, which may be one that meets an error.
AS_SOMEBODY = """
import concurrent.futures.thread, os, sys
from bot.__main__ import main
user, warm, real = int(sys.argv[1]), sys.argv[2], os.environ["HEARTH_DATABASE"]
os.environ["HEARTH_DATABASE"] = warm
assert main(["check"]) == 0
os.environ["HEARTH_DATABASE"] = real
sys.stdout.flush()
os.setgroups([])
os.setgid(user)
os.setuid(user)
sys.exit(main(sys.argv[3:]))
"""


async def command(
    *words: str, folder: Path, user: int | None = None, more: Mapping[str, str] | None = None
) -> Ended:
    """Run a command to its end, as another user if root asks for one."""
    program = ["-m", "bot"]
    if user is not None:
        warm = f"sqlite+aiosqlite:///{folder.parent}/warm/hearth.db"
        program = ["-c", AS_SOMEBODY, str(user), warm]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, *words),
        cwd=ROOT,
        env=environment(folder, **(more or {})),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, complained = await child.communicate()
    except TimeoutError:
        child.kill()
        raise
    assert child.returncode is not None
    return Ended(child.returncode, said.decode(), complained.decode())


class Bot:
    """A bot that runs; `said` is its log so far."""

    def __init__(self, child: asyncio.subprocess.Process, log: Path) -> None:
        self._child = child
        self._log = log

    @property
    def said(self) -> str:
        """What it has written to its log."""
        return self._log.read_text(encoding="utf-8")

    async def says(self, words: str) -> None:
        """Wait until its log holds these words."""
        async with asyncio.timeout(PATIENCE):
            while words not in self.said:
                assert self._child.returncode is None, self.said
                await asyncio.sleep(0.01)

    def told(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal."""
        self._child.send_signal(number)

    async def ends(self) -> int:
        """Wait for the end; return the exit's status."""
        async with asyncio.timeout(PATIENCE):
            return await self._child.wait()

    async def stops(self) -> int:
        """End it as an operator does; return the exit's status."""
        self.told()
        return await self.ends()


@asynccontextmanager
async def running(folder: Path, more: Mapping[str, str]) -> AsyncGenerator[Bot]:
    """Run a bot while the scope is open; it need not be connected yet."""
    log = folder / "bot.log"
    with log.open("ab") as into:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "run"),
            cwd=ROOT,
            env=environment(folder, **more),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=into,
            stderr=into,
        )
    try:
        yield Bot(child, log)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
