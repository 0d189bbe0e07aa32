"""Keeps one burst of events from holding up everything else.

discord.py takes events as long as there are any, without letting the loop turn. Thirty-four chunks
of a large server's members, or what has piled up behind a slow connection, would keep a person's
click waiting until the last of them is in the cache.
"""

import asyncio
import time

from discord.gateway import DiscordWebSocket

LONGEST_RUN = 0.01  # seconds of events after which others have a turn


def take_turns(socket: DiscordWebSocket) -> None:
    """Let the loop turn between the events of a connection; once for each connection."""
    poll = socket.poll_event
    turned = time.perf_counter()

    async def poll_event() -> None:
        nonlocal turned
        await poll()
        if time.perf_counter() - turned > LONGEST_RUN:
            await asyncio.sleep(0)
            turned = time.perf_counter()

    socket.poll_event = poll_event
