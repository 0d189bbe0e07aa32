"""The questions of a server: where it begins, and how they are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import questions as rules
from bot.rules.matching import Asked
from bot.rules.questions import StartingQuestion
from bot.texts import catalogue
from models import Group, GroupType, Question, QuestionChoice, Server

PLACES = 100  # questions of an owner come after all that a server starts out with


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put to people; `apart`: about groups that are not listed."""

    id: int
    name: str
    kind: str
    about: str
    text: str
    most: int
    apart: bool
    off: bool
    choices: Mapping[int, str]
    values: Mapping[int, str]
    roles: Mapping[int, int]  # by choice: the role that says the same

    @property
    def asked(self) -> Asked:
        """The question as the rules see it."""
        return Asked(self.id, self.about, self.choices, self.values)


async def plant(session: AsyncSession, server: Server) -> int:
    """Write down the questions that a server starts out with and lacks; return how many were new.

    What owners changed stays, and what they switched off is there already.
    """
    there = set(await session.scalars(select(Question.name).where(Question.server_id == server.id)))
    kinds = set(
        await session.scalars(
            select(GroupType.kind).where(GroupType.server_id == server.id).distinct()
        )
    )
    wanted = [("", one) for one in rules.OF_EVERY_TYPE]
    wanted += [(kind, one) for kind, some in rules.OF_KIND.items() if kind in kinds for one in some]
    new = [(kind, one) for kind, one in wanted if one.name not in there]
    for kind, one in new:
        await _add(session, server, kind, one)
    return len(new)


async def _add(session: AsyncSession, server: Server, kind: str, new: StartingQuestion) -> None:
    say = catalogue(server.language)
    kinds = ("", *rules.OF_KIND)
    row = Question(
        server_id=server.id,
        kind=kind,
        name=new.name,
        about=new.about,
        text=say(f"questions.{new.name}"),
        most=new.most,
        place=kinds.index(kind),
    )
    session.add(row)
    await session.flush()
    labels = say(f"questions.{new.name}_choices").strip().splitlines()
    values = new.values or ("",) * len(labels)
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        session.add(QuestionChoice(question_id=row.id, place=place, label=label, value=value))
    await session.flush()


async def read(session: AsyncSession, server_id: int, *, everything: bool = False) -> list[Put]:
    """Return the questions for the kinds of groups that a server has open, in their order.

    With `everything`, for owners, those that are not asked now, too.
    """
    types = await session.execute(
        select(GroupType.kind, GroupType.listed)
        .join(Group, Group.type_id == GroupType.id)
        .where(GroupType.server_id == server_id, Group.state == "open")
        .distinct()
    )
    listed: dict[str, bool] = {}
    for kind, one in types:
        listed[kind] = one or listed.get(kind, False)
    rows = await session.scalars(
        select(Question)
        .where(Question.server_id == server_id)
        .order_by(Question.place, Question.id)
    )
    asked = [
        row for row in rows if everything or (not row.off and (not row.kind or row.kind in listed))
    ]
    choices = await session.execute(
        select(
            QuestionChoice.question_id,
            QuestionChoice.id,
            QuestionChoice.label,
            QuestionChoice.value,
            QuestionChoice.role_id,
        )
        .where(QuestionChoice.question_id.in_([row.id for row in asked]))
        .order_by(QuestionChoice.question_id, QuestionChoice.place, QuestionChoice.id)
    )
    offered: dict[int, list[tuple[int, str, str, int | None]]] = {row.id: [] for row in asked}
    for question_id, choice_id, label, value, role_id in choices:
        offered[question_id].append((choice_id, label, value, role_id))
    return [
        Put(
            id=row.id,
            name=row.name,
            kind=row.kind,
            about=row.about,
            text=row.text,
            most=row.most,
            apart=row.kind in listed and not listed[row.kind],
            off=row.off,
            choices={choice: label for choice, label, _value, _role in offered[row.id]},
            values={choice: value for choice, _label, value, _role in offered[row.id]},
            roles={
                choice: role for choice, _label, _value, role in offered[row.id] if role is not None
            },
        )
        for row in asked
    ]
