"""The bot itself: its account, its application, its way to the gateway, its DMs."""

from __future__ import annotations

from sandbox import payloads
from sandbox.errors import error
from sandbox.routing import Call, RouteTable

table = RouteTable()


@table.route("GET", "/users/@me")
def own_account(call: Call) -> object:
    """Return the bot's account."""
    return payloads.own_user_payload(call.state.bot)


@table.route("GET", "/users/{user_id}")
def account(call: Call) -> object:
    """Return anyone's account."""
    return payloads.user_payload(call.user())


@table.route("GET", "/applications/@me")
@table.route("GET", "/oauth2/applications/@me")
def own_application(call: Call) -> object:
    """Return the bot's application."""
    return payloads.application_payload(call.state)


@table.route("GET", "/gateway/bot")
def gateway(call: Call) -> object:
    """Return where the gateway is and how often it may be entered."""
    return {
        "url": f"ws://{call.host}/gateway",
        "shards": call.state.entrance.shards,
        "session_start_limit": call.state.entrance.payload(),
    }


@table.route("POST", "/users/@me/channels")
def open_dm(call: Call) -> object:
    """Open the DM with someone; whether they accept one shows only when something is sent."""
    form = call.form()
    recipient_id = form.snowflake("recipient_id", required=True)
    form.check()
    recipient = call.state.users.get(recipient_id or 0)
    if recipient is None or recipient is call.state.bot:
        raise error(50033)
    return payloads.dm_payload(call.state.open_dm(recipient))
