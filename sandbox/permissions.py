"""Who may do what: Discord's permission bits and how they are computed.

Order, as documented under "Permission Hierarchy": @everyone and the member's roles added up; then
in a channel the overwrites of @everyone, of all roles (denials first, then what is allowed) and of
the member. The owner and administrators may do everything; someone who is timed out may only look.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

from sandbox.state import TALKED_IN, ChannelType, Thread

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.state import Channel, Member, Role, Server


class Permission(IntFlag):
    """Permission bits; the names are Discord's."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


# Plain ints: an IntFlag operation costs ten times as much, and these run for every message.
ALL = sum(int(bit) for bit in Permission)
_ADMINISTRATOR = int(Permission.ADMINISTRATOR)
_VIEW = int(Permission.VIEW_CHANNEL)
_CONNECT = int(Permission.CONNECT)
_SEND = int(Permission.SEND_MESSAGES)
_SEND_IN_THREADS = int(Permission.SEND_MESSAGES_IN_THREADS)
_MANAGE_THREADS = int(Permission.MANAGE_THREADS)
_NEEDS_SEND = int(
    Permission.MENTION_EVERYONE
    | Permission.SEND_TTS_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
    | Permission.SEND_POLLS
    | Permission.SEND_VOICE_MESSAGES
)
_WHILE_TIMED_OUT = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)

EVERYONE_DEFAULT = int(
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.STREAM
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.USE_VAD
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.REQUEST_TO_SPEAK
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.USE_EXTERNAL_STICKERS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EMBEDDED_ACTIVITIES
    | Permission.USE_SOUNDBOARD
    | Permission.SEND_VOICE_MESSAGES
    | Permission.SEND_POLLS
    | Permission.USE_EXTERNAL_APPS
)
"""What @everyone may do in a fresh server."""


def is_timed_out(member: Member, now: datetime) -> bool:
    """Return whether a member may only look at `now`."""
    return member.timed_out_until is not None and member.timed_out_until > now


def server_permissions(server: Server, member: Member, now: datetime) -> int:
    """Return what a member may do in the whole server."""
    granted = _base(server, member)
    if granted != ALL and member.timed_out_until is not None and member.timed_out_until > now:
        return granted & _WHILE_TIMED_OUT
    return granted


def channel_permissions(server: Server, member: Member, channel: Channel, now: datetime) -> int:
    """Return what a member may do in a channel, with what follows from it: unseen is nothing.

    A thread has its room's overwrites; a private one is seen by its members and by who manages
    threads. (Discord's docs, Threads, Permissions)
    """
    granted = _base(server, member)
    if granted == ALL:
        return ALL
    sending = _SEND
    overwrites = channel.overwrites
    if isinstance(channel, Thread):
        sending = _SEND_IN_THREADS
        overwrites = server.channels[channel.parent_id or 0].overwrites
    if overwrites:
        everyone = overwrites.get(server.id)
        if everyone is not None:
            granted = granted & ~everyone.deny | everyone.allow
        allow = deny = 0
        for role_id in member.roles:
            overwrite = overwrites.get(role_id)
            if overwrite is not None:
                allow |= overwrite.allow
                deny |= overwrite.deny
        granted = granted & ~deny | allow
        own = overwrites.get(member.user.id)
        if own is not None:
            granted = granted & ~own.deny | own.allow
    if member.timed_out_until is not None and member.timed_out_until > now:
        granted &= _WHILE_TIMED_OUT
    if not granted & _VIEW:
        return 0
    if channel.type is ChannelType.PRIVATE_THREAD and not granted & _MANAGE_THREADS:
        assert isinstance(channel, Thread)
        if member.user.id not in channel.members:
            return 0
    if channel.type in TALKED_IN and not granted & _CONNECT:
        return granted & (_VIEW | int(Permission.MANAGE_CHANNELS | Permission.MANAGE_ROLES))
    if not granted & sending:
        granted &= ~_NEEDS_SEND
    return granted


def may_write(channel: Channel) -> Permission:
    """Return the permission that writing in a channel takes; a room's own has none in threads."""
    if isinstance(channel, Thread):
        return Permission.SEND_MESSAGES_IN_THREADS
    return Permission.SEND_MESSAGES


def _base(server: Server, member: Member) -> int:
    if member.user.id == server.owner_id:
        return ALL
    roles = server.roles
    granted = roles[server.id].permissions
    for role_id in member.roles:
        granted |= roles[role_id].permissions
    return ALL if granted & _ADMINISTRATOR else granted


def rank(role: Role) -> tuple[int, int]:
    """Return a role's place in the hierarchy, higher is mightier; of equals the older one wins."""
    return (role.position, -role.id)


def top_rank(server: Server, member: Member) -> tuple[int, int]:
    """Return the place of a member's highest role."""
    roles = server.roles
    return max((rank(roles[role_id]) for role_id in member.roles), default=rank(server.everyone))


def outranks_role(server: Server, actor: Member, role: Role) -> bool:
    """Return whether an actor stands above a role (the owner above all)."""
    return actor.user.id == server.owner_id or top_rank(server, actor) > rank(role)


def outranks_member(server: Server, actor: Member, target: Member) -> bool:
    """Return whether an actor stands above another member; nobody stands above the owner."""
    if target.user.id == server.owner_id:
        return False
    return actor.user.id == server.owner_id or top_rank(server, actor) > top_rank(server, target)
