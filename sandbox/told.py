"""What the bot is told of an interaction, and what its answers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, cast

from sandbox import payloads
from sandbox.permissions import ALL, Permission, channel_permissions

if TYPE_CHECKING:
    from discord.types import interactions as wire
    from discord.types.interactions import _BaseInteraction
    from discord.types.member import MemberWithUser
    from discord.types.message import Message as MessagePayload
    from discord.types.user import User as UserPayload

    from sandbox.interactions import Interaction
    from sandbox.state import Channel, Member, State, User

    Raw = dict[str, Any]

    class InteractionPayload(_BaseInteraction):
        """What all kinds of interaction have, and what some of them have."""

        type: wire.InteractionType
        data: Raw
        member: NotRequired[MemberWithUser]
        user: NotRequired[UserPayload]
        message: NotRequired[MessagePayload]


ATTACHMENT_LIMIT = 20 * 1024 * 1024
"""Bytes of one attachment (Discord's change log, 2026-09-03)."""

_IN_DMS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
)


def interaction_payload(state: State, interaction: Interaction) -> InteractionPayload:
    """Return what the bot is told of an interaction."""
    server, channel, user = interaction.server, interaction.channel, interaction.user
    payload: InteractionPayload = {
        "id": str(interaction.id),
        "application_id": str(state.application.id),
        "type": interaction.kind.value,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": cast("Any", channel_payload(state, channel, user)),
        "locale": user.locale,
        "entitlements": [],
        "attachment_size_limit": ATTACHMENT_LIMIT,
        "authorizing_integration_owners": {"0": str(server.id) if server else "0"},
        "context": 0 if server else 1,
        "app_permissions": str(_IN_DMS),
    }
    if server is None:
        payload["user"] = payloads.user_payload(user)
    else:
        bot = server.members.get(state.bot.id)
        payload["guild_id"] = str(server.id)
        payload["guild"] = {
            "id": str(server.id),
            "locale": server.preferred_locale,
            "features": [],
        }
        payload["guild_locale"] = server.preferred_locale
        payload["member"] = member_payload(state, server.members[user.id], channel)
        payload["app_permissions"] = str(_permissions(state, bot, channel) if bot else 0)
    if interaction.message is not None:
        payload["message"] = payloads.message_payload(state, interaction.message)
    return payload


def member_payload(state: State, member: Member, channel: Channel) -> MemberWithUser:
    """Return a member as interactions carry them: with their permissions in the channel."""
    payload = payloads.member_payload(member)
    payload["permissions"] = str(_permissions(state, member, channel))
    return payload


def channel_payload(state: State, channel: Channel, user: User) -> Raw:
    """Return a channel as interactions carry it: in part, with the person's permissions."""
    if channel.server_id is None:
        return {**payloads.dm_payload(channel), "permissions": str(_IN_DMS)}
    member = state.servers[channel.server_id].members[user.id]
    whole = cast("Raw", payloads.channel_payload(channel))
    whole.pop("permission_overwrites", None)  # a thread has none
    bot = state.servers[channel.server_id].members.get(state.bot.id)
    whole["permissions"] = str(_permissions(state, member, channel))
    whole["app_permissions"] = str(_permissions(state, bot, channel) if bot else 0)
    return whole


def _permissions(state: State, member: Member, channel: Channel) -> int:
    if channel.server_id is None:
        return _IN_DMS
    server = state.servers[channel.server_id]
    return channel_permissions(server, member, channel, state.now()) & ALL


def metadata_payload(interaction: Interaction) -> Raw:
    """Return what a message says of the interaction that it answers."""
    server = interaction.server
    told: Raw = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user_payload(interaction.user),
        "authorizing_integration_owners": {"0": str(server.id) if server else "0"},
    }
    if interaction.parent is not None:
        told["triggering_interaction_metadata"] = metadata_payload(interaction.parent)
    elif interaction.command is None and interaction.message is not None:
        told["interacted_message_id"] = str(interaction.message.id)
    answered = interaction.original or interaction.message
    if answered is not None:
        told["original_response_message_id"] = str(answered.id)
    return told
