"""An unmodified discord.py does the bot's work on the sandbox, and its cache follows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.app import Sandbox
from tests.sandbox.openapi import Held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.state import Server


class Desk(discord.Client):
    """A bare client that can wait until its cache says something."""

    async def until(self, event: str, check: Callable[..., bool]) -> None:
        """Wait for an event that fits, with a limit well under the test's."""
        await self.wait_for(event, check=check, timeout=5)


def written_by(user_id: int) -> Callable[[discord.Message], bool]:
    """Return whether a message is someone's."""
    return lambda message: message.author.id == user_id


def is_role_update(entry: discord.AuditLogEntry) -> bool:
    """Return whether an audit entry tells of a member's roles."""
    return entry.action is discord.AuditLogAction.member_role_update


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Open a sandbox whose limits pass in no time."""
    async with Sandbox(time_scale=10_000) as opened:
        opened.rest.observer = held = Held()
        yield opened
        assert held.faults == []


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """Return a small server."""
    return sandbox.add_server(members=3)


@pytest.fixture
async def client(
    sandbox: Sandbox, server: Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """Log a bare client in and wait until it is ready."""
    monkeypatch.setattr(Route, "BASE", sandbox.base_url + "/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    intents = discord.Intents(guilds=True, members=True, moderation=True)
    intents.messages = intents.reactions = True
    desk = Desk(intents=intents, guild_ready_timeout=0.05)
    async with desk:
        running = asyncio.create_task(desk.start(sandbox.token))
        await asyncio.wait_for(desk.wait_until_ready(), 10)
        assert server.id in {guild.id for guild in desk.guilds}
        yield desk
        await desk.close()
        await running


async def test_a_group_is_built(client: Desk, server: Server) -> None:
    """A role, a category and a private room with overwrites, in the state and in the cache."""
    guild = client.guilds[0]
    role = await guild.create_role(name="Riverside", mentionable=False, reason="act 1")
    category = await guild.create_category("Homes")
    room = await guild.create_text_channel(
        "riverside",
        category=category,
        topic="all about rivers",
        overwrites={
            guild.default_role: discord.PermissionOverwrite(view_channel=False),
            guild.me: discord.PermissionOverwrite(view_channel=True, send_messages=True),
            role: discord.PermissionOverwrite(view_channel=True),
        },
        reason="act 2",
    )
    made = server.channel("riverside")
    assert (made.id, made.parent_id, made.topic) == (room.id, category.id, "all about rivers")
    assert made.overwrites.keys() == {server.id, guild.me.id, role.id}
    assert room.permissions_for(guild.me).send_messages
    stranger = next(
        member for member in guild.members if member != guild.me and member.id != guild.owner_id
    )
    assert not room.permissions_for(stranger).view_channel
    await room.set_permissions(role, view_channel=True, send_messages=False)
    assert made.overwrites[role.id].deny == discord.Permissions(send_messages=True).value
    await room.set_permissions(role, overwrite=None)
    assert role.id not in made.overwrites
    await room.edit(name="millpond")
    assert made.name == "millpond"
    await room.delete()
    await role.delete()
    assert room.id not in server.channels
    assert role.id not in server.roles


async def test_members_move(client: Desk, sandbox: Sandbox, server: Server) -> None:
    """One role by its own route, the whole list by a member edit; the cache hears of both."""
    guild = client.guilds[0]
    person = sandbox.people(server)[0]
    member = guild.get_member(person.id)
    assert member is not None
    old, new = [await guild.create_role(name=name) for name in ("old", "new")]

    def has(*roles: discord.Role) -> Callable[[discord.Member, discord.Member], bool]:
        return lambda _, after: after.id == person.id and set(after.roles[1:]) == set(roles)

    heard = asyncio.create_task(client.until("member_update", has(old)))
    await member.add_roles(old, reason="in")
    await heard
    heard = asyncio.create_task(client.until("member_update", has(new)))
    await member.edit(roles=[new])
    await heard
    assert server.members[person.id].roles == {new.id}
    assert (await guild.fetch_member(person.id)).roles[1:] == [new]
    assert (await guild.fetch_role(new.id)).name == "new"


async def test_messages_and_reactions(client: Desk, sandbox: Sandbox, server: Server) -> None:
    """Sending, answering, reacting, editing, pinning, and reading it all back."""
    guild = client.guilds[0]
    room = guild.get_channel(server.channel("general").id)
    assert isinstance(room, discord.TextChannel)
    person = sandbox.people(server)[0]
    heard = asyncio.create_task(client.until("message", written_by(person.id)))
    asked = await person.write(room.id, "which path?")
    await heard
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button[discord.ui.View](label="Wave", custom_id="wave:1"))
    sent = await room.send(f"welcome {person.mention}", view=view, nonce="ritual-1")
    again = await room.send(f"welcome {person.mention}", view=view, nonce="ritual-1")
    assert sent.id == again.id
    assert [user.id for user in sent.mentions] == [person.id]
    question = await room.fetch_message(asked.id)
    answer = await question.reply("this one", mention_author=False)
    assert answer.reference is not None
    assert answer.reference.message_id == asked.id
    await question.add_reaction("👋")
    await answer.edit(content="that one")
    await answer.pin()
    back = [message async for message in room.history(limit=10)]
    assert [message.content for message in back[1:]] == [
        "that one",
        f"welcome {person.mention}",
        "which path?",
    ]
    assert [str(reaction.emoji) for reaction in back[-1].reactions] == ["👋"]
    assert [message.id async for message in room.pins()] == [answer.id]
    after = [message.id async for message in room.history(after=question, oldest_first=True)]
    assert after == sorted(after)
    await answer.delete()
    with pytest.raises(discord.NotFound) as refused:
        await room.fetch_message(answer.id)
    assert refused.value.code == 10008


async def test_dms_and_refusals(client: Desk, sandbox: Sandbox, server: Server) -> None:
    """A closed DM and a forbidden act arrive as discord.py's own exceptions, with the code."""
    guild = client.guilds[0]
    person = sandbox.people(server)[0]
    member = guild.get_member(person.id)
    assert member is not None
    await member.send("psst")
    person.accepts_dms = False
    with pytest.raises(discord.Forbidden) as closed:
        await member.send("psst")
    assert closed.value.code == 50007
    assert [message.content for message in person.dms] == ["psst"]
    with pytest.raises(discord.Forbidden) as forbidden:
        await member.kick()
    assert forbidden.value.code == 50013
    with pytest.raises(discord.HTTPException) as wrong:
        await guild.create_text_channel("x" * 101)
    assert wrong.value.code == 50035
    assert "name" in wrong.value.text


