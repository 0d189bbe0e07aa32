"""How often sessions may begin: Discord's identify limits (docs, Session Start Limit Object)."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IDENTIFIES, IDENTIFIES_PERIOD = 1000, 86_400.0
"""Identifies of one bot, over all its shards, in so many seconds; beyond, its token is reset."""

CONCURRENCY_PERIOD = 5.0
"""Seconds in which `max_concurrency` shards may identify, one for each rate limit key."""


class Entrance:
    """One application's budget of identifies; periods are real seconds, divided by `time_scale`."""

    def __init__(
        self, *, time_scale: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.total = IDENTIFIES
        self.max_concurrency = 1
        self.concurrency_period = CONCURRENCY_PERIOD
        self.shards = 1
        """How many shards Discord recommends."""
        self.time_scale = time_scale
        self._monotonic = monotonic
        self._spent: deque[float] = deque()
        self._last: dict[int, float] = {}

    @property
    def left(self) -> int:
        """How many identifies are left in this period."""
        self._forget()
        return max(0, self.total - len(self._spent))

    def spend(self) -> bool:
        """Count an identify; False when there was none left."""
        self._forget()
        if len(self._spent) >= self.total:
            return False
        self._spent.append(self._monotonic())
        return True

    def admit(self, shard_id: int) -> bool:
        """Return whether a shard may identify now; if so, others with its key must wait."""
        key, now = shard_id % self.max_concurrency, self._monotonic()
        last = self._last.get(key)
        if last is not None and now - last < self.concurrency_period / self.time_scale:
            return False
        self._last[key] = now
        return True

    def payload(self) -> dict[str, int]:
        """Return the session start limit as GET /gateway/bot answers it."""
        left, reset_after = self.left, 0.0
        if self._spent:
            period = IDENTIFIES_PERIOD / self.time_scale
            reset_after = max(0.0, self._spent[0] + period - self._monotonic())
        return {
            "total": self.total,
            "remaining": left,
            "reset_after": int(reset_after * 1000),
            "max_concurrency": self.max_concurrency,
        }

    def _forget(self) -> None:
        oldest = self._monotonic() - IDENTIFIES_PERIOD / self.time_scale
        while self._spent and self._spent[0] <= oldest:
            self._spent.popleft()
