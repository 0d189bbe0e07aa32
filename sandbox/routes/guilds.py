"""Servers and their roles."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox import acts, payloads
from sandbox.errors import ApiError, error
from sandbox.permissions import ALL
from sandbox.ratelimits import ROLE_CREATE, ROLE_EDIT
from sandbox.routing import Call, RouteTable

if TYPE_CHECKING:
    from sandbox.forms import Form

table = RouteTable()

_GATEWAY_ONLY = frozenset({"guild_scheduled_events", "stage_instances"})
"""What the gateway tells of a server and REST does not."""


@table.route("GET", "/guilds/{guild_id}")
def guild(call: Call) -> object:
    """Return a server, with its size where asked for."""
    server = call.server()
    told = payloads.guild_payload(server)
    payload = {name: value for name, value in told.items() if name not in _GATEWAY_ONLY}
    if call.query.get("with_counts", "").lower() in {"true", "1"}:
        size = len(server.members)
        return {**payload, "approximate_member_count": size, "approximate_presence_count": 0}
    return payload


@table.route("GET", "/guilds/{guild_id}/roles")
def roles(call: Call) -> object:
    """Return a server's roles."""
    return [payloads.role_payload(role) for role in call.server().roles.values()]


@table.route("GET", "/guilds/{guild_id}/roles/{role_id}")
def role(call: Call) -> object:
    """Return one role."""
    return payloads.role_payload(call.role(call.server()))


@table.route("GET", "/guilds/{guild_id}/roles/member-counts")
def role_sizes(call: Call) -> object:
    """Return how many members each role has, @everyone left out."""
    server = call.server()
    sizes = Counter(role_id for member in server.members.values() for role_id in member.roles)
    return {str(key): sizes[key] for key in server.roles if key != server.id}


def _settings(form: Form) -> acts.RoleSettings:
    settings = acts.RoleSettings()
    name = form.text("name", most=100)
    if name is not None:
        settings["name"] = name.strip() or "new role"
    permissions = form.integer("permissions")
    if permissions is not None:
        settings["permissions"] = permissions & ALL
    color = form.integer("color", most=0xFFFFFF)
    colors = form.inner("colors")
    if colors is not None:
        color = colors.integer("primary_color", most=0xFFFFFF)
    if color is not None:
        settings["color"] = color
    hoist = form.flag("hoist")
    if hoist is not None:
        settings["hoist"] = hoist
    mentionable = form.flag("mentionable")
    if mentionable is not None:
        settings["mentionable"] = mentionable
    if form.text("icon", most=400_000) or form.text("unicode_emoji", most=100):
        # Role icons come with boosts, which no server here has.
        raise ApiError(403, 50101, "This server needs more boosts to perform this action")
    form.check()
    return settings


@table.route("POST", "/guilds/{guild_id}/roles", bucket=ROLE_CREATE)
def create_role(call: Call) -> object:
    """Make a role."""
    server = call.server()
    settings = _settings(call.form())
    made = acts.create_role(call.world, server, call.bot(server), settings, reason=call.reason)
    return payloads.role_payload(made)


@table.route("PATCH", "/guilds/{guild_id}/roles")
def move_roles(call: Call) -> object:
    """Give roles new places."""
    server = call.server()
    positions: dict[int, int] = {}
    for form in call.parts():
        role_id = form.snowflake("id", required=True)
        position = form.integer("position", most=2**31 - 1)
        form.check()
        if role_id is not None and position is not None:
            positions[role_id] = position
    acts.move_roles(call.world, server, call.bot(server), positions, reason=call.reason)
    return [payloads.role_payload(item) for item in server.roles.values()]


@table.route("PATCH", "/guilds/{guild_id}/roles/{role_id}", bucket=ROLE_EDIT)
def edit_role(call: Call) -> object:
    """Change a role."""
    server = call.server()
    target = call.role(server)
    settings = _settings(call.form())
    acts.edit_role(call.world, server, call.bot(server), target, settings, reason=call.reason)
    return payloads.role_payload(target)


@table.route("DELETE", "/guilds/{guild_id}/roles/{role_id}")
def delete_role(call: Call) -> None:
    """Remove a role."""
    server = call.server()
    acts.delete_role(call.world, server, call.bot(server), call.role(server), reason=call.reason)


@table.route("GET", "/guilds/{guild_id}/onboarding")
def onboarding(call: Call) -> object:
    """Return whether a server welcomes newcomers with questions, and which."""
    server = call.server()
    return {
        "guild_id": str(server.id),
        "prompts": server.prompts,
        "default_channel_ids": [],
        "enabled": server.onboards,
        "mode": 0,
    }


@table.route("GET", "/guilds/{guild_id}/bans/{user_id}")
def ban_entry(call: Call) -> object:
    """Return why someone is kept out."""
    server = call.server()
    user = call.user()
    if user.id not in server.bans:
        raise error(10026)
    return {"reason": server.bans[user.id], "user": payloads.user_payload(user)}