async def test_the_audit_log(client: Desk, sandbox: Sandbox, server: Server) -> None:
    """Who did what, and why; a person's act is told as it happens."""
    guild = client.guilds[0]
    role = await guild.create_role(name="Riverside", reason="act 1")
    person = sandbox.people(server)[0]
    heard = asyncio.create_task(
        client.until(
            "audit_log_entry_create",
            is_role_update,
        )
    )
    await server.owner.give_role(person, server.roles[role.id])
    await heard
    entries = [entry async for entry in guild.audit_logs(limit=5)]
    assert [entry.action for entry in entries] == [
        discord.AuditLogAction.member_role_update,
        discord.AuditLogAction.role_create,
    ]
    assert entries[0].user is not None
    assert entries[0].user.id == server.owner.id
    assert entries[0].changes.after.roles == [role]
    assert entries[1].reason == "act 1"
    mine = [entry async for entry in guild.audit_logs(user=guild.me)]
    assert [entry.target for entry in mine] == [role]


async def test_limits_are_kept_without_a_refusal(
    client: Desk, sandbox: Sandbox, server: Server
) -> None:
    """discord.py reads the headers and waits, so that thirty moves meet no 429."""
    guild = client.guilds[0]
    role = await guild.create_role(name="Riverside")
    members = [member for member in guild.members if not member.bot]
    before = sandbox.requests.snapshot()
    for _ in range(5):
        await asyncio.gather(*(member.add_roles(role) for member in members))
        await asyncio.gather(*(member.remove_roles(role) for member in members))
    counted = sandbox.requests.since(before)
    assert counted.total == 10 * len(members) == 40
    assert counted.rate_limited == 0
    assert counted.errors == []
    assert all(role.id not in member.roles for member in server.members.values())
