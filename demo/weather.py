"""What goes wrong with --faults: requests that fail, connections that break, events that get lost.

Everything is drawn from a seed before the first day, so that the same seed brings the same weather:
every kind comes `each` times, spread over the whole length, now and then several on one day. What
is to hit a request waits for the next one; people who wait for an answer to a command get it.
"""

import heapq
import random
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.app import Sandbox
from sandbox.faults import Kind
from sandbox.state import Server

REQUESTS: tuple[tuple[Kind, bool], ...] = (
    ("429", False),
    ("429-global", False),
    ("429-shared", False),
    ("500", False),
    ("502", False),
    ("503", False),
    ("503", True),
    ("504", False),
    ("504", True),
    ("reset", False),
    ("reset", True),
    ("silence", False),
    ("silence", True),
    ("slow", False),
    ("cloudflare", False),
    ("cloudflare-ban", False),
    ("cloudflare-403", False),
)
"""What a request may meet, and whether it was carried out before that."""
ROUTES = ("/guilds/*", "/channels/*")
"""Where requests meet it."""
RETRIED_FOR_LONG = frozenset(("500", "502", "504", "silence"))
"""Kinds that cost the bot seconds each, by the patience of its library: never several in a row."""
MOST_IN_A_ROW = 4

CONNECTION = ("drop-resumed", "drop-lost", "reconnect", "invalid-session", "outage")
"""What may happen to the connection as a whole."""
EVENTS = ("lost", "duplicated", "delayed")
"""What may happen to single events."""
KINDS = (
    *(f"{kind}-after" if effect else kind for kind, effect in REQUESTS),
    *CONNECTION,
    *EVENTS,
)
"""Everything that is counted, as it is counted."""
LOSE = ("*", "MESSAGE_*", "GUILD_MEMBER_*", "GUILD_*")
"""Events that a live session may miss."""
CALM_AT_FIRST = timedelta(hours=12)
"""The first hours, in which groups are founded, stay calm."""
CALM_AT_LAST = timedelta(hours=12)
"""So do the last: what was to hit a request finds one."""


@dataclass(frozen=True, slots=True, order=True)
class Gust:
    """One thing that goes wrong, and when at the earliest."""

    at: datetime
    number: int
    """Its place among all; no two gusts share one."""
    kind: str
    effect: bool = False


def forecast(start: datetime, length: timedelta, each: int, seed: int) -> list[Gust]:
    """Return everything that will go wrong, in order of time: each kind `each` times."""
    draw = random.Random(f"weather {seed}")
    kinds: list[tuple[str, bool]] = [*REQUESTS, *((k, False) for k in CONNECTION + EVENTS)]
    stretch = (length - CALM_AT_FIRST - CALM_AT_LAST) / each
    number, gusts = 0, list[Gust]()
    for kind, effect in kinds:
        for nth in range(each):
            at = start + CALM_AT_FIRST + (nth + draw.random()) * stretch
            gusts.append(Gust(at, number, kind, effect))
            number += 1
    return sorted(gusts)


class Weather:
    """Lets a forecast come true; `struck` counts what did."""

    def __init__(
        self,
        sandbox: Sandbox,
        server: Server,
        *,
        start: datetime,
        length: timedelta,
        each: int,
        seed: int,
    ) -> None:
        self.sandbox = sandbox
        self.server = server
        self._gusts = forecast(start, length, each, seed)
        self._random = random.Random(f"gusts {seed}")
        self._connection: Counter[str] = Counter()
        self._outage = AsyncExitStack()

    async def breaks(self, now: datetime) -> None:
        """Let everything come that is due by now."""
        while self._gusts and self._gusts[0].at <= now:
            gust = heapq.heappop(self._gusts)
            if gust.kind in CONNECTION:
                await self._break_connection(gust.kind)
            elif gust.kind in EVENTS:
                self._disturb(gust.kind)
            else:
                self._order(gust)

    async def clears(self) -> None:
        """Bring back what was away; to be called when time has passed since `breaks`."""
        await self._outage.aclose()

    async def over(self) -> None:
        """End it all, with one more session: it is shown what the last was never told."""
        await self.clears()
        self.sandbox.faults.clear()
        self.sandbox.gateway.faults.clear()
        self.sandbox.gateway.drop(resumable=False)

    @property
    def struck(self) -> Counter[str]:
        """How often each kind has struck so far; "-after" marks that the request had its effect."""
        found = Counter(dict.fromkeys(KINDS, 0))
        found.update(self.sandbox.faults.struck)
        found.update(self.sandbox.gateway.faults.struck)
        found.update(self._connection)
        return found

    def _order(self, gust: Gust) -> None:
        """Let the next request, or some of the next, meet what a gust brings."""
        kind, effect = next(one for one in REQUESTS if one == (gust.kind, gust.effect))
        in_a_row = 1 if kind in RETRIED_FOR_LONG else self._random.choice((1, 1, MOST_IN_A_ROW))
        path = self._random.choice(ROUTES)
        self.sandbox.faults.add(kind, path=path, times=in_a_row, effect=effect)

    async def _break_connection(self, kind: str) -> None:
        gateway = self.sandbox.gateway
        match kind:
            case "drop-resumed":
                gateway.drop(resumable=True)
            case "drop-lost":
                gateway.drop(resumable=False)
            case "reconnect":
                gateway.drop(resumable=True, politely=True)
                self._connection[kind] += 1
            case "invalid-session":
                gateway.drop(resumable=False, politely=True)
                self._connection[kind] += 1
            case _:
                if self.server.available:
                    await self._outage.enter_async_context(self.sandbox.outage(self.server))

    def _disturb(self, kind: str) -> None:
        faults = self.sandbox.gateway.faults
        match kind:
            case "lost":
                faults.lose(self._random.choice(LOSE), times=1)
            case "duplicated":
                faults.duplicate("*", times=self._random.randint(1, 5))
            case _:
                faults.delay("*", by=self._random.randint(1, 5), times=1)


def in_words(struck: Counter[str]) -> str:
    """Return what struck how often, as one line."""
    return ", ".join(f"{count} × {kind}" for kind, count in sorted(struck.items())) or "nothing"
