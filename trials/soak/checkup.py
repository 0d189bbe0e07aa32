"""A bot in a process of its own that can be asked how it is, and what its answers say together."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import linear_regression
from typing import Any

from trials.chaos.process import ROOT, Birth

PATIENCE = 60.0
"""Real seconds in which a bot must say how it is."""
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Checkup:
    """How the bot was at one moment; `born` tells which process it was, by its place in line."""

    at: datetime
    born: int
    own: int
    """Bytes that the process alone holds."""
    tasks: Counter[str] = field(default_factory=Counter[str])


class Examined(Birth):
    """`python -m trials.soak.examined`: the bot as an operator runs it, and it can be examined."""

    def __init__(self, folder: Path) -> None:
        self.born = 0
        self._file = folder / "checkup.json"
        self._child: asyncio.subprocess.Process | None = None
        self._asked = 0

    async def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a bot; return its process id."""
        self._file.unlink(missing_ok=True)
        with log.open("ab") as into:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "trials.soak.examined", str(self._file)),
                cwd=ROOT,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=into,
                stderr=into,
            )
        self.born += 1
        self._asked = 0
        return self._child.pid

    async def ended(self) -> int:
        """Wait until the bot is gone; return its exit status, negative for a signal."""
        assert self._child is not None, "nothing was started"
        return await self._child.wait()

    async def examine(self, now: datetime) -> Checkup:
        """Ask the bot how it is; it should be at rest."""
        assert self._child is not None, "nothing was started"
        os.kill(self._child.pid, signal.SIGUSR1)
        self._asked += 1
        async with asyncio.timeout(PATIENCE):
            while (found := self._read()) is None or found["number"] < self._asked:  # noqa: ASYNC110 - another process writes a file, which sets no event
                await asyncio.sleep(0.01)
        return Checkup(now, self.born, found["bytes"], Counter(found["tasks"]))

    def _read(self) -> Mapping[str, Any] | None:
        try:
            return json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None


def growth(checkups: Sequence[Checkup]) -> float:
    """Return how fast the memory of one process grew, in MB a day: the slope through them all."""
    first = checkups[0].at
    days = [(one.at - first) / timedelta(days=1) for one in checkups]
    return linear_regression(days, [one.own / MB for one in checkups]).slope


def leaked(checkups: Sequence[Checkup]) -> Counter[str]:
    """Return the tasks that the last look found and the first of the same process did not."""
    return checkups[-1].tasks - checkups[0].tasks
