"""Threads as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.state import STARTER

if TYPE_CHECKING:
    from discord.types import threads

    from sandbox.state import Thread

MEMBERS_SHOWN = 50
"""Where `member_count` stops counting (Discord's docs, Threads, Thread Fields)."""


def thread_payload(item: Thread, *, viewer_id: int | None = None) -> threads.Thread:
    """Return a thread; with `viewer_id`, who is told, also that they are in it."""
    payload: threads.Thread = {
        "id": str(item.id),
        "type": cast("Any", int(item.type)),
        "guild_id": str(item.server_id),
        "parent_id": str(item.parent_id),
        "owner_id": str(item.owner_id),
        "name": item.name,
        "last_message_id": None if item.last_message_id is None else str(item.last_message_id),
        "rate_limit_per_user": item.slowmode,
        "flags": 0,
        "member_count": min(len(item.members), MEMBERS_SHOWN),
        "message_count": _standing(item),
        "total_message_sent": item.written,
        "thread_metadata": {
            "archived": item.archived,
            "archive_timestamp": item.changed_at.isoformat(),
            "auto_archive_duration": cast("Any", item.auto_archive),
            "locked": item.locked,
            "create_timestamp": item.made_at.isoformat(),
        },
    }
    if item.private:
        payload["thread_metadata"]["invitable"] = item.invitable
    if viewer_id is not None and viewer_id in item.members:
        payload["member"] = thread_member_payload(item, viewer_id)
    return payload


def _standing(item: Thread) -> int:
    """Return how many messages stand in it, without the notice of what it was started from."""
    return sum(1 for message in item.history if message.type != STARTER)


def thread_member_payload(item: Thread, user_id: int) -> threads.ThreadMember:
    """Return that somebody is in a thread, and since when."""
    return {
        "id": str(item.id),
        "user_id": str(user_id),
        "join_timestamp": item.members[user_id].isoformat(),
        "flags": 0,
    }


def thread_list(found: list[Thread], viewer_id: int) -> dict[str, Any]:
    """Return several threads, and in which of them the viewer is."""
    return {
        "threads": [thread_payload(item, viewer_id=viewer_id) for item in found],
        "members": [
            thread_member_payload(item, viewer_id) for item in found if viewer_id in item.members
        ],
    }
