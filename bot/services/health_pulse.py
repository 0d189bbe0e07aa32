"""What pulses say of groups and of the server: from four weeks after they closed, for a quarter.

A group reads first what came of its pulse; the figures that owners see hold it later.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_statistics
from bot.rules.health import FEWEST, MEASURES, SERVER, Closing, Figure, Reckoned, said, silent
from bot.rules.health_statistics import Estimate
from bot.rules.pulse import OWNERS_AFTER, QUESTIONS, STEPS, Question, spread_out
from bot.services.pulse_closing import sums
from models import Pulse

Values = Mapping[int, Mapping[Question, Sequence[int]]]  # by group: one step per person


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned]:
    """Return the means of each question, of each group's latest pulse and of all of them."""
    ends = closing.week.ends
    window = timedelta(weeks=MEASURES["pulse_belonging"].weeks)
    found = await session.execute(
        select(Pulse.group_id, Pulse.id)
        .where(
            Pulse.server_id == closing.server_id,
            Pulse.state == "shown",
            Pulse.closed_at <= ends - OWNERS_AFTER,
            Pulse.closed_at > ends - window,
        )
        .order_by(Pulse.closed_at, Pulse.id)
    )
    latest = {group_id: pulse_id for group_id, pulse_id in found}  # noqa: C416 - a row is not a pair to the type checker
    values: dict[int, dict[Question, list[int]]] = {}
    everybody: defaultdict[Question, list[int]] = defaultdict(list)
    for group in closing.groups:
        if group.group_id not in latest:
            continue
        tallies = await sums(session, latest[group.group_id])
        own: dict[Question, list[int]] = {q: spread_out(tallies.get(q, {})) for q in QUESTIONS}
        values[group.group_id] = own
        for question, steps in own.items():
            everybody[question] += steps
    if not values:
        return []
    return await asyncio.to_thread(_reckoned, {**values, SERVER: everybody}, closing.week.key)


def _reckoned(values: Values, week: str) -> list[Reckoned]:
    return [
        Reckoned(group_id, _figure(group_id, question, steps, week))
        for group_id, questions in values.items()
        for question, steps in questions.items()
    ]


def _figure(group_id: int, question: Question, steps: Sequence[int], week: str) -> Figure:
    measure = f"pulse_{question}"
    if len(steps) < FEWEST:
        return silent(measure, len(steps), "few")
    drawn = health_statistics.mean(steps, (group_id, measure, week))
    # Five who agree do not make it certain: as many as may differ by Wilson differ by a step.
    step = 1 - health_statistics.share(len(steps), len(steps)).low
    low = max(STEPS[0], min(drawn.low, drawn.value - step))
    high = min(STEPS[-1], max(drawn.high, drawn.value + step))
    return said(measure, len(steps), Estimate(drawn.value, low, high))
