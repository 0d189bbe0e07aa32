"""Keeps its distance where Discord cannot be reached, or turns this address away.

Cloudflare stands before Discord. Whoever sends it too many requests that are refused is answered
with pages of HTML instead of Discord's JSON, for an hour or longer, and every further request
counts against them. So after such a page nothing is asked for a while; what comes meanwhile is
refused here, as if by a rate limit. Then one request goes ahead to see whether the door is open.
"""

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
from discord.http import HTTPClient, Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

FIRST, LONGEST = 60.0, 3600.0  # seconds to stand back where the page does not say how long
SANDBOX_MOST = 0.25  # where weeks pass in minutes, whatever a page says
WHILE_ONE_LOOKS = 2.0  # seconds until a request that waits for another one's answer asks again
START_DELAYS = (1.0, 5.0, 15.0, 60.0)  # seconds between tries to log in; then the last of them
REFUSALS = frozenset({401, 403, 429})  # what Discord counts towards its ban (docs, Rate Limits)


def is_page(error: discord.HTTPException) -> bool:
    """Return whether it was not Discord that answered, but what stands before it."""
    return "json" not in cast("Any", error.response).headers.get("Content-Type", "")


def turns_away(error: discord.HTTPException) -> bool:
    """Return whether asking on would only make things worse: a ban, or a token without value."""
    return error.status in REFUSALS and (error.status == 401 or is_page(error))


class Distance:
    """Every request of a client passes here; made before the client's first request.

    While `starting` (the login, and what belongs to it), whoever asks is kept waiting until Discord
    can be reached. Afterwards they are told at once: `discord.RateLimited`, with the time to wait.
    It never stands back for longer than `most` seconds.
    """

    def __init__(
        self,
        http: HTTPClient,
        *,
        most: float = math.inf,
        monotonic: "Callable[[], float]" = time.monotonic,
        sleep: "Callable[[float], Awaitable[None]]" = asyncio.sleep,
    ) -> None:
        self.starting = True
        self._most = most
        self._monotonic = monotonic
        self._sleep = sleep
        self._send: Callable[..., Awaitable[Any]] = http.request
        self._until = 0.0
        self._grown = 0.0
        self._looking = False
        cast("Any", http).request = self.request

    @property
    def left(self) -> float:
        """Seconds for which nothing may be asked; 0 while the door is open."""
        return max(0.0, self._until - self._monotonic())

    async def request(self, route: Route, **options: Any) -> Any:
        """Send one request, as `HTTPClient.request` does."""
        if not self.starting:
            return await self._ask(route, options)
        delays = iter(START_DELAYS)
        delay = 0.0
        while True:
            try:
                return await self._ask(route, options)
            except discord.RateLimited as error:
                wait, why = error.retry_after, "it is told to wait"
            except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
                wait = delay = next(delays, delay)
                why = f"{type(error).__name__}: {error}"
            log.warning("Discord cannot be reached; again in %.0f seconds (%s)", wait, why)
            await self._sleep(wait)

    async def _ask(self, route: Route, options: dict[str, Any]) -> Any:
        if not self._until:
            return await self._told(route, options)
        if self.left or self._looking:
            raise discord.RateLimited(self.left or min(WHILE_ONE_LOOKS, self._most))
        self._looking = True
        try:
            return await self._told(route, options)
        finally:
            self._looking = False

    async def _told(self, route: Route, options: dict[str, Any]) -> Any:
        """Send one request, and mind what its answer says about the next ones."""
        try:
            answer = await self._send(route, **options)
        except discord.HTTPException as error:
            if not turns_away(error):
                if not is_page(error):
                    self._until = self._grown = 0.0
                raise
            if error.status == 401 and self.starting:
                raise
            self._stand_back(error)
            raise discord.RateLimited(self.left) from error
        self._until = self._grown = 0.0
        return answer

    def _stand_back(self, error: discord.HTTPException) -> None:
        if self.left:
            return  # one of several that were under way
        told: str = cast("Any", error.response).headers.get("Retry-After", "")
        if told.isdigit() and int(told):
            wait = float(told)
        else:
            wait = self._grown = min(max(FIRST, 2 * self._grown), LONGEST)
        wait = min(wait, self._most)
        self._until = self._monotonic() + wait
        log.warning("Turned away with %d: nothing is asked for %.0f seconds", error.status, wait)
