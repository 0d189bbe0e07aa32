"""What a challenge says by the clock: half-time, its end, who completed it; and when it asks.

Each moment is written down in the transaction that owes its message, so it comes once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Delete, Select, and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import goal_cards as cards
from bot.rules import goals as rules
from bot.rules.actor import Actor
from bot.rules.goals import Ended
from bot.rules.message import Message
from bot.services import facilitators, goal_hosting, goal_partners, goals, takedowns
from bot.services.outbox import owe
from models import Goal, GoalBreak, GoalMark, GoalPart, GoalPartner, Group, OutboxMessage, Server

_RUNNING = Goal.state == "running"
_UNNAMED = and_(Goal.state.in_(("over", "off")), Goal.named_at.is_(None))
ANY_OPEN = or_(
    exists().where(_RUNNING), exists().where(_UNNAMED), exists().where(goal_partners.UNANSWERED)
)


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Do what is due in every challenge of servers that are not paused; called by the tick."""
    rows = await session.execute(
        select(Goal, Group)
        .join(Group, Group.id == Goal.group_id)
        .join(Server, Server.id == Goal.server_id)
        .where(
            _RUNNING,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Goal.id)
    )
    for goal, group in rows.all():
        if group.archived_at is not None:
            # The room is only read from now on: nobody could do anything about what it said.
            await _count(session, goal, now, "off")
            goal.named_at = now
        elif rules.closes_at(goals.course_of(goal)) <= now:
            await _close(session, goal, now)
        elif goal.half_at <= now and goal.half_told_at is None:
            await _half(session, goal, group, now)
        elif (
            goal.asked_at is None
            and goal.kept_at is None
            and await goals.is_silent(session, goal, now)
        ):
            await _ask(session, goal, now)
    await _name_due(session, now)
    await goal_partners.fade(session, now)
    await session.flush()


