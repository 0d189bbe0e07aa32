"""Answers to another group's question: sent by their authors, and taken back by them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import ask_cards
from bot.rules import group_asks as rules
from bot.rules.actor import Actor
from bot.rules.message import Message, say
from bot.services import ask_posts, drafts, group_asks, standing
from models import GroupAsk, GroupAskAnswer, Membership

FORM = "ask-group-said"


def draft_of(ask_id: int) -> str:
    """Return the name of the draft in which somebody's answer waits until it is sent."""
    return f"{FORM}:{ask_id}"


async def mine(session: AsyncSession, actor: Actor, ask_id: int) -> Message | None:
    """Return what somebody can do about the answer they sent; None: they may write one."""
    row = await _open(session, actor, ask_id)
    answer = await _of(session, row, actor.user_id)
    if answer is None:
        return None
    return ask_cards.answered(
        await ask_posts.shown(session, row), ask_posts.mark(answer), again=True
    )


async def preview(session: AsyncSession, actor: Actor, ask_id: int, text: str) -> Message:
    """Return an answer as it would be read, before it is sent."""
    row = await _open(session, actor, ask_id)
    return ask_cards.consent(await ask_posts.shown(session, row), rules.answer(text))


async def send(
    session: AsyncSession, actor: Actor, ask_id: int, *, named: bool, seen: str, now: datetime
) -> Message:
    """Send an answer to the group that asked: its words wait in their author's draft.

    `seen` are those that the card showed; where others were typed since, these are shown first.
    """
    row = await _open(session, actor, ask_id)
    answer = await _of(session, row, actor.user_id)
    again = answer is not None
    if answer is None:
        own = {"server_id": actor.server_id, "user_id": actor.user_id}
        text = (await drafts.kept(session, form=draft_of(ask_id), **own)).get("answer", "")
        if not text:
            raise UserError("asks.words_gone")
        text = rules.answer(text)
        if seen != ask_cards.seen(text):
            return ask_cards.consent(await ask_posts.shown(session, row), text)
        answer = GroupAskAnswer(
            ask_id=ask_id, user_id=actor.user_id, named=named, text=text, at=now
        )
        session.add(answer)
        await session.flush()
        await drafts.done(session, form=draft_of(ask_id), **own)
        await ask_posts.post_answer(session, row, answer, now)
    return ask_cards.answered(
        await ask_posts.shown(session, row), ask_posts.mark(answer), again=again
    )


async def take_back(
    session: AsyncSession, actor: Actor, answer_id: int, stamp: str, now: datetime
) -> Message:
    """Take one's own answer back, wherever it stands and however long ago it was sent."""
    answer = await ask_posts.marked(session, answer_id, stamp)
    row = None if answer is None else await session.get_one(GroupAsk, answer.ask_id)
    if answer is None or row is None or row.server_id != actor.server_id:
        raise UserError("asks.answer_unknown")
    if answer.user_id != actor.user_id:
        raise NotAllowed("asks.not_your_answer")
    await ask_posts.take_answer_down(session, row, answer, now)
    return say("asks.answer_gone")


async def _open(session: AsyncSession, actor: Actor, ask_id: int) -> GroupAsk:
    """Return a question that somebody may answer: who lives where it was put, and is not kept out.

    Whoever must not meet somebody there hears the same as who is barred, and not why.
    """
    row = await group_asks.of(session, actor, ask_id)
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    if home is None or home.group_id != row.to_group_id or home.state != "here":
        raise NotAllowed("asks.answers_only")
    if row.closed_at is not None or row.put_at is None:
        raise UserError("asks.gone")
    closed = await standing.closed_to(session, actor.server_id, actor.user_id)
    if {0, row.group_id} & closed:
        raise UserError("asks.not_from_here")
    return row


async def _of(session: AsyncSession, row: GroupAsk, user_id: int) -> GroupAskAnswer | None:
    return await session.scalar(
        select(GroupAskAnswer).where(
            GroupAskAnswer.ask_id == row.id, GroupAskAnswer.user_id == user_id
        )
    )
