"""What the days of a group that begins together have its room read: beginning, stages, circle."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import closing as ends
from bot.rules import cohort_cards as cards
from bot.rules import cohorts as rules
from bot.rules.message import Message
from bot.services import cohorts, stages
from bot.services.outbox import owe
from bot.texts.prompts import of_kind
from models import Cohort, CohortStage, Group, Server

KIND = "cohort"  # of the outbox's messages
ANY_DUE = or_(
    exists().where(Cohort.told_at.is_(None), Cohort.starts_at <= bindparam("now")),
    exists().where(CohortStage.told_at.is_(None), CohortStage.due_at <= bindparam("now")),
    exists().where(
        Cohort.group_id == Group.id,
        Group.closes_at > bindparam("now"),
        Group.closes_at <= bindparam("tomorrow"),
    ),
)


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Say what the days of groups ask for, in servers that are not paused; called by the tick.

    A moment that nobody could be told of within two days is written down and not told.
    """
    await _begin_due(session, now)
    await _stages_due(session, now)
    await _circles_due(session, now)
    await session.flush()


async def _begin_due(session: AsyncSession, now: datetime) -> None:
    rows = await session.execute(
        select(Cohort, Group)
        .join(Group, Group.id == Cohort.group_id)
        .join(Server, Server.id == Cohort.server_id)
        .where(
            Cohort.told_at.is_(None),
            Cohort.starts_at <= now,
            Group.archived_at.is_(None),
            Group.room_id.is_not(None),
            Group.locked_at.is_(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
    )
    for row, group in rows.all():
        row.told_at = now
        # A stage that begins on the same morning is named in the same breath.
        for stage in await cohorts.stages_of(session, group.id):
            if stage.due_at <= row.starts_at and stage.told_at is None:
                stage.told_at = now
        if now - row.starts_at <= rules.SAID_WITHIN:
            message = cards.begins(await cohorts.plan_of(session, group, row))
            await _say(session, group, f"starts:{row.starts_on}", message, now)


async def _stages_due(session: AsyncSession, now: datetime) -> None:
    """Tell the stage that has begun; of several whose day has come only the last."""
    rows = await session.execute(
        select(CohortStage, Group, Cohort)
        .join(Group, Group.id == CohortStage.group_id)
        .join(Cohort, Cohort.group_id == Group.id)
        .join(Server, Server.id == CohortStage.server_id)
        .where(
            CohortStage.told_at.is_(None),
            CohortStage.due_at <= now,
            Group.archived_at.is_(None),
            Group.room_id.is_not(None),
            Group.locked_at.is_(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(CohortStage.due_at)
    )
    newest: dict[int, tuple[CohortStage, Group, Cohort]] = {}
    for stage, group, row in rows.all():
        stage.told_at = now
        newest[group.id] = (stage, group, row)
    for stage, group, row in newest.values():
        if now - stage.due_at > rules.SAID_WITHIN:
            continue
        plan = await cohorts.plan_of(session, group, row)
        number = [one.day.isoformat() for one in plan.stages].index(stage.day) + 1
        message = cards.stage_begins(plan, number)
        await _say(session, group, f"stage:{stage.day}", message, now)


async def _circles_due(session: AsyncSession, now: datetime) -> None:
    rows = await session.execute(
        select(Cohort, Group, Server)
        .join(Group, Group.id == Cohort.group_id)
        .join(Server, Server.id == Cohort.server_id)
        .where(
            Group.closes_at > now,
            Group.closes_at <= now + timedelta(days=1),
            Group.archived_at.is_(None),
            Group.room_id.is_not(None),
            Group.locked_at.is_(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
    )
    for row, group, server in rows.all():
        assert group.closes_at is not None  # the query asked for it
        zone = await stages.zone_of(session, group)
        last = ends.last_day(group.closes_at, zone)
        if row.circle_for == last.isoformat() or now < rules.evening(last, zone):
            continue
        row.circle_for, row.circle_at = last.isoformat(), now
        language = group.language or server.language
        prompts = rules.chosen(of_kind("closing", language).prompts, group.id)
        message = cards.circle(await cohorts.plan_of(session, group, row), prompts)
        over = group.closes_at - now  # with the day, for then the room is only read
        await _say(session, group, f"circle:{last.isoformat()}", message, now, expires_in=over)


async def _say(
    session: AsyncSession,
    group: Group,
    what: str,
    message: Message,
    now: datetime,
    *,
    expires_in: timedelta = rules.SAID_WITHIN,
) -> None:
    await owe(
        session,
        server_id=group.server_id,
        kind=KIND,
        key=f"cohort:{group.id}:{what}",
        place="room",
        group_id=group.id,
        message=message,
        now=now,
        expires_in=expires_in,
    )
