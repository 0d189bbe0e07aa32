"""Overwrites: what may be written into a channel, by whom, and how the log tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import error, invalid_form
from sandbox.permissions import ALL, Permission
from sandbox.state import AuditAction, Overwrite, OverwriteType
from sandbox.world import change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.state import Channel, Member, Server
    from sandbox.world import World

MAX_PER_CALL = 100
"""Overwrites that one request may carry (Discord's OpenAPI: permission_overwrites, maxItems)."""
MAX_PER_CHANNEL = 1000
"""Overwrites that a channel may have (Discord's error 30060)."""


def check_targets(world: World, server: Server, overwrites: Iterable[Overwrite]) -> None:
    """Refuse an overwrite for a role or an account that does not exist (10009)."""
    for item in overwrites:
        known = server.roles if item.type is OverwriteType.ROLE else world.state.users
        if item.id not in known:
            raise error(10009)


def check_size(overwrites: list[Overwrite]) -> None:
    """Refuse more overwrites than one request may carry."""
    if len(overwrites) > MAX_PER_CALL:
        raise invalid_form(
            "permission_overwrites",
            "BASE_TYPE_MAX_LENGTH",
            f"Must be {MAX_PER_CALL} or fewer in length.",
        )


def check_bits(
    world: World,
    actor: Member,
    old: dict[int, Overwrite],
    new: dict[int, Overwrite],
    channel: Channel | None,
) -> None:
    """Refuse to change bits that the actor does not hold in the server or above the channel.

    Whoever has an overwrite with Manage Roles in the channel itself may write any bit; only an
    administrator may write that one (Discord's docs, Create Guild Channel and Modify Channel).
    """
    touched = 0
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        touched |= (before.allow if before else 0) ^ (after.allow if after else 0)
        touched |= (before.deny if before else 0) ^ (after.deny if after else 0)
    held = world.permissions(actor)
    if held & Permission.ADMINISTRATOR:
        return
    manage_roles = int(Permission.MANAGE_ROLES)
    if channel is not None:
        own = [actor.user.id, *actor.roles]
        if any(key in old and old[key].allow & manage_roles for key in own):
            held = ALL
        elif channel.parent_id is not None:
            parent = world.state.find_channel(channel.parent_id)
            held |= world.permissions(actor, parent) if parent else 0
    if touched & (ALL & ~held | manage_roles):
        raise error(50013)


def copied(overwrites: dict[int, Overwrite]) -> dict[int, Overwrite]:
    """Return overwrites that can be changed without changing the originals."""
    return {key: Overwrite(o.id, o.type, o.allow, o.deny) for key, o in overwrites.items()}


def log_differences(
    world: World,
    server: Server,
    actor: Member,
    channel: Channel,
    old: dict[int, Overwrite],
    *,
    reason: str | None,
) -> None:
    """Write one audit line for each overwrite of the channel that came, went or changed."""
    for key in [*old, *(key for key in channel.overwrites if key not in old)]:
        before, after = old.get(key), channel.overwrites.get(key)
        if before == after:
            continue
        either = after or before
        assert either is not None
        if before is None:
            action = AuditAction.OVERWRITE_CREATE
        elif after is None:
            action = AuditAction.OVERWRITE_DELETE
        else:
            action = AuditAction.OVERWRITE_UPDATE
        changes = [
            *change("allow", _bits(before, "allow"), _bits(after, "allow")),
            *change("deny", _bits(before, "deny"), _bits(after, "deny")),
        ]
        options = {"id": str(key), "type": str(int(either.type))}
        if either.type is OverwriteType.ROLE and key in server.roles:
            options["role_name"] = server.roles[key].name
        world.audit(
            server, actor, action, channel.id, reason=reason, changes=changes, options=options
        )


def _bits(item: Overwrite | None, side: str) -> str | None:
    return None if item is None else str(getattr(item, side))
