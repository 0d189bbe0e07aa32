"""Whoever hangs up waits for the thread that was about to say that the line is alive."""

import asyncio
import threading
from typing import Any, cast

import discord
import pytest
from discord.gateway import DiscordWebSocket, KeepAliveHandler

from bot.gateway import heartbeats

LONG = 5.0  # seconds; nothing here waits for them


@pytest.fixture
def client() -> discord.Client:
    """Who has hung up."""
    return discord.Client(intents=discord.Intents.none())


class Line:
    """As much of discord.py's connection as its heartbeats look at; a beat takes until `free`."""

    HEARTBEAT = DiscordWebSocket.HEARTBEAT

    def __init__(self, client: discord.Client) -> None:
        self._connection = cast("Any", client)._connection
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


def started(line: Line, every: float) -> KeepAliveHandler:
    """Return a thread that beats every so many seconds."""
    thread = KeepAliveHandler(ws=cast("DiscordWebSocket", line), interval=every, shard_id=0)
    thread.start()
    return thread


async def test_a_beat_that_is_under_way_is_waited_for(client: discord.Client) -> None:
    """Else it would end on a loop that is closed by then."""
    line = Line(client)
    thread = started(line, 0.001)
    await line.beating.wait()
    thread.stop()
    assert thread.is_alive()
    line.free.set()
    await heartbeats.over(client, LONG)
    assert not thread.is_alive()


async def test_a_session_that_was_just_being_opened_beats_no_more(client: discord.Client) -> None:
    """The library lost it when it was called off in the middle, and told nobody to stop."""
    thread = started(Line(client), 3600.0)
    await heartbeats.over(client, LONG)
    assert not thread.is_alive()


async def test_a_session_of_another_client_is_left_alone(client: discord.Client) -> None:
    """Another client on the same loop goes on, and nobody waits for it."""
    line = Line(discord.Client(intents=discord.Intents.none()))
    thread = started(line, 0.001)
    await line.beating.wait()
    await heartbeats.over(client, LONG)
    assert thread.is_alive()
    thread.stop()
    line.free.set()
    await asyncio.to_thread(thread.join, LONG)
