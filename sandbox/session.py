"""A gateway session: what one client asked to hear, and what it heard last.

A session outlives its connections: it numbers its events and keeps the last of them, so that a
client that comes back with RESUME misses nothing.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.connection import Connection

KEPT_EVENTS = 20_000
"""How many events a session keeps for a resume (Discord publishes no figure)."""

HELD_AT_MOST = 0.05
"""Real seconds that an event which is to come late is held back when no other follows it."""


@dataclass(slots=True)
class _Late:
    event: str
    encoded: str
    left: int
    """How many events go first."""


class Session:
    """One identified client: its shard, its intents, and its connection."""

    __slots__ = (
        "_kept",
        "_late",
        "connection",
        "id",
        "intents",
        "large_threshold",
        "parted_at",
        "sequence",
        "shard",
    )

    def __init__(
        self,
        connection: Connection,
        intents: int,
        *,
        large_threshold: int = 50,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.large_threshold = large_threshold
        self.shard = shard
        self.sequence = 0
        self.connection: Connection | None = connection
        self.parted_at = 0.0
        self._kept: deque[str] = deque(maxlen=KEPT_EVENTS)
        self._late: deque[_Late] = deque()

    def serves(self, server_id: int | None) -> bool:
        """Return whether this shard hears of a server; DMs (None) are the first shard's.

        (Discord's docs, Sharding)
        """
        number, count = self.shard
        return number == (0 if server_id is None else (server_id >> 22) % count)

    def send(self, event: str, encoded: str) -> None:
        """Send an event under the next number, and keep it; then what was waiting for it."""
        self._send(event, encoded)
        if not self._late:
            return
        for late in self._late:
            late.left -= 1
        while self._late and self._late[0].left <= 0:
            late = self._late.popleft()
            self._send(late.event, late.encoded)

    def send_late(self, event: str, encoded: str, after: int) -> None:
        """Send an event after the next `after` others, or soon if none come."""
        self._late.append(_Late(event, encoded, after))
        asyncio.get_running_loop().call_later(HELD_AT_MOST, self.release)

    def release(self) -> None:
        """Send what is held back."""
        while self._late:
            late = self._late.popleft()
            self._send(late.event, late.encoded)

    @property
    def holds(self) -> bool:
        """Whether an event is held back."""
        return bool(self._late)

    def _send(self, event: str, encoded: str) -> None:
        self.sequence += 1
        frame = f'{{"t":"{event}","s":{self.sequence},"op":0,"d":{encoded}}}'
        self._kept.append(frame)
        if self.connection is not None:
            self.connection.push(frame)

    def missed(self, sequence: int) -> list[str] | None:
        """Return the events after `sequence`; None when some are no longer kept."""
        count = self.sequence - sequence
        if not 0 <= count <= len(self._kept):
            return None
        return [self._kept[index] for index in range(len(self._kept) - count, len(self._kept))]
