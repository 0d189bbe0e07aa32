"""Figures of talk: from sums per group and day, and of how soon newcomers were answered."""

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import health_newcomers, health_talk
from bot.rules.health import MEASURES, SERVER, Closing, Reckoned
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
                whole = talk[SERVER].get(day, (0, 0, 0))
                talk[SERVER][day] = (
                    whole[0] + conversations,
                    whole[1] + answers,
                    whole[2] + peers,
                )
    writers = await _writers(session, closing)
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
    rows = await session.execute(
        select(NewcomerAnswer.group_id, NewcomerAnswer.within, func.sum(NewcomerAnswer.people))
        .where(
            NewcomerAnswer.server_id == closing.server_id,
            NewcomerAnswer.week >= closing.week.later(1 - NEWCOMERS).key,
            NewcomerAnswer.week < closing.week.key,
        )
        .group_by(NewcomerAnswer.group_id, NewcomerAnswer.within)
    )
    open_then = {group.group_id for group in closing.groups}
    waits: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for group_id, within, people in rows:
        if group_id in open_then:
            waits[group_id][within] += people
            waits[SERVER][within] += people
    found = [
        Reckoned(group_id, figure)
        for group_id in (*sorted(open_then), SERVER)
        for figure in (
            health_newcomers.answered(waits[group_id]),
            health_newcomers.first_answer(waits[group_id]),
        )
    ]
    return [*with_silences(closing, found)]


async def _writers(session: AsyncSession, closing: Closing) -> Counter[int]:
    """Return how many people wrote in each group, and in any of them."""
    since, until = days(closing.week, WINDOW)
    groups = [group.group_id for group in closing.groups]
    wrote = (
        ActiveDay.server_id == closing.server_id,
        ActiveDay.group_id.in_(groups),
        ActiveDay.day >= since,
        ActiveDay.day < until,
        ActiveDay.messages > 0,
    )
    rows = await session.execute(
        select(ActiveDay.group_id, func.count(ActiveDay.user_id.distinct()))
        .where(*wrote)
        .group_by(ActiveDay.group_id)
    )
    found: Counter[int] = Counter()
    for group_id, people in rows:
        found[group_id] = people
    whole = await session.scalar(select(func.count(ActiveDay.user_id.distinct())).where(*wrote))
    found[SERVER] = whole or 0
    return found


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
