"""People in a server: coming, going, being changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from sandbox import payloads
from sandbox.acts.roles import member_event, set_roles
from sandbox.errors import error, invalid_form
from sandbox.intents import Intent
from sandbox.permissions import Permission, outranks_member
from sandbox.state import TALKED_IN, AuditAction, Member, time_snowflake
from sandbox.world import change

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.state import Channel, Server, User
    from sandbox.world import World

COMPLETED_ONBOARDING, STARTED_ONBOARDING = 1 << 1, 1 << 3
"""Flags of members (Discord's docs, Guild Member Flags)."""

LONGEST_TIMEOUT = timedelta(days=28)
"""How far ahead a timeout may end (Discord's docs, Modify Guild Member)."""


class MemberSettings(TypedDict, total=False):
    """What can be set on a member; what is left out stays."""

    nick: str | None
    roles: set[int]
    timed_out_until: datetime | None
    voice_channel: Channel | None


def join_server(world: World, server: Server, user: User, *, pending: bool = False) -> Member:
    """Let an account in; a banned one is refused (40007). `pending`: rules are to be accepted."""
    if user.id in server.bans:
        raise error(40007)
    world.state.users[user.id] = user
    member = Member(user, server.id, world.state.now(), pending=pending)
    server.members[user.id] = member
    data = {**payloads.member_payload(member), "guild_id": str(server.id)}
    world.emit("GUILD_MEMBER_ADD", data, Intent.GUILD_MEMBERS, server)
    return member


def accept_rules(world: World, server: Server, member: Member) -> None:
    """Let a member pass the server's membership screening; having passed it is fine."""
    if member.pending:
        member.pending = False
        member_event(world, server, member)


def onboard(world: World, server: Server, member: Member, *, finished: bool) -> None:
    """Let a member begin the server's onboarding, or finish it: a flag of theirs says so."""
    member.flags |= STARTED_ONBOARDING
    if finished:
        member.flags |= COMPLETED_ONBOARDING
    member_event(world, server, member)


def leave_server(world: World, server: Server, member: Member) -> None:
    """Let a member go: roles are lost, overwrites and messages stay."""
    leave_voice(world, server, member)
    del server.members[member.user.id]
    if member.user.id == world.state.bot.id:
        # No server on this event: the bot is in none of it any more, and must hear it all the same.
        world.emit("GUILD_DELETE", {"id": str(server.id)}, Intent.GUILDS)
        return
    data = {"guild_id": str(server.id), "user": payloads.user_payload(member.user)}
    world.emit("GUILD_MEMBER_REMOVE", data, Intent.GUILD_MEMBERS, server)


def kick(
    world: World, server: Server, actor: Member, member: Member, *, reason: str | None = None
) -> None:
    """Send a member out; they may come back."""
    world.need(actor, Permission.KICK_MEMBERS)
    if not outranks_member(server, actor, member):
        raise error(50013)
    leave_server(world, server, member)
    world.audit(server, actor, AuditAction.MEMBER_KICK, member.user.id, reason=reason)


def ban(
    world: World,
    server: Server,
    actor: Member,
    user: User,
    *,
    reason: str | None = None,
    forget: timedelta = timedelta(0),
) -> None:
    """Keep an account out, member or not, and delete what it wrote during the last `forget`."""
    world.need(actor, Permission.BAN_MEMBERS)
    member = server.members.get(user.id)
    if member is not None:
        if not outranks_member(server, actor, member):
            raise error(50013)
        leave_server(world, server, member)
    server.bans[user.id] = reason
    data = {"guild_id": str(server.id), "user": payloads.user_payload(user)}
    world.emit("GUILD_BAN_ADD", data, Intent.GUILD_MODERATION, server)
    world.audit(server, actor, AuditAction.MEMBER_BAN_ADD, user.id, reason=reason)
    if forget:
        since = time_snowflake(world.state.now() - forget)
        for channel in server.channels.values():
            recent = channel.history.after(since, len(channel.history))
            gone = [message.id for message in recent if message.author is user]
            for message_id in gone:
                channel.history.remove(message_id)
            if gone and world.bot_sees(channel):
                data = {
                    "ids": [str(message_id) for message_id in gone],
                    "channel_id": str(channel.id),
                    "guild_id": str(server.id),
                }
                world.emit("MESSAGE_DELETE_BULK", data, Intent.GUILD_MESSAGES, server)


def unban(
    world: World, server: Server, actor: Member, user: User, *, reason: str | None = None
) -> None:
    """Let an account come back."""
    world.need(actor, Permission.BAN_MEMBERS)
    if user.id not in server.bans:
        raise error(10026)
    del server.bans[user.id]
    data = {"guild_id": str(server.id), "user": payloads.user_payload(user)}
    world.emit("GUILD_BAN_REMOVE", data, Intent.GUILD_MODERATION, server)
    world.audit(server, actor, AuditAction.MEMBER_BAN_REMOVE, user.id, reason=reason)


def edit_member(
    world: World,
    server: Server,
    actor: Member,
    member: Member,
    settings: MemberSettings,
    *,
    reason: str | None = None,
) -> None:
    """Change a member in one step and one event; nothing changes when any part is refused."""
    changes: list[dict[str, Any]] = []
    if "nick" in settings:
        if member is actor:
            world.need(actor, Permission.CHANGE_NICKNAME)
        else:
            world.need(actor, Permission.MANAGE_NICKNAMES)
            _need_above(server, actor, member)
        changes += change("nick", member.nick, settings["nick"])
    if "timed_out_until" in settings:
        world.need(actor, Permission.MODERATE_MEMBERS)
        _need_above(server, actor, member)
        until = settings["timed_out_until"]
        if world.permissions(member) & Permission.ADMINISTRATOR and until is not None:
            raise error(50013)
        if until is not None and until > world.state.now() + LONGEST_TIMEOUT:
            raise invalid_form(
                "communication_disabled_until",
                "USER_COMMUNICATION_DISABLED_UNTIL_TOO_FAR",
                "The timeout must end within 28 days.",
            )
        changes += change(
            "communication_disabled_until",
            payloads.moment(member.timed_out_until),
            payloads.moment(until),
        )
    if "voice_channel" in settings:
        world.need(actor, Permission.MOVE_MEMBERS)
        if member.voice_channel_id is None:
            raise error(40032)
        target = settings["voice_channel"]
        if target is not None and target.type not in TALKED_IN:
            raise error(50024)
    with world.watching(server, relevant=member.user.id == world.state.bot.id):
        changed = "roles" in settings and set_roles(
            world, server, actor, member, settings["roles"], reason=reason
        )
        if changes:
            if "nick" in settings:
                member.nick = settings["nick"]
            if "timed_out_until" in settings:
                member.timed_out_until = settings["timed_out_until"]
            action = AuditAction.MEMBER_UPDATE
            world.audit(server, actor, action, member.user.id, reason=reason, changes=changes)
        if changed or changes:
            member_event(world, server, member)
    if "voice_channel" in settings:
        target = settings["voice_channel"]
        if target is None:
            leave_voice(world, server, member)
        else:
            _listen(world, server, member, target)


def _need_above(server: Server, actor: Member, member: Member) -> None:
    if member is not actor and not outranks_member(server, actor, member):
        raise error(50013)


def join_voice(world: World, server: Server, member: Member, channel: Channel) -> None:
    """Let a member sit down in a voice room."""
    world.need(member, Permission.CONNECT, channel)
    _listen(world, server, member, channel)


def _listen(world: World, server: Server, member: Member, channel: Channel) -> None:
    if channel.type not in TALKED_IN:
        raise error(50024)
    member.voice_channel_id = channel.id
    data = payloads.voice_state_event(member)
    world.emit("VOICE_STATE_UPDATE", data, Intent.GUILD_VOICE_STATES, server)


def leave_voice(world: World, server: Server, member: Member) -> None:
    """Let a member get up; sitting nowhere is fine."""
    if member.voice_channel_id is None:
        return
    member.voice_channel_id = None
    data = payloads.voice_state_event(member)
    world.emit("VOICE_STATE_UPDATE", data, Intent.GUILD_VOICE_STATES, server)
