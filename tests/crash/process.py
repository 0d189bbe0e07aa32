"""The bot as a process of its own on a sandbox: started, killed at a chosen request, started again.

A kill is SIGKILL, at the very moment that the sandbox has read a request: before it is carried
out, or so that its effect stays and nobody hears the answer. What the process had sent before is
still carried out, as Discord would.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.app import Sandbox
from sandbox.faults import Fault

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Real seconds that the process may take to start or to end before it counts as hanging."""
_BAD = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) |^Traceback |^Hearth cannot start|Warning: ")


@dataclass(frozen=True, slots=True)
class Moment:
    """When the process dies: at the `nth` request of a route, before its effect or `after` it."""

    route: str
    """"METHOD /template", as the sandbox names its routes."""
    nth: int = 1
    after: bool = False


class Process:
    """One bot's process after another, on the same tables and the same sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.tables = folder / "hearth.db"
        self.log = folder / "bot.log"
        self._sandbox = sandbox
        self._folder = folder
        self._child: asyncio.subprocess.Process | None = None
        self._death = asyncio.Event()

    async def start(self) -> None:
        """Start a process, and wait until it is connected and has nothing left to do."""
        await self.launch()
        await self.settle()

    async def launch(self) -> None:
        """Start a process, and wait until it is connected and idle, or gone again."""
        assert self._child is None, "the bot runs already"
        self._death.clear()
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                cwd=ROOT,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends = asyncio.create_task(self._child.wait())
        comes = asyncio.create_task(self._sandbox.control.attaches())
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait({ends, comes}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ends, comes):
                task.cancel()
            await asyncio.gather(ends, comes, return_exceptions=True)
        await self._settled()

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
        return ours | {
            "HEARTH_TOKEN": self._sandbox.token,
            "HEARTH_DISCORD_URL": self._sandbox.base_url,
            "HEARTH_TEST_CLOCK_URL": self._sandbox.clock_url,
            "HEARTH_DATABASE": f"sqlite+aiosqlite:///{self.tables}",
            "HEARTH_BEAT_FILE": str(self._folder / "beat"),
        }

    async def settle(self) -> None:
        """Wait until the process has done all there is to do; it must still be there."""
        await self._settled()
        assert self._sandbox.control.attached, f"the bot is gone:\n{self.tail()}"

    async def _settled(self) -> None:
        try:
            await self._sandbox.settle()
        except TimeoutError as error:
            raise AssertionError(f"the bot does not come to rest:\n{self.tail()}") from error

    # --- dying ----------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the process at once, in the middle of whatever it does; see `dead`."""
        assert self._child is not None, "there is nothing to kill"
        self._child.send_signal(signal.SIGKILL)
        self._death.set()

    def kill_at(self, moment: Moment) -> Fault:
        """Kill the process when a moment comes; the fault that is returned tells whether it did."""
        method, _, template = moment.route.partition(" ")
        return self._sandbox.faults.add(
            "silence",
            method,
            template,
            skip=moment.nth - 1,
            effect=moment.after,
            then=self.kill,
        )

    @property
    def killed(self) -> bool:
        """Whether the process that was started last was killed."""
        return self._death.is_set()

    async def dies(self) -> None:
        """Wait for the kill."""
        await self._death.wait()

    async def dead(self) -> None:
        """Wait until a process that was killed is gone, and Discord has done what it had sent."""
        await self._ended(-signal.SIGKILL)
        await self._sandbox.settle()

    async def stop(self) -> None:
        """End the process in good order, as an operator does."""
        assert self._child is not None, "there is nothing to stop"
        self._child.terminate()
        await self._ended(0)

    async def clear_away(self) -> None:
        """End whatever still runs when a test is over."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()

    async def _ended(self, status: int) -> None:
        assert self._child is not None, "there is no process"
        async with asyncio.timeout(PATIENCE):
            ended = await self._child.wait()
        self._child = None
        assert ended == status, f"it ended with {ended}, not {status}:\n{self.tail()}"

    # --- what it said ---------------------------------------------------------------------------

    def complaints(self) -> Sequence[str]:
        """Return the lines of the log that must not be there: errors, tracebacks, warnings."""
        return [line for line in self._lines() if _BAD.search(line)]

    def tail(self, lines: int = 40) -> str:
        """Return the end of the log."""
        return "\n".join(self._lines()[-lines:])

    def _lines(self) -> list[str]:
        if not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()
