"""Gatherings: when somebody is reminded, may say that they are there, and when none is held."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.gathering_series import Repeat

Answer = Literal["", "yes", "maybe", "no", "waits"]
Phase = Literal["before", "near", "on", "after", "over"]

AHEAD = timedelta(days=7)  # so long before it a date of a series comes into the room
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLY_LEAST = timedelta(hours=6)  # nearer than this the hour before is reminder enough
HERE_FROM = timedelta(minutes=30)  # before it begins
HERE_FOR = DAY  # after it ended; then it is looked back upon
LATE = timedelta(days=3)  # what ended longer ago is not looked back upon in the room
HOST_BY, HOST_AT_LEAST = DAY, timedelta(hours=12)
QUIET_MOST = 2  # dates in a row for which nobody but the host was
FEWEST = 5  # people of whom a number is told
LARGE = 15  # so many who come: it stands among Discord's events by itself, where only they see it
# https://docs.discord.com/developers/resources/guild-scheduled-event: scheduled and active ones
EVENTS_MOST, EVENTS_WARN = 100, 80
OPEN_MOST = 20  # gatherings of one group at the same time
PROPOSED_MOST = 2  # of one person that wait for an answer
DATES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """One date of a gathering as one reader sees it."""

    date_id: int
    gathering_id: int
    group_id: int
    title: str
    words: str
    place: str  # voice | link | place | ""
    spot: str
    room_id: int | None  # of a voice room, if it is known
    starts: datetime
    minutes: int
    repeat: Repeat
    most: int | None
    host_id: int | None
    state: str  # planned | open | left_out | over | off
    coming: tuple[int, ...] = ()
    maybe: int = 0
    waiting: int = 0
    mine: Answer = ""
    in_line: int = 0  # one's own place in the waiting list, from 1
    early: bool = False
    tell: bool = False
    here: bool = False
    changes: bool = False  # whether the reader may change the gathering

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def full(self) -> bool:
        """Whether nobody more can come."""
        return self.most is not None and len(self.coming) >= self.most


def phase(starts: datetime, ends: datetime, now: datetime) -> Phase:
    """Return where a date stands: far, near enough to arrive, going on, just over, over."""
    if now < starts - HERE_FROM:
        return "before"
    if now < starts:
        return "near"
    if now < ends:
        return "on"
    return "after" if now < ends + HERE_FOR else "over"


def host_by(starts: datetime, asked: datetime) -> datetime:
    """Return until when somebody may say that they host: a day before, but not at once.

    Where that is too near to when they were asked, until an hour before.
    """
    usual = starts - HOST_BY
    return usual if usual - asked >= HOST_AT_LEAST else starts - HOUR


def opens_at(starts: datetime, after: datetime) -> datetime:
    """Return when a date comes into the room: a week before, and not before the last is over."""
    return max(starts - AHEAD, after)


def span(minutes: int) -> str:
    """Return a length as it is read everywhere: "2 h", "1 h 30 min", "2 d"."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (left, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
