"""Scheduled events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import acts
from sandbox.errors import error, invalid_form
from sandbox.event_payloads import event_payload
from sandbox.ratelimits import EVENT_CREATE, EVENT_EDIT, EVENT_LIST
from sandbox.routing import Call, RouteTable
from sandbox.state import EventStatus

if TYPE_CHECKING:
    from sandbox.forms import Form
    from sandbox.state import ScheduledEvent, Server

table = RouteTable()

_GUILD_ONLY, _STAGE, _VOICE, _EXTERNAL = 2, 1, 2, 3
_ALL = "/guilds/{guild_id}/scheduled-events"
_ONE = _ALL + "/{guild_scheduled_event_id}"


def _settings(form: Form) -> acts.EventSettings:
    settings = acts.EventSettings()
    name = form.text("name", least=1, most=100)
    if name is not None:
        settings["name"] = name.strip()
    if "description" in form:
        settings["description"] = form.text("description", most=1000) or None
    starts_at = form.moment("scheduled_start_time")
    if starts_at is not None:
        settings["starts_at"] = starts_at
    if "scheduled_end_time" in form:
        settings["ends_at"] = form.moment("scheduled_end_time")
    kind = form.integer("entity_type")
    if "channel_id" in form or kind == _EXTERNAL:
        settings["channel_id"] = form.snowflake("channel_id")
    metadata = form.inner("entity_metadata")
    if kind == _EXTERNAL:
        settings["location"] = metadata and metadata.text("location", least=1, most=100)
        if settings.get("channel_id") is not None:
            form.fault("channel_id", "BASE_TYPE_BAD_TYPE", "Must be null for external events.")
    elif kind is not None:
        settings["location"] = None
    if kind is not None:
        settings["on_stage"] = kind == _STAGE
    form.check()
    return settings


@table.route("GET", _ALL, bucket=EVENT_LIST)
def events(call: Call) -> object:
    """Return the events of a server that the bot may see."""
    server = call.server()
    counted = call.query.get("with_user_count", "").lower() in {"true", "1"}
    bot = call.bot(server)
    return [
        event_payload(event, counted=counted)
        for event in server.events.values()
        if acts.sees_event(call.world, server, bot, event)
    ]


@table.route("POST", _ALL, bucket=EVENT_CREATE)
def create(call: Call) -> object:
    """Announce an event."""
    server = call.server()
    form = call.form()
    form.text("name", least=1, most=100, required=True)
    kind = form.integer("entity_type")
    if kind not in {_STAGE, _VOICE, _EXTERNAL}:
        raise invalid_form("entity_type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
    if form.integer("privacy_level") != _GUILD_ONLY:
        raise invalid_form("privacy_level", "BASE_TYPE_CHOICES", "Value must be one of (2,).")
    for needed in ("scheduled_start_time", *(["channel_id"] if kind != _EXTERNAL else [])):
        if form.raw(needed) is None:
            form.fault(needed, "BASE_TYPE_REQUIRED", "This field is required")
    form.check()
    settings = _settings(call.form())
    made = acts.create_event(call.world, server, call.bot(server), settings, reason=call.reason)
    return event_payload(made)


def _event(call: Call, server: Server) -> ScheduledEvent:
    event = server.events.get(call.id("guild_scheduled_event_id"))
    if event is None or not acts.sees_event(call.world, server, call.bot(server), event):
        raise error(10070)
    return event


@table.route("GET", _ONE)
def one(call: Call) -> object:
    """Return one event."""
    counted = call.query.get("with_user_count", "").lower() in {"true", "1"}
    return event_payload(_event(call, call.server()), counted=counted)


@table.route("PATCH", _ONE, bucket=EVENT_EDIT)
def edit(call: Call) -> object:
    """Change an event."""
    server = call.server()
    event = _event(call, server)
    form = call.form()
    status = form.integer("status", least=1, most=4)
    form.check()
    acts.edit_event(
        call.world,
        server,
        call.bot(server),
        event,
        _settings(call.form()),
        status=None if status is None else EventStatus(status),
        reason=call.reason,
    )
    return event_payload(event)


@table.route("DELETE", _ONE, bucket=EVENT_EDIT)
def delete(call: Call) -> None:
    """Take an event away."""
    server = call.server()
    event = _event(call, server)
    acts.delete_event(call.world, server, call.bot(server), event, reason=call.reason)
