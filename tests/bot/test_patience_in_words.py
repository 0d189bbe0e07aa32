"""Patience was a number of days; what owners had chosen goes on in words."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.migrating import migrate
from tests.bot.test_migrations import fill, raise_to, url_of

DAYS = {8: "soon", 13: "usual", 14: "late"}


def test_days_become_the_nearest_word(tmp_path: Path) -> None:
    """A week is soon, two weeks are late."""
    file = tmp_path / "old.db"
    raise_to(file, "0004")
    fill(file)
    with closing(sqlite3.connect(file)) as tables:
        ids = [row[0] for row in tables.execute("SELECT id FROM group_type ORDER BY id")]
        chosen = dict(zip(ids, DAYS, strict=True))
        for type_id, days in chosen.items():
            tables.execute("UPDATE group_type SET patience_days = ? WHERE id = ?", (days, type_id))
        tables.commit()
    asyncio.run(migrate(url_of(file)))
    with closing(sqlite3.connect(file)) as tables:
        found = dict(tables.execute("SELECT id, patience FROM group_type"))
        columns = [row[1] for row in tables.execute("PRAGMA table_info(group_type)")]
    assert found == {type_id: DAYS[days] for type_id, days in chosen.items()}
    assert "patience_days" not in columns
