"""Who has gone quiet: a silence that outlasts patience, of somebody who used to be around.

Only what Hearth could have heard is silence: time in which it was not connected, and time in which
the member is away, is taken off. Of a gap whose history was read Hearth knows what was written, no
more: it is silence for those who write, and not for those who may have reacted or talked instead.
After a day or more of which Hearth knows nothing a silence begins anew: they may have been there.
Nobody is quiet who is away, is not counted, has not lived in their home for as long as the patience
lasts, or was never much around: four active days are needed in the 30 days up to the last sign of
life.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

LEAST_PATIENCE = timedelta(days=5)
ACTIVE_DAYS = 4
WINDOW = timedelta(days=30)
LONG_BLIND = timedelta(days=1)  # more is enough for anybody to come, write and go
# An episode that went on for so long is over: nobody is reminded of somebody for ever.
RELEASE_AFTER = timedelta(days=60)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What Hearth knows of a server's time: merged spans, in order."""

    live: Sequence[Span]  # connected: every sign of life was noticed
    written: Sequence[Span]  # `live`, and the gaps of which all messages were read afterwards

    def of(self, life: "Life") -> Sequence[Span]:
        """Return the time in which a member's silence means something."""
        return self.written if life.only_writes else self.live


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of one member at the moment of looking."""

    last_at: datetime | None  # the last sign of life
    home_since: datetime
    patience_days: int  # of their home's type
    active_days: int  # in the window up to last_at
    only_writes: bool  # there was no such day without a message
    counted: bool  # told, and not opted out
    away_from: datetime | None = None
    away_until: datetime | None = None  # None with away_from set: until they say they are back


class Close(Enum):
    """How an episode ended; the values are stored."""

    RETURNED = "returned"
    AWAY = "away"
    RELEASED = "released"
    MOVED = "moved"
    LEFT = "left"
    OPTED_OUT = "opted-out"


def patience(type_days: int) -> timedelta:
    """Return how long a silence may last in groups of a type with this patience."""
    return max(LEAST_PATIENCE, timedelta(days=type_days))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as spans that neither overlap nor touch, in order; empty ones go."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def silence(
    since: datetime, now: datetime, heard: Sequence[Span], away: Span | None = None
) -> timedelta:
    """Return how much of the time from `since` to `now` was silence.

    That is the part in which Hearth was connected (`heard`, merged) and the member was not away.
    """
    total = timedelta()
    for opened, closed in heard:
        start, end = max(opened, since), min(closed, now)
        if start >= end:
            continue
        total += end - start
        if away is not None:
            total -= max(timedelta(), min(end, away[1]) - max(start, away[0]))
    return total


def sure_since(since: datetime, heard: Sequence[Span]) -> datetime:
    """Return from when on a silence that may have begun at `since` is sure to have lasted.

    That is the end of the last long time of which Hearth knows nothing, if there was one.
    """
    known = since
    for opened, closed in heard:
        if opened - known >= LONG_BLIND:
            since = opened
        known = max(known, closed)
    return since


def is_away(life: Life, now: datetime) -> bool:
    """Return whether the member is away at this moment."""
    return (
        life.away_from is not None
        and life.away_from <= now
        and (life.away_until is None or now < life.away_until)
    )


def away_span(life: Life, now: datetime) -> Span | None:
    """Return the member's absence as far as it has gone."""
    if life.away_from is None:
        return None
    return life.away_from, min(life.away_until or now, now)


def quiet_for(life: Life, now: datetime, hearing: Hearing) -> timedelta | None:
    """Return how long a member has been quiet if that is longer than patience, else None."""
    if life.last_at is None or not life.counted or is_away(life, now):
        return None
    limit = patience(life.patience_days)
    if life.active_days < ACTIVE_DAYS or now - life.home_since < limit:
        return None
    heard = hearing.of(life)
    lasted = silence(sure_since(life.last_at, heard), now, heard, away_span(life, now))
    return lasted if lasted > limit else None


def beyond_usual(quiet: timedelta, active_days: int) -> float:
    """Return how many of their usual pauses a silence is; only for the order of names.

    The usual pause is the window's length divided by the days on which they were around.
    """
    return quiet / (WINDOW / max(1, active_days))
