"""A group's challenge, for those who look after it: planned, begun by its host, ended, gone on.

How it stands with each person's part is read in `goal_parts`; what is said by the clock in
`goal_moments`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import goal_cards as cards
from bot.rules import goal_forms, goal_pictures
from bot.rules import goals as rules
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.goal_cards import Shown
from bot.rules.goal_forms import Filled
from bot.rules.goals import Course, Ended, Mine, Progress
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message, Picture
from bot.rules.naming import safe
from bot.services import connected, resting, rights, stages
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.settings import Settings
from models import Goal, GoalBreak, GoalMark, GoalPart, Group, GroupType, Membership

OPEN = ("draft", "running")
OFFERED_FOR = timedelta(days=30)  # since a goal group opened
KIND = "goal"  # of the outbox's messages: the post that opens the thread


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part and lives there."""

    user_id: int
    mine: Mine


def course_of(goal: Goal) -> Course:
    """Return when a challenge is and what it asks, as the rules see it."""
    return Course(
        date.fromisoformat(goal.first_day),
        date.fromisoformat(goal.last_day),
        goal.zone,
        goal.times,
        goal.grace,
    )


def shown(goal: Goal) -> Shown:
    """Return a challenge as everybody in its group may know it."""
    return Shown(
        goal.id, goal.group_id, goal.title, goal.counts, course_of(goal), goal.host_id, goal.state
    )


def came(goal: Goal) -> Ended:
    """Return what a challenge came to."""
    return Ended(goal.joined, goal.completed, goal.paired, goal.paired_completed)


async def open_one(session: AsyncSession, group_id: int) -> Goal | None:
    """Return the challenge of a group that is drafted or runs."""
    return await session.scalar(select(Goal).where(Goal.group_id == group_id, Goal.state.in_(OPEN)))


async def blind(session: AsyncSession, goal: Goal, now: datetime) -> frozenset[date]:
    """Return the days of a challenge so far that ask nothing of anybody.

    Hearth was not there to be pressed, or the group rests.
    """
    course = course_of(goal)
    heard = await connected.hearing(session, goal.server_id)
    today = course.today(now)
    rests = await resting.of_group(session, goal.group_id, since=course.first)
    days = {course.first + n * rules.DAY for n in range(course.days)}
    rested = {day for day in days if any(rest.covers(day) for rest in rests)}
    return frozenset(day for day in rested | rules.blind_days(course, heard.live) if day < today)


async def members(session: AsyncSession, goal_id: int, *, of: int | None = None) -> list[Member]:
    """Return those who take part and live there; with `of` only that person."""
    parts = (
        select(GoalPart)
        .join(Goal, Goal.id == GoalPart.goal_id)
        .join(
            Membership,
            (Membership.server_id == Goal.server_id)
            & (Membership.user_id == GoalPart.user_id)
            & (Membership.group_id == Goal.group_id),
        )
        .where(GoalPart.goal_id == goal_id, Membership.state == "here")
        .order_by(GoalPart.user_id)
    )
    marks = select(GoalMark.user_id, GoalMark.day).where(GoalMark.goal_id == goal_id)
    breaks = select(GoalBreak).where(GoalBreak.goal_id == goal_id)
    if of is not None:
        parts = parts.where(GoalPart.user_id == of)
        marks, breaks = marks.where(GoalMark.user_id == of), breaks.where(GoalBreak.user_id == of)
    marked: dict[int, set[date]] = {}
    for user_id, day in await session.execute(marks):
        marked.setdefault(user_id, set()).add(date.fromisoformat(day))
    rested: dict[int, list[tuple[date, date | None]]] = {}
    for row in await session.scalars(breaks):
        until = None if row.until_day is None else date.fromisoformat(row.until_day)
        rested.setdefault(row.user_id, []).append((date.fromisoformat(row.from_day), until))
    return [
        Member(
            part.user_id,
            Mine(
                date.fromisoformat(part.first_day),
                frozenset(marked.get(part.user_id, ())),
                tuple(sorted(rested.get(part.user_id, ()), key=lambda one: one[0])),
            ),
        )
        for part in await session.scalars(parts)
    ]


