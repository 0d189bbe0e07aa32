"""`python -m bot report`: a page that stands alone, and every figure beside it."""

import csv
import re
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from bot import reporting
from bot.database import Database
from bot.errors import CannotStart
from bot.rules.health import MEASURES, SERVER, Series
from models import Group, GroupType, Lent, Server
from tests.bot.commandline import command
from tests.measured import WEEK, line, lines, unsaid, usual, written
from trials import look

HARBOUR, OTHER = 9_000, 9_001
HOSTILE = "<script>alert(1)</script> & 'x' \"y\""


class Page(HTMLParser):
    """What stands in a page: tags with their attributes, and what is to be read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.read = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Take in what is read."""
        self.read += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return every tag of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


async def harbour(database: Database, now: datetime) -> None:
    """Put a measured server into the tables: one group hostile by name, one that is not listed."""
    alone = lines(line("lends", 0, half=0), line("borrows", 0, half=0))
    async with database.writing() as session:
        session.add(Server(id=HARBOUR, added_at=now))
        await session.flush()
        for type_id, listed in ((1, True), (2, False)):
            session.add(
                GroupType(
                    id=type_id,
                    server_id=HARBOUR,
                    name=f"T{type_id}",
                    name_key=f"t{type_id}",
                    kind="interest",
                    listed=listed,
                )
            )
        await session.flush()
        names = ("Riverside", HOSTILE, "=1+1", "Secret garden")
        for number, name in enumerate(names, 1):
            session.add(
                Group(
                    id=number,
                    server_id=HARBOUR,
                    type_id=2 if number == 4 else 1,
                    name=name,
                    name_key=name.casefold(),
                    cap=50,
                    homes=20,
                    state="open",
                    created_at=now,
                )
            )
        await session.flush()
        session.add(
            Lent(server_id=HARBOUR, week=WEEK.key, from_group_id=1, to_group_id=4, people=7)
        )
        falls = {**usual(), "active": line("active", 0.3, rise=-0.02)}
        by_group = {SERVER: usual(), 1: usual(), 2: falls, 3: {**usual(), **alone}, 4: usual()}
        await written(session, HARBOUR, by_group)


async def test_the_page_stands_alone_and_can_be_read_by_everybody(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """Nothing is loaded from elsewhere; every picture has its sentences; headings are in order."""
    await harbour(database, now)
    out = tmp_path / "reports" / "new"
    made = await reporting.report(database, out, now=now, title="Harbour & friends")
    text = made.page.read_text(encoding="utf-8")
    page = Page(text)
    assert "How Harbour & friends is doing" in page.read
    assert "Weeks until 22 February 2026" in page.read
    pictures = page.all("img")
    assert len(pictures) == made.pictures == 4
    for picture in pictures:
        alt, source = picture["alt"] or "", picture["src"] or ""
        assert len(alt) > 40
        assert alt.endswith(".")
        assert source.startswith("data:image/png;base64,")
    assert len(page.all("source")) == len(pictures), "one for dark screens, each"
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:)|url\(|@import|https?:", text)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") for cell in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"


