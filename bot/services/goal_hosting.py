"""A group's challenge, for those who look after it: planned, begun by its host, ended, gone on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import goal_cards as cards
from bot.rules import goal_forms
from bot.rules import goals as rules
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.goal_forms import Filled
from bot.rules.goals import Course, Ended
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import goals, rights, stages
from bot.services.groups import of_server
from bot.settings import Settings
from models import Goal, Group, GroupType

OFFERED_FOR = timedelta(days=30)  # since a goal group opened


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk says of a challenge: its page, and on the front what waits."""
    del actor, settings
    if group.state == "archived":
        return ()
    goal = await goals.open_one(session, group.id)
    button = Button("goals.desk_button", f"goal-desk:{group.id}")
    if goal is None:
        parts = [Part("together", (Line("goals.desk_none"),), (button,))]
        if await _is_offered(session, group, now):
            plan = Button("goals.plan", f"goal-plan:{group.id}")
            parts.append(Part("front", (Line("goals.desk_offer"),), (plan,)))
        return parts
    one = goals.shown(goal)
    title = {"title": safe(goal.title), "until": one.until}
    if goal.state == "draft":
        return (Part("together", (Line("goals.desk_draft", title),), (button,)),)
    parts = [Part("together", (Line("goals.desk_runs", title),), (button,))]
    if goal.host_id is None:
        hosts = Button("goals.host_it", f"goal-host:{goal.id}", "primary")
        parts.append(Part("front", (Line("goals.desk_hostless", title),), (hosts,)))
    elif goal.asked_at and not goal.kept_at and await goals.is_silent(session, goal, now):
        looks = Button("goals.look", f"goal-asks:{goal.id}")
        parts.append(Part("front", (Line("goals.desk_silent", title),), (looks,)))
    return parts


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what waits for the host of a challenge in which nobody checks in."""
    del settings
    goal = await session.scalar(
        select(Goal)
        .where(
            Goal.server_id == who.server_id,
            Goal.host_id == who.user_id,
            Goal.state == "running",
            Goal.asked_at.is_not(None),
            Goal.kept_at.is_(None),
        )
        .limit(1)
    )
    if goal is None or not await goals.is_silent(session, goal, now):
        return None
    return Note(
        (Line("goals.home_silent", {"title": safe(goal.title)}),),
        (Button("goals.look", f"goal-asks:{goal.id}"),),
    )


async def at_desk(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return the desk's card of challenges, to those who look after the group and owners."""
    group = await _group(session, actor, group_id)
    goal = await goals.open_one(session, group_id)
    if goal is not None and goal.state == "draft":
        return cards.desk_draft(goals.shown(goal))
    if goal is not None:
        found = await goals.progress(session, goal, now)
        return cards.desk_running(
            goals.shown(goal), found, actor.user_id, goals.picture(goal, found)
        )
    last = await session.scalar(
        select(Goal)
        .where(Goal.group_id == group_id, Goal.state.in_(("over", "off")))
        .order_by(Goal.closed_at.desc(), Goal.id.desc())
        .limit(1)
    )
    return cards.desk_none(
        group_id,
        group.name,
        None if last is None else goals.shown(last),
        Ended() if last is None else goals.came(last),
        archived=group.state == "archived",
    )


async def form(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    group_id: int | None = None,
    goal_id: int | None = None,
    again: bool = False,
) -> dict[str, str]:
    """Return what stands in the form of a new challenge, a drafted one, or one that goes on.

    UserError where there is nothing to be planned now.
    """
    if goal_id is None:
        assert group_id is not None  # one of the two is given
        await _plannable(session, await _group(session, actor, group_id))
        return {}
    goal = await _goal(session, actor, goal_id)
    if again:
        await _plannable(session, await _group(session, actor, goal.group_id))
        course = goals.course_of(goal)
        return goal_forms.again(goal.title, goal.counts, course, course.today(now))
    _is(goal, "draft")
    return goal_forms.written(goal.title, goal.counts, goals.course_of(goal))


