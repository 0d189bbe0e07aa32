"""What is put on messages: reactions and pins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import payloads
from sandbox.acts.delivering import member_in, publish, tell
from sandbox.acts.thread_life import need_active
from sandbox.errors import error
from sandbox.intents import Intent
from sandbox.permissions import Permission
from sandbox.state import AuditAction, Message, Reaction, Thread

if TYPE_CHECKING:
    from sandbox.state import Channel, User
    from sandbox.world import World

MAX_REACTIONS = 20
"""Different emoji under one message (Discord's error 30010)."""
MAX_PINS = 250
"""Per channel (Discord's error 30003)."""

_PIN_NOTICE = 6


def _check_emoji(emoji: str) -> None:
    """Refuse what is no emoji; the sandbox's servers have none of their own (10014)."""
    if not any(ord(letter) >= 0x2000 or letter in "©®" for letter in emoji):
        raise error(10014)


def add_reaction(world: World, actor: User, channel: Channel, message: Message, emoji: str) -> None:
    """Put an emoji under a message; doing it twice is fine."""
    _check_emoji(emoji)
    if isinstance(channel, Thread):
        need_active(world, channel, actor)
    reaction = message.reactions.get(emoji)
    if channel.server_id is not None:
        member = member_in(world, channel, actor)
        needed = Permission.READ_MESSAGE_HISTORY
        if reaction is None:
            needed |= Permission.ADD_REACTIONS
        world.need(member, needed, channel)
    if reaction is None:
        if len(message.reactions) >= MAX_REACTIONS:
            raise error(30010)
        reaction = message.reactions[emoji] = Reaction(emoji)
    if actor.id in reaction.users:
        return
    reaction.users[actor.id] = None
    data = _reaction_event(channel, message, actor, emoji)
    data["message_author_id"] = str(message.author.id)
    if channel.server_id is not None:
        data["member"] = payloads.member_payload(member_in(world, channel, actor))
    _tell_reaction(world, "MESSAGE_REACTION_ADD", channel, data)


def remove_reaction(
    world: World,
    actor: User,
    channel: Channel,
    message: Message,
    emoji: str,
    *,
    user: User | None = None,
) -> None:
    """Take back one's own emoji, or with Manage Messages that of another `user`."""
    if isinstance(channel, Thread):
        need_active(world, channel, actor)
    owner = user or actor
    if owner is not actor:
        world.need(member_in(world, channel, actor), Permission.MANAGE_MESSAGES, channel)
    reaction = message.reactions.get(emoji)
    if reaction is None or owner.id not in reaction.users:
        raise error(10014)
    del reaction.users[owner.id]
    if not reaction.users:
        del message.reactions[emoji]
    data = _reaction_event(channel, message, owner, emoji)
    _tell_reaction(world, "MESSAGE_REACTION_REMOVE", channel, data)


def _reaction_event(channel: Channel, message: Message, user: User, emoji: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "user_id": str(user.id),
        "channel_id": str(channel.id),
        "message_id": str(message.id),
        "emoji": payloads.emoji_payload(emoji),
        "burst": False,
        "type": 0,
    }
    if channel.server_id is not None:
        data["guild_id"] = str(channel.server_id)
    return data


def _tell_reaction(world: World, event: str, channel: Channel, data: dict[str, Any]) -> None:
    intents = (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)
    tell(world, event, channel, data, intents)


def pin(
    world: World, actor: User, channel: Channel, message: Message, *, reason: str | None = None
) -> None:
    """Pin a message, with the notice that Discord posts about it."""
    if channel.server_id is not None:
        world.need(member_in(world, channel, actor), Permission.PIN_MESSAGES, channel)
    if message.pinned_at is not None:
        return
    if sum(1 for other in channel.history if other.pinned_at is not None) >= MAX_PINS:
        raise error(30003)
    message.pinned_at = world.state.now()
    _pins_changed(world, actor, channel, message, AuditAction.MESSAGE_PIN, reason=reason)
    notice = Message(
        world.state.snowflake(),
        channel.id,
        channel.server_id,
        actor,
        type=_PIN_NOTICE,
        reference_id=message.id,
    )
    publish(world, channel, notice)


def unpin(
    world: World, actor: User, channel: Channel, message: Message, *, reason: str | None = None
) -> None:
    """Take a message down from the pins; one that is not there is fine."""
    if channel.server_id is not None:
        world.need(member_in(world, channel, actor), Permission.PIN_MESSAGES, channel)
    if message.pinned_at is None:
        return
    message.pinned_at = None
    _pins_changed(world, actor, channel, message, AuditAction.MESSAGE_UNPIN, reason=reason)


def _pins_changed(
    world: World,
    actor: User,
    channel: Channel,
    message: Message,
    action: AuditAction,
    *,
    reason: str | None,
) -> None:
    tell(world, "MESSAGE_UPDATE", channel, payloads.message_event(world.state, message))
    last = max((m.pinned_at for m in channel.history if m.pinned_at is not None), default=None)
    data = {"channel_id": str(channel.id), "last_pin_timestamp": payloads.moment(last)}
    server = world.state.server_of(channel)
    if server is None:
        world.emit("CHANNEL_PINS_UPDATE", data, Intent.DIRECT_MESSAGES)
        return
    data["guild_id"] = str(server.id)
    tell(world, "CHANNEL_PINS_UPDATE", channel, data, (Intent.GUILDS, Intent.DIRECT_MESSAGES))
    options = {"channel_id": str(channel.id), "message_id": str(message.id)}
    member = member_in(world, channel, actor)
    world.audit(server, member, action, message.author.id, reason=reason, options=options)
