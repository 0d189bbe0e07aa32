"""Roles: making, changing, removing, handing out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sandbox import payloads
from sandbox.errors import error
from sandbox.intents import Intent
from sandbox.permissions import ALL, Permission, outranks_role, top_rank
from sandbox.state import AuditAction, Role
from sandbox.world import change

if TYPE_CHECKING:
    from sandbox.state import Member, Server
    from sandbox.world import World

MAX_ROLES = 250
"""Per server, @everyone and managed roles included (Discord's error 30005)."""

_WIRE_KEYS = ("name", "permissions", "color", "hoist", "mentionable")


class RoleSettings(TypedDict, total=False):
    """What can be set on a role; what is left out stays."""

    name: str
    permissions: int
    color: int
    hoist: bool
    mentionable: bool
    unicode_emoji: str | None


def _role_event(world: World, event: str, server: Server, role: Role) -> None:
    data = {"guild_id": str(server.id), "role": payloads.role_payload(role)}
    world.emit(event, data, Intent.GUILDS, server)


def _wire(key: str, value: object) -> object:
    return str(value) if key == "permissions" else value


def _may_grant(world: World, actor: Member, bits: int) -> None:
    """Refuse permission bits that the actor does not hold (Discord's docs, hierarchy)."""
    if bits & ALL & ~world.permissions(actor):
        raise error(50013)


def create_role(
    world: World,
    server: Server,
    actor: Member,
    settings: RoleSettings,
    *,
    reason: str | None = None,
) -> Role:
    """Make a role just above @everyone."""
    world.need(actor, Permission.MANAGE_ROLES)
    if "permissions" in settings:
        _may_grant(world, actor, settings["permissions"])
    if len(server.roles) >= MAX_ROLES:
        raise error(30005)
    role = Role(world.state.snowflake(), server.id, "new role")
    role.permissions = server.everyone.permissions & world.permissions(actor)
    for key, value in settings.items():
        setattr(role, key, value)
    server.roles[role.id] = role
    _role_event(world, "GUILD_ROLE_CREATE", server, role)
    changes = [
        {"key": key, "new_value": _wire(key, getattr(role, key))}
        for key in _WIRE_KEYS
        if key != "mentionable" or role.mentionable
    ]
    world.audit(server, actor, AuditAction.ROLE_CREATE, role.id, reason=reason, changes=changes)
    return role


def edit_role(
    world: World,
    server: Server,
    actor: Member,
    role: Role,
    settings: RoleSettings,
    *,
    reason: str | None = None,
) -> None:
    """Change a role that stands below the actor."""
    world.need(actor, Permission.MANAGE_ROLES)
    if not outranks_role(server, actor, role):
        raise error(50013)
    if "permissions" in settings:
        _may_grant(world, actor, settings["permissions"] ^ role.permissions)
    changes: list[dict[str, Any]] = []
    for key, value in settings.items():
        changes += change(key, _wire(key, getattr(role, key)), _wire(key, value))
    if not changes:
        return
    with world.watching(server, relevant=world.concerns_bot(server, role.id)):
        for key, value in settings.items():
            setattr(role, key, value)
        _role_event(world, "GUILD_ROLE_UPDATE", server, role)
    world.audit(server, actor, AuditAction.ROLE_UPDATE, role.id, reason=reason, changes=changes)


def move_roles(
    world: World,
    server: Server,
    actor: Member,
    positions: dict[int, int],
    *,
    reason: str | None = None,
) -> None:
    """Give roles new places; each must stand, and stay, below the actor."""
    world.need(actor, Permission.MANAGE_ROLES)
    roles = [(server.roles.get(role_id), position) for role_id, position in positions.items()]
    for role, position in roles:
        if role is None:
            raise error(10011)
        if not outranks_role(server, actor, role):
            raise error(50013)
        if actor.user.id != server.owner_id and (position, -role.id) >= top_rank(server, actor):
            raise error(50013)
    for role, position in roles:
        assert role is not None
        changes = change("position", role.position, position)
        if changes:
            role.position = position
            _role_event(world, "GUILD_ROLE_UPDATE", server, role)
            world.audit(
                server, actor, AuditAction.ROLE_UPDATE, role.id, reason=reason, changes=changes
            )


def delete_role(
    world: World, server: Server, actor: Member, role: Role, *, reason: str | None = None
) -> None:
    """Remove a role from the server, its members and its rooms."""
    world.need(actor, Permission.MANAGE_ROLES)
    if role.id == server.id or role.managed:
        raise error(50028)
    if not outranks_role(server, actor, role):
        raise error(50013)
    with world.watching(server, relevant=world.concerns_bot(server, role.id)):
        del server.roles[role.id]
        for member in server.members.values():
            member.roles.discard(role.id)
        data = {"guild_id": str(server.id), "role_id": str(role.id)}
        world.emit("GUILD_ROLE_DELETE", data, Intent.GUILDS, server)
        for channel in server.channels.values():
            if channel.overwrites.pop(role.id, None) is not None:
                world.emit_channel("CHANNEL_UPDATE", channel)
    changes = [{"key": key, "old_value": _wire(key, getattr(role, key))} for key in _WIRE_KEYS]
    world.audit(server, actor, AuditAction.ROLE_DELETE, role.id, reason=reason, changes=changes)


def need_handling(server: Server, actor: Member, role: Role) -> None:
    """Refuse unless the actor may hand this role out: below them, not managed, not @everyone."""
    if role.id == server.id:
        raise error(50028)
    if role.managed or not outranks_role(server, actor, role):
        raise error(50013)


def member_event(world: World, server: Server, member: Member) -> None:
    """Tell about a member's new state; about the bot itself whatever the intents."""
    data = {**payloads.member_payload(member), "guild_id": str(server.id)}
    own = member.user.id == world.state.bot.id
    world.emit("GUILD_MEMBER_UPDATE", data, None if own else Intent.GUILD_MEMBERS, server)


def set_roles(
    world: World,
    server: Server,
    actor: Member,
    member: Member,
    role_ids: set[int],
    *,
    reason: str | None = None,
) -> bool:
    """Give a member exactly these roles; every one that comes or goes is checked.

    Return whether anything changed. The caller tells the gateway, since a member edit may change
    more than roles and is one event. Who is given a role need not pass the screening any more
    (Discord's docs, Membership Screening Object).
    """
    world.need(actor, Permission.MANAGE_ROLES)
    added = role_ids - member.roles - {server.id}
    removed = member.roles - role_ids
    for role_id in added | removed:
        role = server.roles.get(role_id)
        if role is None:
            raise error(10011)
        need_handling(server, actor, role)
    if not added and not removed:
        return False
    member.roles = (member.roles - removed) | added
    if added:
        member.pending = False
    changes = [
        {"key": key, "new_value": [{"id": str(i), "name": server.roles[i].name} for i in ids]}
        for key, ids in (("$add", sorted(added)), ("$remove", sorted(removed)))
        if ids
    ]
    world.audit(
        server,
        actor,
        AuditAction.MEMBER_ROLE_UPDATE,
        member.user.id,
        reason=reason,
        changes=changes,
    )
    return True


def _change_one(
    world: World,
    server: Server,
    actor: Member,
    member: Member,
    role: Role,
    *,
    roles: set[int],
    reason: str | None,
) -> None:
    world.need(actor, Permission.MANAGE_ROLES)
    need_handling(server, actor, role)
    with world.watching(server, relevant=member.user.id == world.state.bot.id):
        if set_roles(world, server, actor, member, roles, reason=reason):
            member_event(world, server, member)


def give_role(
    world: World,
    server: Server,
    actor: Member,
    member: Member,
    role: Role,
    *,
    reason: str | None = None,
) -> None:
    """Give a member one role; having it already is fine."""
    _change_one(world, server, actor, member, role, roles=member.roles | {role.id}, reason=reason)


def take_role(
    world: World,
    server: Server,
    actor: Member,
    member: Member,
    role: Role,
    *,
    reason: str | None = None,
) -> None:
    """Take one role from a member; not having it is fine."""
    _change_one(world, server, actor, member, role, roles=member.roles - {role.id}, reason=reason)
