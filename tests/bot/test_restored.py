"""A bot that starts on restored tables takes nothing away from who moved in since the backup."""

from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import backups
from bot.database import Database
from bot.settings import Settings
from models import FailedEffect, Membership, OutboxMessage
from tests.bot.harbour import Harbour
from tests.bot.harbour import harbour as opened


@pytest.fixture(name="harbour")
async def fixture_harbour(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server and its tables."""
    async with opened(laid, now) as made:
        yield made


async def test_who_moved_in_since_the_backup_keeps_the_key(
    harbour: Harbour, settings: Settings, tmp_path: Path
) -> None:
    """Their role stays, the owners are asked, and with a home again everything is as it should."""
    to = tmp_path / "copy.db"
    await harbour.start()
    group = await harbour.group("Riverside")
    early, late = await harbour.person("Early"), await harbour.person("Late")
    await harbour.lives(early, group)
    await harbour.sandbox.settle()
    backups.backup(settings.database, to)
    await harbour.lives(late, group)
    await harbour.sandbox.settle()
    room = await harbour.room(group)
    assert late.sees(room)
    await harbour.stop()

    await backups.restore(settings.database, to, harbour.now)
    await harbour.start()
    assert early.sees(room)
    assert late.sees(room)
    async with harbour.tables.reading() as session:
        assert set(await session.scalars(select(Membership.user_id))) == {early.id}
        assert list(await session.scalars(select(FailedEffect.subject))) == ["server"]

    await harbour.lives(late, group)
    await harbour.sandbox.settle()
    assert late.sees(room)
    await harbour.stop()


async def test_what_was_owed_is_looked_for_before_it_is_sent(
    harbour: Harbour, settings: Settings, tmp_path: Path
) -> None:
    """A message of the backup that may have been sent since is in doubt."""
    to = tmp_path / "copy.db"
    async with harbour.writing() as session:
        session.add(
            OutboxMessage(
                server_id=harbour.guild.id,
                kind="welcome",
                key="k",
                place="commons",
                content="{}",
                created_at=harbour.now,
                due_at=harbour.now,
                expires_at=harbour.now,
            )
        )
    backups.backup(settings.database, to)
    await backups.restore(settings.database, to, harbour.now)
    async with Database.open(settings.database) as tables, tables.reading() as session:
        row = (await session.scalars(select(OutboxMessage))).one()
        assert (row.state, row.claimed_at) == ("claimed", row.created_at)
