"""Counts how long people stay, as it happens: nothing that is kept here names anybody.

Homes are counted when they end, in the transaction that ends them. Who is in the server is counted
when a week is over, by the week in which they joined: so nothing is lost when somebody leaves while
Hearth is away, but for those who joined and left between two looks.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import roll_calls
from bot.rules.health import Week
from bot.rules.roll_calls import Arm
from bot.rules.survival import ENDS, LANDMARK_WEEK, How, weeks_between, whole_weeks
from bot.services.upserts import upsert
from models import Base, Group, HomeEnd, HomeWeek, Member, Membership, RollCall, Server

AT_ONCE = 500  # rows; then others have their turn
LATEST = timedelta(days=1)  # after a week's end its roll can be called
CAME_ALONG = 0  # the group of homes that began in another
# What `settling.give_up` is told, as homes are counted
HOW: Mapping[str, How] = {
    "left": "left",
    "moved": "moved",
    "released": "released",
    "forgotten": "forgotten",
}


@dataclass(frozen=True, slots=True)
class Course:
    """A home's course, as it was when it ended; of whom it was is not in it."""

    server_id: int
    group_id: int
    since: datetime
    course: str | None


def course_of(home: Membership) -> Course:
    """Return a home's course so far."""
    return Course(home.server_id, home.group_id, home.since, home.course)


async def home_ended(session: AsyncSession, home: Course, why: str, now: datetime) -> None:
    """Count that a home ends now: `why` as in `settling.moved_out`, or forgotten.

    Homes in a group that has ended itself end with it, and tell nothing of their people.
    """
    group = await session.get_one(Group, home.group_id)
    how, until = HOW[why], now
    if group.archived_at is not None and how in ENDS:
        how, until = "closed", group.archived_at
    if how in ENDS:
        await _one_more(
            session,
            HomeWeek,
            {"group_id": group.id, "week": Week.of(now).key},
            "ended",
            server_id=group.server_id,
        )
    await _course_over(session, home, how, until)


async def went_along(session: AsyncSession, homes: Collection[Membership], now: datetime) -> None:
    """Count that homes go on in another group, by no choice of each; before they do."""
    for home in homes:
        if home.course == "begun":
            await _course_over(session, course_of(home), "branched", now)
            home.course = "carried"


async def _course_over(session: AsyncSession, home: Course, how: How, until: datetime) -> None:
    if home.course is None:
        return
    await _one_more(
        session,
        HomeEnd,
        {
            "server_id": home.server_id,
            "group_id": home.group_id if home.course == "begun" else CAME_ALONG,
            "began": Week.of(home.since).key,
            "weeks": whole_weeks(home.since, until),
            "how": how,
        },
        "people",
    )


async def left_early(
    session: AsyncSession, server_id: int, joined_at: datetime, now: datetime
) -> None:
    """Count that somebody left the server in the week in which they joined it.

    Who leaves later is missed at the end of the week.
    """
    week = Week.of(now)
    if Week.of(joined_at) == week and await session.get(Server, server_id) is not None:
        await _called(session, server_id, week, week, "gone")


