"""hikari, a client that is not ours, talks to the sandbox as it would to Discord."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import hikari
import pytest

from sandbox.app import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sandbox.state import Server

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENCE = 10.0
E = TypeVar("E", bound=hikari.Event)


class Visitor:
    """A hikari bot in a sandbox's server."""

    def __init__(self, sandbox: Sandbox, server: Server, bot: hikari.GatewayBot) -> None:
        self.sandbox = sandbox
        self.server = server
        self.bot = bot
        self.rest = bot.rest

    def hears(self, event: type[E]) -> asyncio.Task[E]:
        """Begin to wait for an event, before what sets it off is done."""
        return asyncio.ensure_future(self.bot.wait_for(event, timeout=PATIENCE))


@asynccontextmanager
async def visiting(members: int = 3) -> AsyncGenerator[Visitor]:
    async with Sandbox(start=START, time_scale=1000) as sandbox:
        server = sandbox.add_server(members=members)
        bot = hikari.GatewayBot(
            sandbox.token,
            banner=None,
            suppress_optimization_warning=True,
            logs=None,
            intents=hikari.Intents.ALL & ~hikari.Intents.GUILD_PRESENCES,
            rest_url=f"{sandbox.base_url}/api/v10",
        )
        available = asyncio.ensure_future(bot.wait_for(hikari.GuildAvailableEvent, PATIENCE))
        whole = asyncio.ensure_future(bot.wait_for(hikari.MemberChunkEvent, PATIENCE))
        try:
            await bot.start(check_for_updates=False)
            await available
            await whole
            yield Visitor(sandbox, server, bot)
        finally:
            await bot.close()


@pytest.fixture
async def visitor() -> AsyncGenerator[Visitor]:
    async with visiting() as opened:
        yield opened


async def test_it_receives_the_server(visitor: Visitor) -> None:
    """Roles, rooms and every member are known to it after it has logged in."""
    server, cache = visitor.server, visitor.bot.cache
    guild = cache.get_guild(server.id)
    assert guild is not None
    assert (guild.name, guild.owner_id) == (server.name, server.owner_id)
    assert set(cache.get_members_view_for_guild(server.id)) == set(server.members)
    assert set(cache.get_roles_view_for_guild(server.id)) == set(server.roles)
    assert set(cache.get_guild_channels_view_for_guild(server.id)) == set(server.channels)
    assert (await visitor.rest.fetch_my_user()).id == visitor.sandbox.bot_id
    assert (await visitor.rest.fetch_application()).id == visitor.sandbox.application_id
    fetched = await visitor.rest.fetch_guild(server.id)
    assert fetched.approximate_member_count == len(server.members)
    listed = await visitor.rest.fetch_members(server.id)
    assert {member.id for member in listed} == set(server.members)


async def test_it_talks_in_a_room(visitor: Visitor) -> None:
    """It sends, edits, answers, pins, reacts, reads history and deletes."""
    room, rest = visitor.server.channel("general"), visitor.rest
    heard = visitor.hears(hikari.GuildMessageCreateEvent)
    embed = hikari.Embed(title="A title", description="words", color=0x336699)
    embed.add_field("a", "b").set_footer("below")
    row = rest.build_message_action_row()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press:1", label="Press", emoji="🔥")
    sent = await rest.create_message(room.id, "hello", embed=embed, component=row)
    assert (await heard).message_id == sent.id
    assert room.history.get(sent.id) is not None
    edited = await rest.edit_message(room.id, sent, "hello again", embed=None)
    assert (edited.content, edited.embeds) == ("hello again", [])
    reply = await rest.create_message(room.id, "yes?", reply=sent, mentions_reply=True)
    assert reply.referenced_message is not None
    assert reply.referenced_message.id == sent.id
    await rest.add_reaction(room.id, sent, "👋")
    async for user in rest.fetch_reactions_for_emoji(room.id, sent, "👋"):
        assert user.id == visitor.sandbox.bot_id
    await rest.delete_my_reaction(room.id, sent, "👋")
    await rest.pin_message(room.id, sent)
    pinned = [pin.message.id async for pin in rest.fetch_pins(room.id)]
    assert pinned == [sent.id]
    await rest.unpin_message(room.id, sent)
    history = [message async for message in rest.fetch_messages(room.id)]
    assert [message.id for message in history[1:]] == [reply.id, sent.id]
    assert history[0].type is hikari.MessageType.CHANNEL_PINNED_MESSAGE
    later = [message.id async for message in rest.fetch_messages(room.id, after=reply.id)]
    assert later == [history[0].id]
    await rest.trigger_typing(room.id)
    await rest.delete_message(room.id, reply)
    with pytest.raises(hikari.NotFoundError):
        await rest.fetch_message(room.id, reply)


async def test_it_hears_people(visitor: Visitor) -> None:
    """Joining, writing, reacting, roles given by hand and leaving arrive with what they say."""
    server, sandbox = visitor.server, visitor.sandbox
    joined = visitor.hears(hikari.MemberCreateEvent)
    kim = await sandbox.person(server, "Kim")
    assert (await joined).user_id == kim.id
    written = visitor.hears(hikari.GuildMessageCreateEvent)
    message = await kim.write(server.channel("general"), "hello everyone")
    event = await written
    assert (event.content, event.author_id) == ("hello everyone", kim.id)
    assert event.member is not None
    reacted = visitor.hears(hikari.GuildReactionAddEvent)
    await kim.react(message, "👋")
    reaction = await reacted
    assert (reaction.user_id, reaction.is_for_emoji("👋")) == (kim.id, True)
    made = visitor.hears(hikari.RoleCreateEvent)
    role = await server.owner.create_role("Walkers")
    assert (await made).role.name == "Walkers"
    changed = visitor.hears(hikari.MemberUpdateEvent)
    await server.owner.give_role(kim, role)
    assert role.id in (await changed).member.role_ids
    left = visitor.hears(hikari.MemberDeleteEvent)
    await kim.leave()
    assert (await left).user_id == kim.id


