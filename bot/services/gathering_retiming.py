"""A series of gatherings gets another regular time once it is announced.

What lies ahead of it and is not in the room yet is planned anew. The date that stands in the room
is its host's to decide: kept where it is, or moved to the new time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import gathering_forms as forms
from bot.rules import gathering_posts as posts
from bot.rules import gathering_series as rules
from bot.rules.actor import Actor
from bot.rules.gathering_plans import Retimed
from bot.rules.gathering_series import Ends, Series
from bot.rules.moments import Typed
from bot.rules.naming import safe
from bot.services import gathering_dates, gatherings
from models import Gathering, GatheringDate, Group

HELD = ("running", "paused")
SOONEST_AFTER = timedelta(days=2)  # a date that is kept, the one that was written for after it


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A series as it would be; `date` stands in the room and has not begun."""

    series: Series
    date: GatheringDate | None

    @property
    def first(self) -> datetime:
        return self.series.at(self.series.first)


async def previewed(
    session: AsyncSession, actor: Actor, gathering_id: int, text: str, now: datetime
) -> Retimed:
    """Return what the time that was typed would mean; UserError for what cannot be."""
    gathering = await _own(session, actor, gathering_id)
    when = forms.moment(text, now, gathering.zone)
    kept = await _planned(session, gathering, when, now, move=False, lenient=True)
    moved = None
    if kept.date is not None:
        moved = await _planned(session, gathering, when, now, move=True)
    return Retimed(
        gathering.id,
        gathering.title,
        rules.stamp(when.local),
        when.zone,
        stands=None if kept.date is None else kept.date.starts_at,
        if_kept=kept.first,
        if_moved=None if moved is None else moved.first,
    )


async def retime(  # noqa: PLR0917 - who lets what come round when
    session: AsyncSession,
    actor: Actor,
    gathering_id: int,
    typed: str,
    zone: str,
    now: datetime,
    *,
    move: bool,
) -> datetime:
    """Let a series come round at another time; return its first date. Its room hears of it.

    `typed` and `zone` are those of `previewed`. With `move` the date in the room goes along.
    """
    gathering = await _own(session, actor, gathering_id)
    when = _read(typed, zone)
    if when.at < now + forms.SOON:
        raise UserError("gathering.when_past" if when.at < now else "gathering.when_soon")
    ahead = await _planned(session, gathering, when, now, move=move)
    if ahead.series == gatherings.series_of(gathering):
        return ahead.first  # pressed twice
    await _let_go(session, gathering, ahead.date, now)
    series, date = ahead.series, ahead.date
    gathering.first_local, gathering.zone = rules.stamp(series.first), series.zone
    gathering.rule, gathering.quiet = series.rule, 0
    gathering.sequence += 1
    await session.flush()
    if date is not None:
        await _tell(session, gathering, date, ahead.first, now, move=move)
    elif gathering.state == "running" and await gatherings.open_date(session, gathering.id) is None:
        await gathering_dates.plan_next(session, gathering, now)
    await session.flush()
    return ahead.first


async def _planned(
    session: AsyncSession,
    gathering: Gathering,
    when: Typed,
    now: datetime,
    *,
    move: bool,
    lenient: bool = False,
) -> _Ahead:
    """Return the series as it would be; `lenient` where its last date may be the one in the room.

    Kept, that date is followed by the first one that is not nearly the same.
    """
    date = await gatherings.open_date(session, gathering.id)
    if date is not None and date.starts_at <= now:
        date = None  # it is under way, and nobody's to move
    how, ends = rules.repeat_of(gathering.rule), rules.ends_of(gathering.rule)
    if how not in rules.possible(when.local):
        raise UserError("gathering.regular_not")
    if ends.count is not None:
        left = _left(gathering, date, now, move=move)
        if not left and not lenient:
            raise UserError("gathering.regular_last")
        ends = Ends(count=max(left, 1))
    local = when.local
    if date is not None and not move:
        later = when.at > date.starts_at
        least = date.starts_at + (SOONEST_AFTER if later else rules.half_way(how))
        plain = Series(local, when.zone, rules.rule_of(how, local))
        local = next(wall for wall in rules.walls(plain, local.date()) if plain.at(wall) >= least)
    if ends.until is not None and ends.until < local.date():
        raise UserError("gathering.regular_ends", day=ends.until.isoformat())
    return _Ahead(Series(local, when.zone, rules.rule_of(how, local, ends)), date)


def _left(gathering: Gathering, date: GatheringDate | None, now: datetime, *, move: bool) -> int:
    """Return how many dates of a series that ends after a number of them are to come."""
    series = gatherings.series_of(gathering)
    walls = rules.walls(series, series.first.date())
    if date is None:
        return sum(series.at(wall) > now for wall in walls)
    stands = rules.wall_of(date.local_moment)
    left = sum(wall > stands for wall in walls)
    return left + 1 if move else left


async def _let_go(
    session: AsyncSession, gathering: Gathering, stands: GatheringDate | None, now: datetime
) -> None:
    """Let go of what was planned for single dates of the series as it was."""
    rows = await session.scalars(
        select(GatheringDate).where(
            GatheringDate.gathering_id == gathering.id,
            GatheringDate.state.in_(("planned", "left_out")),
            GatheringDate.starts_at > now,
        )
    )
    for row in rows.all():
        if row.message_id is None:
            await session.delete(row)
        elif row is not stands:  # the room knows of it: left out, it is not held any more
            row.state, row.closed_at = "off", now
    await session.flush()


async def _tell(
    session: AsyncSession,
    gathering: Gathering,
    date: GatheringDate,
    first: datetime,
    now: datetime,
    *,
    move: bool,
) -> None:
    """Move the date in the room, or leave it; those who read it there hear which."""
    group = await session.get_one(Group, gathering.group_id)
    mark = f"regular-{gathering.sequence}"
    before = date.starts_at
    if not move:
        words = [posts.regular(await gatherings.seen(session, date, gathering, group), first, mark)]
    else:
        await _is_free(session, gathering, date)
        date.local_moment, date.moved = gathering.first_local, False
        date.starts_at, date.ends_at = first, first + timedelta(minutes=gathering.minutes)
        date.early_told_at = date.hour_told_at = None
        await session.flush()
        shown = await gatherings.seen(session, date, gathering, group)
        words = posts.moved(shown, before, mark, with_series=True)
    await gatherings.post(session, date, gathering, words, mark, now=now, until=date.starts_at)


async def _is_free(session: AsyncSession, gathering: Gathering, date: GatheringDate) -> None:
    """UserError where another date of it was planned for the same wall time."""
    taken = await session.scalar(
        select(GatheringDate.id).where(
            GatheringDate.gathering_id == gathering.id,
            GatheringDate.local_moment == gathering.first_local,
            GatheringDate.id != date.id,
        )
    )
    if taken is not None:
        raise UserError("gathering.regular_taken")


async def _own(session: AsyncSession, actor: Actor, gathering_id: int) -> Gathering:
    gathering, _ = await gatherings.own(session, actor, gathering_id)
    if gathering.state not in HELD:
        raise UserError(f"gathering.state_{gathering.state}", title=safe(gathering.title))
    if not gathering.rule:
        raise UserError("gathering.regular_once")
    return gathering


def _read(typed: str, zone: str) -> Typed:
    """Return what a button carries; UserError for what none of ours does."""
    if zone not in available_timezones():
        raise UserError("errors.expired")
    try:
        local = rules.wall_of(typed)
    except ValueError:
        raise UserError("errors.expired") from None
    return Typed(local, zone)
