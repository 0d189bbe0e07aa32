"""Guest evenings: when one is, who can have one with whom, and what is due by when.

A group opens its door to another for one evening; both sides say yes before. Nothing repeats by
itself, and nothing opens without a host.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.rules import away
from bot.rules.naming import safe
from bot.rules.ritual_times import clock
from bot.rules.rituals import placed
from bot.rules.zones import zone as named_zone

SOONEST = timedelta(minutes=30)  # so that the other side has a moment to say yes
FARTHEST = timedelta(days=60)
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=8)
PLANNED_MOST = 3  # evenings that a group has asked for or agreed to, at its own place
TYPED_SHOWN = 40

# What is due: open the door · close it · take the question back · call it off · it was missed
Due = Literal["open", "over", "lapsed", "off", "missed"]


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, in UTC."""

    opens_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """What an evening needs to know of one of the two groups."""

    group_id: int
    name: str
    emoji: str
    state: str  # forming | open | resting | archived
    locked: bool
    listed: bool
    by_role: bool
    visits: str  # open | request | closed: what its type says of visitors


@dataclass(frozen=True, slots=True)
class Stands:
    """How far an evening is."""

    opens_at: datetime
    ends_at: datetime
    agreed: bool
    opened: bool


def span(day: str, start: str, end: str, place: str, *, zone: str, now: datetime) -> Span:
    """Return when an evening is, from what was typed; UserError says what to write instead.

    `place` is a city, empty for the server's `zone`. An end before the start is past midnight.
    Where the clock shows a time twice, the first counts; where it jumps over it, the first moment
    after.
    """
    city = named_zone(place) if place.strip() else zone
    try:
        found = away.until(day, now, city)
    except away.NoDay as refused:
        raise UserError(f"guests.day_{refused.key.partition('away_')[2]}") from None
    if found is None:
        raise UserError("guests.day_unknown")
    date = away.last_day(found, city)
    clocks = [clock("".join(one.lower().split())) for one in (start, end)]
    for typed, read in zip((start, end), clocks, strict=True):
        if read is None:
            raise UserError("guests.time_unknown", typed=safe(typed.strip()[:TYPED_SHOWN]))
    (first, last) = [one for one in clocks if one is not None]
    begins = datetime(date.year, date.month, date.day, *first)  # noqa: DTZ001 - a wall time
    ends = datetime(date.year, date.month, date.day, *last)  # noqa: DTZ001 - a wall time
    if ends <= begins:
        ends += timedelta(days=1)
    opens_at, ends_at = placed(begins, ZoneInfo(city)), placed(ends, ZoneInfo(city))
    if opens_at < now:
        raise UserError("guests.too_late")
    if opens_at < now + SOONEST:
        raise UserError("guests.too_soon", n=int(SOONEST.total_seconds() // 60))
    if opens_at > now + FARTHEST:
        raise UserError("guests.too_far", n=FARTHEST.days)
    if ends_at - opens_at < SHORTEST:
        raise UserError("guests.too_short", n=int(SHORTEST.total_seconds() // 60))
    if ends_at - opens_at > LONGEST:
        raise UserError("guests.too_long", n=int(LONGEST.total_seconds() // 3600))
    return Span(opens_at.astimezone(UTC), ends_at.astimezone(UTC))


def why_not(host: Side, guest: Side) -> str | None:
    """Return what keeps two groups from an evening together, by a word; None if nothing does.

    A group that is named nowhere has none: its people would be known by where they come from.
    """
    reasons = {
        "same": host.group_id == guest.group_id,
        "unlisted": not host.listed,
        "guest_unlisted": not guest.listed,
        "not_open": host.state != "open",
        "guest_not_open": guest.state != "open",
        "locked": host.locked,
        "guest_locked": guest.locked,
        "closed": host.visits == "closed",
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def by_door(host: Side, guest: Side) -> bool:
    """Return whether the guests' role opens the room; else each guest gets a key of their own."""
    return host.by_role and guest.by_role


def due(evening: Stands, now: datetime, *, possible: bool, hosted: bool) -> Due | None:
    """Return what an evening asks for by now, however late Hearth comes to it; None: nothing.

    `possible`: both groups could still have it. `hosted`: who hosts it looks after the group.
    """
    if evening.opened:
        if now >= evening.ends_at:
            return "over"
        return None if possible else "off"
    if not evening.agreed:
        if now >= evening.opens_at:
            return "lapsed"
        return None if possible else "off"
    if not possible:
        return "off"
    if now >= evening.ends_at:
        return "missed"
    if now >= evening.opens_at:
        return "open" if hosted else "off"
    return None
