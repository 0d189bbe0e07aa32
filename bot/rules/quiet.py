"""Who has gone quiet: a silence that outlasts patience, of somebody who used to be around.

Only what Hearth could have heard is silence: time in which it was not connected, and time in which
the member is away, is taken off. Of a gap whose history was read Hearth knows what was written, no
more: it is silence for those who write, and not for those who may have reacted or talked instead.
After a day or more of which Hearth knows nothing a silence begins anew: they may have been there.

How long a silence may last is told by the days on which somebody was around (bot/rules/rhythm.py);
who was around on fewer than four is quiet only as a newcomer (bot/rules/fading.py). Nobody is quiet
who is away, is not counted, or has not lived in their home for as long as the patience lasts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

from bot.rules import fading, rhythm
from bot.rules.rhythm import PATIENCE, Rhythm

# No patience is shorter: of whoever was heard of since nothing needs to be known.
LEAST_PATIENCE = timedelta(days=min(rhythm.LEAST, fading.patience(1, min(PATIENCE.values()))))
WRITES_WINDOW = timedelta(days=30)  # before the last sign of life: whether they only write
LONG_BLIND = timedelta(days=1)  # more is enough for anybody to come, write and go
# An episode that went on for so long is over: nobody is reminded of somebody for ever.
RELEASE_AFTER = timedelta(days=60)

Span = tuple[datetime, datetime]
Kind = Literal["quiet", "faded"]  # stored as QuietEpisode.kind


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
    patience: str  # of their home's type: a key of PATIENCE
    counted: bool  # told, and not opted out
    rhythm: Rhythm = field(default_factory=Rhythm)  # of the days up to last_at
    only_writes: bool = True  # there was no such day of the last 30 without a message
    arrived_at: datetime | None = None  # moved into a group by themselves, if that was lately
    away_from: datetime | None = None
    away_until: datetime | None = None  # None with away_from set: until they say they are back


@dataclass(frozen=True, slots=True)
class Silence:
    """How long somebody has been silent, and how long it may last before it says anything."""

    kind: Kind
    since: datetime
    lasted: timedelta
    patience: timedelta
    usual: timedelta  # their usual pause between two days; zero: they have none yet

    @property
    def longer_than_usual(self) -> bool:
        """Whether it may be said that this is longer than usual for them.

        Who comes rarely is asked after before that is true: more often than not they leave so.
        """
        return self.lasted > self.usual

    @property
    def beyond(self) -> float:
        """How many times the patience it has lasted: the order of attention, never shown."""
        return self.lasted / self.patience


class Close(Enum):
    """How an episode ended; the values are stored."""

    RETURNED = "returned"
    AWAY = "away"
    RELEASED = "released"
    MOVED = "moved"
    LEFT = "left"
    OPTED_OUT = "opted-out"


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


def silence_of(life: Life, now: datetime, hearing: Hearing) -> Silence:
    """Return how long a member has been silent, beside the patience that is theirs.

    A newcomer's silence begins when they moved in, unless they were heard of since.
    """
    factor = PATIENCE[life.patience]
    kind: Kind
    if life.rhythm.days >= fading.REGULAR_DAYS and life.last_at is not None:
        kind, since, limit = "quiet", life.last_at, rhythm.patience(life.rhythm, factor)
    else:
        kind, since = "faded", max(life.last_at or life.home_since, life.home_since)
        limit = fading.patience(life.rhythm.days, factor)
    heard = hearing.of(life)
    lasted = silence(sure_since(since, heard), now, heard, away_span(life, now))
    return Silence(kind, since, lasted, timedelta(days=limit), timedelta(days=life.rhythm.usual))


def quiet(life: Life, now: datetime, hearing: Hearing) -> Silence | None:
    """Return a member's silence if it is longer than patience, else None."""
    if not life.counted or is_away(life, now):
        return None
    found = silence_of(life, now, hearing)
    if found.kind == "faded" and not fading.is_newcomer(life.rhythm.days, life.arrived_at, now):
        return None
    long = found.lasted > found.patience and now - life.home_since >= found.patience
    return found if long else None
