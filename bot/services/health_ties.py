"""Figures of who goes on answering whom: read from ties, group by group; pairs are not kept."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_ties as rules
from bot.rules.health import FEWEST, MEASURES, SERVER, Closing, Figure, Reckoned, Week, said, silent
from bot.rules.health_pooling import pooled
from bot.rules.health_ties import Answers, Pairs
from bot.services.health_windows import seed, with_silences
from models import Base, Tie

LATELY, WINDOW = MEASURES["reciprocity"].weeks, MEASURES["repeat"].weeks


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return how much is answered back, and how many pairs talk again, of groups and of all."""
    found: list[Reckoned] = []
    back: list[Pairs] = []
    again: list[Pairs] = []
    for group in closing.groups:
        rows = await session.execute(
            select(Tie.low_id, Tie.high_id, Tie.week, Tie.low_answered, Tie.high_answered).where(
                Tie.group_id == group.group_id,
                Tie.week >= closing.week.later(1 - WINDOW).key,
                Tie.week <= closing.week.key,
                Tie.low_answered + Tie.high_answered > 0,
            )
        )
        both = await asyncio.to_thread(_reckon, closing, group.group_id, rows.all())
        back.append(both[0])
        again.append(both[1])
        found.append(Reckoned(group.group_id, _said("reciprocity", both[0])))
        found.append(Reckoned(group.group_id, _said("repeat", both[1])))
    found.append(Reckoned(SERVER, _said("reciprocity", _together(back))))
    found.append(Reckoned(SERVER, _said("repeat", _together(again))))
    return [*with_silences(closing, found)]


def _reckon(
    closing: Closing, group_id: int, rows: Sequence[tuple[int, int, str, int, int]]
) -> tuple[Pairs, Pairs]:
    answers = [
        Answers(low, high, Week.keyed(week), there, back) for low, high, week, there, back in rows
    ]
    since = closing.week.later(1 - LATELY)
    return (
        rules.reciprocity(
            (one for one in answers if one.week >= since), seed(closing, group_id, "reciprocity")
        ),
        rules.repeat(answers, closing.week.later(1 - WINDOW), seed(closing, group_id, "repeat")),
    )


def _together(groups: Sequence[Pairs]) -> Pairs:
    """Return what groups of five people and more show together, each by its weight."""
    told = [one for one in groups if one.people >= FEWEST]
    parts = [(one.share, one.weight) for one in told if one.share is not None]
    people = sum(one.people for one in told)
    return Pairs(people, sum(one.weight for one in told), pooled(parts))


def _said(measure: str, found: Pairs) -> Figure:
    if found.share is None:
        return silent(measure, found.people, "nothing")
    return said(measure, found.people, found.share)
