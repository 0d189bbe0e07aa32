"""Ordered faults are met on the wire, as often and where they were ordered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.faults import Faults

if TYPE_CHECKING:
    from sandbox.faults import Kind
    from tests.sandbox.conftest import Api


def test_a_rule_strikes_as_often_as_ordered() -> None:
    """It passes by `skip` requests, strikes `times` times, and is gone."""
    faults = Faults()
    rule = faults.add("503", "PUT", "/guilds/*/roles/*", times=2, skip=1)
    template = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
    struck = [faults.strike("PUT", template) is rule for _ in range(4)]
    assert struck == [False, True, True, False]
    assert not faults
    assert rule.struck == 2


def test_a_rule_is_about_its_route_only() -> None:
    """Another method or path goes free."""
    faults = Faults()
    faults.add("500", "POST", "/channels/{channel_id}/messages", times=None)
    assert faults.strike("GET", "/channels/{channel_id}/messages") is None
    assert faults.strike("POST", "/channels/{channel_id}/typing") is None
    assert faults.strike("POST", "/channels/{channel_id}/messages") is not None


def test_chance_repeats_with_the_seed() -> None:
    """The same seed strikes the same requests; about as many as ordered."""

    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("500", probability=0.3, times=None)
        return [faults.strike("GET", "/x") is not None for _ in range(200)]

    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90


def test_one_more_rule_changes_nothing_for_the_others() -> None:
    """Each rule draws from a stream of its own, so what it strikes depends on nothing else."""

    def strikes(*others: str) -> list[bool]:
        faults = Faults(7)
        rule = faults.add("500", "GET", "/x", probability=0.3, times=None)
        for path in others:
            faults.add("500", "GET", path, probability=0.5, times=None)
        return [faults.strike("GET", path) is rule for _ in range(100) for path in ("/x", "/y")]

    assert strikes() == strikes("/y")


def test_a_rule_stands_in_its_window_of_time() -> None:
    """It strikes from `since` on and before `until`; then it is gone."""
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    time = [start]
    faults = Faults(now=lambda: time[0])
    hour = timedelta(hours=1)
    faults.add("503", times=None, since=start + hour, until=start + 2 * hour)
    struck: list[bool] = []
    for minutes in (0, 59, 60, 119, 120, 600):
        time[0] = start + timedelta(minutes=minutes)
        struck.append(faults.strike("GET", "/x") is not None)
    assert struck == [False, False, True, True, False, False]
    assert not faults


def test_strikes_are_counted_by_kind() -> None:
    """The count tells before and after the effect apart, and outlives the rules."""
    faults = Faults()
    faults.add("reset", times=2)
    faults.add("reset", effect=True)
    faults.add("slow", effect=True, delay=0.1)
    for _ in range(9):
        faults.strike("GET", "/x")
    faults.clear()
    assert faults.struck == {"reset": 2, "reset-after": 1, "slow-after": 1}


def test_rules_can_be_taken_back() -> None:
    """One by one or all at once."""
    faults = Faults()
    rule = faults.add("500")
    faults.add("503")
    faults.remove(rule)
    faults.remove(rule)
    assert faults.strike("GET", "/x") is not None
    faults.add("503")
    faults.clear()
    assert faults.strike("GET", "/x") is None


@pytest.mark.parametrize("kind", ["500", "502", "503", "504"])
async def test_an_outage_changes_nothing(api: Api, kind: Kind) -> None:
    """The answer has the status and no JSON, and the request was not carried out."""
    api.rest.faults.add(kind, "POST")
    answer = await api.say("hello")
    assert answer.status == int(kind)
    assert isinstance(answer.body, str)
    assert len(api.room.history) == 0
    assert (await api.say("hello")).status == 200


async def test_an_outage_after_the_effect_hides_what_was_done(api: Api) -> None:
    """The client sees an error although the role was made, as on the real platform."""
    api.rest.faults.add("500", "POST", effect=True)
    before = api.rest.requests.snapshot()
    assert (await api.guild("POST", "/roles", {"name": "Millpond"})).status == 500
    assert api.server.role("Millpond")
    assert api.rest.requests.since(before).total == 1


@pytest.mark.parametrize(
    ("kind", "scope", "counts"),
    [("429", "user", 1), ("429-global", "global", 1), ("429-shared", "shared", 0)],
)
async def test_rate_limits_on_order(api: Api, kind: Kind, scope: str, counts: int) -> None:
    """A 429 carries Via, a scope and a wait; a shared one is not the bot's fault."""
    api.rest.faults.add(kind, retry_after=1.5)
    answer = await api.call("GET", "/users/@me")
    assert answer.status == 429
    assert answer.headers["Via"]
    assert answer.headers["X-RateLimit-Scope"] == scope
    assert answer.body["retry_after"] == 1.5
    assert answer.body["global"] is (scope == "global")
    assert api.rest.requests.rate_limited == 1
    assert api.rest.requests.invalid == counts


@pytest.mark.parametrize("effect", [False, True])
async def test_a_slow_answer_is_right(api: Api, *, effect: bool) -> None:
    """It comes after the delay with what it should say; the message is there before or after."""
    api.rest.faults.add("slow", "POST", effect=effect, delay=0.05)
    asked = asyncio.create_task(api.say("hello"))
    async with asyncio.timeout(2):
        while not api.rest.faults.struck:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
    assert len(api.room.history) == int(effect)
    assert not asked.done()
    assert (await asked).body["content"] == "hello"
    assert len(api.room.history) == 1


@pytest.mark.parametrize(
    ("kind", "status", "invalid"),
    [("cloudflare", 520, 0), ("cloudflare-ban", 429, 1), ("cloudflare-403", 403, 1)],
)
@pytest.mark.parametrize("effect", [False, True])
async def test_a_page_of_cloudflares(
    api: Api, kind: Kind, status: int, invalid: int, *, effect: bool
) -> None:
    """HTML instead of JSON, without any of Discord's headers; a ban says how long it lasts."""
    api.rest.faults.add(kind, "POST", retry_after=29.5, effect=effect)
    answer = await api.say("hello")
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<html>" in answer.body
    assert not [name for name in answer.headers if name == "Via" or "RateLimit" in name]
    assert answer.headers.get("Retry-After") == ("30" if kind == "cloudflare-ban" else None)
    assert len(api.room.history) == int(effect)
    assert api.rest.requests.invalid == invalid


@pytest.mark.parametrize("effect", [False, True])
async def test_a_reset_connection(api: Api, *, effect: bool) -> None:
    """The client loses its connection, before or after the message was sent."""
    api.rest.faults.add("reset", "POST", effect=effect)
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.say("hello")
    assert len(api.room.history) == int(effect)


async def test_no_answer_at_all(api: Api) -> None:
    """A silent request is answered by nothing until the client gives up, and is then forgotten."""
    api.rest.faults.add("silence", "POST")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.say("hello"), 0.2)
    assert len(api.room.history) == 0
    async with asyncio.timeout(2):
        while api.rest.requests.in_flight:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)


@pytest.mark.parametrize("effect", [False, True])
async def test_something_else_happens_at_the_moment(api: Api, *, effect: bool) -> None:
    """What a rule orders besides is done once, before the message is there in any case."""
    there: list[int] = []
    api.rest.faults.add(
        "500", "POST", effect=effect, then=lambda: there.append(len(api.room.history))
    )
    await api.say("hello")
    await api.say("hello again")
    assert there == [0]
    assert len(api.room.history) == 1 + effect
