"""Groups that have gone quiet as a whole: noticed once a day, told to those who look after them.

The owners are asked once, and only about a group that nobody is there for: nobody looks after it,
or all who do are away or quiet themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import group_silence as rules
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.group_silence import FORTNIGHT, FORTNIGHTS, Fortnight
from bot.rules.letter_parts import Section
from bot.rules.message import Button, Line, Message
from bot.rules.quiet import Span, silence
from bot.services import connected, rights
from bot.services.groups import of_server
from bot.services.id_chunks import chunks
from bot.services.outbox import owe
from bot.settings import Settings
from models import (
    ActiveDay,
    Facilitator,
    Group,
    GroupSilence,
    Member,
    Membership,
    QuietEpisode,
    Server,
)


async def look(
    session: AsyncSession, server_id: int, now: datetime, *, unheard: Collection[int] = ()
) -> int:
    """Note which groups of a server have gone quiet, or are lively again; return how many are new.

    Once a day. Of groups whose rooms are `unheard` by Hearth, or locked, it says nothing new.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return 0
    zone = ZoneInfo(server.zone)
    days = _fortnights(now.astimezone(zone).date())
    starts = [datetime.combine(first, time(), zone) for first, _ in days]
    hearing = await connected.hearing(session, server_id)
    heard = [_share(start, hearing.written) for start in starts]
    groups = await session.scalars(
        select(Group).where(Group.server_id == server_id, Group.state == "open")
    )
    open_groups = {group.id: group for group in groups}
    rows = await session.scalars(select(GroupSilence).where(GroupSilence.server_id == server_id))
    known = {row.group_id: row for row in rows}
    for group_id, row in list(known.items()):
        if group_id not in open_groups or now - row.since >= rules.OVER_AFTER:
            await session.delete(known.pop(group_id))
    counted = await _counted(session, sorted(open_groups), days)
    new = 0
    for group in open_groups.values():
        if group.locked_at is not None or group.room_id in unheard:
            continue
        known_days = counted[group.id]
        seen = [Fortnight(share, known_days[at]) for at, share in enumerate(heard)]
        row = known.get(group.id)
        if row is not None:
            if rules.is_lively(seen[0], row.usual):
                await session.delete(known.pop(group.id))
        elif (group.opened_at or group.created_at) <= starts[-1]:
            usual = rules.usual(seen)
            if (
                usual is not None
                and rules.fell_silent(seen[0], usual)
                and await _people(session, group.id, days) >= rules.LEAST_PEOPLE
            ):
                known[group.id] = row = GroupSilence(
                    group_id=group.id, server_id=server_id, since=now, usual=round(usual)
                )
                session.add(row)
                new += 1
    await session.flush()
    await _ask_owners(session, known.values(), now)
    return new


async def section(
    session: AsyncSession, office: Facilitator, group: Group, now: datetime
) -> Section | None:
    """Return what one facilitator's letter says of it, in its first weeks."""
    row = await session.get(GroupSilence, group.id)
    if row is None or now - row.since >= rules.TOLD_FOR:
        return None
    lines = [Line("noticing.hush_section"), Line("noticing.hush_told")]
    buttons: tuple[Button, ...] = ()
    if office.letters_by_dm:  # a desk is in the server
        lines.append(Line("noticing.hush_where"))
    else:
        buttons = (Button("noticing.open_desk", f"desk-open:{group.id}"),)
    return Section(f"hush:{int(row.since.timestamp())}", tuple(lines), buttons)


async def on_desk(
    session: AsyncSession, _actor: Actor, group: Group, _now: datetime, _settings: Settings
) -> Sequence[Part]:
    """Return the line on the front of the group's desk."""
    if await session.get(GroupSilence, group.id) is None:
        return ()
    return (Part("front", (Line("noticing.hush_desk"),)),)


