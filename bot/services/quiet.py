"""Who has gone quiet: one look per server and day, and what facilitators say about it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.quiet import (
    LEAST_PATIENCE,
    RELEASE_AFTER,
    Close,
    Hearing,
    Silence,
    is_away,
    quiet,
    silence_of,
)
from bot.services import connected
from bot.services.id_chunks import chunks
from bot.services.lives import Resident, residents_of, with_days
from models import Facilitator, Group, QuietEpisode, Server

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
    residents = await residents_of(session, server_id)
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
    for user_id, resident in (await with_days(session, server, fresh)).items():
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
    residents = await with_days(session, server, await residents_of(session, server_id, user_ids))
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


async def _known(session: AsyncSession, server_id: int, user_ids: Collection[int]) -> Known:
    """Return what was noticed of these members' silences, open or over."""
    still: set[int] = set()
    silences: set[tuple[int, int, datetime]] = set()
    for ids in chunks(user_ids):
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
