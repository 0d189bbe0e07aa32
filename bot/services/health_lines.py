"""The figures of the last year as lines: of a large server a quarter of a million of them.

They are read as plain rows, in pieces, and put in order in a thread: whoever looks at them stops
nobody else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.health import Figure, Series, Silent, Week, series
from models import HealthFigure, Server

SHOWN_WEEKS = 52
AT_ONCE = 2_000  # rows; then others have their turn

Lines = defaultdict[int, dict[str, Series]]
"""By group (`SERVER`: the server's own), each measure's series."""


async def read_lines(
    session: AsyncSession,
    server_id: int,
    group_id: int | None = None,
    *,
    weeks: int = SHOWN_WEEKS,
) -> Lines:
    """Return each measure's series of the last weeks, of every group and the server, or of one."""
    server = await session.get_one(Server, server_id)
    if server.health_week is None:
        return defaultdict(dict)
    since = Week.keyed(server.health_week).later(1 - weeks)
    wanted = select(
        HealthFigure.group_id,
        HealthFigure.week,
        HealthFigure.measure,
        HealthFigure.people,
        HealthFigure.value,
        HealthFigure.low,
        HealthFigure.high,
        HealthFigure.silent,
    ).where(HealthFigure.server_id == server_id, HealthFigure.week >= since.key)
    if group_id is not None:
        wanted = wanted.where(HealthFigure.group_id == group_id)
    rows: list[Any] = []
    found = await session.stream(wanted.execution_options(yield_per=AT_ONCE))
    async for some in found.partitions():
        rows += some
        await asyncio.sleep(0)
    return await asyncio.to_thread(_in_order, rows)


def _in_order(rows: Iterable[Any]) -> Lines:
    found: defaultdict[int, defaultdict[str, list[tuple[Week, Figure]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    weeks: dict[str, Week] = {}
    for group_id, key, measure, people, value, low, high, why in rows:
        week = weeks.get(key)
        if week is None:
            week = weeks[key] = Week.keyed(key)
        figure = Figure(measure, people, value, low, high, _why(why))
        found[group_id][measure].append((week, figure))
    lines: Lines = defaultdict(dict)
    for whose, by_measure in found.items():
        for measure, figures in by_measure.items():
            line = series(measure, figures)
            if line is not None:
                lines[whose][measure] = line
    return lines


def _why(text: str | None) -> Silent | None:
    """Return why a figure is silent, as the table keeps it."""
    match text:
        case "few" | "young" | "nothing" | "blind":
            return text
        case _:
            return None
