"""A bot that a sandbox drives: its clock comes over a socket, and it says when it is done.

Only for tests and the demo (`test_clock_url`); the sandbox moves time on when everything that the
last moment caused has been handled, so that weeks pass as fast as they can be computed.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import aiohttp

from bot.clock import SetClock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """How far a bot has heard: the gateway session, and the last event's number in it."""

    session: str | None
    sequence: int | None


class SandboxClock:
    """The other end of a sandbox's clock socket.

    `clock` is right from the moment this is opened; `follow` answers the sandbox from then on.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, clock: SetClock) -> None:
        self._socket = socket
        self.clock = clock

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str) -> AsyncGenerator[Self]:
        """Connect and learn the present moment."""
        async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
            first = await socket.receive_json()
            yield cls(socket, SetClock(datetime.fromisoformat(first["now"])))

    async def follow(
        self, run_due: Callable[[], Awaitable[None]], settled: Callable[[], Awaitable[Settled]]
    ) -> None:
        """Do what the sandbox says until it hangs up."""
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            asked: dict[str, Any] = message.json()
            if asked["op"] == "clock":
                self.clock.set(datetime.fromisoformat(asked["now"]))
            elif asked["op"] == "advance":
                self.clock.set(datetime.fromisoformat(asked["now"]))
                await run_due()
                await self._socket.send_json({"op": "advanced"})
            elif asked["op"] == "settle":
                done = await settled()
                await self._socket.send_json(
                    {"op": "settled", "session": done.session, "sequence": done.sequence}
                )
        log.info("The sandbox has hung up.")


# How discord.py names the tasks in which it runs what an event, a command or a press set off.
HANDLERS = ("discord.py: ", "CommandTree-invoker", "discord-ui-")


def handlers() -> list[asyncio.Task[Any]]:
    """Return what discord.py has started in this event loop and is not through."""
    return [task for task in asyncio.all_tasks() if task.get_name().startswith(HANDLERS)]


async def handlers_done() -> None:
    """Wait until every handler that discord.py has started in this event loop is through."""
    while tasks := handlers():
        await asyncio.wait(tasks)
