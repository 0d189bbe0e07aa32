"""A server that Discord itself loses for a while, and members who have not accepted its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.app import Sandbox
from tests.sandbox.clients import PATIENCE, Client, Wires, logged_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord

    from sandbox.state import Message, Server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox that asks for no wait between two identifies."""
    async with Sandbox(time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with three members beside its owner and the bot."""
    return sandbox.add_server(members=3)


async def button(wires: Wires, server: Server) -> Message:
    """Let the bot send a message with a button; return it."""
    room = server.channel("general")
    wave = {"type": 2, "style": 1, "label": "Wave", "custom_id": "wave"}
    body = {"content": "hello", "components": [{"type": 1, "components": [wave]}]}
    status, sent = await wires.rest("POST", f"/channels/{room.id}/messages", body)
    assert status == 200
    message = room.history.get(int(sent["id"]))
    assert message is not None
    return message


async def test_an_outage_takes_a_server_away_and_brings_it_back(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """GUILD_DELETE says unavailable, nothing is heard of it, GUILD_CREATE has what changed."""
    wire = await wires.identified()
    await wire.until("GUILD_CREATE")
    other = sandbox.add_server("Quay")
    await wire.until("GUILD_CREATE")
    async with sandbox.outage(server):
        gone = await wire.until("GUILD_DELETE")
        assert gone == {"id": str(server.id), "unavailable": True}
        role = await server.owner.create_role("Meanwhile")
        written = await other.owner.write(other.channel("general"), "elsewhere")
        heard = await wire.hear()
        assert (heard["t"], heard["d"]["id"]) == ("MESSAGE_CREATE", str(written.id))
    back = await wire.until("GUILD_CREATE")
    assert back["unavailable"] is False
    assert str(role.id) in {one["id"] for one in back["roles"]}
    assert sandbox.gateway.faults.struck["outage"] == 1


async def test_a_session_may_begin_during_an_outage(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """READY names the server, and GUILD_CREATE follows only when it is back."""
    sandbox.take_away(server)
    sandbox.take_away(server)
    wire = await wires.open()
    ready = await wire.identify(sandbox)
    assert ready["guilds"] == [{"id": str(server.id), "unavailable": True}]
    sandbox.bring_back(server)
    sandbox.bring_back(server)
    assert (await wire.whole("GUILD_CREATE"))["s"] == 2
    assert sandbox.gateway.faults.struck["outage"] == 1


async def test_requests_about_a_server_with_an_outage_fail(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """Whatever its path names, the answer is the edge's; other servers are not concerned."""
    room = server.channel("general")
    other = sandbox.add_server("Quay")
    paths = (f"/guilds/{server.id}/roles", f"/channels/{room.id}", f"/channels/{room.id}/messages")
    message = await button(wires, server)
    async with sandbox.outage(server, status="500"):
        assert [(await wires.rest("GET", path))[0] for path in paths] == [500, 500, 500]
        assert (await wires.rest("GET", f"/guilds/{other.id}/roles"))[0] == 200
        with pytest.raises(PermissionError, match="outage"):
            await server.owner.press(message, "Wave")
    assert [(await wires.rest("GET", path))[0] for path in paths] == [200, 200, 200]


async def test_discord_py_sees_an_outage(sandbox: Sandbox, server: Server) -> None:
    """The client keeps the server, marked as unavailable, and is told when it is available."""
    async with logged_in(sandbox, Client()) as client:
        going = client.wait_for("guild_unavailable", timeout=PATIENCE)
        sandbox.take_away(server)
        assert (await going).unavailable
        coming = client.wait_for("guild_available", timeout=PATIENCE)
        role = await server.owner.create_role("Meanwhile")
        sandbox.bring_back(server)
        guild = await coming
        assert not guild.unavailable
        assert guild.get_role(role.id) is not None


async def test_who_is_pending_only_looks(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """Until they accept the rules they may not write, react or use commands; the bot is told."""
    wire = await wires.identified()
    room = server.channel("general")
    kim = await sandbox.person(server, "Kim", pending=True)
    assert (await wire.until("GUILD_MEMBER_ADD"))["pending"] is True
    message = await button(wires, server)
    with pytest.raises(PermissionError, match="rules"):
        await kim.write(room, "hello")
    with pytest.raises(PermissionError, match="rules"):
        await kim.react(message, "👋")
    with pytest.raises(PermissionError, match="rules"):
        await kim.press(message, "Wave")
    await kim.accept_rules()
    assert (await wire.until("GUILD_MEMBER_UPDATE"))["pending"] is False
    assert not kim.pending
    await kim.write(room, "hello")
    await kim.leave()
    await kim.rejoin(pending=True)
    assert kim.pending


async def test_a_role_lets_in_who_is_pending(sandbox: Sandbox, server: Server) -> None:
    """Who is given a role has passed, so a bot must wait with it (docs, Add Guild Member)."""
    crew = await server.owner.create_role("Crew")
    async with logged_in(sandbox, Client()) as client:
        coming = client.wait_for("member_join", timeout=PATIENCE)
        kim = await sandbox.person(server, "Kim", pending=True)
        member: discord.Member = await coming
        assert member.pending
        changing = client.wait_for("member_update", timeout=PATIENCE)
        await server.owner.give_role(kim, crew)
        _, after = await changing
        assert not after.pending
