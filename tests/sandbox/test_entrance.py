"""Who gets in: shards, the identify limits, heartbeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.app import Sandbox
from sandbox.entrance import Entrance
from sandbox.intents import Intent
from tests.sandbox.clients import EVERYTHING, Client, Wires, logged_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Sharded(Client, discord.AutoShardedClient):
    """The tests' client with several connections."""


class Timer:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox with Discord's own periods."""
    async with Sandbox() as opened:
        yield opened


def test_one_shard_of_a_key_identifies_in_five_seconds() -> None:
    """Shards whose numbers leave the same rest share a key; other keys need not wait."""
    timer = Timer()
    entrance = Entrance(monotonic=timer)
    entrance.max_concurrency = 2
    assert entrance.admit(0)
    assert entrance.admit(1)
    assert not entrance.admit(2)
    timer.now = 4.9
    assert not entrance.admit(0)
    timer.now = 5.0
    assert entrance.admit(2)


def test_the_days_identifies_run_out_and_come_back() -> None:
    """What is left counts down, and each comes back a day after it was spent."""
    timer = Timer()
    entrance = Entrance(monotonic=timer, time_scale=10)
    entrance.total = 2
    assert entrance.payload()["remaining"] == 2
    assert entrance.spend()
    timer.now = 40.0
    assert entrance.spend()
    assert not entrance.spend()
    assert entrance.payload()["remaining"] == 0
    assert entrance.payload()["reset_after"] == 8_600_000
    timer.now = 8640.0
    assert entrance.left == 1


async def test_the_budget_is_told(sandbox: Sandbox, wires: Wires) -> None:
    """GET /gateway/bot counts what sessions have used up."""
    sandbox.gateway.shards, sandbox.gateway.max_concurrency = 4, 16
    await wires.identified()
    status, told = await wires.rest("GET", "/gateway/bot")
    assert status == 200
    assert told["shards"] == 4
    limit = told["session_start_limit"]
    assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 999, 16)
    assert 0 < limit["reset_after"] <= 86_400_000


async def test_too_soon_is_an_invalid_session(sandbox: Sandbox, wires: Wires) -> None:
    """A second identify within five seconds is answered with op 9; another key gets in."""
    sandbox.gateway.max_concurrency = 2
    await wires.identified()
    hasty = await wires.open()
    await hasty.hear()
    await hasty.say(2, {"token": sandbox.token, "intents": 0, "shard": [2, 4]})
    assert await hasty.hear() == {"op": 9, "d": False}
    assert (await (await wires.open()).identify(sandbox, shard=[1, 4]))["shard"] == [1, 4]


async def test_one_identify_too_many_resets_the_token(sandbox: Sandbox, wires: Wires) -> None:
    """Beyond the budget every session is closed with 4004 and the token is worth nothing."""
    gateway, old = sandbox.gateway, sandbox.token
    gateway.identify_total, gateway.identify_period = 1, 0
    first = await wires.identified()
    late = await wires.open()
    await late.hear()
    await late.say(2, {"token": old, "intents": 0})
    assert await late.sent_away() == 4004
    assert await first.sent_away() == 4004
    assert sandbox.token != old
    assert sandbox.token.split(".")[0] == old.split(".")[0], "the first part is the bot's id"
    assert (await wires.rest("GET", "/users/@me"))[0] == 200
    headers = {"Authorization": f"Bot {old}"}
    url = f"{sandbox.base_url}/api/v10/users/@me"
    async with wires.http.get(url, headers=headers) as answer:
        assert answer.status == 401


