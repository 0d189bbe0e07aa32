"""A group that begins together: who sets its days; `cohort_days` tells them as they come.

The end is that of any group with a last day (`closing`): the lines before it, the archive, and the
homes that people are offered next. What is added here is the beginning, the stages, and a closing
circle on the last evening.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import closing as ends
from bot.rules import cohort_cards as cards
from bot.rules import cohorts as rules
from bot.rules.actor import Actor
from bot.rules.cohort_cards import Plan
from bot.rules.cohorts import Stage
from bot.rules.desk_parts import Part
from bot.rules.message import Button, Line, Message
from bot.rules.naming import clean, safe
from bot.rules.together_cards import Part as Shown
from bot.services import closing, rights, stages
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.settings import Settings
from models import Cohort, CohortStage, Group, GroupType

PARTS = ("starts", "stages", "last")
WEEKS_MORE = (1, 2)


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return what the desk says of the days of a group that begins together."""
    del actor, settings
    if group.state == "archived" or not await _is_one(session, group):
        return ()
    button = Button("cohorts.desk_button", f"cohort-desk:{group.id}")
    row = await session.get(Cohort, group.id)
    if row is None:
        parts = [Part("together", (Line("cohorts.desk_none"),), (button,))]
        return [*parts, Part("front", (Line("cohorts.desk_none"),), (button,))]
    key = "cohorts.desk_begins" if row.starts_at > now else "cohorts.desk_runs"
    return (Part("together", (Line(key, {"at": int(row.starts_at.timestamp())}),), (button,)),)


async def together_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Shown | None:
    """Return at which stage a group is, for those who are inside."""
    del actor, settings
    row = await session.get(Cohort, group.id)
    if row is None or group.state == "archived":
        return None
    plan = await plan_of(session, group, row)
    button = Button("cohorts.days_button", f"cohort-shown:{group.id}")
    if row.starts_at > now:
        line = Line("cohorts.together_begins", {"at": int(row.starts_at.timestamp())})
        return Shown((line,), (button,))
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    begun = [stage for stage in plan.stages if stage.day <= today]
    if begun:
        names = {"number": len(begun), "n": len(plan.stages), "title": safe(begun[-1].title)}
        return Shown((Line("cohorts.together", names),), (button,))
    if plan.closes_at is None:
        return None
    at = int(plan.closes_at.timestamp()) - 1
    return Shown((Line("cohorts.together_ends", {"at": at}),), (button,))


