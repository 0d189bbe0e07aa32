"""After /privacy forget a person stands nowhere but where it was said that they would."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.services import personal, privacy
from bot.storage.emptying import empty_log
from models import Base, Group, HealthFigure, Membership, Split, SplitSeat, Tie
from tests.services.conftest import Town
from tests.services.everything import JO, LENA, MARA, RIVERSIDE, SERVER, everything
from tests.trust.dumping import cells, in_bytes, rows, standing

# Where it stays, and what people are told of it: `privacy.forgotten_but_bars`.
STAYS = {("bar", "user_id"), ("apart", "high_id")}
OPT_OUT = {("member", "user_id")}


async def fill(session: AsyncSession, town: Town, now: datetime) -> None:
    """Put Mara into every table, beside others."""
    await town(session)
    await everything(session, now, SERVER, RIVERSIDE)
    session.add(Membership(server_id=SERVER, user_id=MARA, group_id=RIVERSIDE, since=now))
    group = await session.get_one(Group, RIVERSIDE)
    group.homes, group.opened_at = group.homes + 1, now
    session.add(
        Tie(
            server_id=SERVER,
            group_id=RIVERSIDE,
            low_id=JO,
            high_id=LENA,
            week="2026-03-02",
            weight=4,
        )
    )
    split = await session.get_one(Split, RIVERSIDE)
    session.add(SplitSeat(split_id=split.id, user_id=JO, child=1, planned=1))
    for measure, value in (("active", 0.5), ("reciprocity", 0.25)):
        session.add(
            HealthFigure(
                server_id=SERVER,
                group_id=RIVERSIDE,
                week="2026-02-23",
                measure=measure,
                value=value,
                people=9,
            )
        )
    await session.flush()


@pytest.mark.parametrize("opted_out", [False, True], ids=["counted", "opted out before"])
async def test_the_id_stands_nowhere(
    database: Database, town: Town, now: datetime, file: Path, *, opted_out: bool
) -> None:
    """Every cell of every table is read, and then the file itself, byte by byte."""
    async with database.writing() as session:
        await fill(session, town, now)
        if opted_out:
            await privacy.opt_out(session, MARA, [SERVER], now)
    before = standing(file, MARA)
    async with database.writing() as session:
        await privacy.forget(session, MARA, [SERVER], now)
    values = list(cells(file))
    assert standing(file, MARA) == STAYS | (OPT_OUT if opted_out else set())
    tables = {table for table, _, _ in values}
    print(  # noqa: T201 - a figure of the suite
        f"{len(Base.metadata.tables)} tables, {len(tables)} with rows, {len(values)} cells read:"
        f" the id stood in {len(before)} columns, and stands in {len(standing(file, MARA))}"
    )
    held = {table for table, _ in before}
    if not opted_out:  # else what was counted is gone already
        assert {table.name for table in personal.tables()} <= held
    assert len(before) > 50


async def test_not_even_the_bytes_are_left(
    database: Database, town: Town, now: datetime, file: Path
) -> None:
    """What SQLite erases is overwritten, and the write-ahead log is emptied once a day."""
    async with database.writing() as session:
        await fill(session, town, now)
        await session.flush()
        for table in ("bar", "apart"):
            named = Base.metadata.tables[table]
            await session.execute(named.delete().where(personal.about(named, MARA)))
    assert in_bytes(file, MARA)
    async with database.writing() as session:
        await privacy.forget(session, MARA, None, now)
    assert empty_log(f"sqlite+aiosqlite:///{file}")
    assert standing(file, MARA) == set()
    assert in_bytes(file, MARA) == []


async def test_emptying_waits_for_who_reads(
    database: Database, town: Town, file: Path, tmp_path: Path
) -> None:
    """While somebody reads, the log is left for the next day; without a file there is nothing."""
    url = f"sqlite+aiosqlite:///{file}"
    async with database.reading() as reader:
        await reader.scalar(select(func.count()).select_from(Group))
        async with database.writing() as session:
            await town(session)
        assert not empty_log(url)
    assert empty_log(url)
    assert not empty_log(f"sqlite+aiosqlite:///{tmp_path}/none.db")
    assert not empty_log("postgresql+asyncpg://nobody@localhost/none")
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no tables, but long enough to be looked at" * 100)
    assert not empty_log(f"sqlite+aiosqlite:///{damaged}")


async def test_everybody_elses_figures_stay_right(
    database: Database, town: Town, now: datetime, file: Path
) -> None:
    """No row that does not name her changes, but for her seat: neither ties nor frozen figures."""
    async with database.writing() as session:
        await fill(session, town, now)
    before = of_others(file)
    async with database.writing() as session:
        await privacy.forget(session, MARA, [SERVER], now)
    after = of_others(file)
    gone = {table: left for table in before if (left := [*before[table]]) and table != "groups"}
    for table, was in gone.items():
        for row in after.get(table, []):
            if row in was:
                was.remove(row)
    assert {table: len(was) for table, was in gone.items() if was} == HANGS_ON_HERS
    (old, new) = (
        next(r for r in found["groups"] if r["id"] == RIVERSIDE) for found in (before, after)
    )
    assert (old["homes"], new["homes"]) == (5, 4)
    assert {name for name in old if old[name] != new[name]} <= {"homes", "visitors"}
    kept = {table: len(found) for table, found in after.items()}
    assert kept["health_figure"] == 2
    assert kept["tie"] == kept["split_seat"] == 1
    print(f"{sum(kept.values())} rows of others in {len(kept)} tables stay")  # noqa: T201 - a figure


# What was made for a row of hers, without naming her: it goes with that row.
HANGS_ON_HERS = {"bud_guest": 1, "concern_reply": 1, "letter_name": 1}


def of_others(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows in which Mara does not stand, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows(file):
        if str(MARA) not in " ".join(map(str, row.values())):
            found.setdefault(table, []).append(row)
    return found
