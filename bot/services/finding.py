"""*Find a home*, step by step: which questions somebody is asked, and what comes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import questions as rules
from bot.rules.actor import Actor
from bot.rules.arriving import require_arrived
from bot.rules.find_cards import Mine, Step
from bot.rules.matching import Suggestion
from bot.services import answers, matching, membership, questions, requests, rights
from bot.services.answers import Given
from bot.services.matching import Open
from bot.services.questions import Put
from bot.settings import Settings
from models import Group, Membership


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody stands: the questions they are asked, in order, and what they said."""

    put: tuple[Put, ...]  # all questions of the server
    asked: tuple[Put, ...]  # those that this person is asked, five at most
    given: Mapping[int, Given]
    role_ids: frozenset[int]

    @property
    def next(self) -> Put | None:
        """The next question that they neither answered nor skipped."""
        return next((one for one in self.asked if not _said(self.given, one.id)), None)

    def step(self, question_id: int, *, alone: bool = False) -> Step:
        """Return one question as its card shows it; UserError when it is gone, or has no answers.

        `alone`: they came back to change this one.
        """
        one = next((one for one in self.put if one.id == question_id), None)
        if one is None or not one.choices:
            raise UserError("find.question_gone")
        given = self.given.get(one.id, Given())
        ids = [each.id for each in self.asked]
        place = ids.index(one.id) if one.id in ids else None
        return Step(
            question_id=one.id,
            text=one.text,
            choices=dict(one.choices),
            most=min(one.most, len(one.choices)),
            given=tuple(choice for choice in one.choices if choice in given.choices),
            answered=given.answered,
            shown=given.shown,
            unlisted=given.unlisted if one.apart else None,
            number=0 if place is None or alone else place + 1,
            of=len(ids),
            before=ids[place - 1] if place and not alone else None,
        )

    def mine(self) -> tuple[Mine, ...]:
        """Return what they said to each question that they are asked, or were."""
        ids = {one.id for one in self.asked}
        return tuple(
            _mine(one, self.given.get(one.id, Given()), self.role_ids)
            for one in self.put
            if one.id in ids or _said(self.given, one.id) or _by_role(one, self.role_ids)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Suggestions; `lives`: the name of the home that somebody has already."""

    suggestions: tuple[Suggestion, ...]
    lives: str | None
    asks: bool  # there are questions that they may answer
    empty: bool  # nobody is taken in anywhere right now


async def way(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    role_ids: Collection[int],
    now: datetime,
) -> Way:
    """Return where somebody stands. What their roles say already is not asked. Reads only."""
    put = await questions.read(session, server_id)
    given = await answers.of_member(session, server_id, user_id)
    groups = await matching.takes_people_in(session, server_id, now)
    offered = [_offered(one, groups) for one in put]
    known = {one.id for one in offered if not _said(given, one.id) and _by_role(one, role_ids)}
    ids = rules.chosen(
        [one.asked for one in offered if one.id not in known],
        [group.candidate for group in groups if group.listed],
        now,
        apart=frozenset(one.id for one in offered if one.apart),
    )
    by_id = {one.id: one for one in offered}
    return Way(tuple(offered), tuple(by_id[id_] for id_ in ids), given, frozenset(role_ids))


async def begin(session: AsyncSession, server_id: int) -> None:
    """Write down the questions that a server starts out with, where it lacks them."""
    await questions.plant(session, await rights.server_row(session, server_id))


async def found(
    session: AsyncSession,
    server_id: int,
    user_id: int,
    *,
    role_ids: Collection[int],
    now: datetime,
    settings: Settings,
) -> Found:
    """Return what suits somebody right now. Reads only."""
    await rights.server_row(session, server_id)
    home = await session.get(Membership, (server_id, user_id))
    lives: str | None = None
    if home is not None and home.state == "here":
        lives = (await session.get_one(Group, home.group_id)).name
    suggestions = await matching.suggest(
        session, server_id, user_id, now=now, settings=settings, role_ids=role_ids
    )
    stands = await way(session, server_id, user_id, role_ids=role_ids, now=now)
    listed = [one for one in await matching.takes_people_in(session, server_id, now) if one.listed]
    return Found(tuple(suggestions), lives, bool(stands.asked), empty=not listed)


async def ask_hidden(
    session: AsyncSession, who: Actor, group_id: int, *, now: datetime, settings: Settings
) -> bool:
    """Ask a group that is not listed to be let in, without learning its name.

    Returns whether counting begins with the reply. UserError unless it is suggested to them now:
    a press on an old or made-up button tells nothing.
    """
    server_id, user_id = who.server_id, who.user_id
    await rights.server_row(session, server_id)
    require_arrived(who)
    suggested = await matching.suggest(
        session, server_id, user_id, now=now, settings=settings, count=100
    )
    if not any(one.group_id == group_id and not one.listed for one in suggested):
        raise UserError("find.hidden_closed")
    try:
        outlook = await membership.outlook(
            session, server_id, user_id, group_id, now=now, settings=settings
        )
        asked = None
        if outlook.way == "ask":
            asked = await requests.ask(
                session,
                server_id=server_id,
                user_id=user_id,
                group_id=group_id,
                kind="join",
                now=now,
            )
    except UserError as refused:
        # What a refusal says about a group that can be named would name this one, too.
        if "group" in refused.params:
            raise UserError("find.hidden_closed") from None
        raise
    if asked is None:
        raise UserError("find.hidden_closed")
    return asked.told


def _offered(one: Put, groups: Collection[Open]) -> Put:
    """Return the question with the answers that make sense here: languages that are spoken."""
    if one.about != "language":
        return one
    spoken = {group.candidate.language for group in groups if group.listed}
    choices = {
        choice: label for choice, label in one.choices.items() if one.values[choice] in spoken
    }
    return replace(one, choices=choices)


def _said(given: Mapping[int, Given], question_id: int) -> bool:
    return question_id in given and given[question_id].answered


def _by_role(one: Put, role_ids: Collection[int]) -> frozenset[int]:
    return frozenset() if one.apart else matching.by_roles(one, role_ids)


def _mine(one: Put, given: Given, role_ids: Collection[int]) -> Mine:
    by_role = not given.answered and bool(_by_role(one, role_ids))
    choices = _by_role(one, role_ids) if by_role else given.choices
    return Mine(
        question_id=one.id,
        text=one.text,
        answers=tuple(label for choice, label in one.choices.items() if choice in choices),
        answered=given.answered,
        shown=given.shown,
        by_role=by_role,
    )
