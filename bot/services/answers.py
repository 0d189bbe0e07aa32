"""What people answered when they looked for a home: given, skipped, shown, taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.services import people
from models import Invitation, MemberAnswer, MemberChoice, Membership, Question, QuestionChoice

Tick = Literal["shown", "unlisted"]


@dataclass(frozen=True, slots=True)
class Given:
    """What someone said to one question; no choices: they skipped it."""

    choices: frozenset[int] = frozenset()
    answered: bool = False
    shown: bool = False
    unlisted: bool = False


async def of_member(session: AsyncSession, server_id: int, user_id: int) -> dict[int, Given]:
    """Return what someone said, by question."""
    rows = await session.scalars(
        select(MemberAnswer).where(
            MemberAnswer.server_id == server_id, MemberAnswer.user_id == user_id
        )
    )
    chosen: dict[int, set[int]] = {}
    for question_id, choice_id in await session.execute(
        select(QuestionChoice.question_id, MemberChoice.choice_id)
        .join(QuestionChoice, QuestionChoice.id == MemberChoice.choice_id)
        .where(MemberChoice.server_id == server_id, MemberChoice.user_id == user_id)
    ):
        chosen.setdefault(question_id, set()).add(choice_id)
    return {
        row.question_id: Given(
            choices=frozenset(chosen.get(row.question_id, ())),
            answered=row.answered_at is not None,
            shown=row.shown,
            unlisted=row.unlisted,
        )
        for row in rows
    }


async def zone_of(session: AsyncSession, server_id: int, user_id: int) -> str | None:
    """Return the time zone that someone's answer stands for; None where they gave none."""
    return await session.scalar(
        select(QuestionChoice.value)
        .join(MemberChoice, MemberChoice.choice_id == QuestionChoice.id)
        .join(Question, Question.id == QuestionChoice.question_id)
        .where(
            MemberChoice.server_id == server_id,
            MemberChoice.user_id == user_id,
            Question.about == "zone",
        )
        .order_by(QuestionChoice.id)
        .limit(1)
    )


async def give(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    question_id: int,
    choices: Collection[int],
    *,
    now: datetime,
) -> None:
    """Keep someone's answer in place of an older one; no choices: they skipped the question.

    UserError when the question or a choice is gone by now.
    """
    row = await _row(session, server_id, user_id, question_id)
    question = await session.get_one(Question, question_id)
    offered = set(
        await session.scalars(
            select(QuestionChoice.id).where(QuestionChoice.question_id == question_id)
        )
    )
    if not offered.issuperset(choices) or len(set(choices)) > question.most:
        raise UserError("find.question_gone")
    await session.execute(
        delete(MemberChoice).where(
            MemberChoice.server_id == server_id,
            MemberChoice.user_id == user_id,
            MemberChoice.choice_id.in_(offered),
        )
    )
    for choice_id in sorted(set(choices)):
        session.add(MemberChoice(server_id=server_id, user_id=user_id, choice_id=choice_id))
    row.answered_at = now
    if not choices:
        row.shown = row.unlisted = False
    await session.flush()


async def tick(
    session: AsyncSession, server_id: int, user_id: int, question_id: int, which: Tick
) -> bool:
    """Set a tick or take it away; return how it stands now."""
    row = await _row(session, server_id, user_id, question_id)
    now = not getattr(row, which)
    setattr(row, which, now)
    await session.flush()
    return now


async def forget(session: AsyncSession, server_id: int, user_id: int) -> None:
    """Take every answer back."""
    for table in (MemberChoice, MemberAnswer):
        await session.execute(
            delete(table).where(table.server_id == server_id, table.user_id == user_id)
        )


async def shown(session: AsyncSession, server_id: int, user_id: int) -> list[str]:
    """Return what someone answered and ticked as "may be shown", in the order it was asked.

    For the welcome in their home's room: labels as the owners wrote them, to be passed through
    `rules.naming.safe`.
    """
    labels = await session.scalars(
        select(QuestionChoice.label)
        .join(MemberChoice, MemberChoice.choice_id == QuestionChoice.id)
        .join(Question, Question.id == QuestionChoice.question_id)
        .join(
            MemberAnswer,
            (MemberAnswer.question_id == Question.id)
            & (MemberAnswer.server_id == MemberChoice.server_id)
            & (MemberAnswer.user_id == MemberChoice.user_id),
        )
        .where(
            MemberChoice.server_id == server_id,
            MemberChoice.user_id == user_id,
            MemberAnswer.shown,
        )
        .order_by(Question.place, Question.id, QuestionChoice.place)
    )
    return list(labels)


async def seeking(session: AsyncSession, server_id: int, *, for_group: int, most: int) -> list[int]:
    """Return who looks for a home, whoever answered last first, at most so many.

    They answered a question of *Find a home*, live nowhere yet, and were not asked into the group.
    """
    lives = exists().where(
        Membership.server_id == MemberAnswer.server_id, Membership.user_id == MemberAnswer.user_id
    )
    answered = exists().where(
        MemberChoice.server_id == MemberAnswer.server_id,
        MemberChoice.user_id == MemberAnswer.user_id,
    )
    asked = exists().where(
        Invitation.group_id == for_group, Invitation.user_id == MemberAnswer.user_id
    )
    found = await session.scalars(
        select(MemberAnswer.user_id)
        .where(MemberAnswer.server_id == server_id, ~lives, answered, ~asked)
        .group_by(MemberAnswer.user_id)
        .order_by(func.max(MemberAnswer.answered_at).desc(), MemberAnswer.user_id)
        .limit(most)
    )
    return list(found)


async def _row(
    session: AsyncSession, server_id: int, user_id: int, question_id: int
) -> MemberAnswer:
    question = await session.get(Question, question_id)
    if question is None or question.server_id != server_id:
        raise UserError("find.question_gone")
    await people.member(session, server_id, user_id)  # one person's answers are kept in turn
    row = await session.get(MemberAnswer, (server_id, user_id, question_id))
    if row is None:
        row = MemberAnswer(
            server_id=server_id,
            user_id=user_id,
            question_id=question_id,
            shown=False,
            unlisted=False,
        )
        session.add(row)
    return row
