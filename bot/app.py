"""The composition root: opens everything in order, and closes it in the opposite order."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Self

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import Hearth
from bot.clock import Clock, SystemClock
from bot.database import Database
from bot.driven import SandboxClock, Settled, handlers, handlers_done
from bot.errors import TablesDown
from bot.gateway import heartbeats
from bot.gateway.patience import lost_while_getting_ready
from bot.outbox import DELAYS, SANDBOX_DELAYS, Outbox
from bot.pulses import Pulses
from bot.reconciler import Reconciler
from bot.rounds import jobs
from bot.schedule import Job, Schedule
from bot.settings import Settings
from bot.signals import Signals
from bot.stopping import FINISH, HANDS, HANG_UP, LAST_WORD, Stopping, until
from bot.storage.lease import TAKEN, Held, only_one
from bot.watching.server import watched

log = logging.getLogger(__name__)

COGS = (
    "cogs.home",
    "cogs.absence",
    "cogs.groups",
    "cogs.circles",
    "cogs.finding",
    "cogs.fitting",
    "cogs.seats",
    "cogs.braking",
    "cogs.living",
    "cogs.decisions",
    "cogs.safety",
    "cogs.kept_out",
    "cogs.adopted",
    "cogs.appeals",
    "cogs.together",
    "cogs.bridges",
    "cogs.bridge_sources",
    "cogs.deleted_messages",
    "cogs.neighbourhoods",
    "cogs.concerns",
    "cogs.owners",
    "cogs.desk",
    "cogs.volunteers",
    "cogs.room_words",
    "cogs.notes",
    "cogs.closing",
    "cogs.facilitators",
    "cogs.visits",
    "cogs.splits",
    "cogs.split_changes",
    "cogs.preparing",
    "cogs.reuniting",
    "cogs.wishes",
    "cogs.budding",
    "cogs.merging",
    "cogs.guests",
    "cogs.group_asks",
    "cogs.gatherings",
    "cogs.gathering_dates",
    "cogs.gathering_plans",
    "cogs.goals",
    "cogs.goal_parts",
    "cogs.cohorts",
    "cogs.pairs",
    "cogs.pair_hosts",
    "cogs.rituals",
    "cogs.ritual_forms",
    "cogs.ritual_prompts",
    "cogs.ritual_mine",
    "cogs.ritual_hosts",
    "cogs.ritual_days",
    "cogs.ritual_effects",
    "cogs.letters",
    "cogs.noticing",
    "cogs.health",
    "cogs.pulse",
    "cogs.privacy",
    "cogs.server_events",
    "cogs.signals",
    "cogs.silent_seats",
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
        stopping: Stopping,
        sandbox: SandboxClock | None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.client = client
        self.schedule = schedule
        self.stopping = stopping
        self._sandbox = sandbox

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        stopping: Stopping | None = None,
        *,
        cogs: Sequence[str] = COGS,
    ) -> AsyncGenerator[Self]:
        """Open tables, connection and workers; nothing is sent before `run`.

        `cogs` are the parts of the conversation, as modules' names; all there are unless told.
        `CannotStart` when another Hearth runs on the tables, `TablesDown` when they are of no use.
        """
        stopping = stopping or Stopping()
        async with AsyncExitStack() as stack:
            sandbox: SandboxClock | None = None
            clock: Clock = SystemClock()
            if settings.test_clock_url:
                sandbox = await stack.enter_async_context(
                    SandboxClock.connected(settings.test_clock_url)
                )
                clock = sandbox.clock
            point_at(settings)
            held = await stack.enter_async_context(only_one(settings.database))
            database = await stack.enter_async_context(Database.open(settings.database))
            await database.prove()
            client = await stack.enter_async_context(Hearth(settings, database, clock, cogs))
            client.pulses = await stack.enter_async_context(Pulses(database))
            client.signals = await stack.enter_async_context(Signals(client, database, clock))
            client.reconciler = await stack.enter_async_context(
                Reconciler(client, database, clock, settings)
            )
            client.outbox = await stack.enter_async_context(
                Outbox(
                    client,
                    database,
                    clock,
                    delays=SANDBOX_DELAYS if settings.test_clock_url else DELAYS,
                )
            )
            database.after_commit = client.react
            database.health.recovered = client.tables_back
            schedule = Schedule(clock, [*jobs(client), _still_the_only_one(held, stopping)])
            await stack.enter_async_context(watched(client, schedule))
            yield cls(
                settings=settings,
                clock=clock,
                database=database,
                client=client,
                schedule=schedule,
                stopping=stopping,
                sandbox=sandbox,
            )

    async def run(self) -> None:
        """Stay connected until Discord refuses the token or Hearth is told to stop."""
        asyncio.get_running_loop().set_exception_handler(_complaint)
        hearing = asyncio.create_task(self._hear())
        asked = asyncio.create_task(self.stopping.asked.wait())
        try:
            await asyncio.wait({hearing, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            await self._finish(hearing)
        if not hearing.cancelled():
            hearing.result()

    async def _hear(self) -> None:
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

    async def _finish(self, hearing: asyncio.Task[None]) -> None:
        """Take nothing new, let what is under way end, then hang up; see bot/stopping.py.

        The connection stays until then: what is under way needs it to answer.
        """
        stopping, client = self.stopping, self.client
        stopping.ask()
        self.database.hurry(stopping.by(FINISH - LAST_WORD))
        hearing.cancel()
        await until(
            stopping.by(HANDS / 2),
            hearing,
            asyncio.create_task(handlers_done()),
            asyncio.create_task(self.schedule.at_rest()),
        )
        await until(stopping.by(HANDS / 2), *handlers())
        left = max(stopping.by(HANDS) - asyncio.get_running_loop().time(), 0.0)
        await asyncio.gather(client.outbox.finish(left), client.reconciler.finish(left))
        with suppress(TimeoutError):
            async with asyncio.timeout_at(stopping.by(HANDS + HANG_UP)):
                await client.close()
                await heartbeats.over(client, HANG_UP)

    async def close(self) -> None:
        """Have `run` come to its end."""
        self.stopping.ask()

    async def settled(self) -> Settled:
        """Wait until all that was heard is handled and nothing is owed; tell how far that is."""
        client = self.client
        while True:
            await handlers_done()
            with suppress(TablesDown):  # then they wait, and this with them
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


def _still_the_only_one(held: Held, stopping: Stopping) -> Job:
    """Return the job that stops Hearth when it cannot be sure any more of being alone."""

    async def look(_now: datetime) -> None:
        if not await held():
            log.error("The database server has let go of the lock that keeps a second Hearth out.")
            stopping.ask(TAKEN)

    return Job("only one", timedelta(seconds=30), look)


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
