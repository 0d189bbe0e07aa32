"""All of a bot's requests together stay under Discord's limit for each second."""

import asyncio
from datetime import datetime

import aiohttp
import pytest

from bot.gateway.pace import Pace
from sandbox.app import Sandbox
from tests.bot.test_distance import Time


async def test_no_second_holds_more_than_allowed() -> None:
    """However many come at once, whichever second one looks at, and in their order."""
    time = Time()
    pace = Pace(5, monotonic=time.monotonic, sleep=time.sleep)
    went: list[tuple[int, float]] = []

    async def ask(number: int) -> None:
        await pace.turn()
        went.append((number, time.now))

    await asyncio.gather(*(ask(number) for number in range(33)))
    assert [number for number, _ in went] == list(range(33))
    moments = [moment for _, moment in went]
    assert all(later - earlier >= 1.0 for earlier, later in zip(moments, moments[5:], strict=False))
    assert moments[-1] == moments[0] + 6.0


async def test_who_comes_slowly_waits_for_nothing() -> None:
    """Requests that are far enough apart go at once."""
    time = Time()
    pace = Pace(5, monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(50):
        await pace.turn()
        time.now += 0.2
    assert time.slept == []


@pytest.mark.parametrize(
    ("path", "waits"),
    [("/users/@me", True), ("/interactions/5/token/callback", False), ("/webhooks/7/t", False)],
)
async def test_only_what_discord_counts_waits(now: datetime, path: str, *, waits: bool) -> None:
    """Answers to people pass by those who wait."""
    time = Time()
    pace = Pace(1, monotonic=time.monotonic, sleep=time.sleep)
    async with (
        Sandbox(start=now) as sandbox,
        aiohttp.ClientSession(trace_configs=[pace.trace()]) as http,
    ):
        for _ in range(3):
            async with http.get(f"{sandbox.base_url}/api/v10{path}") as answer:
                assert answer.status in {401, 404}
    assert time.slept == ([1.0, 1.0] if waits else [])
