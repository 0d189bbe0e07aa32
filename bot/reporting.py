"""`report` on the command line: how a server is doing, as a page to hand on, and as a table.

The page is one file: pictures stand in it, drawn for light and for dark screens, and it needs
nothing from the network.
"""

import asyncio
import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.database import Database
from bot.errors import CannotStart
from bot.pictures import drawn, words_of
from bot.rules import report_page
from bot.rules.health import MEASURES
from bot.rules.message import Line, Picture
from bot.rules.monthly import Month
from bot.rules.report_page import Cell, Page
from bot.services import health, monthly_report, servers
from bot.services.health_sights import map_of, staying_in
from bot.texts import Say, catalogue

NOTHING = 1  # the exit's status when there is nothing to tell
WRONG = 2


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report stands, and how many pictures the page holds."""

    page: Path
    sheet: Path
    pictures: int


async def report(
    database: Database,
    out: Path,
    *,
    now: datetime,
    server_id: int | None = None,
    month: str | None = None,
    title: str = "",
) -> Written:
    """Write a server's report into the folder `out`, which is made where it is not there.

    `month` ("2026-03") tells of its last whole week; without one the last that was closed. Raises
    CannotStart for what cannot be told, or written.
    """
    say = catalogue()
    wanted = _month(month, say)
    async with database.reading() as session:
        chosen = await _server(session, server_id)
        say = catalogue(await servers.language_of(session, chosen))
        if wanted is None:
            found = await health.of_server(session, chosen)
        else:
            found = await monthly_report.as_of(session, chosen, wanted)
        sights = await map_of(session, found)
        staying = await staying_in(session, chosen, found.week)
    groups = monthly_report.beside(found)
    page = await asyncio.to_thread(report_page.page, found.lines, groups, sights, staying)
    if page is None:
        known = "report.nothing_now" if found.lines else "report.nothing"
        key = known if wanted is None else "report.nothing_of"
        raise CannotStart(say(key, month=month), status=NOTHING)
    name = "health" if wanted is None else f"health-{wanted.key}"
    sheet, html = out / f"{name}.csv", out / f"{name}.html"
    pictures = await _pictures(page, say)
    shown = _rendered(page, pictures, say, title=title, sheet=sheet.name, today=now.date())
    table = report_page.sheet(found.lines, groups, say("report.not_listed"))
    try:
        await asyncio.to_thread(_write, {html: shown, sheet: table})
    except OSError as error:
        raise CannotStart(f"{out} cannot be written: {error.strerror}.", status=WRONG) from None
    return Written(html, sheet, len(pictures))


def _month(typed: str | None, say: Say) -> Month | None:
    if typed is None:
        return None
    try:
        return Month.keyed(typed)
    except ValueError:
        raise CannotStart(say("report.month_wrong", month=typed), status=WRONG) from None


async def _server(session: Any, server_id: int | None) -> int:
    """Return the server that is meant: the one there is, if none was named."""
    known = await servers.all_ids(session)
    shown = ", ".join(map(str, known)) or "none; begin with /hearth setup in Discord"
    if server_id is None:
        if len(known) == 1:
            return known[0]
        raise CannotStart(f"Say which server with --server: {shown}.", status=WRONG)
    if server_id in known:
        return server_id
    raise CannotStart(f"Server {server_id} is not set up. There are: {shown}.", status=WRONG)


Shown = Mapping[str, Any]


async def _pictures(page: Page, say: Say) -> dict[int, Shown]:
    """Draw every picture of the page for both kinds of screen; by the picture's identity."""
    found: dict[int, Shown] = {}
    for one in (page.groups, page.weeks, page.map, page.staying, *page.looks):
        if one is None:
            continue
        light = await drawn([one], say, "light")
        dark = await drawn([one], say, "dark")
        if light and dark:
            width, height = struct.unpack(">II", light[0].content[16:24])  # a PNG's head
            found[id(one)] = {
                "light": _inline(light[0].content),
                "dark": _inline(dark[0].content),
                "words": words_of(one, say),
                "width": width // 2,
                "height": height // 2,
            }
    return found


def _inline(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def _rendered(
    page: Page,
    pictures: Mapping[int, Shown],
    say: Say,
    *,
    title: str,
    sheet: str,
    today: date,
) -> str:
    def one(picture: Picture | None) -> Shown | None:
        return pictures.get(id(picture))

    def plain(line: Line) -> str:
        return report_page.plain(say(line.key, **line.params))

    wide = [("report.groups", one(page.groups)), ("report.weeks", one(page.weeks))]
    unlisted = say("report.not_listed")
    return _template().render(
        say=say,
        language=say("report.language"),
        title=say("report.title", title=title or say("report.title_plain")),
        until=_dated("report.until", report_page.day_of(page.week), say),
        sentences=[report_page.split(say(s.key, **s.params)) for s in page.sentences],
        cards=[{**_shown(c, say), "name": say(f"health.name_{c.measure}")} for c in page.cards],
        pictures=[(say(key), picture) for key, picture in wide if picture is not None],
        columns=[say(f"health.name_{key}") for key in page.columns],
        rows=[
            {
                "name": unlisted if row.name is None else row.name,
                "cells": [_shown(cell, say) for cell in row.cells],
            }
            for row in page.rows
        ],
        map=one(page.map),
        lent=[(a or unlisted, b or unlisted, people) for a, b, people in page.lent],
        staying=one(page.staying),
        staying_words=[plain(line) for line in page.staying_words],
        looks=[shown for shown in map(one, page.looks) if shown is not None],
        meanings=_meanings(page.measures, say),
        made=_dated("report.made", today, say, file=sheet),
    )


def _shown(cell: Cell, say: Say) -> dict[str, str]:
    sure = "" if cell.sure is None else say(cell.sure.key, **cell.sure.params)
    now = say(cell.now.key, **cell.now.params)
    return {"now": now, "sure": sure, "way": cell.way, "good": cell.good}


def _meanings(measures: Sequence[str], say: Say) -> list[dict[str, str]]:
    return [
        {
            "name": say(f"health.name_{key}"),
            "what": say(f"report.what_{key}"),
            "weeks": say("report.window_weeks", n=MEASURES[key].weeks),
        }
        for key in measures
    ]


def _dated(key: str, day: date, say: Say, **more: str) -> str:
    month = say(f"report.month_{day.month}")
    return say(key, day=day.day, month=month, year=day.year, **more)


def _write(files: Mapping[Path, str]) -> None:
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


@cache
def _template() -> Any:
    pages = Environment(
        loader=PackageLoader("bot", "pages"), autoescape=True, undefined=StrictUndefined
    )
    return pages.get_template("report.html.j2")
