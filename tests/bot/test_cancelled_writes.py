"""Who is cancelled in the middle of a write or a read holds up nobody after them."""

import asyncio
import logging

import pytest
from sqlalchemy import select, text

from bot.database import Database
from models import AppState

TURNS = range(0, 400, 4)  # of the loop; a small write takes some hundred while its thread works
READ_TURNS = range(0, 1200, 3)
SOON = 5.0  # real seconds; SQLite's own busy timeout is six times that


async def test_the_next_writer_gets_its_turn(database: Database) -> None:
    """Cancelled at whatever turn of the loop, a write is whole or not there, and the lock free."""
    whole = 0
    for turn in TURNS:

        async def write(name: str = f"n{turn}") -> None:
            async with database.writing() as session:
                session.add(AppState(name=name, value="first"))
                await session.flush()
                await session.execute(text("select 1"))
                session.add(AppState(name=f"{name}-too", value="second"))

        writing = asyncio.create_task(write())
        for _ in range(turn):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
        async with asyncio.timeout(SOON), database.writing() as session:
            session.add(AppState(name=f"after{turn}", value="x"))
            names = {f"n{turn}", f"n{turn}-too"}
            found = await session.scalars(select(AppState.name).where(AppState.name.in_(names)))
            there = set(found)
        assert there in (set[str](), names)
        whole += bool(there)
    assert 0 < whole < len(TURNS)


async def test_a_cancelled_read_ends_in_peace(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Cancelled at whatever turn of the loop, a read leaves its connection whole and no error."""
    whole = 0
    for turn in READ_TURNS:

        async def read() -> None:
            async with database.reading() as session:
                await session.execute(text("select 1"))

        reading = asyncio.create_task(read())
        for _ in range(turn):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        whole += not reading.cancelled()
    async with asyncio.timeout(SOON), database.reading() as session:
        assert await session.scalar(text("select 1")) == 1
    assert 0 < whole < len(READ_TURNS)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
