"""Channels: making, changing, removing, and who may enter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypedDict

from sandbox import payloads
from sandbox.acts.overwrites import (
    MAX_PER_CHANNEL,
    check_bits,
    check_size,
    check_targets,
    copied,
    log_differences,
)
from sandbox.errors import error, invalid_form
from sandbox.permissions import Permission
from sandbox.state import AuditAction, Channel, ChannelType, Overwrite
from sandbox.world import change

if TYPE_CHECKING:
    from sandbox.state import Member, Server
    from sandbox.world import World

MAX_CHANNELS = 500
"""Per server, categories included (Discord's error 30013)."""
MAX_CATEGORIES = 50
"""Per server (Discord's error 30030 and its help centre's list of caps)."""
MAX_PER_CATEGORY = 50
"""Channels in one category (Discord's docs, Channel Object)."""

_AUDITED = {
    "name": "name",
    "topic": "topic",
    "nsfw": "nsfw",
    "slowmode": "rate_limit_per_user",
    "position": "position",
    "parent_id": "parent_id",
    "bitrate": "bitrate",
    "user_limit": "user_limit",
}
"""Attributes that the audit log tells, with their names on the wire."""
_DASHED = {ChannelType.TEXT, ChannelType.ANNOUNCEMENT}


class ChannelSettings(TypedDict, total=False):
    """What can be set on a channel; what is left out stays."""

    name: str
    topic: str | None
    nsfw: bool
    slowmode: int
    position: int
    parent_id: int | None
    bitrate: int
    user_limit: int
    overwrites: list[Overwrite]


def _plain_name(name: str, kind: ChannelType) -> str:
    """Return a name as Discord keeps it: text channels in lower case, with dashes for blanks."""
    stripped = name.strip()
    return re.sub(r"[\s-]+", "-", stripped.lower()) if kind in _DASHED else stripped


def _check_parent(server: Server, parent_id: int | None, moving: int = 0) -> Channel | None:
    if parent_id is None:
        return None
    parent = server.channels.get(parent_id)
    if parent is None:
        message = "Category does not exist"
        raise invalid_form("parent_id", "CHANNEL_PARENT_INVALID", message)
    if parent.type is not ChannelType.CATEGORY:
        message = "Not a category"
        raise invalid_form("parent_id", "CHANNEL_PARENT_INVALID_TYPE", message)
    children = sum(1 for c in server.channels.values() if c.parent_id == parent_id)
    if children + moving > MAX_PER_CATEGORY:
        message = f"Maximum number of channels in category reached ({MAX_PER_CATEGORY})"
        raise invalid_form("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", message)
    return parent


def _wire(key: str, value: object) -> object:
    return str(value) if key == "parent_id" and value is not None else value


def create_channel(
    world: World,
    server: Server,
    actor: Member,
    kind: ChannelType,
    settings: ChannelSettings,
    *,
    reason: str | None = None,
) -> Channel:
    """Make a channel; without overwrites of its own it takes its category's."""
    world.need(actor, Permission.MANAGE_CHANNELS)
    if len(server.channels) >= MAX_CHANNELS:
        raise error(30013)
    if kind is ChannelType.CATEGORY:
        categories = sum(1 for c in server.channels.values() if c.type is ChannelType.CATEGORY)
        if categories >= MAX_CATEGORIES:
            raise error(30030)
    parent = _check_parent(server, settings.get("parent_id"), moving=1)
    given = settings.get("overwrites")
    if given is not None:
        check_size(given)
        check_targets(world, server, given)
        overwrites = {item.id: item for item in given}
        check_bits(world, actor, {}, overwrites, None)
    else:
        overwrites = copied(parent.overwrites) if parent else {}
    channel = Channel(world.state.snowflake(), kind, server.id, overwrites=overwrites)
    channel.position = 1 + max(
        (c.position for c in server.channels.values() if c.type is kind), default=-1
    )
    _assign(channel, settings)
    with world.watching(server, relevant=parent is not None):
        world.state.add_channel(server, channel)
        world.emit_channel("CHANNEL_CREATE", channel)
    changes: list[dict[str, Any]] = [
        {"key": "name", "new_value": channel.name},
        {"key": "type", "new_value": int(kind)},
        {
            "key": "permission_overwrites",
            "new_value": [payloads.overwrite_payload(o) for o in overwrites.values()],
        },
    ]
    action = AuditAction.CHANNEL_CREATE
    world.audit(server, actor, action, channel.id, reason=reason, changes=changes)
    return channel


def _assign(channel: Channel, settings: ChannelSettings) -> None:
    for key, value in settings.items():
        if key == "name":
            channel.name = _plain_name(str(value), channel.type)
        elif key != "overwrites":
            setattr(channel, key, value)


def edit_channel(
    world: World,
    server: Server,
    actor: Member,
    channel: Channel,
    settings: ChannelSettings,
    *,
    reason: str | None = None,
) -> None:
    """Change a channel in one step; a category passes new overwrites on to its synced rooms."""
    given = settings.get("overwrites")
    world.need(actor, Permission.MANAGE_CHANNELS, channel)
    new = channel.overwrites
    if given is not None:
        world.need(actor, Permission.MANAGE_ROLES, channel)
        check_size(given)
        check_targets(world, server, given)
        new = {item.id: item for item in given}
        check_bits(world, actor, channel.overwrites, new, channel)
    parent_id = settings.get("parent_id", channel.parent_id)
    if parent_id != channel.parent_id:
        _check_parent(server, parent_id, moving=1)
    old = {key: getattr(channel, key) for key in _AUDITED}
    moved = given is not None or "parent_id" in settings
    with world.watching(server, relevant=moved, told=channel):
        _assign(channel, settings)
        _write_overwrites(world, server, actor, channel, new, reason=reason)
        changes: list[dict[str, Any]] = []
        for key, wire in _AUDITED.items():
            changes += change(wire, _wire(key, old[key]), _wire(key, getattr(channel, key)))
        if changes:
            action = AuditAction.CHANNEL_UPDATE
            world.audit(server, actor, action, channel.id, reason=reason, changes=changes)
            world.emit_channel("CHANNEL_UPDATE", channel)


def _write_overwrites(
    world: World,
    server: Server,
    actor: Member,
    channel: Channel,
    new: dict[int, Overwrite],
    *,
    reason: str | None,
) -> None:
    """Put overwrites in force here and in the rooms that were in step with this category."""
    old = channel.overwrites
    if new == old:
        return
    synced = [channel]
    if channel.type is ChannelType.CATEGORY:
        synced += [
            child
            for child in server.channels.values()
            if child.parent_id == channel.id and child.overwrites == old
        ]
    for item in synced:
        item.overwrites = new if item is channel else copied(new)
    for item in synced:
        world.emit_channel("CHANNEL_UPDATE", item)
    log_differences(world, server, actor, channel, old, reason=reason)


def move_channels(
    world: World,
    server: Server,
    actor: Member,
    places: dict[int, ChannelSettings],
    *,
    reason: str | None = None,
) -> None:
    """Give channels new places; only one of them may change its category (40009)."""
    moving = [
        key
        for key, place in places.items()
        if key in server.channels
        and place.get("parent_id", server.channels[key].parent_id) != server.channels[key].parent_id
    ]
    if len(moving) > 1:
        raise error(40009)
    for key, place in places.items():
        channel = server.channels.get(key)
        if channel is None:
            raise error(10003)
        edit_channel(world, server, actor, channel, place, reason=reason)


def delete_channel(
    world: World, server: Server, actor: Member, channel: Channel, *, reason: str | None = None
) -> None:
    """Remove a channel with its messages; the rooms of a category stay, without one."""
    world.need(actor, Permission.MANAGE_CHANNELS, channel)
    with world.watching(server, relevant=channel.parent_id is not None):
        visible = world.bot_sees(channel)
        for member in server.members.values():
            if member.voice_channel_id == channel.id:
                member.voice_channel_id = None
        world.state.remove_channel(channel)
        world.emit_deleted_channel(channel, visible=visible)
        for child in server.channels.values():
            if child.parent_id == channel.id:
                child.parent_id = None
                world.emit_channel("CHANNEL_UPDATE", child)
    changes: list[dict[str, Any]] = [
        {"key": "name", "old_value": channel.name},
        {"key": "type", "old_value": int(channel.type)},
    ]
    action = AuditAction.CHANNEL_DELETE
    world.audit(server, actor, action, channel.id, reason=reason, changes=changes)


def set_overwrite(
    world: World,
    server: Server,
    actor: Member,
    channel: Channel,
    overwrite: Overwrite,
    *,
    reason: str | None = None,
) -> None:
    """Write one overwrite, new or in place of an older one."""
    world.need(actor, Permission.MANAGE_ROLES, channel)
    check_targets(world, server, [overwrite])
    if overwrite.id not in channel.overwrites and len(channel.overwrites) >= MAX_PER_CHANNEL:
        raise error(30060)
    new = {**channel.overwrites, overwrite.id: overwrite}
    check_bits(world, actor, channel.overwrites, new, channel)
    with world.watching(server, relevant=world.concerns_bot(server, overwrite.id), told=channel):
        _write_overwrites(world, server, actor, channel, new, reason=reason)


def delete_overwrite(
    world: World,
    server: Server,
    actor: Member,
    channel: Channel,
    target_id: int,
    *,
    reason: str | None = None,
) -> None:
    """Remove one overwrite."""
    world.need(actor, Permission.MANAGE_ROLES, channel)
    if target_id not in channel.overwrites:
        raise error(10009)
    new = {key: item for key, item in channel.overwrites.items() if key != target_id}
    check_bits(world, actor, channel.overwrites, new, channel)
    with world.watching(server, relevant=world.concerns_bot(server, target_id), told=channel):
        _write_overwrites(world, server, actor, channel, new, reason=reason)
