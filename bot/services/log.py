"""The owners' log: who changed what, when, and what it was before.

A service that carries out something an owner, a moderator or a facilitator decided writes one line
here, in its own transaction: `note(session, …)`. Every action has a sentence in the texts,
`log.did_<action>` with its hyphens as underscores; what is written before a change is what an undo
brings back (services.undoing).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models import LogEntry

# Who changed something when no person did: Hearth itself, or a name that was taken off.
NOBODY = 0


async def note(
    session: AsyncSession,
    *,
    server_id: int,
    by_user_id: int,
    action: str,
    now: datetime,
    group_id: int | None = None,
    user_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Write one line of the owners' log; return its id.

    `action` is what was done, in at most 40 characters, area first (`group-edit`, `member-bar`);
    `user_id` is whom it was about. `before` and `after` hold plain JSON, of the same keys, only
    what changed: never a person's id (only columns are forgotten) and never what a member wrote.
    """
    entry = LogEntry(
        server_id=server_id,
        at=now,
        by_user_id=by_user_id,
        action=action,
        group_id=group_id,
        user_id=user_id,
        before=_json(before),
        after=_json(after),
    )
    session.add(entry)
    await session.flush()
    return entry.id


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True)