async def forgotten(
    session: AsyncSession, server_id: int, user_id: int, joined_at: datetime, now: datetime
) -> None:
    """Count that nobody knows any more of somebody's home; before their rows are erased."""
    cohort, week = Week.of(joined_at), Week.of(now)
    if weeks_between(cohort, week) < LANDMARK_WEEK:
        return
    member = await session.get(Member, (server_id, user_id))
    home = await session.get(Membership, (server_id, user_id))
    arm = roll_calls.arm_of(
        joined_at,
        None if member is None else member.first_home_at,
        None if home is None else home.since,
    )
    if arm == "homed":
        await _called(session, server_id, cohort, week, "forgotten")


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is there at the end of a week, as counts: people by cohort and arm, homes by group."""

    server_id: int
    week: Week
    people: Mapping[tuple[Week, Arm], int]
    homes: Mapping[int, int]


async def roll_due(session: AsyncSession, server_id: int, now: datetime) -> Week | None:
    """Return the week that is just over, if its roll was not called; None when it is too late.

    A day later somebody may have left since.
    """
    week = Week.of(now).later(-1)
    server = await session.get_one(Server, server_id)
    called = server.roll_week is not None and server.roll_week >= week.key
    return None if called or now - week.ends > LATEST else week


async def look(
    session: AsyncSession, server_id: int, week: Week, joined: Mapping[int, datetime] | None
) -> Roll:
    """Count who is there at the end of a week, and how many homes each group has; reads only.

    `joined` says when everybody who is in the server now joined it; None where that is not known:
    then only homes are counted.
    """
    server = await session.get_one(Server, server_id)
    firsts: dict[int, datetime] = {}
    members = await session.stream(
        select(Member.user_id, Member.first_home_at)
        .where(Member.server_id == server_id, Member.first_home_at.is_not(None))
        .execution_options(yield_per=AT_ONCE)
    )
    async for some in members.partitions():
        firsts.update((user_id, at) for user_id, at in some if at is not None)
        await asyncio.sleep(0)
    since: dict[int, datetime] = {}
    lived = Counter[int]()
    rows = await session.stream(
        select(Membership.user_id, Membership.group_id, Membership.since)
        .where(Membership.server_id == server_id)
        .execution_options(yield_per=AT_ONCE)
    )
    async for some in rows.partitions():
        for user_id, group_id, at in some:
            since[user_id] = at
            lived[group_id] += at < week.ends  # the roll is called hours later
        await asyncio.sleep(0)
    groups = await session.scalars(
        select(Group.id).where(
            Group.server_id == server_id,
            Group.archived_at.is_(None),
            Group.created_at < week.ends,
        )
    )
    homes = {group_id: lived[group_id] for group_id in groups}
    if joined is None:
        return Roll(server_id, week, {}, homes)
    # Of tens of thousands this takes a while: others want to be heard meanwhile.
    people = await asyncio.to_thread(roll_calls.call, joined, firsts, since, week, server.added_at)
    return Roll(server_id, week, people, homes)


async def write(session: AsyncSession, roll: Roll) -> None:
    """Write a roll down; once a week."""
    server = await session.get_one(Server, roll.server_id)
    if server.roll_week is not None and server.roll_week >= roll.week.key:
        return
    server.roll_week = roll.week.key
    await session.flush()
    here = {"server_id": roll.server_id, "week": roll.week.key}
    people = [
        {**here, "joined": cohort.key, "arm": arm, "people": count}
        for (cohort, arm), count in roll.people.items()
    ]
    if people:
        await session.execute(upsert(session, RollCall), people)
    there = select(Group.id).where(Group.server_id == roll.server_id)
    homes = [
        {**here, "group_id": group_id, "homes": roll.homes[group_id], "ended": 0}
        for group_id in await session.scalars(there)
        if group_id in roll.homes
    ]
    if homes:
        insert = upsert(session, HomeWeek)
        await session.execute(
            insert.on_conflict_do_update(
                index_elements=["group_id", "week"], set_={"homes": insert.excluded.homes}
            ),
            homes,
        )


async def _called(
    session: AsyncSession, server_id: int, cohort: Week, week: Week, arm: str
) -> None:
    await _one_more(
        session,
        RollCall,
        {"server_id": server_id, "joined": cohort.key, "week": week.key, "arm": arm},
        "people",
    )


async def _one_more(
    session: AsyncSession,
    table: type[Base],
    key: Mapping[str, object],
    count: str,
    **more: object,
) -> None:
    """Add one to a count; its row is made if there is none."""
    insert = upsert(session, table).values(**key, **more, **{count: 1})
    column = table.__table__.c[count]
    await session.execute(
        insert.on_conflict_do_update(index_elements=list(key), set_={count: column + 1})
    )
