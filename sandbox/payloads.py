"""The model as Discord's JSON.

Typed against `discord.types`, so that the type checker notices a missing field; what Discord's
published description requires beyond them is sent too. Ids become strings, moments ISO 8601.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from sandbox.permissions import Permission
from sandbox.state import STARTER, TALKED_IN, ChannelType
from sandbox.thread_payloads import thread_payload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from discord.types import audit_log, channel, guild, member, message, role, user, voice

    from sandbox.state import (
        AuditEntry,
        Channel,
        Member,
        Message,
        Overwrite,
        Reaction,
        Role,
        Server,
        State,
        User,
    )

    class GuildPayload(guild.Guild):
        """A guild with the fields that discord.types does not know."""

        home_header: None
        nsfw: bool
        premium_progress_bar_enabled: bool
        safety_alerts_channel_id: None
        max_stage_video_channel_users: int


HIDDEN_NAME = "___hidden___"
"""A channel's name for a bot that may not see it (Discord's docs, Obfuscated Channels)."""
HIDDEN_FLAG = 1 << 17

_NULL: Any = None
"""A null where Discord sends one and discord.types leaves the field out."""


def moment(when: datetime | None) -> Any:
    """Return a moment as Discord writes it; None stays null."""
    return None if when is None else when.isoformat()


def _id(snowflake: int | None) -> Any:
    return None if snowflake is None else str(snowflake)


def user_payload(account: User) -> user.User:
    """Return an account as others see it."""
    payload: user.User = {
        "id": str(account.id),
        "username": account.name,
        "discriminator": "0",
        "avatar": None,
        "global_name": account.global_name,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": _NULL,
    }
    if account.bot:
        payload["bot"] = True
    return payload


def own_user_payload(account: User) -> user.User:
    """Return the bot's own account."""
    own: user.User = {
        **user_payload(account),
        "mfa_enabled": True,
        "locale": account.locale,
        "verified": True,
    }
    return own


def partial_member_payload(person: Member) -> member.Member:
    """Return a member without their account, as messages carry it."""
    return {
        "roles": [str(role_id) for role_id in person.roles],
        "joined_at": person.joined_at.isoformat(),
        "deaf": False,
        "mute": False,
        "flags": person.flags,
        "avatar": _NULL,
        "banner": None,
        "nick": cast("Any", person.nick),
        "premium_since": None,
        "pending": person.pending,
        "communication_disabled_until": moment(person.timed_out_until),
    }


def member_payload(person: Member) -> member.MemberWithUser:
    """Return a member with their account."""
    return {**partial_member_payload(person), "user": user_payload(person.user)}


def role_payload(item: Role) -> role.Role:
    """Return a role."""
    payload: role.Role = {
        "id": str(item.id),
        "name": item.name,
        "color": item.color,
        "colors": {
            "primary_color": item.color,
            "secondary_color": None,
            "tertiary_color": None,
        },
        "hoist": item.hoist,
        "position": item.position,
        "permissions": str(item.permissions),
        "managed": item.managed,
        "mentionable": item.mentionable,
        "flags": 0,
        "icon": None,
        "unicode_emoji": item.unicode_emoji,
    }
    if item.bot_id is not None:
        payload["tags"] = {"bot_id": str(item.bot_id)}
    return payload


def overwrite_payload(item: Overwrite) -> channel.PermissionOverwrite:
    """Return an overwrite."""
    return {
        "id": str(item.id),
        "type": cast("Literal[0, 1]", int(item.type)),
        "allow": str(item.allow),
        "deny": str(item.deny),
    }


def channel_payload(item: Channel, *, visible: bool = True) -> channel.GuildChannel:
    """Return a server's channel; one that the bot may not see keeps only its place."""
    overwrites: list[channel.PermissionOverwrite] = (
        [overwrite_payload(overwrite) for overwrite in item.overwrites.values()]
        if visible
        else [
            {
                "id": str(item.server_id),
                "type": 0,
                "allow": "0",
                "deny": str(int(Permission.VIEW_CHANNEL)),
            }
        ]
    )
    payload: dict[str, Any] = {
        "id": str(item.id),
        "type": int(item.type),
        "guild_id": str(item.server_id),
        "name": item.name if visible else HIDDEN_NAME,
        "position": item.position,
        "parent_id": _id(item.parent_id),
        "permission_overwrites": overwrites,
        "nsfw": item.nsfw and visible,
        "flags": 0 if visible else HIDDEN_FLAG,
    }
    if item.type is not ChannelType.CATEGORY:
        payload["topic"] = item.topic if visible else None
        payload["last_message_id"] = _id(item.last_message_id) if visible else None
        payload["rate_limit_per_user"] = item.slowmode
        payload["last_pin_timestamp"] = None
    if item.type in TALKED_IN:
        payload["bitrate"] = item.bitrate
        payload["user_limit"] = item.user_limit
        payload["rtc_region"] = None
        payload["video_quality_mode"] = 1
    return cast("channel.GuildChannel", payload)


