"""Channels and their overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox import acts, payloads
from sandbox.errors import error, invalid_form
from sandbox.permissions import ALL
from sandbox.ratelimits import CHANNEL_EDIT, CHANNEL_RENAME, OVERWRITES
from sandbox.routes.threads import change_thread
from sandbox.routing import Call, RouteTable, SubLimit
from sandbox.state import ChannelType, Overwrite, OverwriteType, Thread
from sandbox.thread_payloads import thread_payload

if TYPE_CHECKING:
    from sandbox.forms import Form
    from sandbox.state import Channel

table = RouteTable()

_THREADS = {ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
_SERVED = {int(kind) for kind in set(ChannelType) - _THREADS - {ChannelType.DM}}


@table.route("GET", "/guilds/{guild_id}/channels")
def channels(call: Call) -> object:
    """Return the channels that the bot may see; the others are left out."""
    server = call.server()
    visible = call.world.visible(server)
    return [
        payloads.channel_payload(item) for key, item in server.channels.items() if key in visible
    ]


@table.route("GET", "/channels/{channel_id}")
def channel(call: Call) -> object:
    """Return one channel or DM."""
    found = call.channel()
    if found.server_id is None:
        return payloads.dm_payload(found)
    if isinstance(found, Thread):
        return thread_payload(found, viewer_id=call.state.bot.id)
    return payloads.channel_payload(found)


def _overwrite(form: Form) -> Overwrite:
    target_id = form.snowflake("id", required=True)
    return _overwrite_for(form, target_id or 0)


def _overwrite_for(form: Form, target_id: int) -> Overwrite:
    kind = form.integer("type", most=1)
    allow, deny = form.integer("allow"), form.integer("deny")
    deny_bits = (deny or 0) & ALL
    return Overwrite(
        target_id, OverwriteType(kind or 0), (allow or 0) & ALL & ~deny_bits, deny_bits
    )


def _settings(form: Form) -> acts.ChannelSettings:
    settings = acts.ChannelSettings()
    if "name" in form:
        name = form.text("name", least=1, most=100, required=True)
        settings["name"] = name or ""
    if "topic" in form:
        settings["topic"] = form.text("topic", most=1024) or None
    if "parent_id" in form:
        settings["parent_id"] = form.snowflake("parent_id")
    nsfw = form.flag("nsfw")
    if nsfw is not None:
        settings["nsfw"] = nsfw
    slowmode = form.integer("rate_limit_per_user", most=21_600)
    if slowmode is not None:
        settings["slowmode"] = slowmode
    position = form.integer("position", most=2**31 - 1)
    if position is not None:
        settings["position"] = position
    bitrate = form.integer("bitrate", least=8000, most=96_000)
    if bitrate is not None:
        settings["bitrate"] = bitrate
    user_limit = form.integer("user_limit", most=99)
    if user_limit is not None:
        settings["user_limit"] = user_limit
    overwrites = form.each("permission_overwrites", _overwrite, most=100)
    if overwrites is not None:
        settings["overwrites"] = overwrites
    form.check()
    return settings


@table.route("POST", "/guilds/{guild_id}/channels", status=201)
def create_channel(call: Call) -> object:
    """Make a channel or a category."""
    server = call.server()
    form = call.form()
    kind = form.integer("type") or 0
    form.text("name", least=1, most=100, required=True)
    form.check()
    if kind not in _SERVED:
        message = f"Value must be one of {sorted(_SERVED)}."
        raise invalid_form("type", "BASE_TYPE_CHOICES", message)
    made = acts.create_channel(
        call.world,
        server,
        call.bot(server),
        ChannelType(kind),
        _settings(form),
        reason=call.reason,
    )
    return payloads.channel_payload(made, visible=call.world.bot_sees(made))


@table.route("PATCH", "/guilds/{guild_id}/channels")
def move_channels(call: Call) -> None:
    """Give channels new places."""
    server = call.server()
    places: dict[int, acts.ChannelSettings] = {}
    for form in call.parts():
        channel_id = form.snowflake("id", required=True)
        place = acts.ChannelSettings()
        position = form.integer("position", most=2**31 - 1)
        if position is not None:
            place["position"] = position
        if "parent_id" in form:
            place["parent_id"] = form.snowflake("parent_id")
        form.check()
        places[channel_id or 0] = place
    acts.move_channels(call.world, server, call.bot(server), places, reason=call.reason)


def _renames(call: Call) -> bool:
    body: object = call.body
    return isinstance(body, dict) and bool({"name", "topic"} & cast("dict[str, Any]", body).keys())


@table.route(
    "PATCH",
    "/channels/{channel_id}",
    bucket=CHANNEL_EDIT,
    sub_limit=SubLimit(CHANNEL_RENAME, _renames),
)
def edit_channel(call: Call) -> object:
    """Change a channel."""
    server, target, bot = call.room()
    if isinstance(target, Thread):
        change_thread(call, server, target, bot)
        return thread_payload(target, viewer_id=bot.user.id)
    settings = _settings(call.form())
    acts.edit_channel(call.world, server, bot, target, settings, reason=call.reason)
    return payloads.channel_payload(target, visible=call.world.bot_sees(target))


@table.route("DELETE", "/channels/{channel_id}")
def delete_channel(call: Call) -> object:
    """Remove a channel."""
    server, target, bot = call.room()
    if isinstance(target, Thread):
        acts.delete_thread(call.world, server, bot, target, reason=call.reason)
        return thread_payload(target)
    acts.delete_channel(call.world, server, bot, target, reason=call.reason)
    return payloads.channel_payload(target)


def _need_no_thread(channel: Channel) -> None:
    """Refuse (50024) what threads do not have."""
    if isinstance(channel, Thread):
        raise error(50024)


@table.route("PUT", "/channels/{channel_id}/permissions/{overwrite_id}", bucket=OVERWRITES)
def set_overwrite(call: Call) -> None:
    """Write one overwrite."""
    server, target, bot = call.room()
    _need_no_thread(target)
    form = call.form()
    overwrite = _overwrite_for(form, call.id("overwrite_id"))
    form.check()
    acts.set_overwrite(call.world, server, bot, target, overwrite, reason=call.reason)


@table.route("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}", bucket=OVERWRITES)
def delete_overwrite(call: Call) -> None:
    """Remove one overwrite."""
    server, target, bot = call.room()
    _need_no_thread(target)
    target_id = call.id("overwrite_id")
    acts.delete_overwrite(call.world, server, bot, target, target_id, reason=call.reason)


@table.route("POST", "/channels/{channel_id}/typing")
def typing(call: Call) -> None:
    """Show that the bot is writing."""
    acts.start_typing(call.world, call.state.bot, call.channel())
