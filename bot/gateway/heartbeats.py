"""discord.py's heartbeats come from a thread of their own, one for each session."""

import asyncio
import threading
from typing import Any, cast

import discord
from discord.gateway import KeepAliveHandler


async def over(client: discord.Client, seconds: float) -> None:
    """End every thread that beats for a client which has hung up; wait for them, so long at most.

    discord.py tells the thread of the session it knows to stop, and does not wait for it. That of
    a session which was only just being opened it does not know yet. Either would beat on a loop
    that is closed by then.
    """
    state: Any = cast("Any", client)._connection  # noqa: SLF001 - a session says no other way whose it is
    ended = [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, KeepAliveHandler) and thread.ws._connection is state  # noqa: SLF001 - see above
    ]
    for thread in ended:
        thread.stop()
    await asyncio.gather(*(asyncio.to_thread(thread.join, seconds) for thread in ended))
