"""Work by key: each key is done by one worker at a time, and wake-ups for it coalesce."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.errors import Permanent, TablesDown, Temporary

log = logging.getLogger(__name__)

K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do in one lane: keys that wait for a worker, workers that are busy."""

    waiting: int
    working: int

    def __add__(self, other: "Load") -> "Load":
        return Load(self.waiting + other.waiting, self.working + other.working)


LONG_WAIT = 60.0  # seconds; who waits longer for a retry is not counted as busy
GRACE = 3.0  # seconds for what is under way when the lanes close


class Lanes(Generic[K]):
    """Lanes of keyed work.

    A key that is put while it waits stays where it is (or moves to the lane named last); one that
    is put while it is being worked on is worked on again. So no key is ever worked on twice at the
    same time, in whatever lanes, and only the last state counts.

    `work` may raise Temporary: the key comes back after the delay that the error names, else after
    growing ones. Permanent goes to `refused`, and the key rests until it is put again. Anything
    else is logged and taken for Temporary: nothing is dropped. The log has a key by what it is
    `called`, with the key where a {} stands: a person's has none.
    """

    def __init__(
        self,
        work: Callable[[K, str], Awaitable[None]],
        refused: Callable[[K, Permanent], Awaitable[None]],
        *,
        widths: Mapping[str, int],
        delays: Sequence[float],
        changed: Callable[[], None],
        called: str,
    ) -> None:
        self._called = called
        self._work = work
        self._refused = refused
        self._widths = widths
        self._delays = delays
        self._changed = changed
        self._waiting: dict[str, dict[K, None]] = {name: {} for name in widths}
        self._running: set[K] = set()
        self._again: dict[K, str] = {}
        self._later: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._workers: dict[str, set[asyncio.Task[None]]] = {name: set() for name in widths}
        self._closed = False

    def put(self, key: K, lane: str) -> None:
        """Have `key` worked on in `lane`, now."""
        later = self._later.pop(key, None)
        if later is not None:
            later.cancel()
        if self._closed:
            return
        if key in self._running:
            self._again[key] = lane
            return
        for waiting in self._waiting.values():
            waiting.pop(key, None)
        self._waiting[lane][key] = None
        self._fill(lane)

    def waiting(self, lane: str) -> int:
        """Return how many keys wait in a lane for a worker."""
        return len(self._waiting[lane])

    @property
    def loads(self) -> dict[str, Load]:
        """How much there is to do in each lane, by its name."""
        return {
            name: Load(len(waiting), len(self._workers[name]))
            for name, waiting in self._waiting.items()
        }

    @property
    def resting(self) -> int:
        """How many keys wait for their next try."""
        return len(self._later)

    def busy(self, key: K) -> bool:
        """Return whether something is still to be done about `key`, now or after a short wait."""
        return (
            key in self._running
            or any(key in waiting for waiting in self._waiting.values())
            or self._retries_soon(key)
        )

    def all_busy(self) -> set[K]:
        """Return every key about which something is still to be done (see `busy`)."""
        found = {key for key in self._later if self._retries_soon(key)}
        return found.union(self._running, *self._waiting.values())

    def failed(self, key: K) -> int:
        """Return how many tries at `key` have failed in a row."""
        return self._failures.get(key, 0)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do now or after a short wait."""
        return not (
            self._running
            or any(self._waiting.values())
            or any(self._retries_soon(key) for key in self._later)
        )

    async def close(self, grace: float = GRACE) -> None:
        """Stop; what waits is given up, what is under way may end, within `grace` seconds.

        A transaction that is cut off in the middle would leave its connection open.
        """
        self._closed = True
        for later in self._later.values():
            later.cancel()
        self._later.clear()
        for waiting in self._waiting.values():
            waiting.clear()
        workers = [task for lane in self._workers.values() for task in lane]
        if workers:
            await asyncio.wait(workers, timeout=grace)
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _retries_soon(self, key: K) -> bool:
        later = self._later.get(key)
        return later is not None and later.when() - asyncio.get_running_loop().time() <= LONG_WAIT

    def _fill(self, lane: str) -> None:
        workers = self._workers[lane]
        if len(workers) < self._widths[lane]:
            workers.add(asyncio.get_running_loop().create_task(self._drain(lane)))

    async def _drain(self, lane: str) -> None:
        try:
            await self._drain_all(lane)
        finally:
            # Here and not in a callback: a key that is put between a worker's last look at what
            # waits and the callback would find the lane full, and nobody would work on it.
            task = asyncio.current_task()
            assert task is not None
            self._workers[lane].discard(task)

    async def _drain_all(self, lane: str) -> None:
        waiting = self._waiting[lane]
        while waiting:
            key = next(iter(waiting))
            del waiting[key]
            self._running.add(key)
            try:
                await self._attempt(key, lane)
            finally:
                self._running.discard(key)
                again = self._again.pop(key, None)
                if again is not None:
                    self.put(key, again)
                self._changed()

    async def _attempt(self, key: K, lane: str) -> None:
        try:
            await self._work(key, lane)
        except Permanent as error:
            self._failures.pop(key, None)
            try:
                await self._refused(key, error)
            except TablesDown:
                self._retry(key, lane, None)  # it will be refused again, and then written down
            except Exception:
                log.exception(
                    "It could not be written down that %s was refused.", self._called.format(key)
                )
        except Temporary as error:
            log.info("%s will be tried again: %s", self._called.format(key), error)
            self._retry(key, lane, error.delay)
        except TablesDown:
            self._retry(key, lane, None)
        except Exception:
            log.exception(
                "Unexpected failure at %s; it will be tried again.", self._called.format(key)
            )
            self._retry(key, lane, None)
        else:
            self._failures.pop(key, None)

    def _retry(self, key: K, lane: str, delay: float | None) -> None:
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        if delay is None:
            delay = self._delays[min(count, len(self._delays) - 1)]
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        self._later[key] = loop.call_later(delay, self._due, key, lane)

    def _due(self, key: K, lane: str) -> None:
        del self._later[key]
        self.put(key, lane)
