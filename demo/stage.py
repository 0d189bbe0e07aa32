"""Opens sandbox and bot beside each other, in one process, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.app import App
from bot.database import Database
from bot.errors import CannotStart
from bot.reporting import NOTHING, Written, report
from bot.settings import Settings
from sandbox.app import Sandbox

TIME_SCALE = 100_000.0
"""What Discord's periods are divided by: a demo's weeks pass in seconds, so must its limits."""


@asynccontextmanager
async def running(sandbox: Sandbox, folder: Path) -> AsyncGenerator[App]:
    """Run a bot on the sandbox until the scope ends; its tables stay in the folder."""
    settings = Settings(
        token=SecretStr(sandbox.token),
        database=_url(folder),
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


async def told_of(folder: Path, out: Path, *, now: datetime, title: str) -> Written | None:
    """Write the health report, as an operator does once the bot is stopped; None: nothing yet."""
    async with Database.open(_url(folder), upgrade=False) as database:
        try:
            return await report(database, out, now=now, title=title)
        except CannotStart as nothing:
            if nothing.status != NOTHING:
                raise
            return None


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{tables(folder)}"


def tables(folder: Path) -> Path:
    """Return the file that the bot keeps its tables in."""
    return folder / "hearth.db"
