"""Adds the sums of a batch of signals to what the tables hold: one statement per table.

All rows of a statement go to the database as one value, a JSON array of arrays, which it takes
apart itself. Handing over row by row would cost more than everything else that a batch does, and
in SQLite's case each row would make the bot's own thread wait for the writer's.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, cast, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.counting import Sums
from bot.services.upserts import upsert
from models import (
    ActiveDay,
    Base,
    CommonsTie,
    NewcomerAnswer,
    Presence,
    RoomCursor,
    TalkDay,
    TalkHour,
    Tie,
)


async def store(session: AsyncSession, sums: Sums) -> None:
    """Add days and ties, and move presence and cursors on; never back."""
    await _add(
        session,
        ActiveDay,
        ("server_id", "user_id", "group_id", "day"),
        ("signals", "unwritten", "messages"),
        _days(sums),
    )
    await _add(
        session,
        Tie,
        ("group_id", "low_id", "high_id", "week", "server_id"),
        ("weight", "low_answered", "high_answered"),
        _ties(sums),
    )
    await _add(
        session,
        TalkDay,
        ("group_id", "day", "server_id"),
        ("messages", "turns", "conversations", "answers", "peer_answers"),
        ((group, day, server, *astuple(talk)) for (server, group, day), talk in sums.talk.items()),
    )
    await _add(
        session,
        TalkHour,
        ("group_id", "week", "hour", "server_id"),
        ("turns",),
        (
            (group, week, hour, server, turns)
            for (server, group, week, hour), turns in sums.hours.items()
        ),
    )
    await _add(
        session,
        NewcomerAnswer,
        ("group_id", "week", "within", "server_id"),
        ("people",),
        (
            (group, week, minutes, server, people)
            for (server, group, week, minutes), people in sums.welcomed.items()
        ),
    )
    await _add(
        session,
        CommonsTie,
        ("server_id", "low_id", "high_id", "week"),
        ("weight",),
        (
            (server, low, high, week, weight)
            for (server, week), found in sums.commons_ties.items()
            for (low, high), weight in found.items()
        ),
    )
    await _move_on(
        session,
        Presence,
        "last_at",
        [
            {"server_id": server, "user_id": who, "last_at": moment(at_ms)}
            for server, found in sums.lives.items()
            for who, at_ms in found.items()
        ],
    )
    await _move_on(
        session,
        RoomCursor,
        "message_id",
        [
            {"room_id": channel, "server_id": server, "message_id": message}
            for channel, (server, message) in sums.cursors.items()
        ],
    )


def _days(sums: Sums) -> Iterable[Sequence[int | str]]:
    none = Counter[int]()
    for where, found in sums.days.items():
        server, group, day = where
        # Not by their own access: that would make a day of each that lacks one.
        unwritten, messages = sums.unwritten.get(where, none), sums.messages.get(where, none)
        for who, signals in found.items():
            yield server, who, group, day, signals, unwritten[who], messages[who]


def _ties(sums: Sums) -> Iterable[Sequence[int | str]]:
    none = Counter[tuple[int, int]]()
    for where, found in sums.ties.items():
        server, group, week = where
        answered = sums.answered.get(where, none)
        for (low, high), weight in found.items():
            there, back = answered[low, high], answered[high, low]
            yield group, low, high, week, server, weight, there, back


def moment(at_ms: int) -> datetime:
    """Return this millisecond since 1970 as a moment."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


async def _add(
    session: AsyncSession,
    table: type[Base],
    names: Sequence[str],
    amounts: Sequence[str],
    rows: Iterable[Sequence[int | str]],
) -> None:
    """Add each row's last values to the columns `amounts` of the row that the others name."""
    values = list(rows)
    if not values:
        return
    columns = [table.__table__.columns[name] for name in (*names, *amounts)]
    statement = upsert(session, table).from_select(
        [column.name for column in columns], _taken_apart(session, columns)
    )
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in columns if column.primary_key],
        set_={name: table.__table__.columns[name] + statement.excluded[name] for name in amounts},
    )
    await (await session.connection()).execute(statement, {"rows": json.dumps(values)})


def _taken_apart(session: AsyncSession, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Return the rows of the parameter `rows` as the database sees them."""
    rows = bindparam("rows", type_=String)
    if session.get_bind().dialect.name == "postgresql":
        value = func.jsonb_array_elements(cast(rows, JSONB)).column_valued("value")
        row: ColumnElement[Any] = cast(value, JSONB)
        parts = [cast(row[n].astext, column.type) for n, column in enumerate(columns)]
        return select(*parts).where(true())
    one = func.json_each(rows).table_valued("value", name="one").c.value
    # Without a WHERE, SQLite would take ON CONFLICT for the ON of a join.
    return select(*(func.json_extract(one, f"$[{n}]") for n in range(len(columns)))).where(true())


async def _move_on(
    session: AsyncSession, table: type[Base], name: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Set the column `name` where the row's value is greater than what is there."""
    if not rows:
        return
    statement = upsert(session, table)
    column = table.__table__.columns[name]
    statement = statement.on_conflict_do_update(
        index_elements=[key.name for key in table.__table__.primary_key],
        set_={name: statement.excluded[name]},
        where=column < statement.excluded[name],
    )
    await (await session.connection()).execute(statement, rows)
