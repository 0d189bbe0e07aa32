"""A small web server beside the bot: /metrics for Prometheus, /health for a watchdog.

It is off unless a port is set, and listens on loopback unless told otherwise. It answers out of the
bot's own event loop: no answer within a few seconds says as much as a bad one.
"""

import asyncio
import logging
import math
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from bot import beat
from bot.errors import CannotStart, TablesDown
from bot.gateway import traffic
from bot.services.totals import totals
from bot.storage.migrating import file_of
from bot.watching.collecting import Standing
from bot.watching.instruments import Instruments, Lines

if TYPE_CHECKING:
    from bot.client import Hearth
    from bot.schedule import Schedule

log = logging.getLogger(__name__)

WRONG_SETTING = 2  # the exit's status
TOTALS_LAST = 10.0  # seconds for which counts are not taken anew
TOTALS_WITHIN = 2.0  # seconds; without an answer of the tables' the rest is told
LOOP_EVERY = 0.25  # seconds between two looks at how late the loop is


@asynccontextmanager
async def watched(client: "Hearth", schedule: "Schedule") -> AsyncGenerator[str | None]:
    """Measure, and serve what is measured, while the scope is open; where, None if it is off.

    To be opened before the client logs in. `CannotStart` where the address cannot be used.
    """
    settings = client.settings
    if not settings.metrics_port:
        yield None
        return
    async with serving(client, schedule, settings.metrics_host, settings.metrics_port) as where:
        log.info("Figures are at %s/metrics.", where)
        yield where


@asynccontextmanager
async def serving(
    client: "Hearth", schedule: "Schedule", host: str, port: int
) -> AsyncGenerator[str]:
    """Do as `watched` does, at an address; port 0 is any that is free."""
    instruments = Instruments()
    measure(instruments, client, schedule)
    page = Page(client, instruments)
    async with AsyncExitStack() as stack:
        stack.enter_context(Lines(instruments))
        runner = web.AppRunner(page.app(), access_log=None)
        stack.push_async_callback(page.ended)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise CannotStart(
                f"metrics_port: nothing can be served at {host}:{port} ({_why(error)}).",
                status=WRONG_SETTING,
            ) from error
        looking = asyncio.create_task(_look_at_the_loop(instruments), name="loop lag")
        stack.push_async_callback(_ended, looking)
        bound: Any = runner.addresses[0]
        yield f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"


def measure(instruments: Instruments, client: "Hearth", schedule: "Schedule") -> None:
    """Have the parts tell the instruments; before the client logs in."""
    client.arrivals.watch(instruments.event)
    trace = client.http.http_trace
    assert trace is not None  # the client is made with one
    traffic.watch(trace, instruments.request, instruments.first_answer)
    schedule.watch = instruments.job
    client.database.watch = instruments.transaction


class Page:
    """What is served."""

    def __init__(self, client: "Hearth", instruments: Instruments) -> None:
        self._client = client
        self._registry = instruments.registry
        self._standing = Standing(client, file_of(client.settings.database))
        self._registry.register(self._standing)
        self._counted_at = -math.inf
        self._counting: asyncio.Task[None] | None = None

    def app(self) -> web.Application:
        """Return the two pages; anything else is not found."""
        app = web.Application()
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/health", self.health)
        return app

    async def metrics(self, _request: web.Request) -> web.Response:
        """Answer with every figure, in Prometheus' text format."""
        await self._count()
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    async def health(self, _request: web.Request) -> web.Response:
        """Answer 200 or 503 as `python -m bot check --beat` would, with what it would say."""
        found = await asyncio.to_thread(beat.state, self._client.settings.beat_file, time.time())
        body = {
            "well": found.well,
            "says": list(found.lines),
            "connected": self._client.is_ready(),
        }
        return web.json_response(body, status=200 if found.well else 503)

    async def _count(self) -> None:
        """Take the totals anew if they are old; whoever asks waits only so long for them."""
        if asyncio.get_running_loop().time() - self._counted_at < TOTALS_LAST:
            return
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._take(), name="totals")
        done, _ = await asyncio.wait([self._counting], timeout=TOTALS_WITHIN)
        if not done:
            self._standing.totals = None  # none rather than old ones

    async def _take(self) -> None:
        self._standing.totals = None
        try:
            async with self._client.database.reading() as session:
                self._standing.totals = await totals(session, self._client.clock.now())
        except TablesDown:
            pass  # it is logged
        except Exception:
            log.exception("The totals could not be counted; they will be again.")
        else:
            self._counted_at = asyncio.get_running_loop().time()

    async def ended(self) -> None:
        """Leave no transaction open."""
        if self._counting is not None:
            await _ended(self._counting)


def _why(error: OSError) -> str:
    # asyncio's own words repeat the address; for a name that is not found there is no errno.
    number = error.errno or 0
    return os.strerror(number) if number > 0 else str(error.strerror)


async def _look_at_the_loop(instruments: Instruments) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOP_EVERY
        await asyncio.sleep(LOOP_EVERY)
        instruments.late(max(0.0, loop.time() - due))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