async def test_every_shard_hears_of_its_own_servers(sandbox: Sandbox, wires: Wires) -> None:
    """A server's shard is its id without the last 22 bits, modulo their count; DMs are the first's.

    (Discord's docs, Sharding)
    """
    sandbox.gateway.identify_period = 0
    servers = [sandbox.add_server(name) for name in ("one", "two", "three")]
    shards = [await wires.open() for _ in range(2)]
    for number, wire in enumerate(shards):
        ready = await wire.identify(sandbox, shard=[number, 2])
        own = [str(server.id) for server in servers if (server.id >> 22) % 2 == number]
        assert [guild["id"] for guild in ready["guilds"]] == own
    for server in servers:
        wire = shards[(server.id >> 22) % 2]
        assert (await wire.until("GUILD_CREATE"))["id"] == str(server.id)
    for server in servers:
        written = await server.owner.write(server.channel("general"), "hello")
        wire = shards[(server.id >> 22) % 2]
        assert (await wire.until("MESSAGE_CREATE"))["id"] == str(written.id)
    owner = servers[0].owner
    private = await owner.write(owner.dm, "psst")
    assert (await shards[0].until("MESSAGE_CREATE"))["id"] == str(private.id)


async def test_many_servers_need_more_shards(sandbox: Sandbox, wires: Wires) -> None:
    """A shard of too many servers is refused with 4011."""
    sandbox.gateway.identify_period = 0
    sandbox.gateway.servers_per_shard = 1
    for name in ("one", "two"):
        sandbox.add_server(name)
    wire = await wires.open()
    await wire.hear()
    await wire.say(2, {"token": sandbox.token, "intents": 0})
    assert await wire.sent_away() == 4011
    assert await (await wires.open()).identify(sandbox, shard=[0, 2])


async def test_a_client_of_shards_sees_every_server(sandbox: Sandbox) -> None:
    """discord.py with two shards has the servers of both, and hears both."""
    sandbox.gateway.identify_period = 0
    servers = [sandbox.add_server(name) for name in ("one", "two", "three")]
    async with logged_in(sandbox, Sharded(shard_count=2)) as client:
        assert {guild.id for guild in client.guilds} == {server.id for server in servers}
        assert {guild.shard_id for guild in client.guilds} == {
            (server.id >> 22) % 2 for server in servers
        }
        assert all(guild.chunked for guild in client.guilds)
        for server in servers:
            coming = client.wait_for("message", timeout=10)
            written = await server.owner.write(server.channel("general"), "hello")
            assert (await coming).id == written.id


async def test_who_does_not_beat_is_sent_away(sandbox: Sandbox, wires: Wires) -> None:
    """Without heartbeats a session times out with 4009, whatever else is said, and is gone."""
    sandbox.gateway.heartbeat_interval = 0.02
    wire = await wires.open()
    assert (await wire.hear())["d"]["heartbeat_interval"] == 20
    await wire.say(2, {"token": sandbox.token, "intents": int(Intent.GUILDS)})
    assert await wire.sent_away() == 4009
    assert not sandbox.gateway.sessions


async def test_huge_servers_list_only_voice(sandbox: Sandbox, wires: Wires) -> None:
    """Above 75,000 members GUILD_CREATE lists the bot and who is in voice, whatever the intents."""
    gateway = sandbox.gateway
    gateway.identify_period, gateway.allow_presences_intent = 0, True
    server = sandbox.add_server(members=8)
    every = EVERYTHING | int(Intent.GUILD_PRESENCES)
    for huge_from, listed in ((75_000, 10), (9, 1)):
        gateway.huge_from = huge_from
        wire = await wires.identified(every)
        created = await wire.until("GUILD_CREATE")
        assert len(created["members"]) == listed
        assert created["member_count"] == len(server.members)
        assert created["presences"] == []


@pytest.mark.parametrize(("threshold", "large"), [(50, True), (250, False), (9999, True)])
async def test_offline_members_are_left_out_of_large_servers(
    sandbox: Sandbox, wires: Wires, threshold: int, *, large: bool
) -> None:
    """A client says from how many members on (50 to 250) a server is large."""
    sandbox.gateway.allow_presences_intent = True
    sandbox.add_server(members=60)
    wire = await wires.open()
    every = EVERYTHING | int(Intent.GUILD_PRESENCES)
    await wire.identify(sandbox, every, large_threshold=threshold)
    created = await wire.until("GUILD_CREATE")
    assert created["large"] is large
    assert len(created["members"]) == (1 if large else 62)
