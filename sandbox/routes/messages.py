"""Messages and pins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sandbox import acts, payloads
from sandbox.forms import read_snowflake
from sandbox.permissions import Permission
from sandbox.ratelimits import MESSAGE_CREATE, MESSAGE_EDIT, OLD_EDIT, PINS
from sandbox.routes.drafts import read_draft, read_edit
from sandbox.routing import Call, RouteTable, SubLimit

if TYPE_CHECKING:
    from sandbox.state import Channel, Message

table = RouteTable()

_ONE = "/channels/{channel_id}/messages/{message_id}"
_OLD = timedelta(hours=1)
"""From when on edits of a message are specially limited (Discord's error 30046)."""


def _shown(call: Call, channel: Channel, message: Message) -> dict[str, Any]:
    """Return a message as this application may read it: content only with the intent."""
    payload = cast("dict[str, Any]", payloads.message_payload(call.state, message))
    if channel.server_id is None or call.state.application.content_intent:
        return payload
    return payloads.without_content(payload, call.state.bot.id)


@table.route("POST", "/channels/{channel_id}/messages", bucket=MESSAGE_CREATE)
def send(call: Call) -> object:
    """Send a message."""
    channel = call.channel()
    message = acts.send(call.world, call.state.bot, channel, read_draft(call, call.form()))
    return payloads.message_payload(call.state, message, nonce=True)


@table.route("GET", "/channels/{channel_id}/messages")
def history(call: Call) -> object:
    """Return up to 100 messages, newest first; none without the right to read them."""
    channel = call.channel()
    options = call.options()
    limit = options.integer("limit", least=1, most=100) or 50
    before = options.snowflake("before")
    after = options.snowflake("after")
    around = options.snowflake("around")
    options.check()
    server = call.state.server_of(channel)
    if server is not None and not (
        call.world.permissions(call.bot(server), channel) & Permission.READ_MESSAGE_HISTORY
    ):
        return []
    if around is not None:
        newer = channel.history.after(around - 1, limit - limit // 2)
        found = channel.history.before(around, limit - len(newer)) + newer
    elif after is not None:
        found = channel.history.after(after, limit)
    else:
        found = channel.history.before(before, limit)
    return [_shown(call, channel, message) for message in reversed(found)]


@table.route("GET", _ONE)
def one_message(call: Call) -> object:
    """Return one message."""
    channel = call.channel()
    return _shown(call, channel, call.message(channel))


def _is_old(call: Call) -> bool:
    channel = call.state.find_channel(read_snowflake(call.params["channel_id"]) or 0)
    message_id = read_snowflake(call.params["message_id"]) or 0
    message = channel.history.get(message_id) if channel else None
    return message is not None and call.state.now() - message.sent_at > _OLD


@table.route("PATCH", _ONE, bucket=MESSAGE_EDIT, sub_limit=SubLimit(OLD_EDIT, _is_old, code=30046))
def edit(call: Call) -> object:
    """Change one of the bot's messages."""
    channel = call.channel()
    message = call.message(channel)
    change = read_edit(call, call.form())
    acts.edit_message(call.world, call.state.bot, channel, message, change)
    return payloads.message_payload(call.state, message)


@table.route("DELETE", _ONE)
def delete(call: Call) -> None:
    """Delete a message."""
    channel = call.channel()
    message = call.message(channel)
    acts.delete_message(call.world, call.state.bot, channel, message, reason=call.reason)


@table.route("POST", "/channels/{channel_id}/messages/bulk-delete")
def delete_many(call: Call) -> None:
    """Delete several messages at once."""
    channel = call.channel()
    form = call.form()
    ids = form.snowflakes("messages", most=100) or []
    form.check()
    acts.delete_messages(call.world, call.state.bot, channel, set(ids))


@table.route("GET", "/channels/{channel_id}/messages/pins")
def pins(call: Call) -> object:
    """Return up to 50 pinned messages, last pinned first."""
    channel = call.channel()
    call.need_history(channel)
    options = call.options()
    limit = options.integer("limit", least=1, most=50) or 50
    before = options.moment("before")
    options.check()
    pinned = [
        (message.pinned_at, message)
        for message in channel.history
        if message.pinned_at is not None and (before is None or message.pinned_at < before)
    ]
    pinned.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    return {
        "items": [
            {"pinned_at": payloads.moment(when), "message": _shown(call, channel, message)}
            for when, message in pinned[:limit]
        ],
        "has_more": len(pinned) > limit,
    }


@table.route("PUT", "/channels/{channel_id}/messages/pins/{message_id}", bucket=PINS)
def pin(call: Call) -> None:
    """Pin a message."""
    channel = call.channel()
    message = call.message(channel)
    acts.pin(call.world, call.state.bot, channel, message, reason=call.reason)


@table.route("DELETE", "/channels/{channel_id}/messages/pins/{message_id}", bucket=PINS)
def unpin(call: Call) -> None:
    """Take a message down from the pins."""
    channel = call.channel()
    message = call.message(channel)
    acts.unpin(call.world, call.state.bot, channel, message, reason=call.reason)
