"""Keeps under the limit for all of a bot's requests together.

Discord lets one bot make fifty requests a second and answers the rest with 429, each of which
counts towards its ban. discord.py knows the limits of routes, not this one: a weekly hour at which
every group has its ritual would run into it. Answers to interactions are not counted by Discord,
and wait for nothing here.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import aiohttp

PER_SECOND = 45  # of Discord's 50 (docs, Global Rate Limit): seconds begin there when they like
UNCOUNTED = ("/interactions/", "/webhooks/")


class Pace:
    """Lets at most `most` through in any second, in the order in which they came."""

    def __init__(
        self,
        most: int = PER_SECOND,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = most
        self._monotonic = monotonic
        self._sleep = sleep
        self._times: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more may go."""
        async with self._turn:
            if len(self._times) == self._most:
                early = self._times[0] + 1.0 - self._monotonic()
                if early > 0:
                    await self._sleep(early)
                self._times.popleft()
            self._times.append(self._monotonic())

    def trace(self) -> aiohttp.TraceConfig:
        """Return what makes a session's requests wait their turn, repeated ones too."""

        async def before(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            asked: aiohttp.TraceRequestStartParams,
        ) -> None:
            if not any(part in asked.url.path for part in UNCOUNTED):
                await self.turn()

        config = aiohttp.TraceConfig()
        config.on_request_start.append(before)
        return config