async def save(
    session: AsyncSession,
    actor: Actor,
    fields: Mapping[str, str],
    now: datetime,
    *,
    group_id: int | None = None,
    goal_id: int | None = None,
) -> Goal:
    """Draft a challenge, or change a draft; UserError for what does not fit."""
    if goal_id is not None:
        goal = await _goal(session, actor, goal_id)
        _is(goal, "draft")
        group = await _group(session, actor, goal.group_id)
        _write(goal, goal_forms.checked(fields, now, await stages.zone_of(session, group)))
        await session.flush()
        return goal
    assert group_id is not None  # one of the two is given
    group = await _group(session, actor, group_id)
    await _plannable(session, group)
    filled = goal_forms.checked(fields, now, await stages.zone_of(session, group))
    goal = Goal(server_id=group.server_id, group_id=group_id, state="draft", created_at=now)
    _write(goal, filled)
    try:
        async with session.begin_nested():
            session.add(goal)
    except IntegrityError:
        raise UserError("goals.one_open") from None
    return goal


async def begin(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Goal:
    """Begin a drafted challenge, hosted by who pressed; its post stands in the room with a thread.

    A first day that is over by now is today.
    """
    goal = await _goal(session, actor, goal_id)
    _is(goal, "draft")
    group = await _group(session, actor, goal.group_id)
    names = {"group": safe(group.name)}
    if group.state == "archived":
        raise UserError("goals.archived", **names)
    if group.room_id is None:
        raise UserError("goals.no_room", **names)
    if group.locked_at is not None:
        raise UserError("goals.locked", **names)
    course = goals.course_of(goal)
    first = max(course.first, course.today(now))
    if (course.last - first).days + 1 < goal_forms.SHORTEST:
        raise UserError("goals.dates_past")
    _set_days(goal, Course(first, course.last, course.zone, course.times, course.grace))
    goal.state, goal.host_id, goal.begun_at = "running", actor.user_id, now
    await session.flush()
    await goals.post(session, goal, cards.begun(goals.shown(goal)), now)
    return goal


async def drop(session: AsyncSession, actor: Actor, goal_id: int) -> Goal:
    """Let a draft go."""
    goal = await _goal(session, actor, goal_id)
    _is(goal, "draft")
    await session.delete(goal)
    await session.flush()
    return goal


async def running(session: AsyncSession, actor: Actor, goal_id: int) -> Goal:
    """Return a challenge that runs, to those who look after its group and owners."""
    goal = await _goal(session, actor, goal_id)
    _is(goal, "running")
    return goal


async def ended_one(session: AsyncSession, actor: Actor, goal_id: int) -> Goal:
    """Return a challenge that is over, to those who look after its group and owners."""
    goal = await _goal(session, actor, goal_id)
    _is(goal, "over", "off")
    return goal


async def take_over(session: AsyncSession, actor: Actor, goal_id: int) -> Goal:
    """Let who pressed be the host from now on."""
    goal = await running(session, actor, goal_id)
    goal.host_id = actor.user_id
    await session.flush()
    return goal


async def _plannable(session: AsyncSession, group: Group) -> None:
    if group.state == "archived":
        raise UserError("goals.archived", group=safe(group.name))
    if await goals.open_one(session, group.id) is not None:
        raise UserError("goals.one_open")


async def _is_offered(session: AsyncSession, group: Group, now: datetime) -> bool:
    """Return whether a goal group is at its beginning and never had a challenge."""
    if group.opened_at is None or now - group.opened_at > OFFERED_FOR:
        return False
    type_ = await session.get_one(GroupType, group.type_id)
    had = await session.scalar(select(exists().where(Goal.group_id == group.id)))
    return type_.kind == "goal" and not had


async def _group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.require_facilitator(session, actor, group_id)
    return await of_server(session, actor.server_id, group_id)


async def _goal(session: AsyncSession, actor: Actor, goal_id: int) -> Goal:
    goal = await session.get(Goal, goal_id)
    if goal is None or goal.server_id != actor.server_id:
        raise NotAllowed("goals.gone")
    await rights.require_facilitator(session, actor, goal.group_id)
    return goal


def _is(goal: Goal, *states: str) -> None:
    if goal.state not in states:
        raise UserError("goals.gone")


def _write(goal: Goal, filled: Filled) -> None:
    goal.title, goal.counts = filled.title, filled.counts
    _set_days(goal, filled.course)


def _set_days(goal: Goal, course: Course) -> None:
    goal.first_day, goal.last_day = course.first.isoformat(), course.last.isoformat()
    goal.zone, goal.times, goal.grace = course.zone, course.times, course.grace
    when = rules.moments(course)
    goal.starts_at, goal.half_at, goal.ends_at = when.starts_at, when.half_at, when.ends_at
