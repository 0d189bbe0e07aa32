"""Transactions and migrations keep their promises on a real SQLite."""

import asyncio
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import Database, migrate, note_after_commit
from bot.settings import Settings
from models import Base, GroupType, Member, Server

KEY = 5


async def test_the_migrations_make_what_the_models_say(laid: Settings) -> None:
    """Nobody has to remember a migration: a difference fails here."""
    engine = create_async_engine(laid.database)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_every_constraint_keeps_its_name(laid: Settings) -> None:
    """Named constraints survive on SQLite, so that a later migration finds them."""
    engine = create_async_engine(laid.database)

    def names(connection: Connection) -> set[str]:
        found: set[str] = set()
        looking = inspect(connection)
        for table in looking.get_table_names():
            found.update(str(c["name"]) for c in looking.get_check_constraints(table))
            found.update(str(c["name"]) for c in looking.get_unique_constraints(table))
            found.update(str(c["name"]) for c in looking.get_foreign_keys(table))
        return found

    async with engine.connect() as connection:
        there = await connection.run_sync(names)
    await engine.dispose()
    assert "None" not in there
    wanted = {
        str(constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert wanted <= there


async def test_migrating_twice_does_nothing(laid: Settings, tmp_path: Path) -> None:
    """A start on tables that are up to date copies no file."""
    await migrate(laid.database)
    assert not any("before" in name for name in os.listdir(tmp_path))  # noqa: PTH208 - see above


async def test_what_is_noted_is_told_after_the_commit_and_only_then(
    database: Database, now: datetime
) -> None:
    """No effect starts inside a transaction, and none at all when it is rolled back."""
    told: list[set[Any]] = []
    database.after_commit = told.append
    async with database.writing() as session:
        session.add(Server(id=KEY, added_at=now))
        note_after_commit(session, "look")
        assert told == []
    assert told == [{"look"}]

    async def fail() -> None:
        async with database.writing() as session:
            note_after_commit(session, "never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert told == [{"look"}]


async def test_many_writers_queue_and_none_fails(database: Database, now: datetime) -> None:
    """A hundred transactions that read before they write all go through, none on stale data."""
    async with database.writing() as session:
        session.add(Server(id=KEY, added_at=now))
        await session.flush()
        session.add(Member(server_id=KEY, user_id=1, moves=0))

    async def count_up() -> None:
        async with database.writing() as session:
            member = await session.get_one(Member, (KEY, 1))
            await asyncio.sleep(0)
            member.moves += 1

    await asyncio.gather(*(count_up() for _ in range(100)))
    async with database.reading() as session:
        assert await session.scalar(select(Member.moves)) == 100


async def test_a_reader_does_not_wait_for_a_writer(database: Database, now: datetime) -> None:
    """While a transaction writes, others read what was committed before."""
    async with database.writing() as writing:
        writing.add(Server(id=KEY, added_at=now))
        await writing.flush()
        async with database.reading() as reading:
            assert await reading.get(Server, KEY) is None
    async with database.reading() as reading:
        assert await reading.get(Server, KEY) is not None


async def test_foreign_keys_are_on(database: Database) -> None:
    """A row without its parent is refused."""
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(Member(server_id=404, user_id=1))


async def test_moments_are_aware_and_in_utc(database: Database) -> None:
    """Whatever zone a moment is given in, it comes back as the same moment in UTC."""
    moment = datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=2)))
    async with database.writing() as session:
        session.add(Server(id=KEY, added_at=moment))
    async with database.reading() as session:
        stored = (await session.get_one(Server, KEY)).added_at
    assert (stored, stored.tzinfo) == (moment, UTC)
    with pytest.raises(StatementError):
        async with database.writing() as session:
            session.add(Server(id=KEY + 1, added_at=datetime(2026, 3, 2)))  # noqa: DTZ001 - the naive moment that is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"cap": 9},
        {"cap": 151},
        {"cap": 20, "minimum": 11},
        {"minimum": 4},
        {"access": "overwrites", "cap": 150},
    ],
)
async def test_the_tables_hold_the_caps_by_themselves(
    database: Database, now: datetime, wrong: dict[str, Any]
) -> None:
    """A group type outside Dunbar's and Discord's bounds cannot be stored, whoever tries."""
    async with database.writing() as session:
        session.add(Server(id=KEY, added_at=now))
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(GroupType(server_id=KEY, name="x", name_key="x", kind="interest", **wrong))


def test_every_table_states_its_purpose_and_its_erase_rule() -> None:
    """Nothing is kept without a reason and an end."""
    for table in Base.metadata.tables.values():
        assert table.info.get("purpose"), table.name
        assert table.info.get("erase"), table.name