async def card(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return what owners are told of one group; UserError when it is over."""
    await rights.require_owner(session, actor)
    group = await of_server(session, actor.server_id, group_id)
    if await session.get(GroupSilence, group.id) is None:
        raise UserError("noticing.hush_over")
    alone = not await session.scalar(
        select(exists().where(Facilitator.group_id == group.id, Facilitator.state == "active"))
    )
    return rules.card(group.id, group.name, alone=alone)


def _fortnights(today: date) -> list[tuple[date, date]]:
    """Return the first and the last day of each of the last fortnights, the newest first."""
    return [
        (today - FORTNIGHT * (n + 1), today - FORTNIGHT * n - timedelta(days=1))
        for n in range(FORTNIGHTS)
    ]


def _share(start: datetime, heard: Sequence[Span]) -> float:
    """Return how much of the fortnight from `start` on Hearth heard, from 0 to 1."""
    return silence(start, start + FORTNIGHT, heard) / FORTNIGHT


async def _counted(
    session: AsyncSession, group_ids: Sequence[int], days: Sequence[tuple[date, date]]
) -> dict[int, list[int]]:
    """Return each group's days of people who live there now, fortnight by fortnight."""
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(days))
    for ids in chunks(group_ids):
        rows = await session.execute(
            select(ActiveDay.group_id, ActiveDay.day, func.count())
            .join(Membership, _lives_there())
            .where(ActiveDay.group_id.in_(ids), ActiveDay.day >= days[-1][0].isoformat())
            .group_by(ActiveDay.group_id, ActiveDay.day)
        )
        for group_id, day, count in rows:
            for at, (first, last) in enumerate(days):
                if first.isoformat() <= day <= last.isoformat():
                    found[group_id][at] += count
    return found


async def _people(session: AsyncSession, group_id: int, days: Sequence[tuple[date, date]]) -> int:
    """Return how many of who lives in a group now were around in the earlier fortnights."""
    found = await session.scalar(
        select(func.count(ActiveDay.user_id.distinct()))
        .join(Membership, _lives_there())
        .where(
            ActiveDay.group_id == group_id,
            ActiveDay.day >= days[-1][0].isoformat(),
            ActiveDay.day < days[0][0].isoformat(),
        )
    )
    return found or 0


def _lives_there() -> ColumnElement[bool]:
    return and_(
        Membership.server_id == ActiveDay.server_id,
        Membership.user_id == ActiveDay.user_id,
        Membership.group_id == ActiveDay.group_id,
        Membership.state == "here",
    )


async def _ask_owners(session: AsyncSession, rows: Collection[GroupSilence], now: datetime) -> None:
    """Ask the owners about groups that nobody is there for, each once."""
    for row in rows:
        if row.owners_asked_at is not None or await _somebody_is_there(session, row.group_id, now):
            continue
        row.owners_asked_at = now
        at = int(now.timestamp())
        await owe(
            session,
            server_id=row.server_id,
            kind="hush",
            key=f"hush:{row.group_id}:{at}",
            place="owners",
            group_id=row.group_id,
            message=rules.question(row.group_id, at),
            now=now,
        )
    await session.flush()


async def _somebody_is_there(session: AsyncSession, group_id: int, now: datetime) -> bool:
    """Return whether somebody looks after the group who is neither away nor quiet themselves."""
    quiet = exists().where(
        QuietEpisode.server_id == Facilitator.server_id,
        QuietEpisode.user_id == Facilitator.user_id,
        QuietEpisode.closed_at.is_(None),
    )
    away = exists().where(
        Member.server_id == Facilitator.server_id,
        Member.user_id == Facilitator.user_id,
        Member.away_from <= now,
        or_(Member.away_until.is_(None), Member.away_until > now),
    )
    found = await session.scalar(
        select(Facilitator.user_id)
        .where(
            Facilitator.group_id == group_id,
            Facilitator.state == "active",
            Facilitator.absence_asked_at.is_(None),
            ~quiet,
            ~away,
        )
        .limit(1)
    )
    return found is not None
