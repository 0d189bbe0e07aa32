"""Where questions between groups and their answers stand in rooms: posted, remembered, taken down.

An answer's words are kept until they are posted and no longer; from then on its row says where it
stands, so that its author can take it back.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import ask_cards
from bot.rules.ask_cards import Ask
from bot.rules.group_asks import OPEN_FOR, Stands, due
from bot.rules.message import Line
from bot.services import rights, takedowns
from bot.services.outbox import call_back, owe
from models import (
    Facilitator,
    Group,
    GroupAsk,
    GroupAskAnswer,
    Membership,
    OutboxMessage,
    Server,
)

HOME, THERE, ANSWER = "ask-home", "ask-there", "ask-answer"
Ending = Literal["over", "lapsed", "back", "ended"]

_OPEN = GroupAsk.closed_at.is_(None)
ANY_OPEN = exists().where(_OPEN)


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Close what is over in all servers, and what became of its groups has ended."""
    rows = await session.scalars(
        select(GroupAsk)
        .join(Server, Server.id == GroupAsk.server_id)
        .where(_OPEN, Server.paused_at.is_(None), Server.removed_at.is_(None))
        .order_by(GroupAsk.id)
    )
    closed = 0
    for row in rows.all():
        ending = due(await _stands(session, row), now)
        if ending is not None:
            await close(session, row, ending, now)
            closed += 1
    return closed


async def _stands(session: AsyncSession, row: GroupAsk) -> Stands:
    asking = await session.get_one(Group, row.group_id)
    asked = await session.get_one(Group, row.to_group_id)
    return Stands(
        put=row.put_at is not None,
        ends_at=row.ends_at,
        asking_is_there=asking.state != "archived",
        asked_is_there=asked.state != "archived" and await rights.listed(session, asked),
        author_inside=row.user_id is not None
        and await belongs(session, row.server_id, row.user_id, row.group_id),
    )


async def belongs(session: AsyncSession, server_id: int, user_id: int, group_id: int) -> bool:
    """Return whether somebody lives in a group or looks after it."""
    home = await session.get(Membership, (server_id, user_id))
    if home is not None and home.group_id == group_id and home.state == "here":
        return True
    office = await session.get(Facilitator, (group_id, user_id))
    return office is not None and office.state == "active"


async def shown(session: AsyncSession, row: GroupAsk) -> Ask:
    """Return a question as its cards show it."""
    group = await session.get_one(Group, row.group_id)
    to = await session.get_one(Group, row.to_group_id)
    answers = await session.scalar(
        select(func.count()).where(
            GroupAskAnswer.ask_id == row.id,
        )
    )
    return Ask(
        id=row.id,
        group_id=group.id,
        group=group.name if await rights.listed(session, group) else None,
        emoji=group.emoji,
        to_id=to.id,
        to=to.name,
        to_emoji=to.emoji,
        user_id=row.user_id,
        named=row.named,
        text=row.text,
        put=row.put_at is not None,
        passed=row.passed_at is not None,
        ends_at=row.ends_at,
        ending=row.ending,
        answers=answers or 0,
    )


async def put(session: AsyncSession, row: GroupAsk, now: datetime) -> None:
    """Post a question in both rooms."""
    ask = await shown(session, row)
    for kind, group_id, message in (
        (HOME, row.group_id, ask_cards.at_home(ask)),
        (THERE, row.to_group_id, ask_cards.there(ask)),
    ):
        await owe(
            session,
            server_id=row.server_id,
            kind=kind,
            key=f"{kind}:{row.id}",
            place="room",
            group_id=group_id,
            user_id=row.user_id if kind == THERE and row.named else None,
            message=message,
            now=now,
            expires_in=OPEN_FOR,
        )


async def post_answer(
    session: AsyncSession, row: GroupAsk, answer: GroupAskAnswer, now: datetime
) -> None:
    """Post an answer into the question's thread, or into the room where there is none.

    Until the question itself stands there, it waits.
    """
    if row.message_id is None:
        return
    message = ask_cards.posted_answer(
        await shown(session, row),
        mark(answer),
        answer.user_id if answer.named else None,
        answer.text,
    )
    await owe(
        session,
        server_id=row.server_id,
        kind=ANSWER,
        key=_key(answer),
        place="room" if row.thread_id is None else "thread",
        thread_id=row.thread_id,
        group_id=row.group_id,
        user_id=answer.user_id,
        message=message,
        now=now,
        expires_in=OPEN_FOR,
    )


async def take_answer_down(
    session: AsyncSession, row: GroupAsk, answer: GroupAskAnswer, now: datetime
) -> None:
    """Let an answer go, wherever it is on its way."""
    going = Line("asks.going")
    await call_back(session, server_id=row.server_id, key=_key(answer), instead=going)
    if answer.room_id is not None and answer.message_id is not None:
        await takedowns.want(
            session,
            server_id=row.server_id,
            channel_id=answer.room_id,
            message_id=answer.message_id,
            now=now,
        )
    await session.delete(answer)
    await session.flush()


