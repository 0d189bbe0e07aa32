"""Who came into a thread, and what a server announces, as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox import payloads
from sandbox.thread_payloads import MEMBERS_SHOWN, thread_member_payload

if TYPE_CHECKING:
    from discord.types import scheduled_event

    from sandbox.state import ScheduledEvent, Server, Thread


def members_update_payload(
    server: Server, item: Thread, *, added: list[int], removed: list[int]
) -> dict[str, Any]:
    """Return the event about who came into a thread and who left it."""
    payload: dict[str, Any] = {
        "id": str(item.id),
        "guild_id": str(server.id),
        "member_count": min(len(item.members), MEMBERS_SHOWN),
    }
    if added:
        payload["added_members"] = [
            {
                **thread_member_payload(item, user_id),
                "member": payloads.member_payload(server.members[user_id]),
                "presence": None,
            }
            for user_id in added
        ]
    if removed:
        payload["removed_member_ids"] = [str(user_id) for user_id in removed]
    return payload


def event_payload(
    item: ScheduledEvent, *, counted: bool = False
) -> scheduled_event.GuildScheduledEvent:
    """Return a scheduled event; `counted` adds how many are interested."""
    payload: dict[str, Any] = {
        "id": str(item.id),
        "guild_id": str(item.server_id),
        "channel_id": None if item.channel_id is None else str(item.channel_id),
        "creator_id": str(item.creator.id),
        "creator": payloads.user_payload(item.creator),
        "name": item.name,
        "description": item.description,
        "image": None,
        "scheduled_start_time": item.starts_at.isoformat(),
        "scheduled_end_time": payloads.moment(item.ends_at),
        "privacy_level": 2,
        "status": int(item.status),
        "entity_type": 3 if item.channel_id is None else 1 if item.on_stage else 2,
        "entity_id": None,
        "entity_metadata": None if item.location is None else {"location": item.location},
        "recurrence_rule": None,
        "guild_scheduled_event_exceptions": [],
    }
    if counted:
        payload["user_count"] = len(item.interested)
    return cast("scheduled_event.GuildScheduledEvent", payload)