async def at_desk(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Message:
    """Return a group's days, to those who look after it and owners."""
    group = await _group(session, actor, group_id)
    plan = await plan_of(session, group, await session.get(Cohort, group_id))
    return cards.desk(plan, actor.user_id, now)


async def shown(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return a group's days, to those who are inside."""
    group = await of_server(session, actor.server_id, group_id)
    row = await session.get(Cohort, group_id)
    inside = await rights.is_inside(session, actor.server_id, actor.user_id, group_id)
    if not inside or row is None:
        raise UserError("together.inside_only")
    return cards.shown(await plan_of(session, group, row))


async def form(session: AsyncSession, actor: Actor, group_id: int) -> dict[str, str]:
    """Return a group's days as they would be typed; UserError where it has none to be set."""
    group = await _open(session, actor, group_id)
    row = await session.get(Cohort, group_id)
    plan = await plan_of(session, group, row)
    return {
        "starts": "" if row is None else row.starts_on,
        "stages": rules.written(plan.stages),
        "last": await closing.day_shown(session, group),
    }


async def save(
    session: AsyncSession, actor: Actor, group_id: int, fields: Mapping[str, str], now: datetime
) -> Message:
    """Set a group's first day, stages and last day; who does hosts it.

    UserError for the first thing that does not fit. Where no last day was typed and the type
    lasts for a while, that is counted from the first day on.
    """
    group = await _open(session, actor, group_id)
    zone = await stages.zone_of(session, group)
    row = await session.get(Cohort, group_id)
    before = None if row is None else date.fromisoformat(row.starts_on)
    start = rules.read_start(fields["starts"], now, zone, before)
    planned = rules.read_stages(fields["stages"], start)
    await _set_end(session, actor, group, fields["last"], start, zone, now)
    if group.closes_at is not None:
        last = ends.last_day(group.closes_at, zone)
        if last < start:
            raise UserError("cohorts.end_early")
        late = next((stage for stage in planned if stage.day > last), None)
        if late is not None:
            raise UserError("cohorts.after_end", line=safe(late.title))
    if row is None:
        row = Cohort(group_id=group_id, server_id=group.server_id)
        session.add(row)
    if start != before:
        row.told_at = None
    row.starts_on, row.starts_at = start.isoformat(), rules.morning(start, zone)
    row.host_id = actor.user_id
    await session.flush()
    await _set_stages(session, group, planned, zone, now)
    return cards.desk(await plan_of(session, group, row), actor.user_id, now)


async def take_over(session: AsyncSession, actor: Actor, group_id: int) -> None:
    """Let the room read it in the name of who pressed from now on."""
    await _open(session, actor, group_id)
    row = await session.get(Cohort, group_id)
    if row is None:
        raise UserError("cohorts.not_a_cohort")
    row.host_id = actor.user_id
    await session.flush()


async def more_time(
    session: AsyncSession, actor: Actor, group_id: int, weeks: int, now: datetime
) -> datetime:
    """Put the last day off by some weeks; return the end of the new one.

    A room that has read of its last week is told at once, unless it reads of the new one today.
    """
    group = await _open(session, actor, group_id)
    if group.closes_at is None or weeks not in WEEKS_MORE:
        raise UserError("cohorts.not_a_cohort")
    zone = await stages.zone_of(session, group)
    last = ends.last_day(group.closes_at, zone) + weeks * rules.WEEK
    wanted = rules.midnight(last + rules.DAY, zone)
    heard = group.closes_at - now <= ends.A_WEEK < wanted - now
    await closing.put_back(session, actor, group_id=group_id, wanted=wanted, now=now)
    if heard and group.room_id is not None and group.locked_at is None:
        plan = await plan_of(session, group, await session.get(Cohort, group_id))
        await owe(
            session,
            server_id=group.server_id,
            kind="cohort",
            key=f"cohort:{group_id}:until:{int(wanted.timestamp())}",
            place="room",
            group_id=group_id,
            message=cards.longer(plan, wanted),
            now=now,
            expires_in=rules.SAID_WITHIN,
        )
    return wanted


async def copy(session: AsyncSession, group_id: int, child_id: int) -> None:
    """Give a group that grows out of another the same days; nobody hosts them there yet."""
    row = await session.get(Cohort, group_id)
    if row is None:
        return
    session.add(
        Cohort(
            group_id=child_id,
            server_id=row.server_id,
            starts_on=row.starts_on,
            starts_at=row.starts_at,
            told_at=row.told_at,
        )
    )
    for stage in await stages_of(session, group_id):
        session.add(
            CohortStage(
                group_id=child_id,
                server_id=stage.server_id,
                title=stage.title,
                day=stage.day,
                due_at=stage.due_at,
                told_at=stage.told_at,
            )
        )
    await session.flush()


async def _set_end(  # noqa: PLR0917 - who, which group, what was typed, from when
    session: AsyncSession,
    actor: Actor,
    group: Group,
    typed: str,
    start: date,
    zone: str,
    now: datetime,
) -> None:
    """Set the last day that was typed; none was: what the type says, from the first day on."""
    if clean(typed):
        if typed.strip() != await closing.day_shown(session, group):
            await closing.set_last_day(session, actor, group_id=group.id, typed=typed, now=now)
        return
    type_ = await session.get_one(GroupType, group.type_id)
    wanted = None
    if type_.lasts_days is not None:
        wanted = ends.lasts_until(rules.morning(start, zone), type_.lasts_days, zone)
    await closing.put_back(session, actor, group_id=group.id, wanted=wanted, now=now)


async def _set_stages(
    session: AsyncSession, group: Group, planned: Sequence[Stage], zone: str, now: datetime
) -> None:
    """Write the stages; those that stay are not told again, those that are over not at all."""
    there = {stage.day: stage for stage in await stages_of(session, group.id)}
    days = {stage.day.isoformat() for stage in planned}
    await session.execute(
        delete(CohortStage).where(CohortStage.group_id == group.id, CohortStage.day.not_in(days))
    )
    for stage in planned:
        day, due = stage.day.isoformat(), rules.morning(stage.day, zone)
        row = there.get(day)
        if row is None:
            row = CohortStage(group_id=group.id, server_id=group.server_id, day=day)
            row.told_at = now if due <= now else None
            session.add(row)
        row.title, row.due_at = stage.title, due
    await session.flush()


async def stages_of(session: AsyncSession, group_id: int) -> list[CohortStage]:
    """Return a group's stages, in order."""
    found = await session.scalars(
        select(CohortStage).where(CohortStage.group_id == group_id).order_by(CohortStage.day)
    )
    return list(found)


async def plan_of(session: AsyncSession, group: Group, row: Cohort | None) -> Plan:
    """Return a group's days, as its room and its desk show them."""
    return Plan(
        group_id=group.id,
        group=group.name,
        zone=await stages.zone_of(session, group),
        starts_at=None if row is None else row.starts_at,
        host_id=None if row is None else row.host_id,
        stages=tuple(
            Stage(date.fromisoformat(stage.day), stage.title)
            for stage in await stages_of(session, group.id)
        ),
        closes_at=group.closes_at,
        archived=group.archived_at is not None,
    )


async def _is_one(session: AsyncSession, group: Group) -> bool:
    if await session.get(Cohort, group.id) is not None:
        return True
    return (await session.get_one(GroupType, group.type_id)).kind == "cohort"


async def _group(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if not await _is_one(session, group):
        raise UserError("cohorts.not_a_cohort")
    return group


async def _open(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    group = await _group(session, actor, group_id)
    if group.archived_at is not None:
        raise UserError("cohorts.archived", group=safe(group.name))
    return group
