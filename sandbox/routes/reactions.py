"""Reactions."""

from __future__ import annotations

from sandbox import acts, payloads
from sandbox.ratelimits import REACTIONS
from sandbox.routing import Call, RouteTable

table = RouteTable()

_EMOJI = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}"


@table.route("PUT", f"{_EMOJI}/@me", bucket=REACTIONS)
def add(call: Call) -> None:
    """Put an emoji under a message."""
    channel = call.channel()
    message = call.message(channel)
    acts.add_reaction(call.world, call.state.bot, channel, message, call.params["emoji_name"])


@table.route("DELETE", f"{_EMOJI}/@me", bucket=REACTIONS)
def take_back(call: Call) -> None:
    """Take the bot's emoji back."""
    channel = call.channel()
    message = call.message(channel)
    acts.remove_reaction(call.world, call.state.bot, channel, message, call.params["emoji_name"])


@table.route("DELETE", f"{_EMOJI}/{{user_id}}", bucket=REACTIONS)
def remove(call: Call) -> None:
    """Take someone else's emoji away."""
    channel = call.channel()
    message = call.message(channel)
    emoji, user = call.params["emoji_name"], call.user()
    acts.remove_reaction(call.world, call.state.bot, channel, message, emoji, user=user)


@table.route("GET", _EMOJI)
def who_reacted(call: Call) -> object:
    """Return who pressed an emoji, in the order of their ids."""
    channel = call.channel()
    message = call.message(channel)
    options = call.options()
    limit = options.integer("limit", least=1, most=100) or 25
    after = options.snowflake("after") or 0
    options.check()
    reaction = message.reactions.get(call.params["emoji_name"])
    ids = sorted(key for key in reaction.users if key > after) if reaction else []
    return [payloads.user_payload(call.state.users[key]) for key in ids[:limit]]
