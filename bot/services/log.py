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

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.log_cards import PER_PAGE, Act
from bot.services import rights
from models import Group, LogEntry

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


async def mark_undone(
    session: AsyncSession,
    *,
    server_id: int,
    by_user_id: int,
    action: str,
    group_id: int,
    before: Mapping[str, Any],
    now: datetime,
) -> None:
    """Say on the line of an act that it is undone, where that was not done from the log."""
    lines = await session.scalars(
        select(LogEntry).where(
            LogEntry.server_id == server_id,
            LogEntry.action == action,
            LogEntry.group_id == group_id,
            LogEntry.before == _json(before),
            LogEntry.undone_at.is_(None),
        )
    )
    for line in lines:
        line.undone_at, line.undone_by_user_id = now, by_user_id
    await session.flush()


def changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return of two descriptions with the same keys only what differs, for a `note`."""
    keys = [key for key in after if before[key] != after[key]]
    return {key: before[key] for key in keys}, {key: after[key] for key in keys}


async def page(session: AsyncSession, actor: Actor, number: int) -> tuple[list[Act], bool]:
    """Return one page of the log, newest first, and whether there are older lines; for owners."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    rows = await session.execute(
        select(LogEntry, Group.name)
        .outerjoin(Group, Group.id == LogEntry.group_id)
        .where(LogEntry.server_id == actor.server_id)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .offset(max(number, 0) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    acts = [shown(entry, name) for entry, name in rows]
    return acts[:PER_PAGE], len(acts) > PER_PAGE


async def entry(session: AsyncSession, actor: Actor, entry_id: int) -> tuple[LogEntry, Act]:
    """Return one line of the log of the actor's server; for owners."""
    await rights.require_owner(session, actor)
    found = await session.get(LogEntry, entry_id)
    if found is None or found.server_id != actor.server_id:
        raise UserError("log.gone")
    group = None if found.group_id is None else await session.get(Group, found.group_id)
    return found, shown(found, None if group is None else group.name)


def shown(row: LogEntry, group: str | None) -> Act:
    """Return a line of the log as a plain value."""
    return Act(
        id=row.id,
        at=row.at,
        by_user_id=row.by_user_id,
        action=row.action,
        group=group,
        user_id=row.user_id,
        before=json.loads(row.before or "{}"),
        after=json.loads(row.after or "{}"),
        undone_at=row.undone_at,
        undone_by_user_id=row.undone_by_user_id,
    )


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True)
