"""Opens sandbox and bot beside each other, in one process, over real sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from bot.app import App
from bot.settings import Settings
from sandbox.app import Sandbox
from sandbox.faults import Kind

TIME_SCALE = 100_000.0
"""What Discord's periods are divided by: a demo's weeks pass in seconds, so must its limits."""

FAULTS: tuple[tuple[Kind, float, bool], ...] = (
    ("429", 0.004, False),
    ("429-shared", 0.002, False),
    ("503", 0.004, False),
    ("reset", 0.003, False),
    ("reset", 0.003, True),
)
"""With --faults: what goes wrong, how likely at each request, and whether the effect is kept."""
FAULTY = ("/guilds/*", "/channels/*")
"""Where it goes wrong; people who wait for an answer get it."""


class Errors(logging.Handler):
    """Keeps the lines that the bot logs as errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line in; warnings are let go."""
        if record.levelno >= logging.ERROR:
            self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


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


def order_faults(sandbox: Sandbox) -> None:
    """Let a few of all requests go wrong from now on."""
    for path in FAULTY:
        for kind, probability, effect in FAULTS:
            sandbox.faults.add(kind, path=path, times=None, probability=probability, effect=effect)
