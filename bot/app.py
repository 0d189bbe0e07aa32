"""The composition root: opens everything in order, and closes it in the opposite order."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import Hearth
from bot.clock import Clock, SystemClock
from bot.database import Database
from bot.driven import SandboxClock, Settled, handlers, handlers_done
from bot.gateway.patience import lost_while_getting_ready
from bot.outbox import Outbox
from bot.reconciler import Reconciler
from bot.schedule import Schedule, jobs
from bot.settings import Settings
from bot.signals import Signals

log = logging.getLogger(__name__)

STOP_GRACE = 5.0  # seconds for handlers that are under way when Hearth hangs up

COGS = (
    "cogs.home",
    "cogs.groups",
    "cogs.decisions",
    "cogs.owners",
    "cogs.desk",
    "cogs.facilitators",
    "cogs.visits",
    "cogs.splits",
    "cogs.rituals",
    "cogs.letters",
    "cogs.privacy",
    "cogs.server_events",
    "cogs.signals",
)


class App:
    """One running Hearth: its parts, put together."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        database: Database,
        client: Hearth,
        schedule: Schedule,
        sandbox: SandboxClock | None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.client = client
        self.schedule = schedule
        self._sandbox = sandbox

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncGenerator[Self]:
        """Open tables, connection and workers; nothing is sent before `run`."""
        async with AsyncExitStack() as stack:
            sandbox: SandboxClock | None = None
            clock: Clock = SystemClock()
            if settings.test_clock_url:
                sandbox = await stack.enter_async_context(
                    SandboxClock.connected(settings.test_clock_url)
                )
                clock = sandbox.clock
            point_at(settings)
            database = await stack.enter_async_context(Database.open(settings.database))
            client = await stack.enter_async_context(Hearth(settings, database, clock, COGS))
            client.signals = await stack.enter_async_context(Signals(client, database, clock))
            client.reconciler = await stack.enter_async_context(
                Reconciler(client, database, clock, settings)
            )
            client.outbox = await stack.enter_async_context(Outbox(client, database, clock))
            database.after_commit = client.react
            schedule = Schedule(clock, jobs(client))
            yield cls(
                settings=settings,
                clock=clock,
                database=database,
                client=client,
                schedule=schedule,
                sandbox=sandbox,
            )

    async def run(self) -> None:
        """Stay connected until Discord refuses the token or the process is told to stop."""
        asyncio.get_running_loop().set_exception_handler(_complaint)
        await self.client.login(self.settings.token.get_secret_value())
        async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
            following: asyncio.Task[None] | None = None
            if self._sandbox is None:
                await stack.enter_async_context(self.schedule.beating())
            else:
                following = tasks.create_task(
                    self._sandbox.follow(self.schedule.run_due, self.settled)
                )
            try:
                await self.client.connect()
            finally:
                if following is not None:
                    following.cancel()
                # What an event has begun may end: its transaction needs the tables open.
                with suppress(TimeoutError):
                    async with asyncio.timeout(STOP_GRACE):
                        await handlers_done()

    async def close(self) -> None:
        """Hang up; `run` returns."""
        await self.client.close()

    def close_on_signals(self) -> None:
        """Hang up in good order when the operator or the machine says stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(self.close()))

    async def settled(self) -> Settled:
        """Wait until all that was heard is handled and nothing is owed; tell how far that is."""
        client = self.client
        while True:
            await handlers_done()
            await client.signals.flush()
            if client.is_ready() and client.reconciler.idle and client.outbox.idle:
                # What was received meanwhile is a handler by the next turn of the loop.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                idle = client.reconciler.idle and client.outbox.idle and client.signals.idle
                if idle and not handlers():
                    break
            await asyncio.sleep(0.001)
        return Settled(client.ws.session_id, client.ws.sequence)


def _complaint(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if lost_while_getting_ready(context):
        log.info("The connection was lost while getting ready: %r", context["exception"])
        return
    loop.default_exception_handler(context)


def point_at(settings: Settings) -> None:
    """Send discord.py to another Discord than the real one, where the settings name one.

    Both places are set: the gateway's default address is used again after a session that cannot be
    resumed.
    """
    if not settings.discord_url:
        return
    base = yarl.URL(settings.discord_url)
    Route.BASE = f"{settings.discord_url}/api/v10"
    scheme = "wss" if base.scheme == "https" else "ws"
    DiscordWebSocket.DEFAULT_GATEWAY = base.with_scheme(scheme).with_path("/gateway")