async def end_early(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Goal:
    """End a challenge now, kindly: the room reads how many took part."""
    goal = await goal_hosting.running(session, actor, goal_id)
    group = await session.get_one(Group, goal.group_id)
    joined = len(await goals.members(session, goal.id))
    goal.state, goal.closed_at, goal.joined = "off", now, joined
    await session.flush()
    if group.archived_at is None:
        message = cards.ended(goals.shown(goal), Ended(joined), now, None, early=True)
        await _say(session, goal, "end", message, now)
    return goal


async def keep(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Goal:
    """Let a challenge run in which nobody checks in; it does not ask again."""
    goal = await goal_hosting.running(session, actor, goal_id)
    goal.kept_at = goal.kept_at or now
    await session.flush()
    return goal


async def asks(session: AsyncSession, actor: Actor, goal_id: int) -> Message:
    """Return the question whether a challenge shall go on, to those who look after its group."""
    return cards.asks(goals.shown(await goal_hosting.running(session, actor, goal_id)))


async def posted(
    session: AsyncSession, row: OutboxMessage, message_id: int, _now: datetime
) -> None:
    """Remember where a challenge's post stands, and its thread."""
    goal = await session.get(Goal, int(row.key.partition(":")[2]))
    if goal is not None:
        goal.message_id, goal.thread_id = message_id, row.thread_id


async def word_posted(
    session: AsyncSession, row: OutboxMessage, message_id: int, now: datetime
) -> None:
    """Remember where a shared word stands; one whose check-in is gone meanwhile goes again."""
    _, goal_id, user_id, day = row.key.split(":")
    mark = await session.get(GoalMark, (int(goal_id), int(user_id), day))
    if row.channel_id is None:
        return
    if mark is None:
        await takedowns.want(
            session,
            server_id=row.server_id,
            channel_id=row.channel_id,
            message_id=message_id,
            now=now,
        )
    else:
        mark.channel_id, mark.message_id = row.channel_id, message_id


async def sweep(session: AsyncSession, now: datetime) -> int:
    """Erase what is past its time: parts of what ended, drafts nobody began, old challenges."""
    ended = select(Goal.id).where(Goal.closed_at <= now - rules.PARTS_KEPT)
    statements: list[Delete[Any]] = [
        delete(table).where(table.goal_id.in_(ended))
        for table in (GoalPart, GoalMark, GoalBreak, GoalPartner)
    ]
    statements += [
        delete(Goal).where(Goal.state == "draft", Goal.created_at <= now - rules.DRAFTS_KEPT),
        delete(Goal).where(Goal.closed_at <= now - rules.GOALS_KEPT),
    ]
    gone = 0
    for statement in statements:
        result = await session.execute(statement.execution_options(synchronize_session=False))
        gone += result.rowcount if isinstance(result, CursorResult) else 0
    return gone


async def stands_in(session: AsyncSession, thread_id: int) -> bool:
    """Return whether a thread is that of a challenge under way."""
    found = await session.scalar(_under_way(thread_id).with_only_columns(Goal.id))
    return found is not None


async def thread_gone(session: AsyncSession, thread_id: int) -> None:
    """Note that somebody deleted a challenge's thread: no word is asked for."""
    goal = await session.scalar(_under_way(thread_id))
    if goal is not None:
        goal.message_id = goal.thread_id = None
        await session.flush()


def _under_way(thread_id: int) -> Select[Goal]:
    return select(Goal).where(Goal.state == "running", Goal.thread_id == thread_id)


async def word_dropped(session: AsyncSession, row: OutboxMessage) -> None:
    """Take in that a challenge's thread is gone: it was deleted while Hearth was away."""
    goal = await session.get(Goal, int(row.key.split(":")[1]))
    if goal is not None and row.place == "thread":
        goal.message_id = goal.thread_id = None


async def _half(session: AsyncSession, goal: Goal, group: Group, now: datetime) -> None:
    if group.locked_at is not None and now - goal.half_at <= rules.SAID_WITHIN:
        return  # said once the room is open again, if that is soon
    goal.half_told_at = now
    if now - goal.half_at > rules.SAID_WITHIN:
        return
    found = await goals.progress(session, goal, now)
    message = cards.half(goals.shown(goal), found, now, goals.picture(goal, found))
    await _say(session, goal, "half", message, now)


async def _close(session: AsyncSession, goal: Goal, now: datetime) -> None:
    found = await goals.progress(session, goal, now)
    ended = await _count(session, goal, now, "over")
    if now - goal.ends_at > rules.CLOSED_WITHIN:
        goal.named_at = now  # nobody heard of the end, so nobody could ask to be named
        return
    names_at = now + rules.NAMED_AFTER
    picture = goals.picture(goal, found)
    message = cards.ended(goals.shown(goal), ended, names_at, picture, early=False)
    await _say(session, goal, "end", message, now)


async def _count(session: AsyncSession, goal: Goal, now: datetime, state: str) -> Ended:
    """Write down what a challenge came to, in all and for each who took part."""
    course = goals.course_of(goal)
    blind = await goals.blind(session, goal, now)
    people = {one.user_id: one.mine for one in await goals.members(session, goal.id)}
    done = {user for user, mine in people.items() if rules.completed(course, mine, blind)}
    paired = await goal_partners.with_partner(session, goal, people.keys())
    goal.state, goal.closed_at = state, now
    goal.joined, goal.completed = len(people), len(done)
    goal.paired, goal.paired_completed = len(paired), len(paired & done)
    parts = await session.scalars(select(GoalPart).where(GoalPart.goal_id == goal.id))
    for part in parts.all():
        part.completed = part.user_id in done
    await session.flush()
    return goals.came(goal)


async def _name_due(session: AsyncSession, now: datetime) -> None:
    """Name those who completed a challenge and like the room to know; then its thread closes."""
    rows = await session.scalars(
        select(Goal)
        .join(Server, Server.id == Goal.server_id)
        .where(
            _UNNAMED,
            Goal.closed_at <= now - rules.NAMED_AFTER,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
    )
    for goal in rows.all():
        goal.named_at = now
        group = await session.get_one(Group, goal.group_id)
        there = {one.user_id for one in await goals.members(session, goal.id)}
        parts = await session.scalars(
            select(GoalPart.user_id)
            .where(GoalPart.goal_id == goal.id, GoalPart.named, GoalPart.completed.is_(True))
            .order_by(GoalPart.since, GoalPart.user_id)
        )
        people = [user for user in parts if user in there]
        if group.archived_at is None:
            for number, message in enumerate(cards.named(goals.shown(goal), people)):
                await _say(session, goal, f"named-{number}", message, now)
        if goal.thread_id is not None:
            await takedowns.close_thread(
                session, server_id=goal.server_id, thread_id=goal.thread_id, now=now
            )


async def _ask(session: AsyncSession, goal: Goal, now: datetime) -> None:
    """Ask the host whether a challenge in which nobody checks in shall go on; once."""
    goal.asked_at = now
    server = await session.get_one(Server, goal.server_id)
    people = [] if goal.host_id is None else [goal.host_id]
    people = people or await facilitators.active(session, goal.group_id)
    await owe(
        session,
        server_id=goal.server_id,
        kind="goal-waits",
        key=f"goal-waits:{goal.id}",
        place="room" if server.facilitators_room_id is None else "facilitators",
        group_id=goal.group_id,
        message=cards.waits(goal.id, people),
        now=now,
    )


async def _say(
    session: AsyncSession, goal: Goal, what: str, message: Message, now: datetime
) -> None:
    await owe(
        session,
        server_id=goal.server_id,
        kind="goal-moment",
        key=f"goal-{what}:{goal.id}",
        place="room",
        group_id=goal.group_id,
        message=message,
        now=now,
        expires_in=rules.SAID_WITHIN,
    )
