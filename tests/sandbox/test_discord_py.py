"""An unmodified discord.py lives in the sandbox: it logs in, acts, hears, and survives drops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.app import Sandbox
from tests.sandbox.clients import PATIENCE, Client, logged_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.state import Server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox whose limits pass quickly."""
    async with Sandbox(time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with ten members beside its owner and the bot."""
    return sandbox.add_server(members=10)


@pytest.fixture
async def client(sandbox: Sandbox, server: Server) -> AsyncIterator[Client]:
    """A client that is logged in and knows everyone."""
    assert server
    async with logged_in(sandbox, Client()) as ready:
        yield ready


async def test_a_client_becomes_ready_with_all_members(sandbox: Sandbox) -> None:
    """2,502 people are asked for in chunks and are all in the cache at on_ready."""
    server = sandbox.add_server(members=2500)
    async with logged_in(sandbox, Client()) as client:
        assert client.user is not None
        assert client.user.id == sandbox.bot_id
        assert client.harbour.chunked
        assert {member.id for member in client.harbour.members} == set(server.members)
        assert client.harbour.owner_id == server.owner.id
        assert [channel.name for channel in client.harbour.text_channels] == ["general", "welcome"]


async def test_a_wrong_token_is_refused(sandbox: Sandbox) -> None:
    """Logging in with another token fails as it does on Discord."""
    client = Client()
    async with logged_in(sandbox, Client()):
        with pytest.raises(discord.LoginFailure):
            await client.login("MTA.wrong.token")
    await client.close()


async def test_people_come_write_react_and_go(
    sandbox: Sandbox, server: Server, client: Client
) -> None:
    """What people do arrives as discord.py's events, with members as authors."""
    room = server.channel("general")
    coming = client.wait_for("member_join", timeout=PATIENCE)
    kim = await sandbox.person(server, "Kim")
    assert (await coming).id == kim.id

    coming = client.wait_for("message", timeout=PATIENCE)
    first = await kim.write(room, "hello")
    message = await coming
    assert isinstance(message.author, discord.Member)
    assert (message.id, message.author.id, message.content) == (first.id, kim.id, "")

    coming = client.wait_for("message", timeout=PATIENCE)
    await server.owner.write(room, "hello yourself", reply_to=first, mentions=[kim])
    reply = await coming
    assert reply.reference is not None
    assert reply.reference.message_id == first.id
    assert isinstance(reply.reference.resolved, discord.Message)
    assert reply.reference.resolved.author.id == kim.id
    assert [person.id for person in reply.mentions] == [kim.id]

    coming = client.wait_for("raw_reaction_add", timeout=PATIENCE)
    await server.owner.react(first, "👋")
    reaction = await coming
    assert (reaction.user_id, reaction.message_author_id) == (server.owner.id, kim.id)
    assert str(reaction.emoji) == "👋"

    coming = client.wait_for("raw_reaction_remove", timeout=PATIENCE)
    await server.owner.unreact(first, "👋")
    assert (await coming).message_id == first.id

    coming = client.wait_for("raw_message_delete", timeout=PATIENCE)
    await kim.delete(first)
    assert (await coming).message_id == first.id

    leaving = client.wait_for("raw_member_remove", timeout=PATIENCE)
    await kim.leave()
    assert (await leaving).user.id == kim.id
    assert client.harbour.get_member(kim.id) is None


async def test_people_listen(sandbox: Sandbox, server: Server, client: Client) -> None:
    """Sitting down in a voice room and getting up arrive as voice states."""
    kim = await sandbox.person(server, "Kim")
    voice = client.wait_for("guild_channel_create", timeout=PATIENCE)
    room = await client.harbour.create_voice_channel("Lounge")
    await voice
    coming = client.wait_for("voice_state_update", timeout=PATIENCE)
    await kim.join_voice(server.channel("Lounge"))
    member, _, after = await coming
    assert (member.id, after.channel) == (kim.id, client.harbour.get_channel(room.id))
    coming = client.wait_for("voice_state_update", timeout=PATIENCE)
    await kim.leave_voice()
    _, before, after = await coming
    assert before.channel is not None
    assert after.channel is None


async def test_the_bot_builds_a_group(sandbox: Sandbox, server: Server, client: Client) -> None:
    """Role, category, private room, keys and a message: the model and the cache agree."""
    guild = client.harbour
    kim, lea = await sandbox.person(server, "Kim"), await sandbox.person(server, "Lea")
    role = await guild.create_role(name="Riverside", reason="a group")
    assert guild.default_role is not None
    closed = discord.PermissionOverwrite(view_channel=False)
    opened = discord.PermissionOverwrite(view_channel=True)
    category = await guild.create_category("Groups")
    room = await guild.create_text_channel(
        "riverside",
        category=category,
        topic="by the water",
        overwrites={guild.default_role: closed, role: opened, guild.me: opened},
    )
    member = await guild.fetch_member(kim.id)
    coming = client.wait_for("member_update", timeout=PATIENCE)
    await member.add_roles(role, reason="moved in")
    await coming
    here = server.channels[room.id]
    assert here.parent_id == category.id
    assert kim.has(server.roles[role.id])
    assert kim.sees(here)
    assert not lea.sees(here)
    cached = guild.get_member(kim.id)
    assert cached is not None
    assert role in cached.roles
    sent = await room.send("welcome", silent=True)
    await sent.edit(content="welcome home")
    assert [message.content for message in here.history] == ["welcome home"]
    assert [message.content async for message in room.history()] == ["welcome home"]
    await member.edit(roles=[])
    assert not kim.sees(here)
    reasons = [entry.reason async for entry in guild.audit_logs(limit=10)]
    assert {"a group", "moved in"} <= set(reasons)


async def test_hand_edits_reach_the_cache(server: Server, client: Client) -> None:
    """What people change by hand in roles, rooms and members is seen by the bot."""
    owner, guild = server.owner, client.harbour
    coming = client.wait_for("guild_role_create", timeout=PATIENCE)
    role = await owner.create_role("Crew", mentionable=True)
    assert (await coming).mentionable
    coming = client.wait_for("guild_role_update", timeout=PATIENCE)
    await owner.edit_role(role, name="Captains")
    assert (await coming)[1].name == "Captains"
    coming = client.wait_for("guild_channel_create", timeout=PATIENCE)
    room = await owner.create_channel("Deck Two")
    assert (await coming).name == "deck-two"
    coming = client.wait_for("guild_channel_update", timeout=PATIENCE)
    await owner.edit_channel(room, topic="planks")
    _, changed = await coming
    assert isinstance(changed, discord.TextChannel)
    assert changed.topic == "planks"
    coming = client.wait_for("guild_channel_delete", timeout=PATIENCE)
    await owner.delete_channel(room)
    assert (await coming).id == room.id
    coming = client.wait_for("guild_role_delete", timeout=PATIENCE)
    await owner.delete_role(role)
    assert (await coming).id == role.id
    assert guild.get_role(role.id) is None


async def test_closed_dms_are_refused(sandbox: Sandbox, server: Server, client: Client) -> None:
    """A DM arrives; once its person closes their DMs the next is refused with 50007."""
    kim = await sandbox.person(server, "Kim")
    member = await client.harbour.fetch_member(kim.id)
    await member.send("hello")
    assert [message.content for message in kim.dms] == ["hello"]
    kim.accepts_dms = False
    with pytest.raises(discord.Forbidden) as refusal:
        await member.send("still there?")
    assert refusal.value.code == 50007
    assert len(kim.dms) == 1


async def test_content_comes_with_its_intent(sandbox: Sandbox, server: Server) -> None:
    """With the intent the words arrive, without it only in DMs and when the bot is mentioned."""
    room, owner = server.channel("general"), server.owner
    for wanted in (True, False):
        async with logged_in(sandbox, Client(content=wanted)) as client:
            assert client.user is not None
            for content, heard in (
                ("among us", "among us" if wanted else ""),
                (f"hi {client.user.mention}", f"hi {client.user.mention}"),
            ):
                coming = client.wait_for("message", timeout=PATIENCE)
                await owner.write(room, content)
                assert (await coming).content == heard
            coming = client.wait_for("message", timeout=PATIENCE)
            await owner.write(owner.dm, "between us")
            assert (await coming).content == "between us"


async def test_a_broken_connection_is_resumed(
    sandbox: Sandbox, server: Server, client: Client
) -> None:
    """After a reset discord.py resumes the same session and hears what it missed, once."""
    (session,) = sandbox.gateway.sessions
    room = server.channel("general")
    heard: list[int] = []

    @client.event
    async def on_message(message: discord.Message) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        heard.append(message.id)

    for polite in (False, True):
        resumed = client.wait_for("resumed", timeout=PATIENCE)
        sandbox.gateway.drop(resumable=True, politely=polite)
        written = [(await server.owner.write(room, text)).id for text in ("one", "two")]
        await resumed
        assert list(sandbox.gateway.sessions) == [session]
        assert heard == written
        heard.clear()


async def test_a_lost_session_begins_anew(sandbox: Sandbox, server: Server, client: Client) -> None:
    """After a non-resumable drop discord.py identifies again and sees what changed meanwhile."""
    (session,) = sandbox.gateway.sessions
    for polite in (False, True):
        ready = client.wait_for("ready", timeout=PATIENCE)
        sandbox.gateway.drop(resumable=False, politely=polite)
        role = await server.owner.create_role("Meanwhile")
        await ready
        assert session not in sandbox.gateway.sessions
        assert client.harbour.get_role(role.id) is not None
        assert client.harbour.chunked


async def test_a_polite_drop_of_a_second_session_leaves_the_first(sandbox: Sandbox) -> None:
    """Two clients of one bot have sessions of their own and hear the same events."""
    server = sandbox.add_server()
    async with logged_in(sandbox, Client()) as one, logged_in(sandbox, Client()) as two:
        coming = [client.wait_for("message", timeout=PATIENCE) for client in (one, two)]
        written = await server.owner.write(server.channel("general"), "both")
        assert [(await message).id for message in coming] == [written.id, written.id]
