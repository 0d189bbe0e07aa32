"""Figures of talk: from sums per group and day, and of how soon newcomers were answered."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_newcomers, health_talk
from bot.rules.health import MEASURES, SERVER, Closing, Reckoned
from bot.rules.health_newcomers import NEVER
from bot.rules.health_pooling import in_the_whole
from bot.services import newcomer_answers
from bot.services.health_windows import AT_ONCE, days, heard, seed, with_silences
from models import ActiveDay, Base, NewcomerAnswer, TalkDay

WINDOW = MEASURES["conversations"].weeks
NEWCOMERS = MEASURES["answered"].weeks
# group -> day -> (conversations, answers, answers among peers)
Talk = defaultdict[int, dict[str, tuple[int, int, int]]]


async def source(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return conversations a week, and how many of the answers are among peers."""
    since, until = days(closing.week, WINDOW)
    rows = await session.stream(
        select(
            TalkDay.group_id,
            TalkDay.day,
            TalkDay.conversations,
            TalkDay.answers,
            TalkDay.peer_answers,
        )
        .where(TalkDay.server_id == closing.server_id, TalkDay.day >= since, TalkDay.day < until)
        .execution_options(yield_per=AT_ONCE)
    )
    open_then = {group.group_id for group in closing.groups}
    talk: Talk = defaultdict(dict)
    async for some in rows.partitions():
        for group_id, day, conversations, answers, peers in some:
            if group_id in open_then:
                talk[group_id][day] = conversations, answers, peers
    writers = await _writers(session, closing)
    whole = in_the_whole({group.group_id: writers[group.group_id] for group in closing.groups})
    writers[SERVER] = await _writers_in(session, closing, whole)
    for group_id in whole:
        for day, there in talk[group_id].items():
            before = talk[SERVER].get(day, (0, 0, 0))
            talk[SERVER][day] = (
                before[0] + there[0],
                before[1] + there[1],
                before[2] + there[2],
            )
    known = sorted(
        (week.monday + timedelta(days=number)).isoformat()
        for week in await heard(session, closing, WINDOW)
        for number in range(health_talk.WEEK)
    )
    found = await asyncio.to_thread(_reckon, closing, talk, writers, known)
    return [*with_silences(closing, found)]


async def newcomers(session: AsyncSession, closing: Closing) -> list[Reckoned | Base]:
    """Return how soon those were answered who wrote first in the window but for its last week.

    Whoever wrote in that may still be answered: a first message waits for seven days.
    """
    first = closing.week.later(1 - NEWCOMERS).key
    rows = await session.execute(
        select(NewcomerAnswer.group_id, NewcomerAnswer.within, func.sum(NewcomerAnswer.people))
        .where(
            NewcomerAnswer.server_id == closing.server_id,
            NewcomerAnswer.week >= first,
            NewcomerAnswer.week < closing.week.key,
        )
        .group_by(NewcomerAnswer.group_id, NewcomerAnswer.within)
    )
    open_then = {group.group_id for group in closing.groups}
    waits: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for group_id, within, people in rows:
        if group_id in open_then:
            waits[group_id][within] += people
    pending = await newcomer_answers.unanswered(session, closing.week.begins, closing.server_id)
    for (_, group_id, week), people in pending.items():  # they are counted once a day
        if group_id in open_then and first <= week < closing.week.key:
            waits[group_id][NEVER] += people
    for group_id in in_the_whole({group_id: waits[group_id].total() for group_id in open_then}):
        waits[SERVER] += waits[group_id]
    found = await asyncio.to_thread(_welcomed, sorted(open_then), waits)
    return [*with_silences(closing, found)]


def _welcomed(groups: Sequence[int], waits: Mapping[int, Mapping[int, int]]) -> list[Reckoned]:
    return [
        Reckoned(group_id, figure)
        for group_id in (*groups, SERVER)
        for figure in (
            health_newcomers.answered(waits[group_id]),
            health_newcomers.first_answer(waits[group_id]),
        )
    ]


async def _writers(session: AsyncSession, closing: Closing) -> Counter[int]:
    """Return how many people wrote in each group."""
    rows = await session.execute(
        select(ActiveDay.group_id, func.count(ActiveDay.user_id.distinct()))
        .where(*_wrote(closing), ActiveDay.group_id.in_(g.group_id for g in closing.groups))
        .group_by(ActiveDay.group_id)
    )
    found: Counter[int] = Counter()
    for group_id, people in rows:
        found[group_id] = people
    return found


async def _writers_in(session: AsyncSession, closing: Closing, groups: Collection[int]) -> int:
    """Return how many different people wrote in any of these groups."""
    everybody = select(func.count(ActiveDay.user_id.distinct())).where(
        *_wrote(closing), ActiveDay.group_id.in_(groups)
    )
    return await session.scalar(everybody) or 0


def _wrote(closing: Closing) -> tuple[ColumnElement[bool], ...]:
    since, until = days(closing.week, WINDOW)
    return (
        ActiveDay.server_id == closing.server_id,
        ActiveDay.day >= since,
        ActiveDay.day < until,
        ActiveDay.messages > 0,
    )


def _reckon(
    closing: Closing, talk: Talk, writers: Counter[int], known: list[str]
) -> list[Reckoned]:
    found: list[Reckoned] = []
    for group_id in (*(group.group_id for group in closing.groups), SERVER):
        there, people = talk[group_id], writers[group_id]
        begun = [there.get(day, (0, 0, 0))[0] for day in known]
        parts = [(peers, answers) for _, (_, answers, peers) in sorted(there.items())]
        found += (
            Reckoned(
                group_id,
                health_talk.conversations(begun, people, seed(closing, group_id, "conversations")),
            ),
            Reckoned(group_id, health_talk.peer(parts, people, seed(closing, group_id, "peer"))),
        )
    return found
