"""REST routes by which the bot registers commands and answers interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox import payloads
from sandbox.acts.drafts import EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS
from sandbox.components import V2_FLAG
from sandbox.errors import error, invalid_form
from sandbox.forms import Form, read_snowflake
from sandbox.interactions import Reply
from sandbox.ratelimits import GUILD_COMMANDS, WEBHOOK
from sandbox.routes.drafts import read_draft, read_edit
from sandbox.routing import Call, Route, RouteTable

if TYPE_CHECKING:
    from sandbox.acts import Draft, MessageEdit
    from sandbox.commands import Commands
    from sandbox.interactions import Interaction, Interactions
    from sandbox.routing import Handler
    from sandbox.state import Message

    Raw = dict[str, Any]

_SETTABLE = EPHEMERAL | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | V2_FLAG

_GLOBAL = "/applications/{application_id}/commands"
_IN_SERVER = "/applications/{application_id}/guilds/{guild_id}/commands"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


def answer_routes(interactions: Interactions) -> RouteTable:
    """Return the routes by which interactions are answered; their token is the key to them."""
    table = RouteTable()

    def opened(call: Call) -> Interaction:
        return interactions.by_token(call.id("webhook_id"), call.params["webhook_token"])

    def message_of(call: Call, interaction: Interaction) -> Message:
        name = call.params.get("message_id")
        return interactions.find(interaction, None if name is None else call.id("message_id"))

    def shown(message: Message) -> object:
        return payloads.message_payload(interactions.state, message)

    def callback(call: Call) -> object:
        """Take the first answer."""
        form = call.form()
        reply = form.integer("type")
        form.check()
        data: object = {} if form.raw("data") is None else form.raw("data")
        if not isinstance(data, dict):
            raise invalid_form("data", "DICT_TYPE_CONVERT", "Only dictionaries may be used here")
        said = cast("Raw", data)
        body = Form(said, path="data")
        message: Draft | MessageEdit | None = None
        if reply == Reply.MESSAGE:
            message = read_draft(call, body, flags=_SETTABLE)
        elif reply == Reply.UPDATE:
            message = read_edit(call, body)
        receipt = interactions.answer(
            call.id("interaction_id"),
            call.params["interaction_token"],
            reply or 0,
            said,
            message,
        )
        wanted = call.query.get("with_response", "").lower() in {"1", "true"}
        return receipt if wanted else None

    def follow_up(call: Call) -> object:
        """Say more."""
        interaction = opened(call)
        draft = read_draft(call, call.form(), flags=_SETTABLE)
        return shown(interactions.follow_up(interaction, draft))

    def get(call: Call) -> object:
        """Return what was said."""
        return shown(message_of(call, opened(call)))

    def edit(call: Call) -> object:
        """Change what was said."""
        interaction = opened(call)
        message = message_of(call, interaction)
        return shown(interactions.edit(interaction, message, read_edit(call, call.form())))

    def delete(call: Call) -> None:
        """Take back what was said."""
        interaction = opened(call)
        interactions.delete(interaction, message_of(call, interaction))

    def add(method: str, template: str, handler: Handler, *, limited: bool = True) -> None:
        bucket = WEBHOOK if limited else None
        table.add(Route(method, template, handler, bucket, bot_only=False, counted=False))

    add(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        callback,
        limited=False,
    )
    add("POST", _WEBHOOK, follow_up)
    for one in (_WEBHOOK + "/messages/@original", _WEBHOOK + "/messages/{message_id}"):
        add("GET", one, get)
        add("PATCH", one, edit)
        add("DELETE", one, delete)
    return table


def command_routes(commands: Commands) -> RouteTable:
    """Return the routes by which commands are registered, globally and per server."""
    table = RouteTable()

    def scope(call: Call) -> int | None:
        if read_snowflake(call.params["application_id"]) != call.state.application.id:
            raise error(10002)
        return call.server().id if "guild_id" in call.params else None

    def bodies(call: Call) -> list[Raw]:
        if not isinstance(call.body, list):
            raise invalid_form("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return cast("list[Raw]", call.body)

    def body(call: Call) -> Raw:
        if not isinstance(call.body, dict):
            raise invalid_form("", "MODEL_TYPE_CONVERT", "Only dictionaries may be used here")
        return cast("Raw", call.body)

    def every(call: Call) -> object:
        """Return all commands of a scope."""
        return commands.all(scope(call))

    def replace(call: Call) -> object:
        """Replace all commands of a scope."""
        return commands.replace(scope(call), bodies(call))

    def create(call: Call) -> object:
        """Add or replace one command."""
        return commands.create(scope(call), body(call))[0]

    def get(call: Call) -> object:
        """Return one command."""
        return commands.get(scope(call), call.id("command_id"))

    def edit(call: Call) -> object:
        """Change one command."""
        return commands.edit(scope(call), call.id("command_id"), body(call))

    def delete(call: Call) -> None:
        """Remove one command."""
        commands.delete(scope(call), call.id("command_id"))

    for base, bucket in ((_GLOBAL, None), (_IN_SERVER, GUILD_COMMANDS)):
        table.add(Route("GET", base, every))
        table.add(Route("PUT", base, replace, bucket))
        table.add(Route("POST", base, create))
        table.add(Route("GET", base + "/{command_id}", get))
        table.add(Route("PATCH", base + "/{command_id}", edit))
        table.add(Route("DELETE", base + "/{command_id}", delete))
    return table
