"""Insert or, where the row is there already, change it: in one statement, on both databases."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from models import Base

Upsert = sqlite.Insert | postgresql.Insert


def upsert(session: AsyncSession, table: type[Base]) -> Any:
    """Return an INSERT for `table` that knows `.on_conflict_do_update` and `.excluded`.

    SQLite and PostgreSQL spell it alike; each has a class of its own in SQLAlchemy.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
