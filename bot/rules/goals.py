"""A challenge's days: who is on their way, what may be missed, and when it has its moments.

All days are the group's own: local dates in the challenge's zone. What a challenge asks is never
compared between people; what a group reads of it are sums of five people or more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.rules.quiet import Span

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
DAILY: Final = 7  # times a week
ONCE: Final = 0
MORNING: Final = time(10)  # when half-time and the end are told, by the group's clock
FEWEST: Final = 5  # people, below whom no sum is shown
SAID_WITHIN: Final = timedelta(days=2)  # half-time; later it is none
CLOSED_WITHIN: Final = timedelta(days=7)  # the end is still worth a line
NAMED_AFTER: Final = timedelta(days=1)  # from the end on, for whoever wants to be named
SHORTEST_SILENCE: Final = timedelta(days=3)
PARTS_KEPT: Final = timedelta(days=30)  # after the end
DRAFTS_KEPT: Final = timedelta(days=60)
GOALS_KEPT: Final = timedelta(days=730)
ASK_FADES: Final = timedelta(days=7)
PARTNERS_MOST: Final = 2
ASKS_MOST: Final = 3
DAYS_SHOWN: Final = 31  # in a picture, day by day; longer ones are shown by the week


@dataclass(frozen=True, slots=True)
class Course:
    """When a challenge is, and what it asks: `times` a week (7 daily, 0 once), `grace` of them."""

    first: date
    last: date
    zone: str
    times: int
    grace: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def today(self, now: datetime) -> date:
        """Return the day by the group's clock; before it begins and after it ended, too."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def number(self, day: date) -> int:
        """Return which of its days this is, from 1; held to the first and the last."""
        return min(max((day - self.first).days + 1, 1), self.days)


