"""What people say to a date of a gathering: yes, maybe, no, and that they are there.

The waiting list moves in order, the moment a seat comes free. Whoever says no does so without a
trace for others; who comes is seen by everybody inside, and said so.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import gathering_posts as posts
from bot.rules import gatherings as rules
from bot.rules.actor import Actor
from bot.rules.gathering_calendar import Entry, Moved, file_of, shifted
from bot.rules.gathering_series import wall_of
from bot.rules.gatherings import Answer, Seen
from bot.rules.naming import safe
from bot.services import gatherings, rights
from models import Gathering, GatheringAnswer, GatheringDate, Group


async def look(session: AsyncSession, actor: Actor, date_id: int) -> Seen:
    """Return a date as somebody inside sees it; what a seat came free for is seen by then."""
    date, gathering, group = await gatherings.of_date(session, actor, date_id)
    row = await session.get(GatheringAnswer, (date_id, actor.user_id))
    if row is not None and row.advanced_at is not None:
        row.advanced_at = None
        await session.flush()
    return await gatherings.seen(session, date, gathering, group, actor)


async def say(
    session: AsyncSession, actor: Actor, date_id: int, wanted: Answer, now: datetime
) -> Seen:
    """Note whether somebody comes; where it is full they wait in line.

    UserError once it has begun, or where it is not held.
    """
    date, gathering, group = await gatherings.of_date(session, actor, date_id, lock=True)
    _stands(date, gathering)
    if now >= date.starts_at:
        raise UserError("gathering.begun", title=safe(gathering.title))
    row = await _row(session, date_id, actor.user_id, now)
    row.advanced_at = None
    if wanted != "yes":
        row.answer, row.at, row.early, row.tell = wanted, now, False, False
    elif row.answer not in {"yes", "waits"}:
        row.answer, row.at = "waits", now
    await session.flush()
    await advance(session, date, gathering, group, now, asker=actor.user_id)
    return await gatherings.seen(session, date, gathering, group, actor)


async def advance(
    session: AsyncSession,
    date: GatheringDate,
    gathering: Gathering,
    group: Group,
    now: datetime,
    *,
    asker: int | None = None,
) -> list[int]:
    """Give the seats that are free to who waits, in order; return whom.

    They find it at /home; in the room only who asked to be mentioned is. `asker` hears of it in
    the answer to their own press.
    """
    line = await gatherings.waiting(session, date.id)
    free = len(line)
    if gathering.most is not None:
        free = max(gathering.most - len(await gatherings.coming(session, date.id)), 0)
    lucky = line[:free]
    for user_id in lucky:
        row = await session.get_one(GatheringAnswer, (date.id, user_id))
        row.answer, row.advanced_at = "yes", None if user_id == asker else now
        await session.flush()
        if row.tell and user_id != asker:
            mark = f"seat-{user_id}-{int(now.timestamp())}"
            shown = await gatherings.seen(session, date, gathering, group)
            words = [posts.seat(shown, user_id, mark)]
            await gatherings.post(
                session, date, gathering, words, mark, now=now, until=date.starts_at
            )
        row.tell = False
    await session.flush()
    return lucky


async def drop_outsiders(
    session: AsyncSession, date: GatheringDate, gathering: Gathering, group: Group, now: datetime
) -> None:
    """Let the answers of who may not be in the room any more go; their seats move on."""
    inside = await gatherings.insiders(session, group.id, now)
    rows = await session.scalars(select(GatheringAnswer).where(GatheringAnswer.date_id == date.id))
    for row in rows.all():
        if row.user_id not in inside:
            await session.delete(row)
    await session.flush()
    await advance(session, date, gathering, group, now)


async def here(session: AsyncSession, actor: Actor, date_id: int, now: datetime) -> Seen:
    """Note that somebody says they are there, or were: from half an hour before to a day after.

    Nobody else can say it for them.
    """
    date, gathering, group = await gatherings.of_date(session, actor, date_id)
    if date.state != "over":
        _stands(date, gathering)
    phase = rules.phase(date.starts_at, date.ends_at, now)
    if phase == "before":
        raise UserError(
            "gathering.here_early", at=int((date.starts_at - rules.HERE_FROM).timestamp())
        )
    if phase == "over":
        raise UserError("gathering.here_late", title=safe(gathering.title))
    row = await _row(session, date_id, actor.user_id, now)
    row.came_at = row.came_at or now
    await session.flush()
    return await gatherings.seen(session, date, gathering, group, actor)


async def early(session: AsyncSession, actor: Actor, date_id: int, now: datetime) -> Seen:
    """Turn the reminder the day before on or off, for who comes."""
    date, gathering, group = await gatherings.of_date(session, actor, date_id)
    _stands(date, gathering)
    row = await session.get(GatheringAnswer, (date_id, actor.user_id))
    if row is None or row.answer != "yes":
        raise UserError("gathering.early_yes_first")
    if date.starts_at - now <= rules.DAY:
        raise UserError("gathering.early_past")
    row.early = not row.early
    await session.flush()
    return await gatherings.seen(session, date, gathering, group, actor)


async def tell(session: AsyncSession, actor: Actor, date_id: int) -> Seen:
    """Turn the mention in the room when a seat comes free on or off, for who waits."""
    date, gathering, group = await gatherings.of_date(session, actor, date_id)
    _stands(date, gathering)
    row = await session.get(GatheringAnswer, (date_id, actor.user_id))
    if row is None or row.answer != "waits":
        raise UserError("gathering.not_waiting")
    row.tell = not row.tell
    await session.flush()
    return await gatherings.seen(session, date, gathering, group, actor)


async def next_of(session: AsyncSession, actor: Actor, gathering_id: int) -> Seen | None:
    """Return the date of a gathering that stands in the room, to who is inside."""
    await rights.server_row(session, actor.server_id)
    gathering = await session.get(Gathering, gathering_id)
    if gathering is None or gathering.server_id != actor.server_id:
        raise NotAllowed("gathering.gone")
    if not await rights.is_inside(session, actor.server_id, actor.user_id, gathering.group_id):
        raise NotAllowed("gathering.inside_only")
    date = await gatherings.open_date(session, gathering_id)
    if date is None:
        return None
    group = await session.get_one(Group, gathering.group_id)
    return await gatherings.seen(session, date, gathering, group, actor)


async def calendar(session: AsyncSession, actor: Actor, date_id: int, now: datetime) -> bytes:
    """Return the calendar file of a date's gathering, with all its dates, to who is inside."""
    date, gathering, _group = await gatherings.of_date(session, actor, date_id)
    return file_of(await entry(session, gathering, date), now)


