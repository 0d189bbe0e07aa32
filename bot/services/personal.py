"""Which rows of which tables are about a person: found by the columns that hold people's ids.

Every table is walked, so a new one is covered as soon as its column has one of these names; a test
fails for a column with a Discord id that is neither named here nor known to be something else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    ForeignKey,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from models import Base, FailedEffect, OutboxMessage

# What columns that hold a person's id are called, in every table.
PEOPLE = frozenset(
    (
        "user_id",
        "low_id",
        "high_id",
        "by_user_id",
        "undone_by_user_id",
        "facilitator_id",
        "greeter_id",
        "host_id",
    )
)

# Columns with the id of a person who is never told: whoever reads them learns of somebody else's
# wish. Such rows are neither shown nor handed over to them, but go when they are forgotten.
UNTOLD = frozenset(("other_id",))

# Words of one person in a row that names others, too: handed over to nobody but their author.
WORDS = {"concern": "user_id", "removal": "user_id", "appeal": "user_id"}
WORDED = frozenset(("said", "link", "reason", "answer"))

# Columns in which Hearth writes down what it did or will say: whoever else is named there is not
# handed over.
WRITTEN_BY_HEARTH = frozenset(("content", "before", "after", "why"))
DISCORD_ID = re.compile(r"(?<!\d)\d{15,20}(?!\d)")


def tables() -> list[Table]:
    """Return all tables that may hold something about a person, parents before children."""
    found = [table for table in Base.metadata.sorted_tables if people_columns(table)]
    return [*found, FailedEffect.__table__]  # pyright: ignore[reportReturnType] - it is a Table


def people_columns(table: Table) -> list[Column[Any]]:
    """Return the table's columns that hold a person's id."""
    return [column for column in table.columns if column.name in PEOPLE]


def untold(user_id: int, server_ids: Sequence[int]) -> list[Delete]:
    """Return what erases the wishes of others about a person, which nobody counts for them."""
    return [
        delete(table).where(column == user_id, in_servers(table, server_ids))
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in UNTOLD
    ]


def about(
    table: Table, user_id: int, server_ids: Sequence[int] | None = None
) -> ColumnElement[bool]:
    """Return the condition for the table's rows about a person, in some servers or in all."""
    if table.name == FailedEffect.__tablename__:
        mine: ColumnElement[bool] = table.c.subject == f"member:{user_id}"
    else:
        mine = or_(*(column == user_id for column in people_columns(table)))
    return and_(mine, true() if server_ids is None else in_servers(table, server_ids))


def in_servers(table: Table, server_ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition for the table's rows in these servers, by its own column or a parent's.

    Raises ValueError for a table that belongs to no server.
    """
    if "server_id" in table.columns:
        return table.c.server_id.in_(server_ids)
    key = key_to_server(table)
    return key.parent.in_(select(key.column).where(key.column.table.c.server_id.in_(server_ids)))


def key_to_server(table: Table) -> ForeignKey:
    """Return the key to the parent that says which server a row belongs to.

    One that every row has: through a key that may be empty rows would be overlooked. Raises
    ValueError for a table that belongs to no server.
    """
    for key in table.foreign_keys:
        if not key.parent.nullable and "server_id" in key.column.table.columns:
            return key
    raise ValueError(f"{table.name} belongs to no server")


async def servers_of(session: AsyncSession, user_id: int) -> list[int]:
    """Return the servers in which anything is kept about a person."""
    found: set[int] = set()
    for table in tables():
        if "server_id" in table.columns:
            wanted = select(table.c.server_id).where(about(table, user_id))
        else:
            key = key_to_server(table)
            wanted = select(key.column.table.c.server_id).where(
                key.column.in_(select(key.parent).where(about(table, user_id)))
            )
        found.update(await session.scalars(wanted.distinct()))
    found.update(row.server_id for row in await owed_naming(session, user_id))
    return sorted(found)


async def counts(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None
) -> dict[str, int]:
    """Return how many rows each table holds about a person, by the table's name."""
    found: dict[str, int] = {}
    for table in tables():
        wanted = select(func.count()).select_from(table).where(about(table, user_id, server_ids))
        found[table.name] = await session.scalar(wanted) or 0
    return {name: count for name, count in found.items() if count}


async def rows(
    session: AsyncSession, table: Table, user_id: int, server_ids: Sequence[int] | None
) -> list[dict[str, Any]]:
    """Return the table's rows about a person, ready for JSON; other people's ids are left out."""
    found = await session.execute(select(table).where(about(table, user_id, server_ids)))
    return [
        {
            name: _others_out(value, user_id) if name in WRITTEN_BY_HEARTH else _plain(value)
            for name, value in row.items()
            if _own(name, value, user_id) and not (name in WORDED and _others(table, row, user_id))
        }
        for row in found.mappings()
    ]


async def owed_naming(
    session: AsyncSession, user_id: int, server_ids: Sequence[int] | None = None
) -> list[OutboxMessage]:
    """Return messages that are still owed and name a person in their text."""
    wanted = select(OutboxMessage).where(OutboxMessage.content.contains(str(user_id)))
    if server_ids is not None:
        wanted = wanted.where(OutboxMessage.server_id.in_(server_ids))
    whole = re.compile(rf"(?<!\d){user_id}(?!\d)")
    return [row for row in await session.scalars(wanted) if whole.search(row.content)]


def described(settings: Settings) -> Iterator[tuple[Table, str, str]]:
    """Yield each of these tables with its purpose and its erase rule, days as they are set."""
    for table in tables():
        yield table, table.info["purpose"], erase_rule(table, settings)


def erase_rule(table: Table, settings: Settings) -> str:
    """Return when a table's rows go, with the days that the settings name filled in."""
    days = {name: value for name, value in settings if name.endswith("_days")}
    return str(table.info["erase"]).format(**days)


def _own(name: str, value: Any, user_id: int) -> bool:
    return name not in PEOPLE or value == user_id


def _others(table: Table, row: Mapping[Any, Any], user_id: int) -> bool:
    """Return whether the words in a row are somebody else's: of whom it is about."""
    author = WORDS.get(table.name)
    return author is not None and row[author] != user_id


def _others_out(value: Any, user_id: int) -> Any:
    """Return a text without any id of Discord's but the person's own."""
    if not isinstance(value, str):
        return _plain(value)
    return DISCORD_ID.sub(lambda found: found[0] if int(found[0]) == user_id else "…", value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
