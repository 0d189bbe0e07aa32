"""A client that is turned away asks nothing for a while; one that starts waits for Discord."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import discord
import pytest
from discord.http import Route

from bot.gateway.distance import FIRST, LONGEST, Distance
from sandbox.app import Sandbox
from sandbox.faults import Kind


@dataclass
class Time:
    """Seconds that pass only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list[float])

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Door:
    """A client at a distance from a sandbox."""

    sandbox: Sandbox
    client: discord.Client
    time: Time
    distance: Distance

    async def knock(self) -> str:
        """Ask for something; say what came of it."""
        try:
            await self.client.http.application_info()
        except discord.RateLimited:
            return "wait"
        except discord.Forbidden:
            return "forbidden"
        return "open"

    @property
    def asked(self) -> int:
        """How many requests have reached the sandbox."""
        return self.sandbox.requests.total


@pytest.fixture
async def door(now: datetime, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Door]:
    """A client before its login."""
    async with Sandbox(start=now) as sandbox:
        monkeypatch.setattr(Route, "BASE", f"{sandbox.base_url}/api/v10")
        async with discord.Client(intents=discord.Intents.none()) as client:
            time = Time()
            distance = Distance(client.http, monotonic=time.monotonic, sleep=time.sleep)
            yield Door(sandbox, client, time, distance)


@pytest.fixture
async def inside(door: Door) -> Door:
    """A client that is logged in."""
    await door.client.login(door.sandbox.token)
    door.distance.starting = False
    return door


@pytest.mark.parametrize("kind", ["cloudflare-ban", "cloudflare-403"])
async def test_who_is_turned_away_asks_nothing(inside: Door, kind: Kind) -> None:
    """However much there is to ask, not one request goes out before the time is over."""
    inside.sandbox.faults.add(kind, retry_after=59.0)
    assert await inside.knock() == "wait"
    asked = inside.asked
    for _ in range(59):
        inside.time.now += 1.0
        assert await inside.knock() == "wait"
    assert inside.asked == asked
    inside.time.now += 1.0
    assert await inside.knock() == "open"
    assert inside.sandbox.requests.invalid == 1


async def test_one_looks_whether_the_door_is_open(inside: Door) -> None:
    """Of all that wait for the end of a ban one goes ahead; the others ask after it."""
    inside.sandbox.faults.add("cloudflare-ban")
    assert await inside.knock() == "wait"
    inside.time.now += 60.0
    asked = inside.asked
    assert sorted(await asyncio.gather(*(inside.knock() for _ in range(20)))) == [
        "open",
        *["wait"] * 19,
    ]
    assert inside.asked == asked + 1
    assert await inside.knock() == "open"


async def test_it_stands_back_ever_longer(inside: Door) -> None:
    """A page that does not say how long is met with growing waits, up to an hour."""
    inside.sandbox.faults.add("cloudflare-403", times=None)
    waits: list[float] = []
    for _ in range(8):
        await inside.knock()
        waits.append(inside.distance.left)
        inside.time.now += inside.distance.left
    assert waits == [FIRST * 2**n for n in range(6)] + [LONGEST] * 2
    inside.sandbox.faults.clear()
    assert await inside.knock() == "open"
    inside.sandbox.faults.add("cloudflare-403")
    await inside.knock()
    assert inside.distance.left == FIRST


async def test_a_refusal_of_discords_own_closes_no_door(inside: Door) -> None:
    """403 in JSON is about that one request; the next goes out."""
    server = inside.sandbox.add_server("Town", bot_permissions=0)
    with pytest.raises(discord.Forbidden):
        await inside.client.http.create_role(server.id, name="x")
    assert await inside.knock() == "open"


async def test_a_token_that_lost_its_value_is_not_tried_again_and_again(inside: Door) -> None:
    """Every 401 counts towards a ban."""
    inside.client.http.token = "another"  # noqa: S105 - nobody's
    with suppress(discord.RateLimited):
        await inside.client.http.application_info()
    asked = inside.asked
    assert [await inside.knock() for _ in range(3)] == ["wait"] * 3
    assert inside.asked == asked


@pytest.mark.parametrize("kind", ["503", "cloudflare", "reset", "cloudflare-ban", "cloudflare-403"])
async def test_logging_in_waits_for_discord(door: Door, kind: Kind) -> None:
    """Whatever stands in the way, the client is logged in once it is gone."""
    door.sandbox.faults.add(kind, "GET", "/users/@me", times=3)
    await door.client.login(door.sandbox.token)
    assert door.client.user is not None
    assert door.client.user.id == door.sandbox.bot_id
    assert min(door.time.slept) >= 1.0
    assert door.sandbox.faults.struck[kind] == 3


async def test_a_wrong_token_is_told_at_once(door: Door) -> None:
    """Waiting would not help."""
    with pytest.raises(discord.LoginFailure):
        await door.client.login("MTA.wrong.token")
    assert door.time.slept == []
