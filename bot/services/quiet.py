"""Who has gone quiet: one look per server and day, and what facilitators say about it.

A look at a large server goes through hundreds of thousands of days; it lets others have their turn
in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.quiet import (
    LEAST_PATIENCE,
    RELEASE_AFTER,
    WRITES_WINDOW,
    Close,
    Hearing,
    Life,
    Silence,
    is_away,
    quiet,
    silence_of,
)
from bot.rules.rhythm import WINDOW, rhythm
from bot.services import connected
from bot.services.signals import chunks
from models import (
    ActiveDay,
    Arrival,
    Facilitator,
    Group,
    GroupType,
    Member,
    Membership,
    Presence,
    QuietEpisode,
    Server,
)

AT_ONCE = 100  # people whose days are looked at before others have their turn
LATER = timedelta(days=7)  # what [Not now] means

Said = Literal["reached", "away", "fine", "later"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look changed; `looked` is False when this local day had its look already."""

    looked: bool
    opened: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What was noticed before: whose episode is open, and silences by (member, group, since)."""

    open: Collection[int]
    silences: Collection[tuple[int, int, datetime]]


@dataclass(frozen=True, slots=True)
class Resident:
    """A member in their home; `life` says nothing about days where they were not asked for."""

    group_id: int
    life: Life


async def daily(
    session: AsyncSession, server_id: int, now: datetime, *, unheard: Collection[int] = ()
) -> Looked:
    """Open and close quiet episodes of one server; at most once per day of the server's zone.

    Of groups whose rooms are `unheard`, closed to Hearth by somebody's hand, or locked, so that
    nobody can write there, it says nothing new.
    """
    server = await session.get(Server, server_id)
    if server is None or server.paused_at is not None or server.removed_at is not None:
        return Looked(looked=False)
    today = now.astimezone(ZoneInfo(server.zone)).date().isoformat()
    if server.quiet_checked_on is not None and server.quiet_checked_on >= today:
        return Looked(looked=False)
    server.quiet_checked_on = today
    residents = await _residents(session, server_id)
    closed_groups = set(
        await session.scalars(
            select(Group.id).where(
                Group.server_id == server_id,
                Group.room_id.in_(unheard) | Group.locked_at.is_not(None),
            )
        )
    )
    heard_of = {
        user_id: resident
        for user_id, resident in residents.items()
        if resident.group_id not in closed_groups
    }
    hearing = await connected.hearing(session, server_id)
    closed = await _close(session, server_id, residents, now)
    opened = await _open(session, server, heard_of, hearing, now)
    await session.flush()
    return Looked(looked=True, opened=opened, closed=closed)


async def _close(
    session: AsyncSession, server_id: int, residents: dict[int, Resident], now: datetime
) -> int:
    episodes = await session.scalars(
        select(QuietEpisode).where(
            QuietEpisode.server_id == server_id, QuietEpisode.closed_at.is_(None)
        )
    )
    closed = 0
    for episode in episodes:
        resident = residents.get(episode.user_id)
        why = _over(episode, resident, now)
        if why is not None:
            episode.closed_at, episode.closed_by = now, why.value
            closed += 1
        elif resident is not None:
            # A split may have moved their home meanwhile: its facilitators are the ones to know.
            episode.group_id = resident.group_id
    await session.flush()
    return closed


def _over(episode: QuietEpisode, resident: Resident | None, now: datetime) -> Close | None:
    if resident is None:
        return Close.LEFT
    if not resident.life.counted:
        return Close.OPTED_OUT
    if resident.life.last_at is not None and resident.life.last_at > episode.silent_since:
        return Close.RETURNED
    if is_away(resident.life, now):
        return Close.AWAY
    return Close.RELEASED if now - episode.began_at >= RELEASE_AFTER else None


async def _open(
    session: AsyncSession,
    server: Server,
    residents: dict[int, Resident],
    hearing: Hearing,
    now: datetime,
) -> int:
    # Of most members the last sign of life is too fresh for anything else to matter.
    silent = {
        user_id: resident
        for user_id, resident in residents.items()
        if resident.life.counted
        and now - max(resident.life.last_at or resident.life.home_since, resident.life.home_since)
        > LEAST_PATIENCE
    }
    known = await _known(session, server.id, silent)
    fresh = {
        user_id: resident
        for user_id, resident in silent.items()
        if user_id not in known.open
        and (user_id, resident.group_id, resident.life.last_at) not in known.silences
    }
    opened = 0
    for user_id, resident in (await _with_days(session, server, fresh)).items():
        found = quiet(resident.life, now, hearing)
        if found is None or (user_id, resident.group_id, found.since) in known.silences:
            continue
        session.add(
            QuietEpisode(
                server_id=server.id,
                group_id=resident.group_id,
                user_id=user_id,
                kind=found.kind,
                silent_since=found.since,
                began_at=now,
            )
        )
        opened += 1
    return opened


async def silences(
    session: AsyncSession, server_id: int, user_ids: Collection[int], now: datetime
) -> dict[int, Silence]:
    """Return how long these members have been silent, whether or not that is long for them.

    `Silence.beyond` is the order of attention: whose silence is longest by their own patience comes
    first. It orders names and is shown to nobody. Who lives nowhere is left out.
    """
    server = await session.get_one(Server, server_id)
    residents = await _with_days(session, server, await _residents(session, server_id, user_ids))
    hearing = await connected.hearing(session, server_id)
    return {
        user_id: silence_of(resident.life, now, hearing) for user_id, resident in residents.items()
    }


async def say(
    session: AsyncSession, episode_id: int, user_id: int, said: Said, now: datetime
) -> QuietEpisode:
    """Note what a facilitator says about a quiet member; UserError for anyone else.

    "They're away" and "They're fine" end this silence for the letters; "Not now" brings the name
    back in a week; "I reached out" leaves it to the member.
    """
    episode = await session.get(QuietEpisode, episode_id)
    office = episode and await session.get(Facilitator, (episode.group_id, user_id))
    if episode is None or office is None or office.state != "active":
        raise UserError("letters.not_yours")
    if episode.closed_at is not None:
        return episode
    if said == "reached":
        episode.reached_out_at = now
    elif said == "later":
        episode.snoozed_until = now + LATER
    else:
        closed = Close.AWAY if said == "away" else Close.RELEASED
        episode.closed_at, episode.closed_by = now, closed.value
    await session.flush()
    return episode


async def _residents(
    session: AsyncSession, server_id: int, user_ids: Collection[int] | None = None
) -> dict[int, Resident]:
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


async def _with_days(
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
            ActiveDay.user_id.in_(last),
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


async def _known(session: AsyncSession, server_id: int, user_ids: Collection[int]) -> Known:
    """Return what was noticed of these members' silences, open or over."""
    still: set[int] = set()
    silences: set[tuple[int, int, datetime]] = set()
    for ids in chunks(sorted(user_ids)):
        rows = await session.scalars(
            select(QuietEpisode).where(
                QuietEpisode.server_id == server_id, QuietEpisode.user_id.in_(ids)
            )
        )
        for row in rows:
            silences.add((row.user_id, row.group_id, row.silent_since))
            if row.closed_at is None:
                still.add(row.user_id)
    return Known(still, silences)