@dataclass(frozen=True, slots=True)
class Mine:
    """One person's part: from when on days count, the days they checked in, and their breaks.

    A break is (first day, last day), without a last day while it lasts.
    """

    first: date
    marks: frozenset[date] = frozenset()
    breaks: tuple[tuple[date, date | None], ...] = ()

    def rests(self, day: date) -> bool:
        """Return whether a day lies in a break."""
        return any(a <= day and (b is None or day <= b) for a, b in self.breaks)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one person's part, for themselves and their partners."""

    done: int
    missed: int
    grace_left: int
    resting: bool
    on_way: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How it stands with a group's challenge, as sums.

    `spans` are days, or weeks where it asks by the week or is long: (first day, last day, how many
    checked in during it).
    """

    people: int
    on_way: int
    spans: tuple[tuple[date, date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """What a challenge came to: in all, and of those who had a partner."""

    joined: int = 0
    completed: int = 0
    paired: int = 0
    paired_completed: int = 0

    def beside(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Return (completed, joined) with a partner and without; None below five on either side."""
        alone = self.joined - self.paired
        if self.paired < FEWEST or alone < FEWEST:
            return None
        return (
            (self.paired_completed, self.paired),
            (self.completed - self.paired_completed, alone),
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """When a challenge begins, is half over, and its last day is over; in UTC."""

    starts_at: datetime
    half_at: datetime
    ends_at: datetime


def moments(course: Course) -> Moments:
    """Return a challenge's moments: midnights by the group's clock, and a morning in the middle."""
    middle = course.first + (course.days // 2) * DAY
    return Moments(
        _at(course.first, time(), course.zone),
        _at(middle, MORNING, course.zone),
        _at(course.last + DAY, time(), course.zone),
    )


def closes_at(course: Course) -> datetime:
    """Return when it is told what came of it: the morning after, so that the last day can count."""
    return _at(course.last + DAY, MORNING, course.zone)


def first_counted(course: Course, joined: datetime) -> date:
    """Return from which day on days count for who joins now: never the one that is half over."""
    return max(course.first, course.today(joined) + DAY)


def may_mark(course: Course, day: date, now: datetime) -> bool:
    """Return whether somebody may check in for a day now: for today, and for yesterday."""
    return course.first <= day <= course.last and timedelta() <= course.today(now) - day <= DAY


def standing(course: Course, mine: Mine, now: datetime, blind: Collection[date] = ()) -> Standing:
    """Return how it stands with somebody's part; days that are not over miss nothing.

    On days in `blind` Hearth was not there to be pressed: they ask nothing of anybody. Yesterday
    can still be checked in, so it is not missed before today is over.
    """
    today = course.today(now)
    over = min(course.last, today - 2 * DAY)
    if now >= closes_at(course):
        over = course.last
    missed = _missed(course, mine, over, blind)
    return Standing(
        done=_done(course, mine),
        missed=missed,
        grace_left=max(course.grace - missed, 0),
        resting=mine.rests(min(max(today, course.first), course.last)),
        on_way=missed <= course.grace,
    )


def completed(course: Course, mine: Mine, blind: Collection[date] = ()) -> bool:
    """Return whether somebody kept it up to the end: within the grace, and half of it in deed."""
    done = _done(course, mine)
    if course.times == ONCE or not done:
        return done > 0
    if mine.first > course.last:  # who came in on the last day: nothing was asked of them
        return False
    asked = _asked(course, Mine(mine.first), course.last, blind)
    return _missed(course, mine, course.last, blind) <= course.grace and 2 * done >= asked


def progress(
    course: Course, people: Sequence[Mine], now: datetime, blind: Collection[date] = ()
) -> Progress:
    """Return how it stands with everybody's part, as sums."""
    step = 1 if course.times == DAILY and course.days <= DAYS_SHOWN else 7
    starts = [course.first + n * DAY for n in range(0, course.days, step)]
    spans = [(start, min(start + (step - 1) * DAY, course.last)) for start in starts]
    today = course.today(now)
    return Progress(
        len(people),
        sum(standing(course, one, now, blind).on_way for one in people),
        tuple(
            (first, last, sum(any(first <= day <= last for day in one.marks) for one in people))
            for first, last in spans
            if first < today  # of today nobody can say yet
        ),
    )


def silent(
    course: Course, last_mark_at: datetime | None, now: datetime, blind: Collection[date] = ()
) -> bool:
    """Return whether nobody has checked in for a third of the time, while it runs.

    Days on which nobody could (`blind`) do not count.
    """
    when = moments(course)
    if not when.starts_at < now < when.ends_at:
        return False
    since = max(when.starts_at, last_mark_at or when.starts_at)
    unheard = sum(course.today(since) <= day <= course.today(now) for day in blind)
    return now - since - unheard * DAY >= max(course.days * DAY / 3, SHORTEST_SILENCE)


def blind_days(course: Course, heard: Iterable[Span]) -> frozenset[date]:
    """Return the days of which Hearth was there for less than a half; `heard`: when it was."""
    spans = list(heard)
    found: set[date] = set()
    for n in range(course.days):
        day = course.first + n * DAY
        begins, ends = (_at(one, time(), course.zone) for one in (day, day + DAY))
        there = sum(
            (max(min(until, ends) - max(since, begins), timedelta()) for since, until in spans),
            timedelta(),
        )
        if 2 * there < ends - begins:
            found.add(day)
    return frozenset(found)


def _at(day: date, at: time, zone: str) -> datetime:
    # Where the clock jumps over midnight, this is the first moment after it.
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def _done(course: Course, mine: Mine) -> int:
    return sum(course.first <= day <= course.last for day in mine.marks)


def _missed(course: Course, mine: Mine, over: date, blind: Collection[date]) -> int:
    """Return how many times were missed in the days up to `over`: whole weeks, or whole days."""
    if course.times == ONCE:
        return 0
    if course.times == DAILY:
        return sum(day not in mine.marks for day in _open(course, mine, course.first, over, blind))
    missed = 0
    for first, last in _weeks(course, over):
        asked = _of_week(course, mine, first, last, blind)
        missed += max(asked - sum(first <= day <= last for day in mine.marks), 0)
    return missed


def _asked(course: Course, mine: Mine, over: date, blind: Collection[date]) -> int:
    """Return how many times were asked for in the days up to `over`."""
    if course.times == DAILY:
        return len(_open(course, mine, course.first, over, blind))
    return sum(_of_week(course, mine, a, b, blind) for a, b in _weeks(course, over))


def _of_week(course: Course, mine: Mine, first: date, last: date, blind: Collection[date]) -> int:
    """Return how often a week asks: in proportion to the days that are open, rounded kindly."""
    return course.times * len(_open(course, mine, first, last, blind)) // 7


def _weeks(course: Course, over: date) -> list[tuple[date, date]]:
    """Return the challenge's own weeks that are over; the last may be short."""
    starts = [course.first + n * DAY for n in range(0, course.days, 7)]
    weeks = [(start, min(start + WEEK - DAY, course.last)) for start in starts]
    return [(first, last) for first, last in weeks if last <= over]


def _open(
    course: Course, mine: Mine, first: date, last: date, blind: Collection[date]
) -> list[date]:
    """Return the days that ask something of somebody."""
    start = max(first, mine.first)
    days = (start + n * DAY for n in range((min(last, course.last) - start).days + 1))
    return [day for day in days if not mine.rests(day) and day not in blind]
