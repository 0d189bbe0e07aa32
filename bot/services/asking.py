"""The owners' questions: added, changed, switched off and on again.

An answer that keeps its words keeps its id, and with it what members and groups said; one that is
gone takes that along.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import naming
from bot.rules.actor import Actor
from bot.rules.question_forms import NEW, Owned, Typed
from bot.services import log, portraits, questions, rights
from bot.services.questions import PLACES, Put
from models import Group, Question, QuestionChoice


async def read(session: AsyncSession, actor: Actor) -> list[Owned]:
    """Return all questions of a server, those that are switched off last; for owners."""
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    put = await questions.read(session, actor.server_id, everything=True)
    return [_owned(one) for one in sorted(put, key=lambda one: one.off)]


async def one(session: AsyncSession, actor: Actor, question_id: int) -> Owned:
    """Return one question; UserError when the server has none of it."""
    for found in await read(session, actor):
        if found.question_id == question_id:
            return found
    raise UserError("find.question_gone")


async def keep(
    session: AsyncSession,
    actor: Actor,
    question_id: int,
    typed: Typed,
    *,
    roles: Mapping[int, int],
    now: datetime,
) -> Owned:
    """Change a question, or add one where `question_id` is NEW; `roles` by the answer's place.

    UserError where answers that are compared with the groups' own zones or languages would change
    in number: what they stand for is not typed.
    """
    await rights.require_owner(session, actor)
    await rights.server_row(session, actor.server_id, allow_paused=True)
    if question_id == NEW:
        row = await _added(session, actor.server_id)
    else:
        found = await session.get(Question, question_id)
        if found is None or found.server_id != actor.server_id:
            raise UserError("find.question_gone")
        row = found
    there = (
        await session.scalars(
            select(QuestionChoice)
            .where(QuestionChoice.question_id == row.id)
            .order_by(QuestionChoice.place, QuestionChoice.id)
        )
    ).all()
    if row.about != "fit" and len(there) != len(typed.labels):
        raise UserError("find.bad_values")
    row.text, row.most = typed.text, typed.most
    by_label = {naming.key(choice.label): choice for choice in there}
    stay: set[int] = set()
    for place, label in enumerate(typed.labels):
        choice = there[place] if row.about != "fit" else by_label.get(naming.key(label))
        if choice is None:
            choice = QuestionChoice(question_id=row.id)
            session.add(choice)
        choice.place, choice.label, choice.role_id = place, label, roles.get(place)
        await session.flush()
        stay.add(choice.id)
    gone = [choice for choice in there if choice.id not in stay]
    for choice in gone:
        await session.delete(choice)
    await session.flush()
    if gone:
        groups = await session.scalars(select(Group.id).where(Group.server_id == actor.server_id))
        await portraits.portray(session, groups.all(), now)
    await _note(session, actor, "question-keep", now)
    return await one(session, actor, row.id)


async def switch(session: AsyncSession, actor: Actor, question_id: int, *, now: datetime) -> Owned:
    """Ask a question no more, or again; what was answered stays."""
    found = await one(session, actor, question_id)
    row = await session.get_one(Question, question_id)
    row.off = not row.off
    await session.flush()
    await _note(session, actor, "question-switch", now)
    return replace(found, off=row.off)


async def _added(session: AsyncSession, server_id: int) -> Question:
    last = await session.scalar(
        select(func.max(Question.place)).where(Question.server_id == server_id)
    )
    place = max(PLACES, last or 0) + 1
    row = Question(
        server_id=server_id, kind="", name=f"own-{place}", about="fit", text="", place=place
    )
    session.add(row)
    await session.flush()
    return row


async def _note(session: AsyncSession, actor: Actor, action: str, now: datetime) -> None:
    await log.note(
        session, server_id=actor.server_id, by_user_id=actor.user_id, action=action, now=now
    )


def _owned(put: Put) -> Owned:
    return Owned(
        question_id=put.id,
        text=put.text,
        choices=tuple((label, put.roles.get(choice)) for choice, label in put.choices.items()),
        most=put.most,
        off=put.off,
    )
