"""Buckets that refill late, answers that never come, connections that break early."""

import asyncio
from datetime import datetime
from typing import Any, cast

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.gateway.patience import Patience, be_patient, expect_answers, lost_while_getting_ready
from sandbox.app import Sandbox

TWO_DAYS = 172_800.0


def bucket(*, left: int) -> Patience:
    """Return a bucket of 250 that refills in two days, with a client that waits a minute."""
    made = Patience(60.0)
    made.limit, made.remaining, made.reset_after, made.dirty = 250, left, TWO_DAYS, True
    made.expires = asyncio.get_running_loop().time() + TWO_DAYS
    return made


async def test_what_is_left_is_used() -> None:
    """A bucket that is far from empty refuses nothing, however late it refills."""
    made = bucket(left=249)
    async with made:
        assert made.remaining == 248
    assert made.outgoing == 0


async def test_an_empty_bucket_refuses_a_long_wait() -> None:
    """Who would wait for two days is told so."""
    made = bucket(left=0)
    with pytest.raises(discord.RateLimited):
        async with made:
            pass


async def test_who_waits_beside_the_first_request_goes_on() -> None:
    """Requests that wait for an unknown bucket's first answer are let through by what is left."""
    made = Patience(60.0)
    through: list[int] = []

    async def ask(number: int) -> None:
        async with made:
            through.append(number)
            if number == 0:
                made.limit, made.remaining, made.reset_after, made.dirty = 250, 249, TWO_DAYS, True
                made.expires = asyncio.get_running_loop().time() + TWO_DAYS
                await asyncio.sleep(0)

    await asyncio.gather(*(ask(number) for number in range(4)))
    assert through == [0, 1, 2, 3]


async def test_a_client_uses_them() -> None:
    """Every bucket of the client is of this kind, and is found again by its key."""
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=60)
    be_patient(client.http)
    made = client.http.get_ratelimit("a route")
    assert isinstance(made, Patience)
    assert client.http.get_ratelimit("a route") is made


async def test_a_request_that_nobody_answers_is_given_up(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for an answer that does not come is told so in time, and may ask again."""
    async with Sandbox(start=now) as sandbox:
        server = sandbox.add_server("Town")
        monkeypatch.setattr(Route, "BASE", f"{sandbox.base_url}/api/v10")
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(sandbox.token)
            expect_answers(client.http, 0.05)
            unanswered = sandbox.faults.add("silence", "GET", "/guilds/*")
            with pytest.raises(TimeoutError):
                await client.http.get_roles(server.id)
            assert unanswered.struck == 1
            expect_answers(client.http, 5.0)
            assert len(await client.http.get_roles(server.id)) == len(server.roles)


async def test_a_connection_lost_while_getting_ready_is_no_error(now: datetime) -> None:
    """discord.py's task that asks for members fails unheard; anything else stays an error."""
    client = discord.Client(intents=discord.Intents(guilds=True, members=True))
    state = cast("Any", client)._connection
    async with Sandbox(start=now) as sandbox, aiohttp.ClientSession() as http:
        socket = await http.ws_connect(sandbox.gateway_url)
        await socket.close()
        client.ws = DiscordWebSocket(socket, loop=asyncio.get_running_loop())
        data: Any = {"id": "7", "name": "Town", "member_count": 9, "large": True}
        arrived: asyncio.Queue[discord.Guild] = asyncio.Queue()
        arrived.put_nowait(discord.Guild(data=data, state=state))
        state._ready_state, state.guild_ready_timeout = arrived, 0.01
        lost = asyncio.create_task(state._delay_ready())
        await asyncio.wait([lost])
    error = lost.exception()
    assert error is not None
    assert lost_while_getting_ready({"future": lost, "exception": error})
    assert not lost_while_getting_ready({"future": lost, "exception": KeyError("a bug")})
    other = asyncio.create_task(asyncio.sleep(0))
    await other
    assert not lost_while_getting_ready({"future": other, "exception": error})
    assert not lost_while_getting_ready({"message": "something else"})
