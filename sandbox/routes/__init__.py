"""Discord's v10 routes by subject; a route that no command of the bot uses is not served."""

from __future__ import annotations

from sandbox.routes import (
    account,
    audit,
    channels,
    events,
    guilds,
    members,
    messages,
    reactions,
    threads,
)
from sandbox.routing import RouteTable

_SUBJECTS = (account, audit, channels, events, guilds, members, messages, reactions, threads)


def all_routes() -> RouteTable:
    """Return a table of every route in this package, to which others can be added."""
    table = RouteTable()
    for subject in _SUBJECTS:
        table.include(subject.table)
    return table
