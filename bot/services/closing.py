"""Groups that end: a last day, the lines before it, the archive, and where people go next.

Nothing is deleted: an archived group keeps its room, which can be read, and everyone's home in it;
their next move is free. Owners take it out of the archive with /hearth group reopen.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import closing as rules
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import cards, facilitators, log, matching, rights, stages
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.settings import Settings
from models import Group, Member, Membership, Server

SAID_WITHIN = timedelta(days=6)  # longer than a line of these is worth saying late

_TO_CLOSE = and_(Group.closes_at.is_not(None), Group.archived_at.is_(None))
ANY_TO_CLOSE = exists().where(_TO_CLOSE)


async def set_last_day(
    session: AsyncSession, actor: Actor, *, group_id: int, typed: str, now: datetime
) -> Group:
    """Give a group a last day, or none; for those who look after it, and owners.

    `typed` is a day as people write it, or nothing. UserError when it is no day to come, or the
    group has ended.
    """
    group = await _changeable(session, actor, group_id)
    wanted = rules.read_last_day(typed, now, await stages.zone_of(session, group))
    return await _set(session, actor, group, wanted, now)


async def put_back(
    session: AsyncSession, actor: Actor, *, group_id: int, wanted: datetime | None, now: datetime
) -> Group:
    """Give a group the last day that it had before, or none; as `set_last_day`.

    UserError where that day is over by now, or too near for anybody to hear of it first.
    """
    group = await _changeable(session, actor, group_id)
    if wanted is not None and wanted - now < rules.SOONEST:
        raise UserError("stages.day_past")
    return await _set(session, actor, group, wanted, now)


async def _changeable(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    """Return a group that has not ended, to those who may give it a last day."""
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    if group.archived_at is not None:
        raise UserError("stages.archived_already", group=safe(group.name))
    return group


async def _set(
    session: AsyncSession, actor: Actor, group: Group, wanted: datetime | None, now: datetime
) -> Group:
    before = group.closes_at
    if wanted != before:
        group.closes_at = wanted
        await session.flush()
        await log.note(
            session,
            server_id=actor.server_id,
            by_user_id=actor.user_id,
            action="group-last-day",
            now=now,
            group_id=group.id,
            before={"closes_at": None if before is None else before.isoformat()},
            after={"closes_at": None if wanted is None else wanted.isoformat()},
        )
    return group


async def day_shown(session: AsyncSession, group: Group) -> str:
    """Return a group's last day as it would be typed; empty where it has none."""
    if group.closes_at is None:
        return ""
    return rules.last_day(group.closes_at, await stages.zone_of(session, group)).isoformat()


async def step_due(session: AsyncSession, now: datetime) -> int:
    """Say what last days ask for, and archive the groups whose day is over; return how many.

    In all servers that are not paused; called by the tick.
    """
    rows = await session.execute(
        select(Group)
        .join(Server, Server.id == Group.server_id)
        .where(
            _TO_CLOSE,
            Group.closes_at <= now + rules.A_WEEK,
            Group.opened_at.is_not(None),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Group.closes_at, Group.id)
    )
    archived = 0
    for group in rows.scalars().all():
        assert group.closes_at is not None
        what = rules.due(group.closes_at, now, await stages.zone_of(session, group))
        if what == "over":
            await archive(session, group, now)
            archived += 1
        elif what is not None:
            await _say(session, group, what, group.closes_at, now)
    return archived


async def archive(session: AsyncSession, group: Group, now: datetime, *, say: bool = True) -> None:
    """Archive a group: its room is only read from now on, and everybody's next move is free.

    With `say` its room reads so, with the way to a next home. Rights are the caller's matter.
    """
    await stages.archive(session, group, now)
    living = select(Membership.user_id).where(
        Membership.server_id == group.server_id, Membership.group_id == group.id
    )
    await session.execute(
        update(Member)
        .where(Member.server_id == group.server_id, Member.user_id.in_(living))
        .values(free_move=True)
        .execution_options(synchronize_session="fetch")
    )
    if say:
        await _say(session, group, "over", group.closes_at or now, now)


async def next_homes(
    session: AsyncSession,
    actor: Actor,
    group_id: int,
    *,
    now: datetime,
    settings: Settings,
) -> Message:
    """Return three groups that may be the next home of somebody who lives in this one.

    UserError for anybody else. Groups that are not listed are not named here.
    """
    await rights.server_row(session, actor.server_id)
    group = await of_server(session, actor.server_id, group_id)
    if not await facilitators.lives_in(session, group, actor.user_id):
        raise UserError("stages.next_for_residents")
    found = await matching.suggest(
        session,
        actor.server_id,
        actor.user_id,
        now=now,
        settings=settings,
        role_ids=actor.role_ids,
        without=(group_id,),
    )
    shown = [
        rules.Next(
            one.group_id, one.name, one.emoji, one.purpose, one.entry == "request", one.reasons
        )
        for one in found
        if one.listed
    ]
    return rules.next_homes(group_id, shown)


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what /home says to somebody whose group has ended, or will within a week."""
    del settings
    group = await session.scalar(
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .where(
            Membership.server_id == who.server_id,
            Membership.user_id == who.user_id,
            Membership.state == "here",
        )
    )
    if group is None:
        return None
    names = {"group": safe(group.name)}
    button = Button("stages.where_next", f"next-home:{group.id}:home", "primary")
    if group.archived_at is not None:
        return Note((Line("stages.home_over", names),), (button,), urgent=True)
    if group.closes_at is not None and group.closes_at - now <= rules.A_WEEK:
        at = int(group.closes_at.timestamp()) - 1
        return Note((Line("stages.home_ends", {**names, "at": at}),), (button,))
    return None


async def then(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return what happens after a group's last day, to those who see its room.

    UserError for others, and when it has none any more.
    """
    group = await of_server(session, actor.server_id, group_id)
    if not await cards.sees_room(session, group, actor.user_id):
        raise UserError("stages.next_for_residents")
    if group.closes_at is None:
        raise UserError("stages.goes_on", group=safe(group.name))
    return rules.what_then(group.name, group.closes_at)


async def _say(
    session: AsyncSession, group: Group, what: rules.Due, closes_at: datetime, now: datetime
) -> None:
    await owe(
        session,
        server_id=group.server_id,
        kind="closing",
        key=f"closing-{what}:{group.id}:{int(closes_at.timestamp())}",
        place="room",
        group_id=group.id,
        message=rules.said(what, group.id, group.name, closes_at),
        now=now,
        expires_in=SAID_WITHIN,
    )
