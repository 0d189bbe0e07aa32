"""Opens sandbox and bot beside each other, in one process, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.app import App
from bot.settings import Settings
from sandbox.app import Sandbox

TIME_SCALE = 100_000.0
"""What Discord's periods are divided by: a demo's weeks pass in seconds, so must its limits."""


@asynccontextmanager
async def running(sandbox: Sandbox, folder: Path) -> AsyncGenerator[App]:
    """Run a bot on the sandbox until the scope ends; its tables stay in the folder."""
    settings = Settings(
        token=SecretStr(sandbox.token),
        database=f"sqlite+aiosqlite:///{tables(folder)}",
        beat_file=folder / "beat",
        discord_url=sandbox.base_url,
        test_clock_url=sandbox.clock_url,
    )
    async with App.open(settings) as app:
        task = asyncio.create_task(app.run())
        ready = asyncio.create_task(sandbox.settle())
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            # A bot that cannot start says why; nobody waits for it.
            ready.cancel()
            task.result()
        try:
            await ready
            yield app
        finally:
            await app.close()
            await task


def tables(folder: Path) -> Path:
    """Return the file that the bot keeps its tables in."""
    return folder / "hearth.db"
