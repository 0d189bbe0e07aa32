"""Tells of every request to Discord by its route: how it was answered, and how long that took.

A path holds ids of people and rooms, and tokens with which anybody could answer in Hearth's name.
A route keeps only the words that Discord's own documentation has for it, so that neither can come
through, and so that there are no more routes than Hearth has calls.
"""

import time
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp

WORDS = frozenset(
    (
        "active",
        "applications",
        "audit-logs",
        "bans",
        "callback",
        "channels",
        "commands",
        "gateway",
        "guilds",
        "interactions",
        "invites",
        "member-counts",
        "members",
        "messages",
        "oauth2",
        "onboarding",
        "permissions",
        "pins",
        "reactions",
        "roles",
        "scheduled-events",
        "search",
        "threads",
        "users",
        "webhooks",
        "bot",
        "@me",
        "@original",
    )
)
"""What may stand in a route; a place of anything else is written as {}."""
API = ("api", "v10")
LOST = "lost"
"""In the place of a status: no answer came."""

Told = Callable[[str, str, float, str], None]
"""Told a request's route ("GET /guilds/{}/roles"), its answer's status or `LOST`, its seconds, and
for an answer 429 whose limit it was (user, shared, global; "" for others)."""


def route(method: str, path: str) -> str:
    """Return a request's route, with nothing of whom or what it is about."""
    parts = [part for part in path.split("/") if part]
    if tuple(parts[: len(API)]) == API:
        parts = parts[len(API) :]
    return f"{method} /" + "/".join(part if part in WORDS else "{}" for part in parts)


def answered(path: str) -> int | None:
    """Return the interaction that a request gives its first answer to; None for any other."""
    parts = path.rstrip("/").split("/")
    if len(parts) < 4 or parts[-1] != "callback" or not parts[-3].isdigit():
        return None
    return int(parts[-3])


def watch(trace: aiohttp.TraceConfig, told: Told, first_answer: Callable[[int], None]) -> None:
    """Have `told` called after every request of a session that is made with `trace`.

    `first_answer` is called with an interaction once Discord has its first answer. To be called
    before the session is made.
    """

    async def begins(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _asked: aiohttp.TraceRequestStartParams,
    ) -> None:
        context.begun = time.perf_counter()

    async def ends(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        ended: aiohttp.TraceRequestEndParams,
    ) -> None:
        response, path = ended.response, ended.url.path
        limit = response.headers.get("X-RateLimit-Scope", "") if response.status == 429 else ""
        seconds = time.perf_counter() - context.begun
        told(route(ended.method, path), str(response.status), seconds, limit)
        interaction = answered(path)
        if interaction is not None and response.status < 300:
            first_answer(interaction)

    async def fails(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        failed: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        seconds = time.perf_counter() - context.begun
        told(route(failed.method, failed.url.path), LOST, seconds, "")

    trace.on_request_start.append(begins)
    trace.on_request_end.append(ends)
    trace.on_request_exception.append(fails)
