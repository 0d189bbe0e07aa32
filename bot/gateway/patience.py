"""Where discord.py is less patient than a bot that runs for months: limits, lost connections.

discord.py refuses a request whose bucket refills later than `max_ratelimit_timeout`, even while the
bucket still has plenty left. Creating roles is counted over 48 hours, so after the first role every
further one would be refused for two days. Here a request that need not wait goes out, and only one
that would have to wait too long is refused.

And where it is too patient: a request that nobody answers is given up by aiohttp after five
minutes, with a member waiting for a key all the while. Here it is given up sooner, and whoever
asked finds out what became of it.
"""

import asyncio
from typing import Any, cast

import aiohttp
import discord
from discord.http import HTTPClient, Ratelimit
from discord.state import AutoShardedConnectionState, ConnectionState

ANSWER_WITHIN = 30.0  # seconds; Discord's edge itself answers 504 before that
ANSWER_WITHIN_SANDBOX = 5.0  # where weeks pass in minutes

GETTING_READY = (
    ConnectionState._delay_ready.__code__,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - its task is known by nothing else
    AutoShardedConnectionState._delay_ready.__code__,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same
    ConnectionState._chunk_and_dispatch.__code__,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage,reportUnknownMemberType] - a server that comes back after an outage
)


class Patience(Ratelimit):
    """A bucket that refuses only what it would have to hold back for too long."""

    __slots__ = ()

    async def acquire(self) -> None:
        """Take one of what is left, or wait for more."""
        if self.is_expired():
            self.reset()
        if self.remaining <= 0:
            await super().acquire()
            return
        self._last_request = self._loop.time()
        self.remaining -= 1
        self.outgoing += 1

    def _wake(self, count: int = 1, *, exception: Any = None) -> None:
        # Only after a refill that was not waited for (no expiry known any more) is nothing left.
        super()._wake(count, exception=None if self.expires is not None else exception)


def be_patient(http: HTTPClient) -> None:
    """Use such buckets in a client that has not made a request yet."""
    inner = cast("Any", http)

    def get_ratelimit(key: str) -> Ratelimit:
        found: Ratelimit | None = inner._buckets.get(key)  # noqa: SLF001 - as the method that this replaces
        if found is None:
            found = inner._buckets[key] = Patience(http.max_ratelimit_timeout)  # noqa: SLF001 - the same
            inner._try_clear_expired_ratelimits()  # noqa: SLF001 - the same
        return found

    inner.get_ratelimit = get_ratelimit


def expect_answers(http: HTTPClient, within: float) -> None:
    """Give a request up (TimeoutError) that has no answer after `within` seconds; after the login.

    Nobody knows then whether it had its effect. Waiting for a rate limit does not count.
    """
    session: aiohttp.ClientSession = cast("Any", http)._HTTPClient__session  # noqa: SLF001 - discord.py makes it and hands it out nowhere
    cast("Any", session)._timeout = aiohttp.ClientTimeout(total=within)  # noqa: SLF001 - aiohttp takes it only when a session is made


def lost_while_getting_ready(context: dict[str, Any]) -> bool:
    """Return whether a loop's complaint is only a connection lost while members were asked for.

    discord.py asks for the members in a task that nobody awaits. If the connection breaks just
    then, that task fails, unheard; the next session gets ready by itself. `context` is what a
    loop's exception handler is given.
    """
    task = context.get("future")
    if not isinstance(task, asyncio.Task):
        return False
    coroutine: Any = cast("asyncio.Task[Any]", task).get_coro()
    return getattr(coroutine, "cr_code", None) in GETTING_READY and isinstance(
        context.get("exception"), discord.ConnectionClosed | ConnectionError | aiohttp.ClientError
    )
