"""What happens with gatherings by the clock: dates come up, people are reminded, it is looked back.

Each minute `step_due` does what is due now; each hour `look` sees who left, and what has no host.
What was missed while Hearth was down is not made up for: nobody is reminded of what has begun, and
what ended days ago is closed without a word.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import gathering_posts as posts
from bot.rules import gatherings as rules
from bot.services import gathering_answers, gathering_dates, gatherings
from models import Gathering, GatheringAnswer, GatheringDate, Group, Server

ALIVE = ("draft", "proposed", "running", "paused")
ANY_DUE = or_(
    exists().where(
        Gathering.group_id == Group.id, Gathering.state.in_(ALIVE), Group.state == "archived"
    ),
    exists().where(Gathering.state == "running", Gathering.opens_at <= bindparam("now")),
    exists().where(
        GatheringDate.gathering_id == Gathering.id,
        GatheringDate.state == "open",
        or_(
            Gathering.host_id.is_(None),
            GatheringDate.ends_at <= bindparam("gathered_by"),
            and_(
                GatheringDate.starts_at <= bindparam("next_hour"),
                GatheringDate.hour_told_at.is_(None),
            ),
            and_(
                GatheringDate.starts_at <= bindparam("tomorrow"),
                GatheringDate.early_told_at.is_(None),
            ),
        ),
    ),
)


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Do what is due: each minute."""
    for (gathering,) in await _rows(session, _of_ended_groups()):
        await gathering_dates.end(session, gathering, now, reason="ended")
    for date, gathering, group in await _rows(session, _to_remind(now)):
        await _remind(session, date, gathering, group, now)
    for date, gathering in await _rows(session, _unhosted(now)):
        asked = gathering.host_asked_at or now
        if now >= rules.host_by(date.starts_at, asked):
            await _nobody_hosts(session, date, gathering, now)
    for date, gathering, group in await _rows(session, _over(now)):
        await close(session, date, gathering, group, now)
    for gathering, group in await _rows(session, _coming_up(now)):
        await _put_up(session, gathering, group, now)
    await session.flush()


async def look(session: AsyncSession, now: datetime) -> None:
    """See who is not there any more, and what has ended: each hour."""
    held = (
        select(Gathering, Group)
        .join(Group, Group.id == Gathering.group_id)
        .join(Server, Server.id == Gathering.server_id)
        .where(Gathering.state.in_(ALIVE), Group.state != "archived", *_live())
        .order_by(Gathering.id)
    )
    for gathering, group in await _rows(session, held):
        inside = await gatherings.insiders(session, group.id, now)
        gone = gathering.host_id is None or gathering.host_id not in inside
        if gathering.state in {"draft", "proposed"}:
            if gone:
                await session.delete(gathering)
            continue
        if gone and gathering.host_asked_at is None:
            await ask_for_host(session, gathering, group, now)
        date = await gatherings.open_date(session, gathering.id)
        if date is not None and date.starts_at > now:
            await gathering_answers.drop_outsiders(session, date, gathering, group, now)
    await session.flush()


async def named_rooms(session: AsyncSession, server_id: int) -> set[int]:
    """Return the voice rooms that gatherings of a server name; not the groups' own."""
    wanted = select(Gathering.voice_id).where(
        Gathering.server_id == server_id, Gathering.state.in_(ALIVE)
    )
    return {room for room in await session.scalars(wanted) if room is not None}


async def without_room(
    session: AsyncSession, server_id: int, gone: Collection[int], now: datetime
) -> None:
    """Let go of voice rooms that somebody deleted.

    The room of the group reads it where a date stands there, and the host says where instead.
    """
    held = await session.scalars(
        select(Gathering)
        .where(
            Gathering.server_id == server_id,
            Gathering.state.in_(ALIVE),
            Gathering.voice_id.in_(gone),
        )
        .order_by(Gathering.id)
    )
    for gathering in held.all():
        gathering.place, gathering.voice_id, gathering.event = "", None, False
        gathering.sequence += 1
        await session.flush()
        group = await session.get_one(Group, gathering.group_id)
        date = await gatherings.open_date(session, gathering.id)
        if date is None or date.starts_at <= now or group.locked_at is not None:
            continue
        mark = f"noroom-{gathering.sequence}"
        words = [posts.no_room(await gatherings.seen(session, date, gathering, group), mark)]
        await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)


async def ask_for_host(
    session: AsyncSession, gathering: Gathering, group: Group, now: datetime
) -> None:
    """Ask the room who would host what its host left; a series with no date up rests."""
    gathering.host_id, gathering.host_asked_at = None, now
    date = await gatherings.open_date(session, gathering.id)
    if date is None or date.starts_at <= now:
        if gathering.state == "running" and date is None:
            gathering.state, gathering.opens_at = "paused", None
        await session.flush()
        return
    by = rules.host_by(date.starts_at, now)
    if by <= now or group.locked_at is not None:
        return
    mark = f"nohost-{int(now.timestamp())}"
    shown = await gatherings.seen(session, date, gathering, group)
    words = [posts.no_host(shown, by, mark)]
    await gatherings.post(session, date, gathering, words, mark, now=now, until=by)