async def progress(session: AsyncSession, goal: Goal, now: datetime) -> Progress:
    """Return how it stands with everybody's part, as sums."""
    people = [one.mine for one in await members(session, goal.id)]
    return rules.progress(course_of(goal), people, now, await blind(session, goal, now))


def picture(goal: Goal, found: Progress) -> Picture | None:
    """Return the picture of how a challenge goes; None where too few take part."""
    return goal_pictures.of(shown(goal), found)


# --- at the desk ---------------------------------------------------------------------------------


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk says of a challenge: its page, and on the front what waits."""
    del actor, settings
    if group.state == "archived":
        return ()
    goal = await open_one(session, group.id)
    button = Button("goals.desk_button", f"goal-desk:{group.id}")
    if goal is None:
        parts = [Part("together", (Line("goals.desk_none"),), (button,))]
        if await _is_offered(session, group, now):
            plan = Button("goals.plan", f"goal-plan:{group.id}")
            parts.append(Part("front", (Line("goals.desk_offer"),), (plan,)))
        return parts
    one = shown(goal)
    title = {"title": safe(goal.title), "until": one.until}
    if goal.state == "draft":
        return (Part("together", (Line("goals.desk_draft", title),), (button,)),)
    parts = [Part("together", (Line("goals.desk_runs", title),), (button,))]
    if goal.host_id is None:
        hosts = Button("goals.host_it", f"goal-host:{goal.id}", "primary")
        parts.append(Part("front", (Line("goals.desk_hostless", title),), (hosts,)))
    elif goal.asked_at and not goal.kept_at and await is_silent(session, goal, now):
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
    if goal is None or not await is_silent(session, goal, now):
        return None
    return Note(
        (Line("goals.home_silent", {"title": safe(goal.title)}),),
        (Button("goals.look", f"goal-asks:{goal.id}"),),
    )


async def is_silent(session: AsyncSession, goal: Goal, now: datetime) -> bool:
    """Return whether nobody has checked in for a third of the time."""
    course = course_of(goal)
    if not rules.silent(course, goal.last_mark_at, now):
        return False
    return rules.silent(course, goal.last_mark_at, now, await blind(session, goal, now))


async def at_desk(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return the desk's card of challenges, to those who look after the group and owners."""
    group = await _group(session, actor, group_id)
    goal = await open_one(session, group_id)
    if goal is not None and goal.state == "draft":
        return cards.desk_draft(shown(goal))
    if goal is not None:
        found = await progress(session, goal, now)
        return cards.desk_running(shown(goal), found, actor.user_id, picture(goal, found))
    last = await session.scalar(
        select(Goal)
        .where(Goal.group_id == group_id, Goal.state.in_(("over", "off")))
        .order_by(Goal.closed_at.desc(), Goal.id.desc())
        .limit(1)
    )
    return cards.desk_none(
        group_id,
        group.name,
        None if last is None else shown(last),
        Ended() if last is None else came(last),
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
        course = course_of(goal)
        return goal_forms.again(goal.title, goal.counts, course, course.today(now))
    _is(goal, "draft")
    return goal_forms.written(goal.title, goal.counts, course_of(goal))


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
    course = course_of(goal)
    first = max(course.first, course.today(now))
    if (course.last - first).days + 1 < goal_forms.SHORTEST:
        raise UserError("goals.dates_past")
    _set_days(goal, Course(first, course.last, course.zone, course.times, course.grace))
    goal.state, goal.host_id, goal.begun_at = "running", actor.user_id, now
    await session.flush()
    await post(session, goal, cards.begun(shown(goal)), now)
    return goal


async def post(session: AsyncSession, goal: Goal, message: Message, now: datetime) -> None:
    """Owe the post of a challenge, which opens its thread."""
    await owe(
        session,
        server_id=goal.server_id,
        kind=KIND,
        key=f"goal:{goal.id}",
        place="room",
        group_id=goal.group_id,
        message=message,
        now=now,
    )


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
    if await open_one(session, group.id) is not None:
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
