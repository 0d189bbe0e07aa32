"""Threads, events and files through an unmodified discord.py, and by people's hands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from sandbox.app import Sandbox
from sandbox.permissions import Permission
from sandbox.state import ChannelType, EventStatus
from tests.sandbox.clients import PATIENCE, Client, logged_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.state import Server


@pytest.fixture
async def sandbox(start: datetime) -> AsyncIterator[Sandbox]:
    """Serve a sandbox whose limits are over soon."""
    async with Sandbox(start=start, time_scale=1000) as opened:
        yield opened


@pytest.fixture
def start() -> datetime:
    """Where virtual time begins."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


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


def general(client: Client) -> discord.TextChannel:
    """Return #general as the client knows it."""
    (found,) = [one for one in client.harbour.text_channels if one.name == "general"]
    return found


async def test_a_client_opens_threads(sandbox: Sandbox, server: Server, client: Client) -> None:
    """Both kinds; it knows them, writes in them, and hears what is written."""
    kim = await sandbox.person(server, "Kim")
    message = await general(client).send("shall we?")
    public = await message.create_thread(name="On it", auto_archive_duration=1440)
    private = await general(client).create_thread(name="Two", invitable=False)
    assert private.is_private()
    assert public.id == message.id
    await private.send(f"hello {kim.mention}")
    (thread,) = [one for one in kim.threads if one.private]
    heard = client.wait_for("message", check=lambda m: m.author.id == kim.id, timeout=PATIENCE)
    await kim.write(thread, "hello back")
    received = await heard
    assert received.channel.id == private.id
    assert isinstance(received.channel, discord.Thread)
    assert received.channel.parent_id == general(client).id
    assert {one.id for one in client.harbour.threads} == {public.id, private.id}
    assert {one.id for one in await client.harbour.active_threads()} == {public.id, private.id}


async def test_a_thread_falls_asleep_when_time_passes(sandbox: Sandbox, server: Server) -> None:
    """A client that comes later is told of the active ones only."""
    short = await server.owner.start_thread(server.channel("general"), "Short")
    long = await server.owner.start_thread(server.channel("general"), "Long")
    await server.owner.edit_thread(short, auto_archive=60)
    await sandbox.advance(timedelta(hours=2))
    assert (short.archived, long.archived) == (True, False)
    async with logged_in(sandbox, Client()) as client:
        assert [one.name for one in client.harbour.threads] == ["Long"]
    with pytest.raises(ValueError, match="50083"):
        await server.owner.leave_thread(short)


async def test_people_in_threads(sandbox: Sandbox, server: Server) -> None:
    """They see what they may, bring others along, go, and use nothing in one that sleeps."""
    kim, mara = [await sandbox.person(server, name) for name in ("Kim", "Mara")]
    thread = await server.owner.start_thread(server.channel("general"), "Ours", private=True)
    assert not kim.sees(thread)
    with pytest.raises(PermissionError):
        await kim.write(thread, "hello?")
    await server.owner.add_to_thread(thread, kim)
    await kim.write(thread, "hello")
    await kim.add_to_thread(thread, mara)
    assert kim.threads == mara.threads == [thread]
    await mara.leave_thread(thread)
    assert not mara.sees(thread)
    await server.owner.edit_thread(thread, archived=True)
    assert kim.threads == []
    await kim.write(thread, "still?")
    assert kim.threads == [thread]
    with pytest.raises(PermissionError):
        await kim.delete_thread(thread)
    await server.owner.delete_thread(thread)
    assert server.threads == {}


async def test_a_message_that_its_author_changes_or_takes_back(
    sandbox: Sandbox, server: Server, client: Client
) -> None:
    """The bot hears that it did, and not what it says."""
    kim = await sandbox.person(server, "Kim")
    message = await kim.write(server.channel("general"), "a secret")
    edits = client.wait_for("raw_message_edit", timeout=PATIENCE)
    await kim.edit(message, "another one")
    told = (await edits).data
    assert told["id"] == str(message.id)
    assert told["content"] == ""
    assert told["edited_timestamp"]
    deletes = client.wait_for("raw_message_delete", timeout=PATIENCE)
    await kim.delete(message)
    assert (await deletes).message_id == message.id
    with pytest.raises(PermissionError):
        await kim.edit(await server.owner.write(message.channel_id, "mine"), "no")


async def test_a_file_that_somebody_sends(server: Server) -> None:
    """It can be fetched from where the message says, and nothing else from there."""
    message = await server.owner.write(server.channel("general"), files={"garden.txt": b"tomatoes"})
    (file,) = message.attachments
    assert (file["filename"], file["size"]) == ("garden.txt", 8)
    assert file["content_type"] == "text/plain"
    async with aiohttp.ClientSession() as http:
        async with http.get(file["url"]) as answer:
            assert (answer.status, await answer.read()) == (200, b"tomatoes")
        async with http.get(file["url"].replace(file["id"], "1")) as answer:
            assert answer.status == 404


async def test_a_client_announces_events(
    sandbox: Sandbox, server: Server, client: Client, start: datetime
) -> None:
    """It knows them as they are; people press that they are interested, and take them away."""
    kim = await sandbox.person(server, "Kim")
    made = await client.harbour.create_scheduled_event(
        name="A walk",
        start_time=start + timedelta(hours=1),
        end_time=start + timedelta(hours=2),
        entity_type=discord.EntityType.external,
        privacy_level=discord.PrivacyLevel.guild_only,
        location="the old gate",
    )
    (event,) = kim.events
    await kim.press_interested(event)
    assert event.interested
    begun = client.wait_for("scheduled_event_update", timeout=PATIENCE)
    await sandbox.advance(timedelta(hours=1))
    assert (await begun)[1].status is discord.EventStatus.active
    assert event.status is EventStatus.ACTIVE
    with pytest.raises(PermissionError):
        await kim.delete_event(event)
    gone = client.wait_for("scheduled_event_delete", timeout=PATIENCE)
    await server.owner.delete_event(event)
    assert (await gone).id == made.id
    assert not client.harbour.scheduled_events


async def test_an_event_by_hand(sandbox: Sandbox, server: Server, start: datetime) -> None:
    """In a voice room; who does not see the room does not see the event."""
    room = await server.owner.create_channel("Talk", ChannelType.VOICE)
    kim = await sandbox.person(server, "Kim")
    event = await server.owner.create_event(
        name="Tea", starts_at=start + timedelta(hours=1), channel_id=room.id
    )
    assert kim.events == [event]
    await server.owner.set_overwrite(room, kim, deny=Permission.VIEW_CHANNEL)
    assert kim.events == []
    with pytest.raises(LookupError):
        await kim.press_interested(event)
    await server.owner.edit_event(event, status=EventStatus.ACTIVE)
    await server.owner.edit_event(event, name="Tea and cake")
    assert (event.status, event.name) == (EventStatus.ACTIVE, "Tea and cake")
    with pytest.raises(PermissionError):
        await kim.create_event(name="x", starts_at=start + timedelta(hours=1), channel_id=room.id)
