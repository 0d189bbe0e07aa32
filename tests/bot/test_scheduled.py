"""Discord's scheduled events and single messages, by a client that is logged in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
import pytest

from bot.errors import Permanent, Temporary
from bot.gateway import messages, scheduled
from bot.gateway.scheduled import Planned
from sandbox.app import Sandbox
from sandbox.permissions import Permission
from sandbox.state import ChannelType, Server
from tests.sandbox.clients import Client, logged_in

EVENTS = "/guilds/*/scheduled-events"
MARKER = "hearth:17"


@pytest.fixture
async def sandbox(now: datetime) -> AsyncIterator[Sandbox]:
    """A sandbox whose limits are over soon."""
    async with Sandbox(start=now, time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with the bot in it."""
    return sandbox.add_server()


@pytest.fixture
async def client(sandbox: Sandbox, server: Server) -> AsyncIterator[Client]:
    """A client that is logged in."""
    del server
    async with logged_in(sandbox, Client()) as opened:
        yield opened


@pytest.fixture
def walk(now: datetime) -> Planned:
    """A walk an hour from now."""
    return Planned(
        name="A walk",
        starts=now + timedelta(hours=1),
        ends=now + timedelta(hours=2),
        text="Shoes!",
        marker=MARKER,
        where="the old gate",
    )


async def test_an_event_is_made_changed_and_called_off(
    server: Server, client: Client, walk: Planned
) -> None:
    """It says what was planned and ends in its marker; gone is gone."""
    guild = client.harbour
    made = await scheduled.create(guild, walk)
    (event,) = server.events.values()
    assert (event.id, event.name, event.location) == (made, "A walk", "the old gate")
    assert event.description == f"Shoes!\n{MARKER}"
    assert (event.starts_at, event.ends_at) == (walk.starts, walk.ends)
    assert await scheduled.find(guild, MARKER) == made
    assert await scheduled.find(guild, "hearth:18") is None
    assert await scheduled.change(guild, made, replace(walk, name="A long walk"))
    assert event.name == "A long walk"
    assert await scheduled.cancel(guild, made)
    assert server.events == {}
    assert not await scheduled.cancel(guild, made)
    assert not await scheduled.change(guild, made, walk)
    assert await scheduled.find(guild, MARKER) is None


async def test_an_event_in_a_voice_room(server: Server, client: Client, walk: Planned) -> None:
    """Seen by who sees the room."""
    room = await server.owner.create_channel("Talk", ChannelType.VOICE)
    made = await scheduled.create(client.harbour, replace(walk, channel_id=room.id, where=""))
    assert (server.events[made].channel_id, server.events[made].location) == (room.id, None)
    assert await scheduled.change(client.harbour, made, walk)
    assert (server.events[made].channel_id, server.events[made].location) == (None, "the old gate")


@pytest.mark.parametrize("kind", ["502", "503", "reset", "slow"])
@pytest.mark.parametrize("effect", [False, True])
async def test_an_answer_that_is_lost(
    sandbox: Sandbox,
    server: Server,
    client: Client,
    walk: Planned,
    kind: Any,
    *,
    effect: bool,
) -> None:
    """It is not asked a second time: whoever wants the event looks whether it is there."""
    sandbox.faults.add(kind, "POST", EVENTS, effect=effect, delay=0.1)
    if kind == "slow":
        assert await scheduled.create(client.harbour, walk)
    else:
        with pytest.raises(Temporary):
            await scheduled.create(client.harbour, walk)
    found = await scheduled.find(client.harbour, MARKER)
    assert list(server.events) == ([found] if effect or kind == "slow" else [])


async def test_what_discord_refuses(
    server: Server, client: Client, walk: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is full, and one where Hearth may not; both by Discord's own codes."""
    monkeypatch.setattr("sandbox.acts.events.MAX_EVENTS", 0)
    with pytest.raises(Permanent) as full:
        await scheduled.create(client.harbour, walk)
    assert full.value.code == scheduled.FULL
    role = next(role for role in server.roles.values() if role.bot_id is not None)
    events = int(Permission.CREATE_EVENTS | Permission.MANAGE_EVENTS)
    await server.owner.edit_role(role, permissions=role.permissions & ~events)
    with pytest.raises(Permanent) as shut:
        await scheduled.create(client.harbour, walk)
    assert shut.value.code == 50013


async def test_a_full_server_is_not_asked(
    sandbox: Sandbox, client: Client, walk: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the connection knows is enough: no request is made."""
    await scheduled.create(client.harbour, walk)
    heard = client.wait_for("scheduled_event_create", timeout=10)
    if scheduled.count(client.harbour) == 0:
        await heard
    else:
        heard.close()
    monkeypatch.setattr(scheduled, "MOST", 1)
    before = sandbox.requests.snapshot()
    with pytest.raises(Permanent, match="all the events"):
        await scheduled.create(client.harbour, walk)
    assert sandbox.requests.since(before).total == 0


async def test_whether_a_message_stands(server: Server, client: Client) -> None:
    """Somebody's own; once deleted it does not, and a room that is shut tells nothing."""
    room = server.channel("general")
    message = await server.owner.write(room, "a thought")
    assert await messages.stands(client, room.id, message.id)
    await server.owner.delete(message)
    assert not await messages.stands(client, room.id, message.id)
    assert not await messages.stands(client, 1, message.id)
    role = next(role for role in server.roles.values() if role.bot_id is not None)
    await server.owner.set_overwrite(room, role, deny=Permission.VIEW_CHANNEL)
    with pytest.raises(Permanent) as shut:
        await messages.stands(client, room.id, message.id)
    assert shut.value.code == 50001


async def test_without_manage_threads_a_thread_is_archived_only(
    server: Server, client: Client
) -> None:
    """Closed as far as Hearth may: whoever writes opens it again."""
    (room,) = [one for one in client.harbour.text_channels if one.name == "general"]
    thread = await room.create_thread(name="Ours", type=discord.ChannelType.public_thread)
    role = next(role for role in server.roles.values() if role.bot_id is not None)
    less = role.permissions & ~int(Permission.MANAGE_THREADS)
    await server.owner.edit_role(role, permissions=less)
    await messages.close_thread(client, thread.id)
    known = server.threads[thread.id]
    assert (known.archived, known.locked) == (True, False)
    await messages.close_thread(client, thread.id)
    await server.owner.delete_thread(known)
    await messages.close_thread(client, thread.id)
