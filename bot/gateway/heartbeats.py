"""discord.py's heartbeats come from a thread of their own, one for each session."""

import asyncio
import threading

from discord.gateway import KeepAliveHandler


async def over(seconds: float) -> None:
    """Wait, so long at most, until no thread means to beat on a connection that was hung up.

    discord.py tells such a thread to stop and does not wait for it: one that was about to beat
    would find this loop closed. Sessions that are open are left alone.
    """
    loop = asyncio.get_running_loop()
    ended = [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, KeepAliveHandler) and thread.ws.loop is loop and not thread.ws.open
    ]
    await asyncio.gather(*(asyncio.to_thread(thread.join, seconds) for thread in ended))
