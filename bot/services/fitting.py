"""What fits a group: said by its facilitators or owners, question by question."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.fit_cards import Fit
from bot.services import portraits, questions, rights
from bot.services.groups import of_server
from models import Group, GroupAnswer, GroupType, QuestionChoice


async def read(session: AsyncSession, actor: Actor, group_id: int) -> tuple[Group, list[Fit]]:
    """Return the group and what is said to fit it, to those who look after it.

    Every question for the kinds of groups that the server has, whatever this group's own: a
    group that reads novels in Lisbon fits more than one of them.
    """
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    kinds = set(
        await session.scalars(
            select(GroupType.kind)
            .join(Group, Group.type_id == GroupType.id)
            .where(Group.server_id == actor.server_id, Group.state != "archived")
        )
    )
    said = set(
        await session.scalars(select(GroupAnswer.choice_id).where(GroupAnswer.group_id == group_id))
    )
    return group, [
        Fit(one.id, one.text, one.choices, frozenset(said & one.choices.keys()))
        for one in await questions.read(session, actor.server_id, everything=True)
        if one.about == "fit" and not one.off and (not one.kind or one.kind in kinds)
    ]


async def question(
    session: AsyncSession, actor: Actor, group_id: int, question_id: int
) -> tuple[Group, Fit]:
    """Return one question; UserError when it is not asked any more."""
    group, fits = await read(session, actor, group_id)
    for one in fits:
        if one.question_id == question_id:
            return group, one
    raise UserError("find.question_gone")


async def say(
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    question_id: int,
    choices: Collection[int],
    *,
    now: datetime,
) -> None:
    """Say which answers of a question fit the group, in place of what was said; none: nothing.

    The matching knows of it at once.
    """
    _group, fit = await question(session, actor, group_id, question_id)
    if not fit.choices.keys() >= set(choices):
        raise UserError("find.question_gone")
    of_question = select(QuestionChoice.id).where(QuestionChoice.question_id == question_id)
    await session.execute(
        delete(GroupAnswer).where(
            GroupAnswer.group_id == group_id, GroupAnswer.choice_id.in_(of_question)
        )
    )
    for choice_id in sorted(set(choices)):
        session.add(GroupAnswer(group_id=group_id, choice_id=choice_id))
    await session.flush()
    await portraits.portray(session, [group_id], now)


async def inherit(session: AsyncSession, parent_id: int, child_id: int) -> None:
    """Let what fits a group fit one that came out of it, until somebody says otherwise."""
    said = await session.scalars(
        select(GroupAnswer.choice_id).where(GroupAnswer.group_id == parent_id)
    )
    for choice_id in sorted(said):
        session.add(GroupAnswer(group_id=child_id, choice_id=choice_id))
    await session.flush()
