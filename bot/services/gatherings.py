"""Gatherings as the tables hold them: who may look and change, how a date stands, what is owed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import gathering_posts as posts
from bot.rules import gathering_series as rules
from bot.rules.actor import Actor
from bot.rules.gathering_series import Series
from bot.rules.gatherings import Answer, Seen
from bot.rules.message import Message
from bot.rules.naming import safe
from bot.services import rights
from bot.services.outbox import owe
from models import (
    Door,
    Facilitator,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    Group,
    Membership,
    OutboxMessage,
    Server,
    Visit,
)

POST, WORD = "gathering", "gathering-word"  # kinds of messages that are owed
WORD_LASTS = timedelta(days=1)


def series_of(gathering: Gathering) -> Series:
    """Return the dates of a gathering, as the rules see them."""
    return Series(rules.wall_of(gathering.first_local), gathering.zone, gathering.rule)


async def zone_of(session: AsyncSession, group: Group) -> str:
    """Return the zone that a group lives by: its own, or the server's."""
    if group.zone:
        return group.zone
    return (await session.get_one(Server, group.server_id)).zone


async def of_date(
    session: AsyncSession, actor: Actor, date_id: int, *, lock: bool = False
) -> tuple[GatheringDate, Gathering, Group]:
    """Return a date with its gathering and group, to who is inside.

    NotAllowed for others, which says nothing of it. With `lock` nobody else changes who comes
    meanwhile, on a database that locks rows.
    """
    await rights.server_row(session, actor.server_id)
    date = await session.get(GatheringDate, date_id, with_for_update=lock)
    if date is None or date.server_id != actor.server_id:
        raise NotAllowed("gathering.gone")
    gathering = await session.get_one(Gathering, date.gathering_id)
    if not await rights.is_inside(session, actor.server_id, actor.user_id, gathering.group_id):
        raise NotAllowed("gathering.inside_only")
    return date, gathering, await session.get_one(Group, gathering.group_id)


async def own(session: AsyncSession, actor: Actor, gathering_id: int) -> tuple[Gathering, Group]:
    """Return a gathering to its host and to those who look after the group.

    NotAllowed for others.
    """
    await rights.server_row(session, actor.server_id)
    gathering = await session.get(Gathering, gathering_id)
    if gathering is None or gathering.server_id != actor.server_id:
        raise NotAllowed("gathering.gone")
    group = await session.get_one(Group, gathering.group_id)
    inside = await rights.is_inside(session, actor.server_id, actor.user_id, group.id)
    if not (inside and gathering.host_id == actor.user_id):
        await rights.require_facilitator(session, actor, group.id)
    return gathering, group


async def may_change(session: AsyncSession, actor: Actor, gathering: Gathering) -> bool:
    """Return whether somebody who is inside may change a gathering."""
    if gathering.host_id == actor.user_id:
        return True
    try:
        await rights.require_facilitator(session, actor, gathering.group_id)
    except UserError:
        return False
    return True


def meets(group: Group) -> None:
    """UserError where nobody can meet: the room has ended, is locked, or is not made yet."""
    if group.state == "archived":
        raise UserError("room.ended", group=safe(group.name))
    if group.locked_at is not None:
        raise UserError("room.locked", group=safe(group.name))
    if group.room_id is None:
        raise UserError("room.not_made", group=safe(group.name))


async def may_host(session: AsyncSession, group: Group, user_id: int) -> bool:
    """Return whether somebody can host: who lives there, or looks after the group."""
    home = await session.get(Membership, (group.server_id, user_id))
    if home is not None and home.group_id == group.id and home.state == "here":
        return True
    office = await session.get(Facilitator, (group.id, user_id))
    return office is not None and office.state == "active"


async def insiders(session: AsyncSession, group_id: int, now: datetime) -> set[int]:
    """Return who may be in a group's room by what Hearth gave them, as rights.is_inside says it."""
    doors = select(Door.for_group_id).where(Door.group_id == group_id, Door.closes_at > now)
    wanted = (
        select(Membership.user_id)
        .where(
            Membership.state == "here",
            (Membership.group_id == group_id) | Membership.group_id.in_(doors),
        )
        .union(
            select(Facilitator.user_id).where(
                Facilitator.group_id == group_id, Facilitator.state == "active"
            ),
            select(Visit.user_id).where(
                Visit.group_id == group_id, Visit.ended_at.is_(None), Visit.ends_at > now
            ),
        )
    )
    return set(await session.scalars(wanted))


async def coming(session: AsyncSession, date_id: int) -> list[int]:
    """Return who said yes, the first first."""
    found = await session.scalars(
        select(GatheringAnswer.user_id)
        .where(GatheringAnswer.date_id == date_id, GatheringAnswer.answer == "yes")
        .order_by(GatheringAnswer.at, GatheringAnswer.user_id)
    )
    return list(found)