async def test_it_builds_a_group(visitor: Visitor) -> None:
    """A role, a category and rooms with overwrites, a member in and out, a record of it."""
    server, rest = visitor.server, visitor.rest
    kim = await visitor.sandbox.person(server, "Kim")
    role = await rest.create_role(
        server.id, name="Walkers", color=0x336699, mentionable=True, reason="a group"
    )
    closed = hikari.PermissionOverwrite(
        id=server.id,
        type=hikari.PermissionOverwriteType.ROLE,
        deny=hikari.Permissions.VIEW_CHANNEL,
    )
    ours = hikari.PermissionOverwrite(
        id=role.id,
        type=hikari.PermissionOverwriteType.ROLE,
        allow=hikari.Permissions.VIEW_CHANNEL,
    )
    me = hikari.PermissionOverwrite(
        id=visitor.sandbox.bot_id,
        type=hikari.PermissionOverwriteType.MEMBER,
        allow=hikari.Permissions.VIEW_CHANNEL,
    )
    category = await rest.create_guild_category(server.id, "Groups")
    room = await rest.create_guild_text_channel(
        server.id,
        "walkers",
        topic="paths",
        category=category,
        permission_overwrites=[closed, ours, me],
        reason="a group",
    )
    voice = await rest.create_guild_voice_channel(server.id, "Walkers", category=category)
    here = server.channels[room.id]
    assert not kim.sees(here)
    changed = visitor.hears(hikari.MemberUpdateEvent)
    await rest.add_role_to_member(server.id, kim.id, role)
    await changed
    assert kim.sees(here)
    await rest.edit_permission_overwrite(
        room.id, kim.id, target_type=hikari.PermissionOverwriteType.MEMBER,
        deny=hikari.Permissions.SEND_MESSAGES,
    )  # fmt: skip
    assert not kim.can_send(here)
    await rest.delete_permission_overwrite(room.id, kim.id)
    assert kim.can_send(here)
    await rest.edit_channel(room, name="long-walks", topic="hills")
    await rest.edit_role(server.id, role, name="Long Walkers", hoist=False)
    await rest.edit_member(server.id, kim.id, roles=[])
    assert not kim.sees(here)
    with pytest.raises(hikari.ForbiddenError):
        await rest.kick_user(server.id, kim.id)
    made = [
        entry.id
        async for page in rest.fetch_audit_log(
            server.id, event_type=hikari.AuditLogEventType.ROLE_CREATE
        )
        for entry in page.entries.values()
        if entry.target_id == role.id and entry.reason == "a group"
    ]
    assert len(made) == 1
    for channel in (voice, room, category):
        await rest.delete_channel(channel)
    await rest.delete_role(server.id, role)
    assert role.id not in {item.id for item in await rest.fetch_roles(server.id)}


async def test_it_answers_a_command(visitor: Visitor) -> None:
    """A command with options and a button are answered, then edited and followed up."""
    server, rest, bot = visitor.server, visitor.rest, visitor.bot
    builder = rest.slash_command_builder("greet", "Say hello").add_option(
        hikari.CommandOption(
            type=hikari.OptionType.USER, name="whom", description="Whom", is_required=True
        )
    )
    await rest.set_application_commands(visitor.sandbox.application_id, [builder])

    @bot.listen()
    async def greet(event: hikari.CommandInteractionCreateEvent) -> None:
        interaction = event.interaction
        assert interaction.resolved is not None
        (whom,) = interaction.resolved.members.values()
        row = rest.build_message_action_row()
        row.add_interactive_button(hikari.ButtonStyle.SECONDARY, "wave", label="Wave")
        await interaction.create_initial_response(
            hikari.ResponseType.DEFERRED_MESSAGE_CREATE, flags=hikari.MessageFlag.EPHEMERAL
        )
        await interaction.edit_initial_response(f"Hello {whom.mention}", component=row)

    @bot.listen()
    async def wave(event: hikari.ComponentInteractionCreateEvent) -> None:
        await event.interaction.create_initial_response(
            hikari.ResponseType.MESSAGE_UPDATE, "👋", component=None
        )
        await event.interaction.execute("and again")

    assert greet
    assert wave
    kim = await visitor.sandbox.person(server, "Kim")
    answer = await kim.command("greet", whom=server.owner)
    assert answer.ephemeral
    assert answer.text.startswith(f"Hello {server.owner.mention}")
    pressed = await kim.press(answer, "Wave")
    assert pressed.content == "👋"


async def test_it_writes_to_a_person(visitor: Visitor) -> None:
    """A letter arrives; to somebody whose letterbox is shut it is refused."""
    kim = await visitor.sandbox.person(visitor.server, "Kim")
    letterbox = await visitor.rest.create_dm_channel(kim.id)
    await visitor.rest.create_message(letterbox, "a letter")
    assert [letter.content for letter in kim.dms] == ["a letter"]
    kim.accepts_dms = False
    with pytest.raises(hikari.ForbiddenError):
        await visitor.rest.create_message(letterbox, "another")