def dm_payload(item: Channel) -> channel.DMChannel:
    """Return the bot's DM with someone."""
    # discord.types asks for a name; Discord's DMs have none.
    return cast(
        "channel.DMChannel",
        {
            "id": str(item.id),
            "type": 1,
            "last_message_id": _id(item.last_message_id),
            "recipients": [user_payload(account) for account in item.recipients],
            "flags": 0,
        },
    )


def emoji_payload(emoji: str) -> dict[str, Any]:
    """Return an emoji written as a character or as "name:id"."""
    name, separator, emoji_id = emoji.rpartition(":")
    if separator:
        return {"id": emoji_id, "name": name, "animated": False}
    return {"id": None, "name": emoji}


def _reaction_payload(item: Reaction, viewer_id: int) -> message.Reaction:
    return {
        "emoji": cast("Any", emoji_payload(item.emoji)),
        "count": len(item.users),
        "count_details": {"burst": 0, "normal": len(item.users)},
        "burst_colors": [],
        "me": viewer_id in item.users,
        "me_burst": False,
    }


def message_payload(
    state: State, item: Message, *, nonce: bool = False, quoted: bool = True
) -> message.Message:
    """Return a message as REST answers it, seen by the bot.

    `nonce` stands only in the answer to its creation and in the event about it; `quoted` adds the
    message that it answers.
    """
    payload: message.Message = {
        "id": str(item.id),
        "channel_id": str(item.channel_id),
        "author": user_payload(item.author),
        "content": item.content,
        "timestamp": item.sent_at.isoformat(),
        "edited_timestamp": moment(item.edited_at),
        "tts": item.tts,
        "mention_everyone": item.mention_everyone,
        "mentions": [cast("Any", user_payload(account)) for account in item.mentions],
        "mention_roles": [str(role_id) for role_id in item.mention_roles],
        "attachments": cast("Any", item.attachments),
        "embeds": cast("Any", item.embeds),
        "components": cast("Any", item.components),
        "pinned": item.pinned_at is not None,
        "type": cast("Any", item.type),
        "flags": item.flags,
    }
    if item.server_id is not None and item.id in state.servers[item.server_id].threads:
        thread = state.servers[item.server_id].threads[item.id]
        payload["thread"] = thread_payload(thread)
    if item.reactions and quoted:  # a quoted message is told without them
        payload["reactions"] = [
            _reaction_payload(reaction, state.bot.id) for reaction in item.reactions.values()
        ]
    if nonce and item.nonce is not None:
        payload["nonce"] = item.nonce
    if item.webhook_id is not None:
        payload["webhook_id"] = str(item.webhook_id)
    if item.application_id is not None:
        payload["application_id"] = str(item.application_id)
    if item.interaction_metadata is not None:
        payload["interaction_metadata"] = cast("Any", item.interaction_metadata)
    if item.reference_id is not None:
        origin_id = item.channel_id
        room = state.find_channel(origin_id)
        if item.type == STARTER and room is not None and room.parent_id is not None:
            origin_id = room.parent_id  # a thread's first message points at its room
        payload["message_reference"] = {
            "type": 0,
            "message_id": str(item.reference_id),
            "channel_id": str(origin_id),
        }
        if item.server_id is not None:
            payload["message_reference"]["guild_id"] = str(item.server_id)
        if quoted:
            room = state.find_channel(origin_id)
            origin = room.history.get(item.reference_id) if room else None
            payload["referenced_message"] = (
                message_payload(state, origin, quoted=False) if origin else None
            )
    return payload


