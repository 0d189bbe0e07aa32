"""A Hearth that listens: the cogs that notice and keep, beside a sandbox, without the others."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.app import point_at
from bot.client import Hearth
from bot.database import Database
from bot.driven import SandboxClock, Settled, handlers_done
from bot.gateway import heartbeats
from bot.outbox import Outbox
from bot.pulses import Pulses
from bot.services import connected
from bot.settings import Settings
from bot.signals import Signals
from models import Base
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, Server
from tests.whole import pointed_at

COGS = ("cogs.signals", "cogs.letters", "cogs.privacy")
HANG_UP = 5.0  # seconds; its thread ends at once


@dataclass(frozen=True, slots=True)
class Town:
    """A server with one group, Riverside: its room, a commons, and people who live there."""

    server: Server
    group_id: int
    room: Channel
    commons: Channel
    facilitators_room: Channel
    people: Mapping[str, Person]


class Listening:
    """A bot with a few cogs, its tables, and the sandbox it is connected to."""

    def __init__(self, sandbox: Sandbox, client: Hearth, outbox: Outbox) -> None:
        self.sandbox = sandbox
        self.client = client
        self.database = client.database
        self._outbox = outbox

    async def settled(self) -> Settled:
        """Wait until all that was heard is written down and nothing is owed."""
        client = self.client
        while True:
            await handlers_done()
            await client.signals.flush()
            if client.is_ready() and client.signals.idle and self._outbox.idle:
                return Settled(client.ws.session_id, client.ws.sequence)
            await asyncio.sleep(0.001)

    async def minute(self) -> None:
        """Do what concerns hearing in every minute."""
        async with self.database.writing() as session:
            await connected.heard(session, self.client.signals.hearing, self.client.clock.now())

    async def rows(self, table: type[Base], *columns: str) -> list[tuple[Any, ...]]:
        """Return these columns of all rows, in order."""
        async with self.database.reading() as session:
            found = await session.execute(select(*(getattr(table, name) for name in columns)))
            return sorted(tuple(row) for row in found)


@asynccontextmanager
async def listening(
    sandbox: Sandbox, settings: Settings, cogs: Sequence[str] = COGS
) -> AsyncGenerator[Listening]:
    """Connect a bot to the sandbox until the scope ends; then it is gone without a word."""
    here = pointed_at(sandbox, settings)
    point_at(here)
    async with (
        SandboxClock.connected(sandbox.clock_url) as driven,
        Database.open(here.database) as database,
        Hearth(here, database, driven.clock, cogs) as client,
        Signals(client, database, driven.clock) as signals,
        Outbox(client, database, driven.clock) as outbox,
        Pulses(database) as pulses,
        asyncio.TaskGroup() as tasks,
    ):
        client.signals = signals
        client.outbox = outbox
        client.pulses = pulses
        database.after_commit = lambda _: outbox.wake()
        bot = Listening(sandbox, client, outbox)
        following = tasks.create_task(driven.follow(bot.minute, bot.settled))
        running = tasks.create_task(client.start(sandbox.token))
        try:
            await sandbox.settle()
            yield bot
        finally:
            following.cancel()
            await client.close()
            await running
            await heartbeats.over(client, HANG_UP)
