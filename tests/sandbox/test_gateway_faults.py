"""Events that are lost, doubled or late on order, drops, and a gateway that lets nobody in."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.app import Sandbox
from sandbox.gatewayfaults import GatewayFaults
from tests.sandbox.clients import PATIENCE, Client, Wire, Wires, logged_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord

    from sandbox.state import Server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox that asks for no wait between two identifies."""
    async with Sandbox(start=datetime(2026, 3, 2, 12, tzinfo=UTC), time_scale=1000) as opened:
        opened.gateway.identify_period = 0
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with nobody but its owner and the bot."""
    return sandbox.add_server()


async def write(server: Server, *texts: str) -> list[str]:
    """Let the owner write; return the messages' ids."""
    room = server.channel("general")
    return [str((await server.owner.write(room, text)).id) for text in texts]


async def heard(wire: Wire, count: int) -> tuple[list[str], list[int]]:
    """Return the ids of the next messages, and the events' numbers."""
    events = [await wire.whole("MESSAGE_CREATE") for _ in range(count)]
    return [event["d"]["id"] for event in events], [event["s"] for event in events]


async def test_a_lost_event_leaves_no_gap(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """The numbers go on as if it had never been sent; it is counted."""
    wire = await wires.identified()
    rule = sandbox.gateway.faults.lose("MESSAGE_*", skip=1)
    one, _, three = await write(server, "one", "two", "three")
    ids, numbers = await heard(wire, 2)
    assert ids == [one, three]
    assert numbers == [3, 4]
    assert rule.struck == 1
    assert sandbox.gateway.faults.struck == Counter(lost=1)
    assert not sandbox.gateway.faults, "it is used up"


async def test_an_event_comes_twice(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """Each copy has a number of its own."""
    wire = await wires.identified()
    sandbox.gateway.faults.duplicate()
    one, two = await write(server, "one", "two")
    assert await heard(wire, 3) == ([one, one, two], [3, 4, 5])
    assert sandbox.gateway.faults.struck == Counter(duplicated=1)


@pytest.mark.parametrize(("by", "order"), [(1, [1, 0, 2]), (2, [1, 2, 0])])
async def test_an_event_comes_late(
    sandbox: Sandbox, wires: Wires, server: Server, by: int, order: list[int]
) -> None:
    """It stands behind those that followed it, with the number of that place."""
    wire = await wires.identified()
    sandbox.gateway.faults.delay(by=by)
    written = await write(server, "one", "two", "three")
    assert await heard(wire, 3) == ([written[number] for number in order], [3, 4, 5])
    assert sandbox.gateway.faults.struck == Counter(delayed=1)


async def test_neighbours_swap_their_places(sandbox: Sandbox, wires: Wires, server: Server) -> None:
    """While one event is held back the next goes first, whatever the rule says."""
    wire = await wires.identified()
    rule = sandbox.gateway.faults.delay(times=None)
    one, two, three, four = await write(server, "one", "two", "three", "four")
    assert await heard(wire, 4) == ([two, one, four, three], [3, 4, 5, 6])
    assert rule.struck == 2


async def test_a_late_event_comes_also_when_nothing_follows(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """The gateway is not idle while it holds an event back, and does not hold it for long."""
    wire = await wires.identified()
    sandbox.gateway.faults.delay()
    written = await write(server, "alone")
    assert not sandbox.gateway.idle
    assert (await heard(wire, 1))[0] == written
    await sandbox.settle()
    assert sandbox.gateway.idle


async def test_what_nobody_hears_is_not_struck(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """A rule counts only events that would have been heard."""
    sandbox.gateway.faults.lose(times=None)
    await write(server, "nobody is there")
    assert not sandbox.gateway.faults.struck
    wire = await wires.open()
    await wire.identify(sandbox, 0)
    await write(server, "nobody listens")
    assert not sandbox.gateway.faults.struck


def test_some_events_are_struck_by_name_only() -> None:
    """A glob leaves alone what a person waits for and what tells a client of its servers."""
    faults = GatewayFaults()
    faults.lose("*", times=None)
    for event in ("INTERACTION_CREATE", "GUILD_CREATE", "GUILD_DELETE"):
        assert faults.strike(event) is None
    assert faults.strike("GUILD_MEMBER_ADD")
    faults.clear()
    assert faults.strike("GUILD_MEMBER_ADD") is None
    rule = faults.duplicate("INTERACTION_CREATE", times=None)
    assert faults.strike("INTERACTION_CREATE") is rule
    faults.remove(rule)
    faults.remove(rule)
    assert faults.strike("INTERACTION_CREATE") is None


def test_the_same_seed_strikes_the_same_events() -> None:
    """Chance is repeatable, and differs from seed to seed."""

    def drawn(seed: int) -> list[bool]:
        faults = GatewayFaults(seed)
        faults.lose(times=None, probability=0.5)
        return [faults.strike("MESSAGE_CREATE") is not None for _ in range(64)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert any(drawn(1))
    assert not all(drawn(1))


async def test_a_session_that_may_resume_is_asked_to(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """INVALID_SESSION says whether a session may be resumed."""
    wire = await wires.open()
    session_id = (await wire.identify(sandbox))["session_id"]
    sandbox.gateway.invalidate(resumable=True)
    while (told := await wire.hear())["op"] != 9:
        pass
    assert told["d"] is True
    await wire.socket.close(code=4000)
    written = await write(server, "meanwhile")
    again = await wires.open()
    await again.say(6, {"token": sandbox.token, "session_id": session_id, "seq": 2})
    assert (await heard(again, 1))[0] == written
    sandbox.gateway.invalidate(resumable=False)
    while (told := await again.hear())["op"] != 9:
        pass
    assert told["d"] is False
    assert sandbox.gateway.faults.struck == Counter({"drop-resumed": 1, "drop-lost": 1})


async def test_nobody_gets_in_while_the_gateway_is_down(
    sandbox: Sandbox, wires: Wires, server: Server
) -> None:
    """Who connects hears nothing, not even HELLO, until it is over; what happened is lost."""
    wire = await wires.identified()
    async with sandbox.gateway.down():
        await wire.sent_away()
        again = await wires.open()
        hello = asyncio.ensure_future(again.hear())
        await write(server, "lost")
        await asyncio.sleep(0)
        assert not hello.done()
        assert sandbox.gateway.is_down
    assert (await hello)["op"] == 10
    await again.say(2, {"token": sandbox.token, "intents": 0b1000000001})
    await again.until("READY")
    written = await write(server, "heard")
    assert (await heard(again, 1))[0] == written


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_client_that_was_shut_out_comes_back(
    sandbox: Sandbox, server: Server, *, resumable: bool
) -> None:
    """discord.py resumes and hears what it missed, or begins anew and sees what came of it."""
    async with logged_in(sandbox, Client()) as client:
        messages: list[int] = []

        @client.event
        async def on_message(message: discord.Message) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
            messages.append(message.id)

        back = client.wait_for("resumed" if resumable else "ready", timeout=PATIENCE)
        async with sandbox.gateway.down(resumable=resumable):
            written = await write(server, "meanwhile")
            role = await server.owner.create_role("Meanwhile")
        await back
        assert client.harbour.get_role(role.id) is not None
        assert [str(one) for one in messages] == (written if resumable else [])


async def test_time_passes_while_the_gateway_is_down(sandbox: Sandbox, wires: Wires) -> None:
    """A bot that cannot connect settles as far as it can, and is told the time."""
    told: list[dict[str, Any]] = []

    async def follow() -> None:
        async for message in socket:
            said = message.json()
            told.append(said)
            if said["op"] == "settle":
                await socket.send_json({"op": "settled", "session": "none", "sequence": 0})
            elif said["op"] == "advance":
                await socket.send_json({"op": "advanced"})

    async with wires.http.ws_connect(sandbox.clock_url) as socket:
        following = asyncio.ensure_future(follow())
        await sandbox.control.attaches()
        async with sandbox.gateway.down():
            await sandbox.advance(timedelta(hours=1))
        following.cancel()
    assert [said["op"] for said in told if said["op"] == "advance"]
