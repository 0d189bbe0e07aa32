"""What one press on *Show me groups* costs in a server as large as Discord lets Hearth serve.

35,000 people in 230 groups, all of whom answered five questions; suggested is to newcomers, by the
service that the button calls, from tables on disk. Counted are the processor's milliseconds in the
bot's own thread, and the statements that the database is asked.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import event, insert, select

from benchmarks.beside import tables
from benchmarks.population import town
from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.charter import Charter
from bot.rules.types import TypeRules
from bot.services import answers, groups, matching, portraits, questions, servers, types
from bot.settings import Settings
from models import (
    Group,
    GroupAnswer,
    MemberAnswer,
    MemberChoice,
    Membership,
    Question,
    QuestionChoice,
    Server,
)

PEOPLE, GROUPS, CAP, NEWCOMERS = 35_000, 230, 153, 200
SERVER, OWNER = 9_000, Actor(9_000, 1, manages_server=True)
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEED = 5
WARM_UP = 20
SUGGESTED = 3


async def run() -> Mapping[str, float]:
    """Fill the tables, then suggest groups to newcomers, one after the other."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(tables(folder)) as database:
            newcomers = await fill(database)
            asked = 0

            def count(*_arguments: object) -> None:
                nonlocal asked
                asked += 1

            spent: list[float] = []
            for number, person in enumerate(newcomers):
                async with database.reading() as session:
                    if number == WARM_UP:
                        bind: Any = session.get_bind()
                        event.listen(bind, "before_cursor_execute", count)
                    begun = time.thread_time()
                    found = await matching.suggest(
                        session, SERVER, person, now=BEGIN, settings=settings
                    )
                    spent.append(time.thread_time() - begun)
                if len(found) != SUGGESTED:
                    raise RuntimeError(f"{len(found)} groups were suggested")
    measured = spent[WARM_UP:]
    return {
        "suggest_ms": float(np.mean(measured)) * 1000,
        "suggest_p99_ms": float(np.quantile(measured, 0.99)) * 1000,
        "statements": asked / len(measured),
    }


async def fill(database: Database) -> Sequence[int]:
    """Put the people and their answers into the tables; return those who live nowhere yet."""
    here = town(PEOPLE + NEWCOMERS, GROUPS, SEED)
    async with database.writing() as session:
        await servers.set_up(session, OWNER, now=BEGIN, ids={"commons_id": 500})
        wide = TypeRules("Wide", kind="interest", cap=150, minimum=5)
        type_id = (await types.add(session, OWNER, wide, now=BEGIN)).id
        await questions.plant(session, await session.get_one(Server, SERVER))
        for row in await session.scalars(select(Question)):
            row.off = True
        choices: dict[int, int] = {}
        question_ids: dict[int, int] = {}
        for asked in here.questions:
            question = Question(
                server_id=SERVER,
                kind="interest",
                name=f"own-{asked.id}",
                about=asked.about,
                text=f"Question {asked.id}?",
                most=3,
                place=asked.id,
            )
            session.add(question)
            await session.flush()
            question_ids[asked.id] = question.id
            for number, label in asked.choices.items():
                choice = QuestionChoice(
                    question_id=question.id, label=label, value=asked.values.get(number, "")
                )
                session.add(choice)
                await session.flush()
                choices[number] = choice.id
    group_ids: list[int] = []
    for number, group in enumerate(here.groups):
        async with database.writing() as session:
            charter = Charter(f"Group {number}", "A place to meet in the evening.")
            made = await groups.create(session, OWNER, type_id=type_id, charter=charter, now=BEGIN)
            row = await session.get_one(Group, made.id)
            row.zone, row.cap = group.zone, CAP
            group_ids.append(row.id)
            rows = [
                {"group_id": row.id, "choice_id": choices[c]}
                for fits in group.fits.values()
                for c in sorted(fits)
            ]
            await session.execute(insert(GroupAnswer), rows)
    people = range(100_000, 100_000 + PEOPLE + NEWCOMERS)
    async with database.writing() as session:
        member = {"server_id": SERVER, "state": "here", "since": BEGIN - timedelta(days=60)}
        lives = [
            {**member, "user_id": person, "group_id": group_ids[place % GROUPS]}
            for place, person in enumerate(people[:PEOPLE])
        ]
        await session.execute(insert(Membership), lives)
        for place in range(GROUPS):
            row = await session.get_one(Group, group_ids[place])
            row.homes = len(range(place, PEOPLE, GROUPS))
        said = {"server_id": SERVER, "answered_at": BEGIN}
        await session.execute(
            insert(MemberAnswer),
            [
                {**said, "user_id": person, "question_id": question_ids[asked]}
                for place, person in enumerate(people)
                for asked in here.answers[place]
            ],
        )
        await session.execute(
            insert(MemberChoice),
            [
                {"server_id": SERVER, "user_id": person, "choice_id": choices[c]}
                for place, person in enumerate(people)
                for given in here.answers[place].values()
                for c in given
            ],
        )
    async with database.writing() as session:
        await portraits.portray(session, group_ids, BEGIN)
        seeking = await answers.seeking(session, SERVER, for_group=group_ids[0], most=PEOPLE)
        if len(seeking) > NEWCOMERS:
            raise RuntimeError("more people look for a home than are new")
    return people[PEOPLE:]
