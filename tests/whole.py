"""A whole Hearth beside a sandbox, as tests and their fixtures start it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.app import COGS, App
from bot.settings import Settings
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Server


@dataclass(slots=True, eq=False)
class Running:
    """A whole Hearth beside a sandbox, driven by people; time moves with `advance`."""

    sandbox: Sandbox
    server: Server
    owner: Person
    app: App
    founded: Any = None
    """What the test's town was founded with; see tests/founded.py."""

    async def person(self, name: str | None = None) -> Person:
        """Let someone new join the server."""
        return await self.sandbox.person(self.server, name)

    async def advance(self, to: timedelta | datetime) -> None:
        """Let time pass and everything that is due be done."""
        await self.sandbox.advance(to)

    async def settle(self) -> None:
        """Wait until everything that was set off has been done."""
        await self.sandbox.settle()


async def ready(sandbox: Sandbox, run: asyncio.Task[None]) -> None:
    """Wait until a bot has looked at everything; what keeps it from starting is raised at once."""
    settled = asyncio.create_task(sandbox.settle())
    await asyncio.wait({settled, run}, return_when=asyncio.FIRST_COMPLETED)
    if not settled.done():
        settled.cancel()
        await run
    await settled


@asynccontextmanager
async def running(
    settings: Settings, now: datetime, cogs: Sequence[str] = COGS
) -> AsyncGenerator[Running]:
    """Connect a bot to a sandbox's server, with nothing set up yet, until the scope ends."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        async with driven(sandbox, settings, cogs) as app:
            yield Running(sandbox, server, server.owner, app)


def pointed_at(sandbox: Sandbox, settings: Settings, **changes: object) -> Settings:
    """Return the settings of a bot that is to connect to a sandbox, and lives by its clock."""
    return settings.model_copy(
        update={
            "token": type(settings.token)(sandbox.token),
            "discord_url": sandbox.base_url,
            "test_clock_url": sandbox.clock_url,
            **changes,
        }
    )


@asynccontextmanager
async def driven(
    sandbox: Sandbox, settings: Settings, cogs: Sequence[str] = COGS
) -> AsyncGenerator[App]:
    """Connect a bot to a sandbox that stands already, until the scope ends."""
    here = pointed_at(sandbox, settings)
    async with App.open(here, cogs=cogs) as app:
        run = asyncio.create_task(app.run())
        try:
            await ready(sandbox, run)
            yield app
        finally:
            await app.close()
            await run
