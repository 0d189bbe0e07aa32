"""What is asked for is seen in the tables and taken back: the table of rights rests on that."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import datetime

import pytest

from bot.database import Database
from bot.settings import Settings
from bot.storage.migrating import file_of
from models import Server
from tests.rights.tables import Tables

COMES = "UPDATE server SET id = 4 WHERE id = 3"
GOES = "DELETE FROM server WHERE id = 2"
CHANGES = "UPDATE server SET added_at = '2026-01-01 00:00:00.000000' WHERE id = 1"


@pytest.fixture
async def tables(laid: Settings, now: datetime) -> AsyncGenerator[Tables]:
    """Tables with three servers in them."""
    async with Database.open(laid.database) as database, database.writing() as session:
        session.add_all(Server(id=number, added_at=now) for number in (1, 2, 3))
    with closing(at(laid)) as opened:
        yield opened


def at(settings: Settings) -> Tables:
    """Open the tables."""
    file = file_of(settings.database)
    assert file is not None
    return Tables(file)


def written(settings: Settings, *statements: str) -> None:
    """Write as a bot does, by another connection."""
    file = file_of(settings.database)
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        for statement in statements:
            other.execute(statement)


def test_what_came_went_or_changed_is_seen_and_put_back(laid: Settings, tables: Tables) -> None:
    """Row by row, as it was and as it is; nothing of it is left afterwards."""
    before = tables.mark()
    assert tables.changes() == {}
    written(laid, COMES, GOES, CHANGES)
    changes = tables.changes()
    assert set(changes) == {"server"}
    assert sorted(str(row[0]) for row in changes["server"]) == ["1", "1", "2", "3", "4"]
    tables.back()
    assert tables.changes() == {}
    with closing(at(laid)) as others:
        assert others.mark() == before


def test_the_ground_is_what_stood_there_first(laid: Settings, tables: Tables) -> None:
    """A scene is taken away with all that happened in it."""
    before = tables.mark()
    written(laid, COMES)
    tables.keep()
    assert tables.changes() == {}
    written(laid, GOES)
    assert set(tables.changes()) == {"server"}
    tables.clear()
    assert tables.changes() == {}
    with closing(at(laid)) as others:
        assert others.mark() == before