def message_event(state: State, item: Message, *, nonce: bool = False) -> dict[str, Any]:
    """Return a message as the gateway sends it: with its server and its people as members."""
    payload = cast("dict[str, Any]", message_payload(state, item, nonce=nonce))
    if item.server_id is None:
        payload["channel_type"] = int(ChannelType.DM)
        return payload
    server = state.servers[item.server_id]
    payload["guild_id"] = str(item.server_id)
    room = state.find_channel(item.channel_id)
    assert room is not None
    payload["channel_type"] = int(room.type)
    author = server.members.get(item.author.id)
    if author is not None and item.webhook_id is None:
        payload["member"] = partial_member_payload(author)
    for account, mentioned in zip(item.mentions, payload["mentions"], strict=True):
        person = server.members.get(account.id)
        if person is not None:
            mentioned["member"] = partial_member_payload(person)
    return payload


def without_content(payload: dict[str, Any], bot_id: int) -> dict[str, Any]:
    """Return a message's payload as an application without the content intent gets it.

    What the bot wrote, what mentions it and what stands in a DM (no server) keeps its content; the
    caller says which messages are DMs by not calling this. (Discord's docs, Message Content Intent)
    """
    own = str(bot_id)
    bare: dict[str, Any] = {**payload}
    if payload["author"]["id"] != own and all(m["id"] != own for m in payload["mentions"]):
        bare.update(content="", embeds=[], attachments=[], components=[])
    quoted: dict[str, Any] | None = bare.get("referenced_message")
    if quoted is not None:
        bare["referenced_message"] = without_content(quoted, bot_id)
    return bare


def guild_payload(server: Server) -> GuildPayload:
    """Return a server as GET /guilds answers it: with its roles, without rooms and members."""
    return {
        "id": str(server.id),
        "name": server.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "home_header": None,
        "description": None,
        "banner": None,
        "emojis": [],
        "stickers": [],
        "features": [],
        "incidents_data": None,
        "owner_id": str(server.owner_id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "roles": [role_payload(item) for item in server.roles.values()],
        "system_channel_id": _id(server.system_channel_id),
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": server.preferred_locale,
        "widget_enabled": False,
        "widget_channel_id": None,
        "max_members": 25_000_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "stage_instances": [],
        "guild_scheduled_events": [],
    }


def guild_create_payload(
    state: State, server: Server, *, members: Iterable[Member], visible: set[int], large: bool
) -> GuildPayload:
    """Return a server as the gateway introduces it.

    `members` are those that the event lists, `visible` the ids of the rooms the bot may see,
    `large` whether offline members were left out.
    """
    bot = server.members[state.bot.id]
    payload = guild_payload(server)
    payload["joined_at"] = bot.joined_at.isoformat()
    payload["large"] = large
    payload["member_count"] = len(server.members)
    payload["members"] = [cast("Any", member_payload(person)) for person in members]
    payload["channels"] = [
        channel_payload(item, visible=item.id in visible) for item in server.channels.values()
    ]
    payload["voice_states"] = [
        cast("Any", voice_state_payload(person))
        for person in server.members.values()
        if person.voice_channel_id is not None
    ]
    payload["presences"] = []
    payload["soundboard_sounds"] = []
    return payload


def voice_state_event(person: Member) -> dict[str, Any]:
    """Return the event about where a member is listening now."""
    return {**voice_state_payload(person), "guild_id": str(person.server_id)}


def voice_state_payload(person: Member) -> voice.GuildVoiceState:
    """Return where a member is listening; a null channel says that they left."""
    return {
        "channel_id": _id(person.voice_channel_id),
        "user_id": str(person.user.id),
        "member": member_payload(person),
        "session_id": f"{person.user.id:032x}",
        "deaf": False,
        "mute": False,
        "self_deaf": False,
        "self_mute": False,
        "self_video": False,
        "suppress": False,
    }


def audit_entry_payload(entry: AuditEntry) -> audit_log.AuditLogEntry:
    """Return one line of the audit log."""
    payload: audit_log.AuditLogEntry = {
        "id": str(entry.id),
        "action_type": cast("Any", int(entry.action)),
        "user_id": str(entry.actor_id),
        "target_id": _id(entry.target_id),
    }
    if entry.changes:
        payload["changes"] = cast("Any", entry.changes)
    if entry.options:
        payload["options"] = cast("Any", entry.options)
    if entry.reason is not None:
        payload["reason"] = entry.reason
    return payload


def application_payload(state: State) -> dict[str, Any]:
    """Return the application as its own bot sees it."""
    application = state.application
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_payload(application.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": user_payload(application.owner),
        "team": None,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(state.servers),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }
