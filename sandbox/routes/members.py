"""Members: reading, changing, sending out."""

from __future__ import annotations

from datetime import timedelta

from sandbox import acts, payloads
from sandbox.errors import error, invalid_form
from sandbox.ratelimits import (
    MEMBER_EDIT,
    MEMBER_GET,
    MEMBER_LIST,
    MEMBER_ROLES,
    OWN_PROFILE,
)
from sandbox.routing import Call, RouteTable
from sandbox.state import TALKED_IN

table = RouteTable()


@table.route("GET", "/guilds/{guild_id}/members", bucket=MEMBER_LIST)
def members(call: Call) -> object:
    """Return up to 1000 members in the order of their ids; needs the members intent."""
    server = call.server()
    if not call.state.application.members_intent:
        raise error(50001)
    options = call.options()
    limit = options.integer("limit", least=1, most=1000)
    after = options.snowflake("after")
    options.check()
    ids = sorted(user_id for user_id in server.members if user_id > (after or 0))
    return [payloads.member_payload(server.members[user_id]) for user_id in ids[: limit or 1]]


@table.route("GET", "/guilds/{guild_id}/members/{user_id}", bucket=MEMBER_GET)
def member(call: Call) -> object:
    """Return one member."""
    return payloads.member_payload(call.member(call.server()))


@table.route("PATCH", "/guilds/{guild_id}/members/{user_id}", bucket=MEMBER_EDIT)
def edit_member(call: Call) -> object:
    """Change a member: all roles, nickname, timeout, voice room."""
    server = call.server()
    target = call.member(server)
    form = call.form()
    settings = acts.MemberSettings()
    if "nick" in form:
        settings["nick"] = form.text("nick", most=32) or None
    if "roles" in form:
        settings["roles"] = set(form.snowflakes("roles", most=350) or ())
    if "communication_disabled_until" in form:
        settings["timed_out_until"] = form.moment("communication_disabled_until")
    if "channel_id" in form:
        channel_id = form.snowflake("channel_id")
        channel = server.channels.get(channel_id) if channel_id is not None else None
        if channel_id is not None and (channel is None or channel.type not in TALKED_IN):
            raise error(10003)
        settings["voice_channel"] = channel
    form.check()
    acts.edit_member(call.world, server, call.bot(server), target, settings, reason=call.reason)
    return payloads.member_payload(target)


@table.route("PATCH", "/guilds/{guild_id}/members/@me", bucket=OWN_PROFILE)
def edit_self(call: Call) -> object:
    """Change the bot's own nickname."""
    server = call.server()
    bot = call.bot(server)
    form = call.form()
    settings = acts.MemberSettings()
    if "nick" in form:
        settings["nick"] = form.text("nick", most=32) or None
    form.check()
    acts.edit_member(call.world, server, bot, bot, settings, reason=call.reason)
    return payloads.member_payload(bot)


@table.route("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", bucket=MEMBER_ROLES)
def give_role(call: Call) -> None:
    """Give a member a role."""
    server = call.server()
    target, role = call.member(server), call.role(server)
    acts.give_role(call.world, server, call.bot(server), target, role, reason=call.reason)


@table.route("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", bucket=MEMBER_ROLES)
def take_role(call: Call) -> None:
    """Take a role from a member."""
    server = call.server()
    target, role = call.member(server), call.role(server)
    acts.take_role(call.world, server, call.bot(server), target, role, reason=call.reason)


@table.route("DELETE", "/guilds/{guild_id}/members/{user_id}")
def kick(call: Call) -> None:
    """Send a member out."""
    server = call.server()
    acts.kick(call.world, server, call.bot(server), call.member(server), reason=call.reason)


@table.route("PUT", "/guilds/{guild_id}/bans/{user_id}")
def ban(call: Call) -> None:
    """Keep someone out."""
    server = call.server()
    form = call.form()
    seconds = form.integer("delete_message_seconds", most=604_800)
    form.check()
    acts.ban(
        call.world,
        server,
        call.bot(server),
        call.user(),
        reason=call.reason,
        forget=timedelta(seconds=seconds or 0),
    )


@table.route("DELETE", "/guilds/{guild_id}/bans/{user_id}")
def unban(call: Call) -> None:
    """Let someone come back."""
    server = call.server()
    acts.unban(call.world, server, call.bot(server), call.user(), reason=call.reason)


@table.route("GET", "/guilds/{guild_id}/bans")
def bans(call: Call) -> object:
    """Return who is kept out, in the order of their ids."""
    server = call.server()
    options = call.options()
    limit = options.integer("limit", least=1, most=1000)
    after = options.snowflake("after")
    before = options.snowflake("before")
    options.check()
    if before is not None and after is not None:
        raise invalid_form("after", "BASE_TYPE_CONFLICT", "before and after exclude each other.")
    kept_out = sorted(server.bans)
    if before is not None:
        chosen = [key for key in kept_out if key < before][-(limit or 1000) :]
    else:
        chosen = [key for key in kept_out if key > (after or 0)][: limit or 1000]
    return [
        {"reason": server.bans[key], "user": payloads.user_payload(call.state.users[key])}
        for key in chosen
    ]
