"""Handing what was written to those who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import payloads
from sandbox.errors import error
from sandbox.intents import Intent
from sandbox.state import Thread

if TYPE_CHECKING:
    from sandbox.state import Channel, Member, Message, User
    from sandbox.world import World


def publish(world: World, channel: Channel, message: Message) -> None:
    """Put a composed message into its channel and tell the bot."""
    channel.history.add(message)
    channel.last_message_id = message.id
    if isinstance(channel, Thread):
        channel.written += 1
        channel.active_at = world.state.now()
    tell(world, "MESSAGE_CREATE", channel, payloads.message_event(world.state, message, nonce=True))


def tell(
    world: World,
    event: str,
    channel: Channel,
    data: dict[str, Any],
    intents: tuple[Intent, Intent] = (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
) -> None:
    """Hand an event in a room or a DM to the gateway, which hides it where the bot may not look."""
    if channel.server_id is None:
        world.emit(event, data, intents[1])
    else:
        world.emit(event, data, intents[0], world.state.servers[channel.server_id])


def member_in(world: World, channel: Channel, user: User) -> Member:
    """Return someone as a member of a room's server; 50003 for a DM, 50001 for a stranger."""
    server = world.state.server_of(channel)
    if server is None:
        raise error(50003)
    member = server.members.get(user.id)
    if member is None:
        raise error(50001)
    return member
