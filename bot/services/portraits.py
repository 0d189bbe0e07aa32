"""Portraits: what the matching knows of each group, put together from the other tables.

Reckoned every few hours, a few groups a minute, and at once where those who look after a group say
what fits it. So a suggestion reads one row a group, however many people live there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import portraits as rules
from bot.rules.matching import warmth
from bot.rules.ties import week_of
from bot.services.upserts import upsert
from models import (
    ActiveDay,
    Group,
    GroupAnswer,
    GroupType,
    Member,
    MemberChoice,
    Membership,
    Portrait,
    Question,
    QuestionChoice,
    Server,
    Tie,
)

STALE = timedelta(hours=6)
AT_ONCE = 20  # groups in one transaction
WEEK, MONTH = timedelta(days=7), timedelta(days=30)

_OLD = or_(Portrait.group_id.is_(None), Portrait.at <= bindparam("portrayed_by"))
_TO_PORTRAY = (
    select(Group.id)
    .join(Server, Server.id == Group.server_id)
    .outerjoin(Portrait, Portrait.group_id == Group.id)
    .where(Group.state == "open", Server.removed_at.is_(None), _OLD)
)
ANY_DUE = exists(_TO_PORTRAY)


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Put together the portraits that are missing or old, a few of them."""
    due = await session.scalars(
        _TO_PORTRAY.order_by(Portrait.at.nulls_first(), Group.id).limit(AT_ONCE),
        {"portrayed_by": now - STALE},
    )
    await portray(session, due.all(), now)


async def portray(session: AsyncSession, group_ids: Collection[int], now: datetime) -> None:
    """Put together the portraits of these groups as they are now."""
    if not group_ids:
        return
    fits = await _fits(session, group_ids)
    people, gave = await _answers(session, group_ids)
    warm = await _warmth(session, group_ids, now)
    for group_id in group_ids:
        row = {
            "warmth": warm[group_id],
            "told": rules.packed(fits[group_id], people[group_id], gave[group_id]),
            "at": now,
        }
        await session.execute(
            upsert(session, Portrait)
            .values(group_id=group_id, **row)
            .on_conflict_do_update(index_elements=["group_id"], set_=row)
        )


async def _fits(
    session: AsyncSession, group_ids: Collection[int]
) -> defaultdict[int, defaultdict[int, set[int]]]:
    """Return by group and question which choices those who look after the group say fit."""
    rows = await session.execute(
        select(GroupAnswer.group_id, QuestionChoice.question_id, GroupAnswer.choice_id)
        .join(QuestionChoice, QuestionChoice.id == GroupAnswer.choice_id)
        .where(GroupAnswer.group_id.in_(group_ids))
    )
    found: defaultdict[int, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for group_id, question_id, choice_id in rows:
        found[group_id][question_id].add(choice_id)
    return found


async def _answers(
    session: AsyncSession, group_ids: Collection[int]
) -> tuple[defaultdict[int, dict[int, int]], defaultdict[int, defaultdict[int, dict[int, int]]]]:
    """Return by group how many who live there answered each question, and gave each choice.

    What was asked for the sake of groups that are not listed is looked at for nobody but its
    author.
    """
    unlisted = exists().where(
        GroupType.server_id == Question.server_id,
        GroupType.kind == Question.kind,
        GroupType.listed.is_(False),
    )

    def residents(*columns: Any) -> Any:
        return (
            select(Membership.group_id, QuestionChoice.question_id, *columns)
            .join(
                MemberChoice,
                (MemberChoice.server_id == Membership.server_id)
                & (MemberChoice.user_id == Membership.user_id),
            )
            .join(QuestionChoice, QuestionChoice.id == MemberChoice.choice_id)
            .join(Question, Question.id == QuestionChoice.question_id)
            .where(Membership.group_id.in_(group_ids), Membership.state == "here", ~unlisted)
        )

    people: defaultdict[int, dict[int, int]] = defaultdict(dict)
    counted = residents(func.count(MemberChoice.user_id.distinct()))
    rows: Any = await session.execute(
        counted.group_by(Membership.group_id, QuestionChoice.question_id)
    )
    for row in rows:
        people[row[0]][row[1]] = row[2]
    gave: defaultdict[int, defaultdict[int, dict[int, int]]]
    gave = defaultdict(lambda: defaultdict(dict))
    counted = residents(MemberChoice.choice_id, func.count())
    rows = await session.execute(
        counted.group_by(Membership.group_id, QuestionChoice.question_id, MemberChoice.choice_id)
    )
    for row in rows:
        gave[row[0]][row[1]][row[2]] = row[3]
    return people, gave


async def _warmth(
    session: AsyncSession, group_ids: Collection[int], now: datetime
) -> dict[int, float]:
    """Return how warm each group is, from those who are counted."""
    counted = (
        select(Membership.group_id, func.count())
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .where(
            Membership.group_id.in_(group_ids),
            Membership.state == "here",
            Member.counted_since.is_not(None),
        )
        .group_by(Membership.group_id)
    )
    day = (now - WEEK).astimezone(UTC).date().isoformat()
    around = (
        select(ActiveDay.group_id, func.count(ActiveDay.user_id.distinct()))
        .where(ActiveDay.group_id.in_(group_ids), ActiveDay.day >= day)
        .group_by(ActiveDay.group_id)
    )
    week = week_of(int((now - MONTH).timestamp() * 1000))
    answered = exists().where(
        Tie.group_id == Membership.group_id,
        or_(Tie.low_id == Membership.user_id, Tie.high_id == Membership.user_id),
        Tie.week >= week,
    )
    new = counted.where(Membership.since > now - MONTH)
    homes, lively, newcomers, met = [
        _pairs((await session.execute(one)).all())
        for one in (counted, around, new, new.where(answered))
    ]
    return {
        group_id: warmth(
            around=lively.get(group_id, 0),
            homes=homes.get(group_id, 0),
            newcomers=newcomers.get(group_id, 0),
            answered=met.get(group_id, 0),
        )
        for group_id in group_ids
    }


def _pairs(rows: Iterable[Sequence[Any]]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}