async def close(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, group: Group, now: datetime
) -> None:
    """Count who came and look back; a series goes on, or rests when nobody wants it."""
    rows = (
        await session.scalars(select(GatheringAnswer).where(GatheringAnswer.date_id == date.id))
    ).all()
    date.yes = sum(row.answer == "yes" for row in rows)
    date.came = came = sum(row.came_at is not None for row in rows)
    date.state, date.closed_at = "over", now
    others = [
        row
        for row in rows
        if row.user_id != gathering.host_id and (row.answer == "yes" or row.came_at is not None)
    ]
    gathering.quiet = 0 if others else gathering.quiet + 1
    await session.flush()
    if others and group.locked_at is None and now < date.ends_at + rules.LATE:
        words = [posts.looked_back(await gatherings.seen(session, date, gathering, group), came)]
        until = date.ends_at + rules.LATE
        await gatherings.post(session, date, gathering, words, "back", now=now, until=until)
    if gathering.state != "running" or await gatherings.open_date(session, gathering.id):
        return
    if gathering.rule and gathering.quiet >= rules.QUIET_MOST:
        gathering.state, gathering.opens_at = "paused", None
    else:
        await gathering_dates.plan_next(session, gathering, now)


async def _put_up(session: AsyncSession, gathering: Gathering, group: Group, now: datetime) -> None:
    if gathering.host_id is None:
        gathering.state, gathering.opens_at = "paused", None
        return
    date = await gathering_dates.next_up(session, gathering, now)
    if date is None:
        await gathering_dates.plan_next(session, gathering, now)
    elif date.starts_at - rules.AHEAD > now:
        gathering.opens_at = date.starts_at - rules.AHEAD
    else:
        await gatherings.put_up(session, date, gathering, group, now)


async def _remind(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, group: Group, now: datetime
) -> None:
    await gathering_answers.drop_outsiders(session, date, gathering, group, now)
    shown = await gatherings.seen(session, date, gathering, group)
    if date.starts_at - now <= rules.HOUR:
        date.early_told_at, date.hour_told_at = date.early_told_at or now, now
        words, mark = posts.hour(shown), f"hour-{gathering.sequence}"
    else:
        date.early_told_at = now
        wanted = await session.scalars(
            select(GatheringAnswer.user_id).where(
                GatheringAnswer.date_id == date.id,
                GatheringAnswer.answer == "yes",
                GatheringAnswer.early,
            )
        )
        early = tuple(wanted)
        if not early or date.starts_at - now < rules.EARLY_LEAST:
            return
        words, mark = posts.early(shown, early), f"early-{gathering.sequence}"
    if group.locked_at is None and shown.coming:
        await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)


async def _nobody_hosts(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, now: datetime
) -> None:
    """Call a date off that nobody would host; a series rests until somebody takes it."""
    if not gathering.rule:
        await gathering_dates.end(session, gathering, now, reason="nobody")
        return
    await gathering_dates.drop_date(session, date, gathering, now, "nobody")
    gathering.state, gathering.opens_at = "paused", None


def _live() -> tuple[Any, ...]:
    return Server.paused_at.is_(None), Server.removed_at.is_(None)


def _of_ended_groups() -> Any:
    return (
        select(Gathering)
        .join(Group, Group.id == Gathering.group_id)
        .join(Server, Server.id == Gathering.server_id)
        .where(Gathering.state.in_(ALIVE), Group.state == "archived", *_live())
    )


def _coming_up(now: datetime) -> Any:
    return (
        select(Gathering, Group)
        .join(Group, Group.id == Gathering.group_id)
        .join(Server, Server.id == Gathering.server_id)
        .where(
            Gathering.state == "running",
            Gathering.opens_at <= now,
            Group.state != "archived",
            Group.locked_at.is_(None),
            Group.room_id.is_not(None),
            *_live(),
        )
        .order_by(Gathering.id)
    )


def _dates(*conditions: Any) -> Any:
    return (
        select(GatheringDate, Gathering, Group)
        .join(Gathering, Gathering.id == GatheringDate.gathering_id)
        .join(Group, Group.id == Gathering.group_id)
        .join(Server, Server.id == GatheringDate.server_id)
        .where(GatheringDate.state == "open", *conditions, *_live())
        .order_by(GatheringDate.starts_at, GatheringDate.id)
    )


def _to_remind(now: datetime) -> Any:
    date = GatheringDate
    return _dates(
        date.starts_at > now,
        Gathering.host_id.is_not(None),
        Group.state != "archived",
        or_(
            and_(date.starts_at <= now + rules.HOUR, date.hour_told_at.is_(None)),
            and_(date.starts_at <= now + rules.DAY, date.early_told_at.is_(None)),
        ),
    )


def _unhosted(now: datetime) -> Any:
    wanted = _dates(Gathering.host_id.is_(None), GatheringDate.starts_at > now)
    return wanted.with_only_columns(GatheringDate, Gathering)


def _over(now: datetime) -> Any:
    return _dates(GatheringDate.ends_at <= now - rules.HERE_FOR)


async def _rows(session: AsyncSession, wanted: Any) -> list[Any]:
    return list((await session.execute(wanted)).all())