async def close(session: AsyncSession, row: GroupAsk, ending: Ending, now: datetime) -> None:
    """Close a question: its words go from the tables; taken back, they go from both rooms, too.

    Answers stay where they stand: they are their authors'.
    """
    if row.closed_at is not None:
        return
    row.closed_at, row.ending, row.text = now, ending, ""
    await session.flush()
    if ending == "back":
        for kind in (HOME, THERE):
            key = f"{kind}:{row.id}"
            await call_back(session, server_id=row.server_id, key=key, instead=Line("asks.going"))
        for room_id, message_id in (
            (row.room_id, row.message_id),
            (row.there_room_id, row.there_message_id),
        ):
            if room_id is not None and message_id is not None:
                await takedowns.want(
                    session,
                    server_id=row.server_id,
                    channel_id=room_id,
                    message_id=message_id,
                    now=now,
                )
    if row.thread_id is not None:
        await takedowns.close_thread(
            session, server_id=row.server_id, thread_id=row.thread_id, now=now
        )
    if row.message_id is None:  # what waited for the question to stand there waits in vain
        await session.execute(delete(GroupAskAnswer).where(GroupAskAnswer.ask_id == row.id))


async def forget(session: AsyncSession, server_id: int, user_id: int, now: datetime) -> None:
    """Take back what a person asked and answered, wherever it stands."""
    asked = await session.scalars(
        select(GroupAsk).where(GroupAsk.server_id == server_id, GroupAsk.user_id == user_id)
    )
    for row in asked.all():
        await close(session, row, "back", now)
    answered = await session.execute(
        select(GroupAskAnswer, GroupAsk)
        .join(GroupAsk, GroupAsk.id == GroupAskAnswer.ask_id)
        .where(GroupAsk.server_id == server_id, GroupAskAnswer.user_id == user_id)
    )
    for answer, row in answered.all():
        await take_answer_down(session, row, answer, now)


# --- what the outbox tells ------------------------------------------------------------------------


async def sent(session: AsyncSession, owed: OutboxMessage, message_id: int, now: datetime) -> None:
    """Remember where a question or an answer stands; what was taken back meanwhile goes."""
    if owed.kind == ANSWER:
        answer = await _owed_answer(session, owed)
        if answer is None:
            await _gone_meanwhile(session, owed, message_id, now)
            return
        answer.room_id, answer.message_id, answer.text = owed.channel_id, message_id, ""
        await session.flush()
        return
    row = await session.get(GroupAsk, int(owed.key.split(":")[1]))
    if row is None or row.ending == "back":
        await _gone_meanwhile(session, owed, message_id, now)
        return
    if owed.kind == THERE:
        row.there_room_id, row.there_message_id = owed.channel_id, message_id
        await session.flush()
        return
    row.room_id, row.message_id, row.thread_id = owed.channel_id, message_id, owed.thread_id
    await session.flush()
    waiting = await session.scalars(
        select(GroupAskAnswer)
        .where(GroupAskAnswer.ask_id == row.id, GroupAskAnswer.message_id.is_(None))
        .order_by(GroupAskAnswer.id)
    )
    for answer in waiting.all():
        await post_answer(session, row, answer, now)


async def dropped(session: AsyncSession, owed: OutboxMessage) -> None:
    """Let an answer go that could not be posted; where its thread is gone, the question is over.

    What somebody's hand took away is not said elsewhere.
    """
    if owed.kind != ANSWER:
        return
    answer = await _owed_answer(session, owed)
    if answer is None:
        return
    row = await session.get_one(GroupAsk, answer.ask_id)
    await session.delete(answer)
    await session.flush()
    if owed.place == "thread":
        row.thread_id = None
        await close(session, row, "ended", max(owed.due_at, row.asked_at))


async def _gone_meanwhile(
    session: AsyncSession, owed: OutboxMessage, message_id: int, now: datetime
) -> None:
    if owed.channel_id is not None:
        await takedowns.want(
            session,
            server_id=owed.server_id,
            channel_id=owed.channel_id,
            message_id=message_id,
            now=now,
        )
    if owed.kind == HOME and owed.thread_id is not None:
        await takedowns.close_thread(
            session, server_id=owed.server_id, thread_id=owed.thread_id, now=now
        )


def _key(answer: GroupAskAnswer) -> str:
    """Return what an answer is owed under."""
    return f"{ANSWER}:{mark(answer)}"


def mark(answer: GroupAskAnswer) -> str:
    """Return which answer it is, and no other one that had its number or will have it."""
    return f"{answer.id}:{_stamp(answer)}"


def _stamp(answer: GroupAskAnswer) -> str:
    return str(int(answer.at.timestamp() * 1000))


async def _owed_answer(session: AsyncSession, owed: OutboxMessage) -> GroupAskAnswer | None:
    """Return the answer that was posted, unless its author has taken it back meanwhile."""
    _, number, stamp = owed.key.split(":")
    return await marked(session, int(number), stamp)


async def marked(session: AsyncSession, number: int, stamp: str) -> GroupAskAnswer | None:
    """Return the answer that a mark means; None once it is taken back."""
    answer = await session.get(GroupAskAnswer, number)
    return answer if answer is not None and _stamp(answer) == stamp else None
