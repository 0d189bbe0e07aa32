"""The audit log."""

from __future__ import annotations

from datetime import timedelta

from sandbox import payloads
from sandbox.permissions import Permission
from sandbox.routing import Call, RouteTable
from sandbox.state import time_snowflake

table = RouteTable()

KEPT = timedelta(days=45)
"""How long an entry can be read (Discord's docs, Audit Log Resource)."""


@table.route("GET", "/guilds/{guild_id}/audit-logs")
def audit_log(call: Call) -> object:
    """Return up to 100 entries, newest first; with `after`, oldest first."""
    server = call.server()
    call.world.need(call.bot(server), Permission.VIEW_AUDIT_LOG)
    options = call.options()
    limit = options.integer("limit", least=1, most=100) or 50
    actor_id = options.snowflake("user_id")
    target_id = options.snowflake("target_id")
    action = options.integer("action_type")
    before = options.snowflake("before")
    after = options.snowflake("after")
    options.check()
    oldest = max(time_snowflake(call.state.now() - KEPT), after or 0)
    found = [
        entry
        for entry in server.audit_log
        if entry.id > oldest
        and (before is None or entry.id < before)
        and (actor_id is None or entry.actor_id == actor_id)
        and (target_id is None or entry.target_id == target_id)
        and (not action or entry.action == action)
    ]
    chosen = found[:limit] if after is not None else found[::-1][:limit]
    named = dict.fromkeys(
        key for entry in chosen for key in (entry.actor_id, entry.target_id) if key is not None
    )
    users = call.state.users
    return {
        "audit_log_entries": [payloads.audit_entry_payload(entry) for entry in chosen],
        "users": [payloads.user_payload(users[key]) for key in named if key in users],
        "integrations": [],
        "webhooks": [],
        "guild_scheduled_events": [],
        "threads": [],
        "application_commands": [],
        "auto_moderation_rules": [],
    }
