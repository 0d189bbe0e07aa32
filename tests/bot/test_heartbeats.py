"""Whoever hangs up waits for the thread that was about to say that the line is alive."""

import asyncio
import threading
from typing import Any, cast

from discord.gateway import DiscordWebSocket, KeepAliveHandler

from bot.gateway import heartbeats

LONG = 5.0  # seconds; nothing here waits for them


class Line:
    """As much of discord.py's connection as its heartbeats look at; a beat takes until `free`."""

    HEARTBEAT = DiscordWebSocket.HEARTBEAT

    def __init__(self, *, is_open: bool) -> None:
        self.open = is_open
        self.loop = asyncio.get_running_loop()
        self.thread_id = threading.get_ident()
        self.sequence = 1
        self._max_heartbeat_timeout = 60.0
        self.beating = asyncio.Event()
        self.free = asyncio.Event()

    async def send_heartbeat(self, _payload: dict[str, Any]) -> None:
        """Say that a beat is under way, and end with the test's leave."""
        self.beating.set()
        await self.free.wait()


async def beating(line: Line) -> KeepAliveHandler:
    """Return a thread that is in the middle of a beat, and was told to stop."""
    thread = KeepAliveHandler(ws=cast("DiscordWebSocket", line), interval=0.001, shard_id=0)
    thread.start()
    await line.beating.wait()
    thread.stop()
    return thread


async def test_a_beat_that_is_under_way_is_waited_for() -> None:
    """Else it would end on a loop that is closed by then."""
    line = Line(is_open=False)
    thread = await beating(line)
    assert thread.is_alive()
    line.free.set()
    await heartbeats.over(LONG)
    assert not thread.is_alive()


async def test_a_session_that_is_open_is_left_alone() -> None:
    """Another client on the same loop goes on, and nobody waits for it."""
    line = Line(is_open=True)
    thread = await beating(line)
    await heartbeats.over(LONG)
    assert thread.is_alive()
    line.free.set()
    await asyncio.to_thread(thread.join, LONG)
