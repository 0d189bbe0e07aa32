"""Undoing what the owners' log says: only what stands as it was left, and by the way it was done.

Each undo is the opposite act, by the same service with the same rules, and a line of the log
itself. What has been changed again since is not undone: that would take back the newer change too.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.log_cards import Act
from bot.rules.scope import ServerScope
from bot.services import (
    closing,
    facilitators,
    giving_back,
    groups,
    locking,
    log,
    reuniting,
    rights,
    safety,
    servers,
    split_moves,
    stages,
    types,
)
from bot.services.groups import of_server
from models import Bar, Facilitator, Group, GroupType, LogEntry, SetupRole


@dataclass(frozen=True, slots=True)
class Undo:
    """What an undo has in hand: who asks, the line, and what it changed from and to."""

    actor: Actor
    entry: LogEntry
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    now: datetime


async def page(session: AsyncSession, actor: Actor, number: int) -> tuple[list[Act], bool]:
    """Return one page of the log with what can be undone marked, and whether there is more."""
    acts, older = await log.page(session, actor, number)
    return [replace(act, undoable=act.action in WAYS) for act in acts], older


async def look(session: AsyncSession, actor: Actor, entry_id: int, *, now: datetime) -> Act:
    """Return a line that can be undone; UserError says why it cannot. For owners."""
    entry, act = await log.entry(session, actor, entry_id)
    if entry.action not in WAYS:
        raise UserError("log.not_undoable")
    if entry.undone_at is not None:
        raise UserError("log.undone_already")
    if entry.action == split_moves.ACTION:
        split_id = int(json.loads(entry.before or "{}")["split_id"])
        return replace(act, would_be=await reuniting.log_lines(session, actor, split_id, now))
    return act


async def undo(session: AsyncSession, actor: Actor, entry_id: int, *, now: datetime) -> Act:
    """Make what a line of the log changed as it was before; for owners.

    UserError when it was changed again since, or cannot be undone.
    """
    await look(session, actor, entry_id, now=now)
    entry, _act = await log.entry(session, actor, entry_id)
    before, after = json.loads(entry.before or "{}"), json.loads(entry.after or "{}")
    await WAYS[entry.action](session, Undo(actor, entry, before, after, now))
    entry.undone_at, entry.undone_by_user_id = now, actor.user_id
    await session.flush()
    return (await log.entry(session, actor, entry_id))[1]


def _unchanged(stands: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """UserError unless everything is still as the act left it."""
    if any(stands[key] != value for key, value in after.items() if key in stands):
        raise UserError("log.changed_since")


async def _group(session: AsyncSession, what: Undo) -> Group:
    if what.entry.group_id is None:
        raise UserError("log.not_undoable")
    return await of_server(session, what.actor.server_id, what.entry.group_id)


async def _charter(session: AsyncSession, what: Undo) -> None:
    group = await _group(session, what)
    charter = groups.charter_of(group)
    _unchanged(asdict(charter), what.after)
    await groups.edit(
        session, what.actor, group.id, charter=replace(charter, **what.before), now=what.now
    )


async def _last_day(session: AsyncSession, what: Undo) -> None:
    group = await _group(session, what)
    was, became = (_moment(values["closes_at"]) for values in (what.before, what.after))
    if group.archived_at is not None or group.closes_at != became:
        raise UserError("log.changed_since")
    await closing.put_back(session, what.actor, group_id=group.id, wanted=was, now=what.now)


def _moment(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)


async def _rest(session: AsyncSession, what: Undo) -> None:
    group = await _group(session, what)
    if group.rests_since is None or group.archived_at is not None:
        raise UserError("log.changed_since")
    await groups.reopen(session, what.actor, group.id, now=what.now)


async def _reopen(session: AsyncSession, what: Undo) -> None:
    group = await _group(session, what)
    if group.rests_since is not None or group.archived_at is not None:
        raise UserError("log.changed_since")
    await groups.rest(session, what.actor, group.id, now=what.now)


async def _type_edit(session: AsyncSession, what: Undo) -> None:
    row = await session.get(GroupType, int(what.before["type_id"]))
    if row is None or row.server_id != what.actor.server_id:
        raise UserError("log.changed_since")
    stands = asdict(types.rules_of(row))
    if not what.before.keys() - {"type_id"} <= stands.keys():  # Hearth has another rule for it now
        raise UserError("log.changed_since")
    _unchanged(stands, what.after)
    # What there was no number of days for before is given 0 days, since None changes nothing.
    changes = {
        key: 0 if key in {"lasts_days", "frees_after_days"} and value is None else value
        for key, value in what.before.items()
        if key != "type_id"
    }
    await types.edit(session, what.actor, row.id, changes, now=what.now)


async def _setup(session: AsyncSession, what: Undo) -> None:
    server = await rights.server_row(session, what.actor.server_id, allow_paused=True)
    stands = await servers.decided(session, server)
    _unchanged(stands, what.after)
    for key, value in what.before.items():
        if key in servers.DECIDED:
            setattr(server, key, value)
            continue
        await session.execute(
            delete(SetupRole).where(SetupRole.server_id == server.id, SetupRole.part == key)
        )
        session.add_all(SetupRole(server_id=server.id, role_id=role, part=key) for role in value)
    await session.flush()
    await stages.review_all(session, server.id, what.now)
    note_after_commit(session, ServerScope(server.id))
    was, became = log.changed(stands, await servers.decided(session, server))
    await log.note(
        session,
        server_id=server.id,
        by_user_id=what.actor.user_id,
        action="setup-change",
        now=what.now,
        before=was,
        after=became,
    )


async def _pause(session: AsyncSession, what: Undo) -> None:
    server = await rights.server_row(session, what.actor.server_id, allow_paused=True)
    if (server.paused_at is not None) != (what.entry.action == "pause"):
        raise UserError("log.changed_since")
    await servers.pause(session, what.actor, now=what.now)


async def _bar(session: AsyncSession, what: Undo) -> None:
    user, where = what.entry.user_id, what.entry.group_id or safety.EVERYWHERE
    if user is None or await session.get(Bar, (what.actor.server_id, user, where)) is None:
        raise UserError("log.changed_since")
    await safety.unbar(session, what.actor, user, where, now=what.now)


async def _lock(session: AsyncSession, what: Undo) -> None:
    group = await _group(session, what)
    if not await locking.unlock(session, what.actor, group.id, now=what.now):
        raise UserError("log.changed_since")


async def _asked(session: AsyncSession, what: Undo) -> None:
    """Take a question back that nobody has answered yet; who said yes is no line to undo."""
    group, user = await _group(session, what), what.entry.user_id
    row = None if user is None else await session.get(Facilitator, (group.id, user))
    if row is None or row.state != "asked":
        raise UserError("log.changed_since")
    await facilitators.remove(
        session, what.actor, group_id=group.id, user_id=row.user_id, now=what.now
    )


async def _adopt(session: AsyncSession, what: Undo) -> None:
    await giving_back.undo(session, what.actor, int(what.before["adoption_id"]), now=what.now)


async def _split(session: AsyncSession, what: Undo) -> None:
    await reuniting.undo(session, what.actor, int(what.before["split_id"]), what.now)


WAYS: dict[str, Callable[[AsyncSession, Undo], Awaitable[None]]] = {
    "group-adopt": _adopt,
    "group-edit": _charter,
    "group-last-day": _last_day,
    split_moves.ACTION: _split,
    "group-rest": _rest,
    "group-reopen": _reopen,
    "room-lock": _lock,
    "facilitator-ask": _asked,
    "type-edit": _type_edit,
    "setup-change": _setup,
    "pause": _pause,
    "go-on": _pause,
    "member-bar": _bar,
    "member-bar-all": _bar,
}
