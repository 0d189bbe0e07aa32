"""Who has gone quiet: one look per server and day, and what facilitators say about it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.quiet import (
    RELEASE_AFTER,
    WINDOW,
    Close,
    Hearing,
    Life,
    away_span,
    is_away,
    patience,
    quiet_for,
    silence,
)
from bot.services import connected
from bot.services.signals import chunks
from models import (
    ActiveDay,
    Facilitator,
    Group,
    GroupType,
    Member,
    Membership,
    Presence,
    QuietEpisode,
    Server,
)

LATER = timedelta(days=7)  # what [Not now] means

Said = Literal["reached", "away", "fine", "later"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look changed; `looked` is False when this local day had its look already."""

    looked: bool
    opened: int = 0
    closed: int = 0


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
        if resident.life.last_at is not None
        and now - resident.life.last_at > patience(resident.life.patience_days)
    }
    known = await _known_silences(session, server.id, silent)
    opened = 0
    for user_id, resident in (await _with_days(session, server, silent)).items():
        life = resident.life
        if life.last_at is None or (user_id, resident.group_id, life.last_at) in known:
            continue
        if quiet_for(life, now, hearing) is not None:
            session.add(
                QuietEpisode(
                    server_id=server.id,
                    group_id=resident.group_id,
                    user_id=user_id,
                    silent_since=life.last_at,
                    began_at=now,
                )
            )
            opened += 1
    return opened


async def silences(
    session: AsyncSession, server_id: int, user_ids: Collection[int], now: datetime
) -> dict[int, tuple[timedelta, int]]:
    """Return how long these members have been silent, and on how many days they were around."""
    server = await session.get_one(Server, server_id)
    residents = await _residents(session, server_id, user_ids)
    hearing = await connected.hearing(session, server_id)
    found: dict[int, tuple[timedelta, int]] = {}
    for user_id, resident in (await _with_days(session, server, residents)).items():
        life = resident.life
        if life.last_at is not None:
            lasted = silence(life.last_at, now, hearing.of(life), away_span(life, now))
            found[user_id] = (lasted, life.active_days)
    return found


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
    wanted = (
        select(
            Membership.user_id,
            Membership.group_id,
            Membership.since,
            GroupType.patience_days,
            Member.counted_since,
            Member.opted_out_at,
            Member.away_from,
            Member.away_until,
            Presence.last_at,
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
        .where(
            Membership.server_id == server_id,
            Membership.state == "here",
            Group.state != "archived",  # nobody can write in a room that is only read
        )
    )
    if user_ids is not None:
        wanted = wanted.where(Membership.user_id.in_(user_ids))
    return {
        row.user_id: Resident(
            row.group_id,
            Life(
                last_at=row.last_at,
                home_since=row.since,
                patience_days=row.patience_days,
                active_days=0,
                only_writes=False,
                counted=row.counted_since is not None and row.opted_out_at is None,
                away_from=row.away_from,
                away_until=row.away_until,
            ),
        )
        for row in await session.execute(wanted)
    }


async def _with_days(
    session: AsyncSession, server: Server, residents: dict[int, Resident]
) -> dict[int, Resident]:
    """Return the same with the days on which each was around before falling silent."""
    zone = ZoneInfo(server.zone)
    windows = {
        user_id: (
            (resident.life.last_at - WINDOW).astimezone(zone).date().isoformat(),
            resident.life.last_at.astimezone(zone).date().isoformat(),
        )
        for user_id, resident in residents.items()
        if resident.life.last_at is not None
    }
    days: defaultdict[int, dict[str, bool]] = defaultdict(dict)  # day -> whether they wrote
    earliest = min((first for first, _ in windows.values()), default="")
    for ids in chunks(sorted(windows)):
        found = await session.execute(
            select(ActiveDay.user_id, ActiveDay.day, ActiveDay.signals > ActiveDay.unwritten).where(
                ActiveDay.server_id == server.id,
                ActiveDay.user_id.in_(ids),
                ActiveDay.day > earliest,
            )
        )
        for user_id, day, wrote in found:
            first, last = windows[user_id]
            if first < day <= last:
                days[user_id][day] = days[user_id].get(day, False) or wrote
    return {
        user_id: Resident(
            resident.group_id,
            replace(
                resident.life,
                active_days=len(days[user_id]),
                only_writes=all(days[user_id].values()),
            ),
        )
        for user_id, resident in residents.items()
    }


async def _known_silences(
    session: AsyncSession, server_id: int, user_ids: Collection[int]
) -> set[tuple[int, int, datetime]]:
    """Return the silences that had an episode already, open or over."""
    known: set[tuple[int, int, datetime]] = set()
    for ids in chunks(sorted(user_ids)):
        rows = await session.execute(
            select(QuietEpisode.user_id, QuietEpisode.group_id, QuietEpisode.silent_since).where(
                QuietEpisode.server_id == server_id, QuietEpisode.user_id.in_(ids)
            )
        )
        known.update((user_id, group_id, since) for user_id, group_id, since in rows)
    return known
