"""The bot's process ends and comes back: told to stop, or killed at work, with people busy."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from trials.chaos.process import Process

LONGEST_WORK = 0.3
"""Real seconds of the work that an hour brings in which a kill may come."""
WAYS = ("stopped", "killed", "killed-at-work")
"""Told to stop; killed with events on their way; killed while it does what the hour brings."""


class Restarts:
    """Ends the process `each` times in each way between two moments, and starts it again.

    A `Trouble` of a run. `meanwhile` is what people do while the bot is gone.
    """

    def __init__(
        self,
        process: Process,
        meanwhile: Callable[[], Awaitable[None]],
        *,
        since: datetime,
        until: datetime,
        each: int,
        seed: int,
    ) -> None:
        self.struck = Counter[str](dict.fromkeys(WAYS, 0))
        self._process = process
        self._meanwhile = meanwhile
        self._random = random.Random(f"restarts {seed}")
        ways = list(WAYS) * each
        self._random.shuffle(ways)
        stretch = (until - since) / len(ways) if ways else timedelta()
        self._due = [(since + number * stretch, way) for number, way in enumerate(ways)]
        self._death: asyncio.TimerHandle | None = None

    async def breaks(self, now: datetime) -> None:
        """End the process if that is due; the next ends follow in the hours after."""
        if not self._due or self._due[0][0] > now:
            return
        _, way = self._due.pop(0)
        self.struck[way] += 1
        if way == "stopped":
            await self._process.stop()
            await self._back()
        elif way == "killed":
            self._process.kill()
            await self._process.dead()
            await self._back()
        else:
            wait = self._random.uniform(0.0, LONGEST_WORK)
            self._death = asyncio.get_running_loop().call_later(wait, self._process.kill)

    async def clears(self) -> None:
        """Start again what was killed at its work."""
        if self._death is None:
            return
        if not self._process.killed:  # the hour was over sooner
            self._death.cancel()
            self._process.kill()
        self._death = None
        await self._process.dead()
        await self._back()

    async def over(self) -> None:
        """Whatever was not due any more stays undone."""
        await self.clears()
        self._due.clear()

    async def _back(self) -> None:
        await self._meanwhile()
        await self._process.start()
