"""Scheduled events: what a server announces (Discord's docs, Guild Scheduled Event)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from sandbox.errors import error, invalid_form
from sandbox.event_payloads import event_payload
from sandbox.intents import Intent
from sandbox.permissions import Permission
from sandbox.state import AuditAction, ChannelType, EventStatus, ScheduledEvent
from sandbox.world import change

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.state import Channel, Member, Server
    from sandbox.world import World

MAX_EVENTS = 100
"""Scheduled and active ones in a server (Discord's error 30038)."""
NEVER_BEGUN = timedelta(hours=6)
"""How long after its time an event in a room waits for somebody to begin it; Discord says "a few
hours"."""

STAGE_MODERATORS = Permission.MANAGE_CHANNELS | Permission.MUTE_MEMBERS | Permission.MOVE_MEMBERS
"""What an event on a stage takes beside the right to announce (Discord's docs, Guild Scheduled
Event, Permissions)."""

_NEXT = {
    EventStatus.SCHEDULED: {EventStatus.ACTIVE, EventStatus.CANCELED},
    EventStatus.ACTIVE: {EventStatus.COMPLETED},
}


class EventSettings(TypedDict, total=False):
    """What can be set on an event; what is left out stays."""

    name: str
    description: str | None
    starts_at: datetime
    ends_at: datetime | None
    channel_id: int | None
    on_stage: bool
    location: str | None


def create_event(
    world: World,
    server: Server,
    actor: Member,
    settings: EventSettings,
    *,
    reason: str | None = None,
) -> ScheduledEvent:
    """Announce an event."""
    now = world.state.now()
    event = ScheduledEvent(world.state.snowflake(), server.id, actor.user, "", now, None)
    for key, value in settings.items():
        setattr(event, key, value)
    _need(world, server, actor, event)
    world.need(actor, Permission.CREATE_EVENTS, server.channels.get(event.channel_id or 0))
    _check(event, now)
    if len(server.events) >= MAX_EVENTS:
        raise error(30038)
    server.events[event.id] = event
    _tell(world, server, "GUILD_SCHEDULED_EVENT_CREATE", event)
    changes = [{"key": "name", "new_value": event.name}]
    action = AuditAction.EVENT_CREATE
    world.audit(server, actor, action, event.id, reason=reason, changes=changes)
    return event


def _need(world: World, server: Server, actor: Member, event: ScheduledEvent) -> None:
    """Refuse who may not: one's own take CREATE_EVENTS, others' MANAGE_EVENTS, in their room."""
    room = server.channels.get(event.channel_id or 0)
    if event.channel_id is not None and room is None:
        raise error(10003)
    kind, called = (ChannelType.STAGE, "stage") if event.on_stage else (ChannelType.VOICE, "voice")
    if room is not None and room.type is not kind:
        message = f"Channel is not a {called} channel"
        raise invalid_form("channel_id", "GUILD_SCHEDULED_EVENT_CHANNEL_TYPE", message)
    if room is not None:
        world.need(actor, Permission.VIEW_CHANNEL | Permission.CONNECT, room)
        if event.on_stage:
            world.need(actor, STAGE_MODERATORS, room)
    own = event.creator is actor.user
    may = world.permissions(actor, room)
    if not (may & Permission.MANAGE_EVENTS or (own and may & Permission.CREATE_EVENTS)):
        raise error(50013)


def _check(event: ScheduledEvent, now: datetime) -> None:
    """Refuse what cannot be announced."""
    if not 1 <= len(event.name) <= 100:
        raise invalid_form("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if event.status is EventStatus.SCHEDULED and event.starts_at <= now:
        message = "Cannot schedule event in the past."
        raise invalid_form("scheduled_start_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message)
    if event.ends_at is not None and event.ends_at <= event.starts_at:
        message = "Cannot schedule event to end before it starts."
        raise invalid_form("scheduled_end_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message)
    if event.channel_id is None:
        if event.ends_at is None:
            raise invalid_form("scheduled_end_time", "BASE_TYPE_REQUIRED", "This field is required")
        if not event.location:
            path = "entity_metadata.location"
            raise invalid_form(path, "BASE_TYPE_REQUIRED", "This field is required")


def edit_event(
    world: World,
    server: Server,
    actor: Member,
    event: ScheduledEvent,
    settings: EventSettings,
    *,
    status: EventStatus | None = None,
    reason: str | None = None,
) -> None:
    """Change an event, begin it, end it or call it off."""
    _need(world, server, actor, event)
    if status is not None and status is not event.status and status not in _NEXT[event.status]:
        raise error(180000)
    old = {key: getattr(event, key) for key in EventSettings.__annotations__}
    old_status = event.status
    for key, value in settings.items():
        setattr(event, key, value)
    try:
        _need(world, server, actor, event)
        if "starts_at" in settings or "ends_at" in settings or "name" in settings:
            _check(event, world.state.now())
    except Exception:
        for key, value in old.items():
            setattr(event, key, value)
        raise
    if status is not None:
        _become(server, event, status)
    _tell(world, server, "GUILD_SCHEDULED_EVENT_UPDATE", event)
    changes = [*change("name", old["name"], event.name)]
    changes += change("status", int(old_status), int(event.status))
    world.audit(server, actor, AuditAction.EVENT_UPDATE, event.id, reason=reason, changes=changes)


def delete_event(
    world: World,
    server: Server,
    actor: Member,
    event: ScheduledEvent,
    *,
    reason: str | None = None,
) -> None:
    """Take an event away."""
    _need(world, server, actor, event)
    del server.events[event.id]
    event.status = EventStatus.CANCELED
    _tell(world, server, "GUILD_SCHEDULED_EVENT_DELETE", event)
    changes = [{"key": "name", "old_value": event.name}]
    world.audit(server, actor, AuditAction.EVENT_DELETE, event.id, reason=reason, changes=changes)


def press_interested(world: World, server: Server, actor: Member, event: ScheduledEvent) -> None:
    """Say that one is interested; once more takes it back."""
    if actor.user.id in event.interested:
        name = "GUILD_SCHEDULED_EVENT_USER_REMOVE"
        del event.interested[actor.user.id]
    else:
        name = "GUILD_SCHEDULED_EVENT_USER_ADD"
        event.interested[actor.user.id] = None
    data = {
        "guild_scheduled_event_id": str(event.id),
        "user_id": str(actor.user.id),
        "guild_id": str(server.id),
    }
    world.emit(name, data, Intent.GUILD_SCHEDULED_EVENTS, server)


def events_due(world: World) -> None:
    """Let events begin and end by themselves, as Discord does.

    One elsewhere begins and ends at its times; one in a room that nobody began is called off after
    some hours.
    """
    now = world.state.now()
    for server in world.state.servers.values():
        for event in list(server.events.values()):
            status = _by_itself(event, now)
            if status is not None:
                _become(server, event, status)
                _tell(world, server, "GUILD_SCHEDULED_EVENT_UPDATE", event)


def _by_itself(event: ScheduledEvent, now: datetime) -> EventStatus | None:
    if event.channel_id is not None:
        late = event.status is EventStatus.SCHEDULED and event.starts_at + NEVER_BEGUN <= now
        return EventStatus.CANCELED if late else None
    if event.ends_at is not None and event.ends_at <= now:
        return EventStatus.COMPLETED
    if event.status is EventStatus.SCHEDULED and event.starts_at <= now:
        return EventStatus.ACTIVE
    return None


def _become(server: Server, event: ScheduledEvent, status: EventStatus) -> None:
    event.status = status
    if status in {EventStatus.COMPLETED, EventStatus.CANCELED}:
        server.events.pop(event.id, None)


def sees_event(world: World, server: Server, member: Member, event: ScheduledEvent) -> bool:
    """Return whether a member may see an event: everybody one elsewhere, who sees its room else."""
    room: Channel | None = server.channels.get(event.channel_id or 0)
    if event.channel_id is None:
        return True
    return room is not None and bool(world.permissions(member, room) & Permission.VIEW_CHANNEL)


def _tell(world: World, server: Server, name: str, event: ScheduledEvent) -> None:
    bot = world.bot_in(server)
    if bot is not None and sees_event(world, server, bot, event):
        world.emit(name, event_payload(event), Intent.GUILD_SCHEDULED_EVENTS, server)
