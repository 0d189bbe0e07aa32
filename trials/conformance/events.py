"""Objects of the description inside the gateway's events, which it does not describe themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trials.conformance.description import Description, Fault

Data = dict[str, Any]

_OBFUSCATED = 1 << 17
"""A channel's flag: its name and most of the rest are withheld (Discord's docs, Channel Flags)."""
_DM = 1
_EXTERNAL = 3


def event_faults(description: Description, event: str, data: Data) -> list[Fault]:
    """Return what of an event's objects does not fit; nothing for events without any."""
    return [
        fault
        for schema, value in _objects(event, data)
        for fault in description.object_faults(schema, value)
    ]


def _objects(event: str, data: Data) -> Iterator[tuple[str, Data]]:
    """Yield what an event carries, less what only events add to it."""
    match event:
        case "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE":
            yield "GuildRoleResponse", data["role"]
        case "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "CHANNEL_DELETE":
            if not data.get("flags", 0) & _OBFUSCATED:
                private = data["type"] == _DM
                yield ("PrivateChannelResponse" if private else "GuildChannelResponse"), data
        case "GUILD_MEMBER_ADD":
            yield "GuildMemberResponse", _less(data, "guild_id")
        case "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" | "GUILD_MEMBER_REMOVE":
            yield "UserResponse", data["user"]
        case "GUILD_AUDIT_LOG_ENTRY_CREATE":
            yield "AuditLogEntryResponse", _less(data, "guild_id")
        case "THREAD_CREATE" | "THREAD_UPDATE":
            yield "ThreadResponse", _less(data, "newly_created")
        case "THREAD_LIST_SYNC":
            for thread in data["threads"]:
                yield "ThreadResponse", thread
        case "THREAD_MEMBERS_UPDATE":
            for one in data.get("added_members", ()):
                yield "ThreadMemberResponse", _less(one, "presence")
        case "GUILD_SCHEDULED_EVENT_CREATE" | "GUILD_SCHEDULED_EVENT_UPDATE":
            elsewhere = data["entity_type"] == _EXTERNAL
            kind = "External" if elsewhere else "Voice"
            yield f"{kind}ScheduledEventResponse", data
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            mentions = [_less(one, "member") for one in data["mentions"]]
            message = _less(data, "guild_id", "member", "channel_type")
            yield "MessageResponse", {**message, "mentions": mentions}
        case _:
            return


def _less(data: Data, *names: str) -> Data:
    return {name: value for name, value in data.items() if name not in names}
