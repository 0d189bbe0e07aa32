"""Rate limits as Discord counts them, told in its headers.

A bucket is a named budget per guild, channel, webhook or for the whole bot; several routes may
share one. It opens with its first request and is full again when its period has passed. The figures
are measurements by library authors, not promises of Discord's: at run time the headers are the
contract. A route that no measurement names has no bucket here, only the global limit. Periods are
divided by the time scale and run on the real clock.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Scope = Literal["guild_id", "channel_id", "webhook_id", "interaction_id", ""]

GLOBAL_LIMIT = 50
"""Requests per second that one bot may make in all (Discord's docs, Global Rate Limit)."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A budget of `limit` requests per `period` seconds, one for each value of `scope`.

    `scope` names the path parameter that splits the budget; "" is one for the whole bot.
    """

    name: str
    limit: int
    period: float
    scope: Scope = ""

    @property
    def hash(self) -> str:
        """The opaque name that stands in X-RateLimit-Bucket."""
        return hashlib.md5(self.name.encode(), usedforsecurity=False).hexdigest()


MEMBER_ROLES = Bucket("member-roles", 10, 10, "guild_id")
"""Adding and removing a role share this one."""
MEMBER_EDIT = Bucket("member-edit", 10, 10, "guild_id")
MEMBER_GET = Bucket("member-get", 5, 1, "guild_id")
MEMBER_LIST = Bucket("member-list", 10, 10, "guild_id")
OWN_PROFILE = Bucket("own-profile", 1, 1, "guild_id")
ROLE_CREATE = Bucket("role-create", 250, 172_800, "guild_id")
ROLE_EDIT = Bucket("role-edit", 1000, 86_400, "guild_id")
CHANNEL_EDIT = Bucket("channel-edit", 5, 15, "channel_id")
CHANNEL_RENAME = Bucket("channel-rename", 2, 600, "channel_id")
"""Name and topic; counted beside CHANNEL_EDIT and never told in the headers."""
OVERWRITES = Bucket("overwrites", 10, 15, "channel_id")
MESSAGE_CREATE = Bucket("message-create", 5, 5, "channel_id")
MESSAGE_EDIT = Bucket("message-edit", 5, 4, "channel_id")
REACTIONS = Bucket("reactions", 1, 0.25, "channel_id")
PINS = Bucket("pins", 5, 4, "channel_id")
THREAD_CREATE = Bucket("thread-create", 50, 300)
THREAD_MEMBERS = Bucket("thread-members", 5, 5)
"""Adding somebody and taking them out share this one."""
EVENT_CREATE = Bucket("event-create", 5, 60, "guild_id")
EVENT_EDIT = Bucket("event-edit", 5, 20, "guild_id")
"""Changing and deleting."""
EVENT_LIST = Bucket("event-list", 1, 10, "guild_id")
WEBHOOK = Bucket("webhook", 5, 2, "webhook_id")
GUILD_COMMANDS = Bucket("guild-commands", 2, 60, "guild_id")
OLD_EDIT = Bucket("old-message-edit", 3, 20, "channel_id")
"""Edits of messages older than an hour, beside MESSAGE_EDIT and told in no header.

Discord names the limit (error 30046) and no figure; this one is what one bot's author saw
(starboard-4#118), chosen here since any figure is truer than none.
"""
INVALID_REQUESTS = Bucket("invalid-requests", 10_000, 600)
"""Answers with 401, 403 or a 429 that is not shared, from one address (Discord's docs, Invalid
Request Limit); one more, and Cloudflare bans the address."""
BAN_SECONDS = 3600.0
"""How long that ban lasts: Discord publishes no figure; an hour is what was seen
(discord-api-docs#5385)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiter says to one request; `retry_after` (seconds) is None for a go."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False
    code: int = 0
    """Discord's error code, for the few limits that have one."""


class _Window:
    __slots__ = ("ends", "used")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.used = 0


class Limiter:
    """Counts requests; `scale` divides every period, `monotonic` gives seconds."""

    def __init__(self, scale: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.scale = scale
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], _Window] = {}
        self._global = _Window(0.0)
        self._hashes: dict[str, str] = {}
        self.invalid_budget = INVALID_REQUESTS.limit
        """Invalid requests after which the address is banned; tests may lower it."""
        self._invalid = _Window(0.0)
        self._banned_until = 0.0

    def note_invalid(self) -> int:
        """Count an invalid request; return how many there were in its window so far.

        One too many bans the address.
        """
        window = self._open(self._invalid, INVALID_REQUESTS.period)
        window.used += 1
        if window.used > self.invalid_budget:
            self._banned_until = self._monotonic() + BAN_SECONDS / self.scale
        return window.used

    @property
    def banned(self) -> float:
        """Seconds that the address is still banned for; 0 for one that is not."""
        return max(0.0, self._banned_until - self._monotonic())

    def take_global(self) -> Verdict | None:
        """Count one request of the bot; return the refusal when it made too many this second."""
        window = self._open(self._global, 1.0)
        if window.used >= GLOBAL_LIMIT:
            wait = max(0.0, window.ends - self._monotonic())
            headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
            return Verdict(_with_retry(headers, wait), wait, is_global=True)
        window.used += 1
        return None

    def take(self, bucket: Bucket, major: str = "") -> Verdict:
        """Count one request against a bucket and return the headers of its answer."""
        window = self._window(bucket, major)
        now = self._monotonic()
        wait = max(0.0, window.ends - now)
        if window.used >= bucket.limit:
            headers = self._headers(bucket, 0, wait) | {"X-RateLimit-Scope": "user"}
            return Verdict(_with_retry(headers, wait), wait)
        window.used += 1
        return Verdict(self._headers(bucket, bucket.limit - window.used, wait))

    def take_silently(
        self, bucket: Bucket, major: str, shown: Verdict, *, code: int = 0
    ) -> Verdict:
        """Count against a budget that is told in no header; a refusal keeps `shown`'s headers."""
        window = self._window(bucket, major)
        if window.used >= bucket.limit:
            wait = max(0.0, window.ends - self._monotonic())
            headers = shown.headers | {"X-RateLimit-Scope": "user"}
            return Verdict(_with_retry(headers, wait), wait, code=code)
        window.used += 1
        return shown

    def _window(self, bucket: Bucket, major: str) -> _Window:
        key = (bucket.name, major)
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) > 10_000:
                self._forget_ended()
            window = self._windows[key] = _Window(0.0)
        return self._open(window, bucket.period)

    def _open(self, window: _Window, period: float) -> _Window:
        now = self._monotonic()
        if now >= window.ends:
            window.ends = now + period / self.scale
            window.used = 0
        return window

    def _forget_ended(self) -> None:
        now = self._monotonic()
        self._windows = {key: window for key, window in self._windows.items() if window.ends > now}

    def _headers(self, bucket: Bucket, remaining: int, wait: float) -> dict[str, str]:
        opaque = self._hashes.get(bucket.name)
        if opaque is None:
            opaque = self._hashes[bucket.name] = bucket.hash
        return {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": f"{time.time() + wait:.6f}",
            "X-RateLimit-Reset-After": f"{wait:.6f}",
            "X-RateLimit-Bucket": opaque,
        }


def _with_retry(headers: dict[str, str], wait: float) -> dict[str, str]:
    """Add Retry-After, whole seconds rounded up, as HTTP wants it."""
    return headers | {"Retry-After": str(int(wait) + 1)}
