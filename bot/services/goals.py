"""A group's challenge as its table has it: its days, who takes part, how it goes.

Those who look after the group have theirs in `goal_hosting`, each person's own part is read in
`goal_parts`, and what is said by the clock in `goal_moments`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import goal_pictures
from bot.rules import goals as rules
from bot.rules.goal_cards import Shown
from bot.rules.goals import Course, Ended, Mine, Progress
from bot.rules.message import Message, Picture
from bot.services import connected, resting
from bot.services.outbox import owe
from models import Goal, GoalBreak, GoalMark, GoalPart, Membership

OPEN = ("draft", "running")
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


async def is_silent(session: AsyncSession, goal: Goal, now: datetime) -> bool:
    """Return whether nobody has checked in for a third of the time."""
    course = course_of(goal)
    if not rules.silent(course, goal.last_mark_at, now):
        return False
    return rules.silent(course, goal.last_mark_at, now, await blind(session, goal, now))


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