async def entry(session: AsyncSession, gathering: Gathering, date: GatheringDate) -> Entry:
    """Return what a calendar keeps of a gathering."""
    series = gatherings.series_of(gathering)
    rows = (
        await session.scalars(
            select(GatheringDate).where(GatheringDate.gathering_id == gathering.id)
        )
    ).all()
    moved = [Moved(wall_of(row.local_moment), row.starts_at) for row in rows if row.moved]
    # One that stood in the room already when the series changed its time is no date of it any more.
    moved += [
        Moved(wall_of(row.local_moment), row.starts_at)
        for row in rows
        if series.rule and row.state == "open" and not row.moved
        if wall_of(row.local_moment) < series.first
    ]
    known = {one.planned for one in moved}
    odd = shifted(series, wall_of(date.local_moment))
    if odd is not None and odd.planned not in known:
        moved.append(odd)
    gone = [wall_of(row.local_moment) for row in rows if row.state in {"left_out", "off"}]
    return Entry(
        uid=f"gathering-{gathering.id}@{gathering.server_id}.hearth",
        title=gathering.title,
        words=gathering.words,
        where="Discord" if gathering.place == "voice" else gathering.spot,
        series=series,
        minutes=gathering.minutes,
        sequence=gathering.sequence,
        off=gathering.state == "off",
        left_out=tuple(gone) if gathering.state != "off" else (),
        moved=tuple(one for one in moved if not series.rule or one.planned not in gone),
    )


async def _row(session: AsyncSession, date_id: int, user_id: int, now: datetime) -> GatheringAnswer:
    row = await session.get(GatheringAnswer, (date_id, user_id))
    if row is None:
        row = GatheringAnswer(date_id=date_id, user_id=user_id, answer="", at=now)
        session.add(row)
    return row


def _stands(date: GatheringDate, gathering: Gathering) -> None:
    """UserError where a date is not held, or over."""
    if date.state in {"off", "left_out"}:
        raise UserError(f"gathering.was_{date.state}", title=safe(gathering.title))
    if date.state != "open":
        raise UserError("gathering.was_over", title=safe(gathering.title))
