"""Figures of who goes on answering whom: read from ties, group by group; pairs are not kept."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_ties as rules
from bot.rules.health import FEWEST, MEASURES, SERVER, Closing, Figure, Reckoned, Week, said, silent
from bot.rules.health_pooling import pooled
from bot.rules.health_ties import Pair, Told
from bot.services.health_windows import seed, with_silences
from models import Base, Tie

Row = tuple[int, int, int, int, int]
LATELY, WINDOW = MEASURES["reciprocity"].weeks, MEASURES["repeat"].weeks


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return how much is answered back, and how many pairs talk again, of groups and of all."""
    found: list[Reckoned] = []
    back: list[Told] = []
    again: list[Told] = []
    for group in closing.groups:
        rows = await session.execute(_pairs(group.group_id, closing.week))
        both = await asyncio.to_thread(_reckon, closing, group.group_id, rows.all())
        back.append(both[0])
        again.append(both[1])
        found.append(Reckoned(group.group_id, _said("reciprocity", both[0])))
        found.append(Reckoned(group.group_id, _said("repeat", both[1])))
    found.append(Reckoned(SERVER, _said("reciprocity", _together(back))))
    found.append(Reckoned(SERVER, _said("repeat", _together(again))))
    return [*with_silences(closing, found)]


def _pairs(group_id: int, last: Week) -> Select[int, int, int, int, int]:
    """Return the statement for each pair's answers of late, and the weeks in which they talked.

    Those come as the sum of 2 to the power of their numbers.
    """
    window = last.window(WINDOW)
    late = Tie.week >= last.later(1 - LATELY).key
    bits = {week.key: 1 << number for number, week in enumerate(window)}
    talked = (Tie.low_answered > 0) & (Tie.high_answered > 0)
    return (
        select(
            Tie.low_id,
            Tie.high_id,
            func.sum(case((late, Tie.low_answered), else_=0)),
            func.sum(case((late, Tie.high_answered), else_=0)),
            func.sum(case((talked, case(bits, value=Tie.week, else_=0)), else_=0)),
        )
        .where(
            Tie.group_id == group_id,
            Tie.week.in_(bits),
            Tie.low_answered + Tie.high_answered > 0,
        )
        .group_by(Tie.low_id, Tie.high_id)
        .order_by(Tie.low_id, Tie.high_id)
    )


def _reckon(closing: Closing, group_id: int, rows: Sequence[Row]) -> tuple[Told, Told]:
    pairs = [
        Pair(low, high, there, back, frozenset(n for n in range(WINDOW) if weeks >> n & 1))
        for low, high, there, back, weeks in rows
    ]
    return (
        rules.reciprocity(pairs, seed(closing, group_id, "reciprocity")),
        rules.repeat(pairs, seed(closing, group_id, "repeat")),
    )


def _together(groups: Sequence[Told]) -> Told:
    """Return what groups of five people and more show together, each by its weight."""
    told = [one for one in groups if one.people >= FEWEST]
    parts = [(one.share, one.weight) for one in told if one.share is not None]
    people = sum(one.people for one in told)
    return Told(people, sum(one.weight for one in told), pooled(parts))


def _said(measure: str, found: Told) -> Figure:
    if found.share is None:
        return silent(measure, found.people, "nothing")
    return said(measure, found.people, found.share)
