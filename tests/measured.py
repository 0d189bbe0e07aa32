"""Figures for tests of what is shown of health: straight lines whose every value is known."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.health import SERVER, Figure, Series, Silent, Week, silent
from models import HealthFigure, Server

WEEK = Week(date(2026, 2, 16))  # the last whole week of that month
WEEKS = 20


def line(
    measure: str,
    value: float,
    *,
    rise: float = 0.0,
    half: float = 0.05,
    weeks: int = WEEKS,
    last: Week = WEEK,
) -> Series:
    """Return a measure that rises by so much each week up to `value`; `half` its interval."""
    points: list[tuple[Week, Figure]] = []
    for number, week in enumerate(last.window(weeks)):
        then = value - rise * (weeks - 1 - number)
        points.append((week, Figure(measure, 30, then, max(then - half, 0.0), then + half)))
    return Series(measure, tuple(points))


def unsaid(measure: str, why: Silent, last: Week = WEEK) -> Series:
    """Return a measure that said nothing, week by week."""
    return Series(measure, tuple((week, silent(measure, 0, why)) for week in last.window(WEEKS)))


def lines(*some: Series) -> dict[str, Series]:
    """Return series by measure."""
    return {one.measure: one for one in some}


def usual(last: Week = WEEK, **values: float) -> dict[str, Series]:
    """Return what a group usually has; `values` change a measure's."""
    found = {
        "homes": 40.0,
        "active": 0.45,
        "conversations": 12.0,
        "repeat": 0.5,
        "answered": 0.8,
        "peer": 0.75,
        **values,
    }
    return {
        key: line(key, value, half=2.0 if value > 1 else 0.05, last=last)
        for key, value in found.items()
    }


async def written(
    session: AsyncSession,
    server_id: int,
    by_group: Mapping[int, Mapping[str, Series]],
    last: Week = WEEK,
) -> None:
    """Put figures into the tables, as if their weeks had been closed; SERVER stands for all."""
    server = await session.get_one(Server, server_id)
    server.health_week = last.key
    for group_id, measures in by_group.items():
        for series in measures.values():
            session.add_all(_rows(server_id, group_id, series.points))
    await session.flush()


def _rows(
    server_id: int, group_id: int, points: Sequence[tuple[Week, Figure]]
) -> list[HealthFigure]:
    return [
        HealthFigure(
            server_id=server_id,
            group_id=group_id,
            week=week.key,
            measure=figure.measure,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            people=figure.people,
            silent=figure.silent,
        )
        for week, figure in points
    ]


EVERYWHERE = SERVER