async def test_names_are_written_as_they_are_and_do_nothing(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """A name made of HTML is read; one that is not listed is nowhere, in the page or the table."""
    await harbour(database, now)
    made = await reporting.report(database, tmp_path, now=now)
    text = made.page.read_text(encoding="utf-8")
    page = Page(text)
    assert page.all("script") == []
    assert HOSTILE in page.read
    table = made.sheet.read_text(encoding="utf-8")
    assert "Secret" not in text + table
    assert "A group that is not listed" in page.read
    assert "A group that is not listed" in table


async def test_every_figure_stands_in_the_table(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """Week by week, with unit, interval, people and why it is silent; no cell is a formula."""
    await harbour(database, now)
    async with database.writing() as session:
        await written(session, HARBOUR, {1: lines(unsaid("rituals", "few"))})
    made = await reporting.report(database, tmp_path, now=now)
    with made.sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    last = [row for row in rows if row["week"] == WEEK.key]
    assert {row["measure"] for row in last} <= MEASURES.keys()
    (active,) = [row for row in last if (row["group_id"], row["measure"]) == ("2", "active")]
    assert (active["value"], active["low"], active["high"]) == ("0.3", "0.25", "0.35")
    assert (active["unit"], active["people"], active["silent"]) == ("share", "30", "")
    (silent,) = [row for row in last if row["measure"] == "rituals"]
    assert (silent["value"], silent["people"], silent["silent"]) == ("", "", "few")
    assert {row["group"] for row in rows if row["group_id"] == "3"} == {"'=1+1"}
    assert {row["group"] for row in rows if row["group_id"] == "0"} == {""}


async def test_a_month_is_told_as_it_was(database: Database, now: datetime, tmp_path: Path) -> None:
    """Its own file, and nothing of what came later; a month of which nothing is known says so."""
    await harbour(database, now)
    made = await reporting.report(database, tmp_path, now=now, month="2026-01")
    assert made.page.name == "health-2026-01.html"
    assert "Weeks until 25 January 2026" in Page(made.page.read_text(encoding="utf-8")).read
    assert WEEK.key not in made.sheet.read_text(encoding="utf-8")
    for month, words in (("2025-02", "nothing to tell of 2025-02"), ("March", "is no month")):
        with pytest.raises(CannotStart, match=words):
            await reporting.report(database, tmp_path, now=now, month=month)


async def test_a_week_that_was_not_heard_does_not_cost_the_month(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """The week before is told; and who asks for the last week hears why there is nothing."""
    before = WEEK.later(-1)
    async with database.writing() as session:
        session.add(Server(id=HARBOUR, added_at=now))
        await session.flush()
        await written(session, HARBOUR, {SERVER: usual(last=before)}, before)
        silent = {key: Series(key, unsaid(key, "blind").points[-1:]) for key in usual()}
        await written(session, HARBOUR, {SERVER: silent})
    made = await reporting.report(database, tmp_path, now=now, month="2026-02")
    assert "Weeks until 15 February 2026" in Page(made.page.read_text(encoding="utf-8")).read
    with pytest.raises(CannotStart, match="nothing to tell of the last whole week"):
        await reporting.report(database, tmp_path, now=now)


async def test_which_server_is_said_where_there_are_several(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """With none measured there is nothing to tell; a server that is not there is named."""
    with pytest.raises(CannotStart, match="begin with /hearth setup"):
        await reporting.report(database, tmp_path, now=now)
    await harbour(database, now)
    async with database.writing() as session:
        session.add(Server(id=OTHER, added_at=now))
    with pytest.raises(CannotStart, match=f"--server: {HARBOUR}, {OTHER}"):
        await reporting.report(database, tmp_path, now=now)
    with pytest.raises(CannotStart, match="Server 5 is not set up"):
        await reporting.report(database, tmp_path, now=now, server_id=5)
    with pytest.raises(CannotStart, match="There is nothing to tell yet") as nothing:
        await reporting.report(database, tmp_path, now=now, server_id=OTHER)
    assert nothing.value.status == reporting.NOTHING
    made = await reporting.report(database, tmp_path, now=now, server_id=HARBOUR)
    assert made.page.is_file()


async def test_a_folder_that_cannot_be_written_is_one_line(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    """Not a stack of calls."""
    await harbour(database, now)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CannotStart, match="taken cannot be written"):
        await reporting.report(database, tmp_path / "taken", now=now)


async def test_the_operator_calls_it_on_the_command_line(tmp_path: Path) -> None:
    """Before there is anything to tell it says so, with a status of its own."""
    ended = await command("report", "--out", str(tmp_path / "out"), folder=tmp_path)
    assert (ended.status, ended.said) == (reporting.WRONG, "")
    assert ended.complained.splitlines()[-1].startswith("Say which server with --server: none")


def test_without_a_browser_nobody_looks_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails neither a machine without Chromium, nor one where no report was made in silence."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look.main([str(tmp_path / "none.html")]) == 0
    assert "No Chromium is here" in capsys.readouterr().out
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    assert look.main([str(tmp_path / "none.html")]) == 1
    assert "There is no report" in capsys.readouterr().out
