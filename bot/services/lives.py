"""What is known of the lives of those who live in a server's groups.

Hundreds of thousands of days stand behind a large server's: others have their turn in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.quiet import WRITES_WINDOW, Life
from bot.rules.rhythm import WINDOW, rhythm
from models import (
    ActiveDay,
    Arrival,
    Group,
    GroupType,
    Member,
    Membership,
    Presence,
    Server,
)

AT_ONCE = 100  # people who are looked at before others have their turn


@dataclass(frozen=True, slots=True)
class Resident:
    """A member in their home; `life` says nothing about days where they were not asked for."""

    group_id: int
    life: Life


async def residents_of(
    session: AsyncSession, server_id: int, user_ids: Collection[int] | None = None
) -> dict[int, Resident]:
    """Return who is at home in a server's groups, or those of them who are asked for."""
    arrived = (
        select(Arrival.user_id, func.max(Arrival.at).label("at"))
        .where(Arrival.server_id == server_id)
        .group_by(Arrival.user_id)
        .subquery()
    )
    wanted = (
        select(
            Membership.user_id,
            Membership.group_id,
            Membership.since,
            GroupType.patience,
            Member.counted_since,
            Member.opted_out_at,
            Member.away_from,
            Member.away_until,
            Presence.last_at,
            arrived.c.at.label("arrived_at"),
        )
        .join(Group, Group.id == Membership.group_id)
        .join(GroupType, GroupType.id == Group.type_id)
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .outerjoin(
            Presence,
            (Presence.server_id == Membership.server_id) & (Presence.user_id == Membership.user_id),
        )
        .outerjoin(arrived, arrived.c.user_id == Membership.user_id)
        .where(
            Membership.server_id == server_id,
            Membership.state == "here",
            Group.state != "archived",  # nobody can write in a room that is only read
        )
    )
    if user_ids is not None:
        wanted = wanted.where(Membership.user_id.in_(user_ids))
    found: dict[int, Resident] = {}
    await session.flush()
    # Not through the session: that would make all rows at once.
    rows = await (await session.connection()).execute(wanted)
    for some in rows.partitions(AT_ONCE):
        await asyncio.sleep(0)
        for row in some:
            life = Life(
                last_at=row.last_at,
                home_since=row.since,
                patience=row.patience,
                counted=row.counted_since is not None and row.opted_out_at is None,
                arrived_at=row.arrived_at,
                away_from=row.away_from,
                away_until=row.away_until,
            )
            found[row.user_id] = Resident(row.group_id, life)
    return found


async def with_days(
    session: AsyncSession, server: Server, residents: Mapping[int, Resident]
) -> dict[int, Resident]:
    """Return the same with the days on which each was around up to their last sign of life."""
    zone = ZoneInfo(server.zone)
    found: dict[int, Resident] = {}
    people = sorted(residents)
    for start in range(0, len(people), AT_ONCE):
        await asyncio.sleep(0)
        some = {user_id: residents[user_id] for user_id in people[start : start + AT_ONCE]}
        last = {
            user_id: resident.life.last_at.astimezone(zone).date()
            for user_id, resident in some.items()
            if resident.life.last_at is not None
        }
        days = await _days(session, server.id, last)
        for user_id, resident in some.items():
            found[user_id] = replace(resident, life=_lived(resident.life, days[user_id]))
    return found


async def _days(
    session: AsyncSession, server_id: int, last: Mapping[int, date]
) -> Mapping[int, Mapping[int, bool]]:
    """Return on which days, by their numbers, each was around up to the last, and if they wrote."""
    earliest = min(last.values(), default=date.max) - timedelta(days=WINDOW)
    rows = await session.execute(
        select(ActiveDay.user_id, ActiveDay.day, ActiveDay.signals > ActiveDay.unwritten).where(
            ActiveDay.server_id == server_id,
            ActiveDay.user_id.in_(sorted(last)),
            ActiveDay.day > earliest.isoformat(),
        )
    )
    days: defaultdict[int, dict[int, bool]] = defaultdict(dict)
    for user_id, iso, wrote in rows:
        day = date.fromisoformat(iso)
        if day <= last[user_id]:
            known, number = days[user_id], day.toordinal()
            known[number] = known.get(number, False) or wrote
    return days


def _lived(life: Life, days: Mapping[int, bool]) -> Life:
    """Return the same with the days, by their numbers, on which they were around or wrote."""
    last = max(days, default=0)
    lately = [wrote for day, wrote in days.items() if last - day < WRITES_WINDOW.days]
    # Of who never gave a sign nobody knows what signs they would give.
    return replace(life, rhythm=rhythm(sorted(days)), only_writes=bool(lately) and all(lately))
