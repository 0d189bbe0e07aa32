"""A word to a check-in: kept until its author shares it, then put into the challenge's thread.

What stays here of a shared word is where it stands, so that it can be taken down.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import goal_forms
from bot.rules import goal_mine_cards as cards
from bot.rules.actor import Actor
from bot.rules.message import Button, Line, Message
from bot.services import drafts, goals, takedowns
from bot.services.goal_rights import taking_part
from bot.services.outbox import owe, withdraw
from models import Goal, GoalMark

WORD = "goal-word"  # the kind of the outbox's message that carries a shared word


async def word(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> str:
    """Return what waits to be shared; UserError where no word can be said now."""
    await _sayable(session, actor, goal_id, now)
    kept = await drafts.kept(
        session, server_id=actor.server_id, user_id=actor.user_id, form=form_of(goal_id)
    )
    return kept.get("said", "")


async def keep_word(
    session: AsyncSession, actor: Actor, goal_id: int, typed: str, now: datetime
) -> Message | None:
    """Keep a word until its author shares it; return how it would read, None for an empty one.

    One that is too long is kept, too, and UserError says so.
    """
    goal, day = await _sayable(session, actor, goal_id, now)
    said = goal_forms.clean_word(typed)
    if not said:
        return None
    await drafts.keep(
        session,
        server_id=actor.server_id,
        user_id=actor.user_id,
        form=form_of(goal_id),
        fields={"said": said},
        now=now,
    )
    if len(said) > goal_forms.WORD_MOST:
        again = Button("home.fix_it", f"goal-word:{goal_id}", "primary")
        params = {"n": len(said), "most": goal_forms.WORD_MOST}
        return Message((Line("goals.word_long", params),), (again,))
    number = goals.course_of(goal).number(day)
    return cards.preview(goal_id, actor.user_id, number, said)


async def share_word(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """Put the word into the challenge's thread, in its author's name."""
    goal, day = await _sayable(session, actor, goal_id, now)
    kept = await drafts.kept(
        session, server_id=actor.server_id, user_id=actor.user_id, form=form_of(goal_id)
    )
    said = kept.get("said", "")
    if not said or len(said) > goal_forms.WORD_MOST:
        raise UserError("goals.word_gone")
    number = goals.course_of(goal).number(day)
    owed = await owe(
        session,
        server_id=goal.server_id,
        kind=WORD,
        key=key_of(goal_id, actor.user_id, day),
        place="room" if goal.thread_id is None else "thread",
        thread_id=goal.thread_id,
        group_id=goal.group_id,
        message=cards.word_posted(goal_id, actor.user_id, day, number, said),
        now=now,
    )
    if not owed:
        raise UserError("goals.word_already")
    await drop_word(session, actor, goal_id)


async def drop_word(session: AsyncSession, actor: Actor, goal_id: int) -> None:
    """Let a word go that was not shared."""
    await drafts.done(
        session, server_id=actor.server_id, user_id=actor.user_id, form=form_of(goal_id)
    )


async def unsay(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """Take down every word that somebody shared in a challenge; UserError if there is none."""
    goal = await taking_part(session, actor, goal_id)
    if not await unsay_all(session, goal, actor.user_id, now):
        raise UserError("goals.nothing_to_unsay")


async def unsay_all(
    session: AsyncSession, goal: Goal, user_id: int, now: datetime, *, day: str | None = None
) -> int:
    """Have the words that somebody shared taken down, or that of one day; return how many."""
    wanted = select(GoalMark).where(GoalMark.goal_id == goal.id, GoalMark.user_id == user_id)
    rows = (await session.scalars(wanted)).all()
    gone = 0
    for row in rows:
        if day is not None and row.day != day:
            continue
        key = key_of(goal.id, user_id, date.fromisoformat(row.day))
        gone += await withdraw(session, server_id=goal.server_id, key=key)
        if row.message_id is None or row.channel_id is None:
            continue
        await takedowns.want(
            session,
            server_id=goal.server_id,
            channel_id=row.channel_id,
            message_id=row.message_id,
            now=now,
        )
        row.channel_id = row.message_id = None
        gone += 1
    await session.flush()
    return gone


async def _sayable(
    session: AsyncSession, actor: Actor, goal_id: int, now: datetime
) -> tuple[Goal, date]:
    """Return a challenge and its day today, where somebody checked in and has said nothing yet."""
    goal = await taking_part(session, actor, goal_id, running=True)
    day = goals.course_of(goal).today(now)
    if goal.message_id is None:
        raise UserError("goals.word_nowhere")
    row = await session.get(GoalMark, (goal_id, actor.user_id, day.isoformat()))
    if row is None:
        raise UserError("goals.word_no_mark")
    if row.message_id is not None:
        raise UserError("goals.word_already")
    return goal, day


def key_of(goal_id: int, user_id: int, day: date) -> str:
    """Return the outbox's key of a shared word."""
    return f"goal-word:{goal_id}:{user_id}:{day.isoformat()}"


def form_of(goal_id: int) -> str:
    """Return under which name a word waits."""
    return f"goal-word:{goal_id}"