async def seen(
    session: AsyncSession,
    date: GatheringDate,
    gathering: Gathering,
    group: Group,
    reader: Actor | None = None,
) -> Seen:
    """Return a date as one reader sees it; without a reader, as everybody inside does."""
    counted = await session.execute(
        select(GatheringAnswer.answer, func.count())
        .where(GatheringAnswer.date_id == date.id)
        .group_by(GatheringAnswer.answer)
    )
    counts = {answer: count for answer, count in counted}  # noqa: C416 - a row is not a pair to the type checker
    row = None
    changes = False
    if reader is not None:
        row = await session.get(GatheringAnswer, (date.id, reader.user_id))
        changes = await may_change(session, reader, gathering)
    in_line = 0
    if row is not None and row.answer == "waits":
        in_line = (await waiting(session, date.id)).index(row.user_id) + 1
    room_id = gathering.voice_id or group.voice_id if gathering.place == "voice" else None
    return Seen(
        date_id=date.id,
        gathering_id=gathering.id,
        group_id=group.id,
        title=gathering.title,
        words=gathering.words,
        place=gathering.place,
        spot=gathering.spot,
        room_id=room_id,
        starts=date.starts_at,
        minutes=gathering.minutes,
        repeat=rules.repeat_of(gathering.rule),
        most=gathering.most,
        host_id=gathering.host_id,
        state=date.state,
        coming=tuple(await coming(session, date.id)),
        maybe=counts.get("maybe", 0),
        waiting=counts.get("waits", 0),
        mine="" if row is None else cast("Answer", row.answer),
        in_line=in_line,
        early=row is not None and row.early,
        tell=row is not None and row.tell,
        here=row is not None and row.came_at is not None,
        changes=changes,
    )


async def waiting(session: AsyncSession, date_id: int) -> list[int]:
    """Return who waits for a seat, in their order."""
    found = await session.scalars(
        select(GatheringAnswer.user_id)
        .where(GatheringAnswer.date_id == date_id, GatheringAnswer.answer == "waits")
        .order_by(GatheringAnswer.at, GatheringAnswer.user_id)
    )
    return list(found)


async def open_date(session: AsyncSession, gathering_id: int) -> GatheringDate | None:
    """Return the date of a gathering that stands in the room and is not over."""
    return await session.scalar(
        select(GatheringDate)
        .where(GatheringDate.gathering_id == gathering_id, GatheringDate.state == "open")
        .order_by(GatheringDate.starts_at)
        .limit(1)
    )


async def date_of(session: AsyncSession, gathering: Gathering, moment: str) -> GatheringDate:
    """Return the date that was planned for a wall time, written down if it was not yet."""
    row = await session.scalar(
        select(GatheringDate).where(
            GatheringDate.gathering_id == gathering.id, GatheringDate.local_moment == moment
        )
    )
    if row is None:
        starts = series_of(gathering).at(rules.wall_of(moment))
        row = GatheringDate(
            gathering_id=gathering.id,
            server_id=gathering.server_id,
            local_moment=moment,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=gathering.minutes),
        )
        session.add(row)
        await session.flush()
    return row


async def post(
    session: AsyncSession,
    date: GatheringDate,
    gathering: Gathering,
    messages: Sequence[Message],
    mark: str,
    *,
    now: datetime,
    until: datetime | None = None,
    kind: str = WORD,
) -> None:
    """Owe a group's room what is said about a date; useless after `until` (None: a day)."""
    lasts = WORD_LASTS if until is None else max(until - now, timedelta(minutes=1))
    for number, message in enumerate(messages):
        await owe(
            session,
            server_id=gathering.server_id,
            kind=kind,
            key=f"{WORD}:{date.id}:{mark}:{number}",
            place="room",
            group_id=gathering.group_id,
            message=message,
            now=now,
            expires_in=lasts,
        )


async def put_up(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, group: Group, now: datetime
) -> None:
    """Let a date come into the room; its host comes, of course."""
    date.state, gathering.opens_at = "open", None
    await session.flush()
    if gathering.host_id is not None:
        await comes(session, date.id, gathering.host_id, now)
    shown = posts.announced(await seen(session, date, gathering, group))
    await post(session, date, gathering, [shown], "", now=now, until=date.ends_at, kind=POST)


async def comes(session: AsyncSession, date_id: int, user_id: int, now: datetime) -> None:
    """Write down that a host comes, whatever they said before."""
    row = await session.get(GatheringAnswer, (date_id, user_id))
    if row is None:
        row = GatheringAnswer(date_id=date_id, user_id=user_id, at=now)
        session.add(row)
    row.answer = "yes"
    await session.flush()


async def posted(
    session: AsyncSession, row: OutboxMessage, message_id: int, _now: datetime
) -> None:
    """Remember the message in which a date stands."""
    date = await session.get(GatheringDate, int(row.key.split(":")[1]))
    if date is not None:
        date.message_id, date.channel_id = message_id, row.channel_id
