"""APScheduler as a metronome; what is done at its beats stands in bot.rounds.

The tables know what is due, so nothing is lost when a beat is missed: a job looks at what is due by
now, however late it comes, and APScheduler keeps no jobs of its own. A bot that a sandbox drives
has no metronome; `run_due` is called when its clock was moved.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.errors import TablesDown

log = logging.getLogger(__name__)

Work = Callable[[datetime], Awaitable[None]]
Watch = Callable[[str, float, bool], None]
"""Told a job's name, how many seconds it took, and whether all of it was done."""

_left_undone: ContextVar[list[str]] = ContextVar("left undone")


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is looked at every so often; `work` gets the moment and must find what is due."""

    name: str
    every: timedelta
    work: Work


class Schedule:
    """Runs jobs on time.

    A job that fails is logged and runs again at its next beat; it never runs beside itself.
    """

    def __init__(self, clock: Clock, jobs: list[Job]) -> None:
        self._clock = clock
        self._jobs = jobs
        self._next: dict[str, datetime] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self.watch: Watch | None = None
        """Called when a job has ended."""

    async def run_due(self) -> None:
        """Run every job whose moment has come, once each, however many beats were missed.

        Who stops waiting for a job does not stop it.
        """
        now = self._clock.now()
        for job in self._jobs:
            if self._next.get(job.name, now) <= now:
                self._next[job.name] = now + job.every
                running = asyncio.create_task(self._run(job), name=f"job {job.name}")
                self._running.add(running)
                running.add_done_callback(self._running.discard)
                await asyncio.shield(running)

    @asynccontextmanager
    async def beating(self) -> AsyncGenerator[None]:
        """Run the jobs by the machine's clock while the scope is open, each once right away.

        What is under way when the scope ends is finished first.
        """
        scheduler: Any = AsyncIOScheduler(timezone=UTC)
        for job in self._jobs:
            scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=int(job.every.total_seconds()), timezone=UTC),
                args=[job],
                id=job.name,
                next_run_time=datetime.now(UTC),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            yield
        finally:
            scheduler.pause()
            try:
                await self._at_rest.wait()
            finally:
                scheduler.shutdown(wait=False)

    async def at_rest(self) -> None:
        """Wait until no job is under way."""
        await self._at_rest.wait()

    async def _run(self, job: Job) -> None:
        self._under_way += 1
        self._at_rest.clear()
        undone: list[str] = []
        _left_undone.set(undone)
        begun = time.perf_counter()
        try:
            await job.work(self._clock.now())
        except TablesDown:
            undone.append(job.name)  # it is logged; the job runs again
        except Exception:
            undone.append(job.name)
            log.exception("The job %s failed; it will run again.", job.name)
        finally:
            if self.watch is not None:
                self.watch(job.name, time.perf_counter() - begun, not undone)
            self._under_way -= 1
            if not self._under_way:
                self._at_rest.set()


@asynccontextmanager
async def by_itself(what: str) -> AsyncGenerator[None]:
    """Let what fails here keep nothing else from being seen to."""
    try:
        yield
    except TablesDown:
        raise
    except Exception:
        log.exception("%s could not be seen to; they will be again.", what)
        _left_undone.get([]).append(what)
