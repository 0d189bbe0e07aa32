"""The bot as a process of its own on a sandbox: started, killed at a chosen moment, started again.

A kill is SIGKILL, at the very moment that the sandbox has read a request: before it is carried
out, or so that its effect stays and nobody hears the answer. What the process had sent before is
still carried out, as Discord would. Or right after a commit, before anything follows from it.
"""

import asyncio
import os
import re
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.app import Sandbox
from trials.chaos.moments import COMMIT, Moment
from trials.chaos.nursery import Commits, Nursery

if TYPE_CHECKING:
    from sandbox.faults import Fault

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Real seconds that the process may take to start or to end before it counts as hanging."""
_BAD = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) |^Traceback |^Hearth cannot start|Warning: ")


class Birth(ABC):
    """How a process comes to be."""

    @abstractmethod
    async def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a bot; return its process id."""

    @abstractmethod
    async def ended(self) -> int:
        """Wait until the bot is gone; return its exit status, negative for a signal."""


class Executed(Birth):
    """`python -m bot run`, as an operator starts it."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None

    async def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a bot; return its process id."""
        with log.open("ab") as into:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                cwd=ROOT,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=into,
                stderr=into,
            )
        return self._child.pid

    async def ended(self) -> int:
        """Wait until the bot is gone; return its exit status, negative for a signal."""
        assert self._child is not None, "nothing was started"
        return await self._child.wait()


class Forked(Birth):
    """A fork of a nursery, which is the same without the imports."""

    def __init__(self, nursery: Nursery) -> None:
        self.nursery = nursery

    async def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a bot; return its process id."""
        return await self.nursery.bear(environment, log)

    async def ended(self) -> int:
        """Wait until the bot is gone; return its exit status, negative for a signal."""
        return await self.nursery.ended()


class Process:
    """One bot's process after another, on the same tables and the same sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path, birth: Birth) -> None:
        self.tables = folder / "hearth.db"
        self.log = folder / "bot.log"
        self._sandbox = sandbox
        self._folder = folder
        self._birth = birth
        self._pid: int | None = None
        self._end: asyncio.Task[int] | None = None
        self._armed: list[Fault] = []
        self._struck = False

    # --- living ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start a process, and wait until it is connected and has nothing left to do."""
        await self.launch()
        await self.settle()

    async def launch(self) -> None:
        """Start a process, and wait until it is connected and idle, or gone again."""
        assert self._end is None, "the bot runs already"
        self._struck = False
        self._pid = await self._birth.bear(self._environment(), self.log)
        self._end = asyncio.create_task(self._birth.ended())
        comes = asyncio.create_task(self._sandbox.control.attaches())
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait({self._end, comes}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            comes.cancel()
            await asyncio.gather(comes, return_exceptions=True)
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
        assert self._pid is not None, "there is nothing to kill"
        self._struck = True
        os.kill(self._pid, signal.SIGKILL)

    def arm(self, *moments: Moment) -> None:
        """Kill the process when one of the moments comes; what happens counts from now."""
        self.disarm()
        self._struck = False
        for moment in moments:
            if moment.route == COMMIT:
                self._commits().arm(moment.nth)
                continue
            method, _, template = moment.route.partition(" ")
            self._armed.append(
                self._sandbox.faults.add(
                    "silence",
                    method,
                    template,
                    skip=moment.nth - 1,
                    effect=moment.after,
                    then=self.kill,
                )
            )

    def disarm(self) -> None:
        """Let the process live, whatever comes."""
        for fault in self._armed:
            self._sandbox.faults.remove(fault)
        self._armed.clear()
        if isinstance(self._birth, Forked):
            self._commits().arm()

    def _commits(self) -> Commits:
        assert isinstance(self._birth, Forked), "only a forked bot's commits are counted"
        return self._birth.nursery.commits

    @property
    def killed(self) -> bool:
        """Whether the process that was started last was killed, or has killed itself as told."""
        return self._struck or (self._end is not None and self._end.done())

    async def dies(self) -> None:
        """Wait until the process is gone."""
        assert self._end is not None, "there is no process"
        await asyncio.wait({self._end})

    async def dead(self) -> None:
        """Wait until a process that was killed is gone, and Discord has done what it had sent."""
        await self._ended(-signal.SIGKILL)
        self.disarm()
        await self._sandbox.settle()

    async def stop(self) -> None:
        """End the process in good order, as an operator does."""
        assert self._pid is not None, "there is nothing to stop"
        os.kill(self._pid, signal.SIGTERM)
        await self._ended(0)

    async def clear_away(self) -> None:
        """End whatever still runs when all is over."""
        if self._end is not None and self._pid is not None:
            if not self._end.done():
                os.kill(self._pid, signal.SIGKILL)
            await asyncio.wait({self._end})

    async def _ended(self, status: int) -> None:
        assert self._end is not None, "there is no process"
        async with asyncio.timeout(PATIENCE):
            ended = await self._end
        self._end = self._pid = None
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
