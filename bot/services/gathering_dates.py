"""The dates of a gathering: one is moved or left out without the series, and what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import gathering_forms as forms
from bot.rules import gathering_posts as posts
from bot.rules import gathering_series as rules
from bot.rules import gatherings as bounds
from bot.rules.actor import Actor
from bot.services import gatherings
from models import Gathering, GatheringDate, Group

LATER = ("planned", "open")


@dataclass(frozen=True, slots=True)
class Coming:
    """One of the next dates: the wall time it was planned for, and how it stands."""

    moment: str
    starts: datetime
    state: str  # planned | open | left_out
    moved: bool


async def coming(session: AsyncSession, gathering: Gathering, now: datetime) -> list[Coming]:
    """Return the next dates of a gathering, those that are left out among them."""
    return (await _ahead(session, gathering, now))[: bounds.DATES_SHOWN]


async def _ahead(session: AsyncSession, gathering: Gathering, now: datetime) -> list[Coming]:
    """Return the next dates, and at least one behind those that are shown or written down."""
    rows = await _rows(session, gathering)
    found: dict[str, Coming] = {}
    for row in rows.values():
        if row.starts_at > now and row.state in {*LATER, "left_out"}:
            found[row.local_moment] = Coming(row.local_moment, row.starts_at, row.state, row.moved)
    series = gatherings.series_of(gathering)
    for wall in rules.coming(series, now, bounds.DATES_SHOWN + len(rows) + 1):
        moment = rules.stamp(wall)
        if moment not in rows:
            found[moment] = Coming(moment, series.at(wall), "planned", moved=False)
    return sorted(found.values(), key=lambda one: one.starts)


async def plan_next(session: AsyncSession, gathering: Gathering, now: datetime) -> None:
    """Set when the next date comes into the room; a gathering that has none left is over."""
    after = [one for one in await coming(session, gathering, now) if one.state == "planned"]
    if not after and gathering.rule:
        # Everything near is left out: look behind it.
        after = await _behind(session, gathering, now)
    if not after:
        gathering.state, gathering.opens_at, gathering.closed_at = "over", None, now
    else:
        gathering.opens_at = bounds.opens_at(after[0].starts, now)
    await session.flush()


async def next_up(
    session: AsyncSession, gathering: Gathering, now: datetime
) -> GatheringDate | None:
    """Return the date that comes into the room next, written down; None if none is left."""
    after = [one for one in await coming(session, gathering, now) if one.state == "planned"]
    if not after:
        after = await _behind(session, gathering, now)
    return None if not after else await gatherings.date_of(session, gathering, after[0].moment)


async def resize(session: AsyncSession, gathering: Gathering) -> None:
    """Let the dates to come last as long as the gathering does now."""
    for row in (await _rows(session, gathering)).values():
        if row.state in LATER:
            row.ends_at = row.starts_at + timedelta(minutes=gathering.minutes)
    await session.flush()


async def one(
    session: AsyncSession, actor: Actor, gathering_id: int, moment: str, now: datetime
) -> tuple[Gathering, Coming]:
    """Return one of the next dates, to who may change it; UserError when it is none of them."""
    gathering, _ = await gatherings.own(session, actor, gathering_id)
    found = [date for date in await coming(session, gathering, now) if date.moment == moment]
    if not found:
        raise UserError("gathering.date_gone")
    return gathering, found[0]


async def move(  # noqa: PLR0917 - who moves which date to when
    session: AsyncSession,
    actor: Actor,
    gathering_id: int,
    moment: str,
    text: str,
    now: datetime,
) -> Coming:
    """Put one date to another moment, without the others.

    It stays between the dates before and after it: UserError else, and for a moment that is past.
    """
    gathering, found = await one(session, actor, gathering_id, moment, now)
    if gathering.state not in {"running", "paused"} or found.state not in LATER:
        raise UserError("gathering.date_gone")
    when = forms.moment(text, now, gathering.zone).at
    all_ = [date for date in await _ahead(session, gathering, now) if date.state in LATER]
    at = next(n for n, date in enumerate(all_) if date.moment == moment)
    if at and when <= all_[at - 1].starts:
        raise UserError("gathering.move_before", at=int(all_[at - 1].starts.timestamp()))
    if at + 1 < len(all_) and when >= all_[at + 1].starts:
        raise UserError("gathering.move_after", at=int(all_[at + 1].starts.timestamp()))
    row = await gatherings.date_of(session, gathering, moment)
    before = row.starts_at
    if when == before:
        return found
    row.starts_at, row.ends_at = when, when + timedelta(minutes=gathering.minutes)
    row.moved = when != gatherings.series_of(gathering).at(rules.wall_of(moment))
    row.early_told_at = row.hour_told_at = None
    gathering.sequence += 1
    await session.flush()
    if row.state == "open":
        group = await session.get_one(Group, gathering.group_id)
        mark = f"moved-{gathering.sequence}"
        words = posts.moved(await gatherings.seen(session, row, gathering, group), before, mark)
        await gatherings.post(session, row, gathering, words, mark, now=now, until=when)
    elif gathering.state == "running" and await gatherings.open_date(session, gathering.id) is None:
        await plan_next(session, gathering, now)
    return Coming(moment, when, row.state, row.moved)


async def leave_out(
    session: AsyncSession, actor: Actor, gathering_id: int, moment: str, now: datetime
) -> None:
    """Leave one date of a series out; who said yes to it hears of it."""
    gathering, found = await one(session, actor, gathering_id, moment, now)
    if not gathering.rule or found.state not in LATER:
        raise UserError("gathering.date_gone")
    row = await gatherings.date_of(session, gathering, moment)
    was_open = row.state == "open"
    row.state, row.closed_at = "left_out", now
    gathering.sequence += 1
    await session.flush()
    if was_open:
        await _say_off(session, row, gathering, now, "left_out")
    if gathering.state == "running" and await gatherings.open_date(session, gathering.id) is None:
        await plan_next(session, gathering, now)


async def put_back(
    session: AsyncSession, actor: Actor, gathering_id: int, moment: str, now: datetime
) -> None:
    """Hold a date that was left out after all; who said yes before still does."""
    gathering, found = await one(session, actor, gathering_id, moment, now)
    if found.state != "left_out":
        raise UserError("gathering.date_gone")
    row = await gatherings.date_of(session, gathering, moment)
    row.closed_at, row.state = None, "planned"
    gathering.sequence += 1
    await session.flush()
    open_now = await gatherings.open_date(session, gathering.id)
    if row.message_id is not None and (open_now is None or open_now.starts_at > row.starts_at):
        group = await session.get_one(Group, gathering.group_id)
        row.state, gathering.opens_at = "open", None
        await session.flush()
        mark = f"on-{gathering.sequence}"
        words = [posts.again(await gatherings.seen(session, row, gathering, group), mark)]
        await gatherings.post(session, row, gathering, words, mark, now=now, until=row.starts_at)
    elif open_now is None and gathering.state == "running":
        await plan_next(session, gathering, now)


async def end(
    session: AsyncSession,
    gathering: Gathering,
    now: datetime,
    *,
    reason: str,
    quietly: bool = False,
) -> None:
    """End a whole gathering; who said yes to what stands in the room hears of it.

    `quietly` where another word says it. `reason` as in gathering_posts.off.
    """
    gathering.state, gathering.closed_at, gathering.opens_at = "off", now, None
    gathering.sequence += 1
    for row in (await _rows(session, gathering)).values():
        if row.state not in LATER:
            continue
        was_open = row.state == "open" and row.starts_at > now
        row.state, row.closed_at = "off", now
        await session.flush()
        if was_open and not quietly:
            await _say_off(session, row, gathering, now, reason)
    await session.flush()


async def drop_date(
    session: AsyncSession, row: GatheringDate, gathering: Gathering, now: datetime, reason: str
) -> None:
    """Let one date go that nobody hosts; the gathering itself is somebody else's to end."""
    row.state, row.closed_at = "off", now
    gathering.sequence += 1
    await session.flush()
    await _say_off(session, row, gathering, now, reason)


async def _say_off(
    session: AsyncSession, row: GatheringDate, gathering: Gathering, now: datetime, reason: str
) -> None:
    group = await session.get_one(Group, gathering.group_id)
    mark = f"off-{gathering.sequence}"
    shown = await gatherings.seen(session, row, gathering, group)
    words = posts.off(shown, mark, reason=reason)
    await gatherings.post(session, row, gathering, words, mark, now=now, until=row.ends_at)


async def _behind(session: AsyncSession, gathering: Gathering, now: datetime) -> list[Coming]:
    """Return the first date behind those that are left out."""
    rows = await _rows(session, gathering)
    series = gatherings.series_of(gathering)
    most = bounds.DATES_SHOWN + len(rows)
    return [
        Coming(rules.stamp(wall), series.at(wall), "planned", moved=False)
        for wall in rules.coming(series, now, most)
        if rules.stamp(wall) not in rows
    ][:1]


async def _rows(session: AsyncSession, gathering: Gathering) -> dict[str, GatheringDate]:
    found = await session.scalars(
        select(GatheringDate).where(GatheringDate.gathering_id == gathering.id)
    )
    return {row.local_moment: row for row in found.all()}
