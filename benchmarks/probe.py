"""How long an event loop keeps everybody else waiting, felt by a task that sleeps and wakes."""

import asyncio
import contextlib
import gc
import time
from types import TracebackType
from typing import Any, Self

NAP = 0.002
"""Seconds that the task means to sleep."""


class Probe:
    """Feels the loop it runs in.

    `block` is the longest time that the task overslept: what a person's click would have waited
    for before anything was done about it. `own` is how much of it the loop's own thread worked:
    the rest went to other threads and processes of a busy machine. `collection` is the longest
    pause for garbage, which is part of both. All in seconds, since the last `take`.
    """

    def __init__(self) -> None:
        self.block = self.own = self.collection = 0.0
        self._collecting = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        gc.callbacks.append(self._collected)
        self._task = asyncio.create_task(self._feel())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        gc.callbacks.remove(self._collected)
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def take(self) -> dict[str, float]:
        """Return what was felt since the last time, in milliseconds, and begin anew."""
        felt = {
            "block_ms": self.block * 1000,
            "own_ms": self.own * 1000,
            "collection_ms": self.collection * 1000,
        }
        self.block = self.own = self.collection = 0.0
        return felt

    async def _feel(self) -> None:
        while True:
            begun, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(NAP)
            late = time.perf_counter() - begun - NAP
            self.block = max(self.block, late)
            self.own = max(self.own, min(late, time.thread_time() - worked))

    def _collected(self, phase: str, _info: Any) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self.collection = max(self.collection, time.perf_counter() - self._collecting)
