"""What several sources of figures ask of a window: who lives where, and which weeks were heard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.health import (
    BLIND_AFTER,
    MEASURES,
    SERVER,
    Closing,
    Reckoned,
    Week,
    silent,
)
from bot.rules.quiet import silence
from bot.services import connected
from models import Member, Membership

# What rests on numbers that have been counted only since `Server.talk_since`.
OF_TALK = frozenset(
    ("conversations", "repeat", "reciprocity", "peer", "first_answer", "answered", "rituals")
)
AT_ONCE = 2_000  # rows between two turns of the loop


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who is counted, in their home as the week ended; `from_day` is their first there.

    The day is a local one of the server, after the day on which they moved in: what they did on
    that day may have been in an earlier home.
    """

    home: int
    from_day: str


async def residents(session: AsyncSession, closing: Closing) -> dict[int, Resident]:
    """Return who lived in the groups of a week that is closed, of those who are counted."""
    zone, open_then = ZoneInfo(closing.zone), {group.group_id for group in closing.groups}
    rows = await session.stream(
        select(Membership.user_id, Membership.group_id, Membership.since)
        .join(
            Member,
            (Member.server_id == Membership.server_id) & (Member.user_id == Membership.user_id),
        )
        .where(
            Membership.server_id == closing.server_id,
            Membership.state.in_(("here", "held")),
            Membership.since < closing.week.ends,
            Member.counted_since < closing.week.ends,
            Member.opted_out_at.is_(None),
        )
        .execution_options(yield_per=AT_ONCE)
    )
    found: dict[int, Resident] = {}
    async for some in rows.partitions():
        for user_id, group_id, since in some:
            if group_id in open_then:
                after = since.astimezone(zone).date() + timedelta(days=1)
                found[user_id] = Resident(group_id, after.isoformat())
    return found


def by_home(people: Mapping[int, Resident]) -> dict[int, set[int]]:
    """Return the same people by the group they live in."""
    found: dict[int, set[int]] = {}
    for user_id, resident in people.items():
        found.setdefault(resident.home, set()).add(user_id)
    return found


async def heard(session: AsyncSession, closing: Closing, weeks: int) -> set[Week]:
    """Return the weeks of a window in which Hearth heard the server, or read what was written."""
    spans = (await connected.hearing(session, closing.server_id)).written
    return {
        week
        for week in closing.week.window(weeks)
        if week.ends - week.begins - silence(week.begins, week.ends, spans) <= BLIND_AFTER
    }


def days(week: Week, weeks: int) -> tuple[str, str]:
    """Return the first day of a window and the first after it, as ISO dates."""
    return week.later(1 - weeks).key, week.later(1).key


def with_silences(closing: Closing, found: Iterable[Reckoned]) -> list[Reckoned]:
    """Return the figures, those of groups silenced that were not open for the whole window.

    The server's own as well, where Hearth has not been there for as long; and figures of talk where
    it was not counted for as long: an upgrade does not make silence of what was not counted.
    """
    ages = {group.group_id: group.weeks_open(closing.week) for group in closing.groups}
    ages[SERVER] = _weeks_since(closing, closing.added_at)
    counted = _weeks_since(closing, closing.talk_since or closing.added_at)
    return [
        one
        if min(
            ages.get(one.group_id, 0),
            counted if one.figure.measure in OF_TALK else ages[SERVER],
        )
        >= MEASURES[one.figure.measure].weeks
        else Reckoned(one.group_id, silent(one.figure.measure, one.figure.people, "young"))
        for one in found
    ]


def _weeks_since(closing: Closing, moment: datetime) -> int:
    """Return how many whole weeks lie between a moment and the end of the week."""
    return max(0, (closing.week.ends - moment) // timedelta(weeks=1))


def seed(closing: Closing, group_id: int, measure: str) -> tuple[int | str, ...]:
    """Return what a figure's draws begin with: the same for the same figure, for ever."""
    return (measure, closing.server_id, group_id, closing.week.key)
