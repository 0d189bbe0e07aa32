"""What is measured of a group and of a server: the measures, one figure, and how it moves.

A week is Monday to Sunday in UTC. When it is over, each measure is reckoned once over its own
window ending there and written down for good: who is forgotten later changes nobody else's figures.
Nothing is said of fewer than five people, and never anything of one. What each measure means, with
its formula, stands in docs/health.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from bot.rules import health_statistics
from bot.rules.health_statistics import Estimate

FEWEST = 5  # people behind a figure that is said
SERVER = 0  # the group_id of figures about the server as a whole
TREND_WEEKS = 12  # a trend looks back so far at most
BLIND_AFTER = timedelta(days=1)  # deaf for longer, a week says nothing

# share: 0 to 1 · number: a count, or a mean of counts · weeks, hours: how long · steps: 1 to 5
Unit = Literal["share", "number", "weeks", "hours", "steps"]
# Why nothing is said. few: fewer than five people · young: the window is not full yet ·
# nothing: there was nothing to measure · blind: Hearth could not hear the server
Silent = Literal["few", "young", "nothing", "blind"]
Scope = Literal["group", "server"]
Better = Literal["more", "less", "neither"]
BOTH: frozenset[Scope] = frozenset(("group", "server"))
GROUP: frozenset[Scope] = frozenset(("group",))
WHOLE: frozenset[Scope] = frozenset(("server",))


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured; `weeks` is how many weeks its window is long."""

    key: str
    unit: Unit
    weeks: int
    better: Better
    scopes: frozenset[Scope] = BOTH


MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        Measure("homes", "number", 1, "neither"),
        Measure("active", "share", 2, "more"),
        Measure("conversations", "number", 4, "more"),
        Measure("repeat", "share", 6, "more"),
        Measure("reciprocity", "share", 4, "more"),
        Measure("peer", "share", 4, "more"),
        Measure("first_answer", "hours", 8, "less"),
        Measure("answered", "share", 8, "more"),
        Measure("elsewhere", "share", 4, "neither"),
        Measure("voices", "share", 4, "more"),
        Measure("rituals", "share", 4, "more"),
        Measure("stay", "share", 26, "more"),
        Measure("tenure", "weeks", 52, "more"),
        Measure("lends", "number", 4, "neither", GROUP),
        Measure("borrows", "number", 4, "neither", GROUP),
        Measure("islands", "number", 4, "less", WHOLE),
        Measure("pulse_belonging", "steps", 13, "more"),
        Measure("pulse_trust", "steps", 13, "more"),
        Measure("pulse_connection", "steps", 13, "more"),
    )
}


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week by its Monday."""

    monday: date

    @classmethod
    def of(cls, moment: datetime) -> "Week":
        """Return the week in which a moment lies."""
        day = moment.astimezone(UTC).date()
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def keyed(cls, key: str) -> "Week":
        """Return the week of a key."""
        return cls(date.fromisoformat(key))

    @property
    def key(self) -> str:
        """The Monday's ISO date, as ties and figures are kept by."""
        return self.monday.isoformat()

    @property
    def begins(self) -> datetime:
        """The first moment of Monday."""
        return datetime(self.monday.year, self.monday.month, self.monday.day, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after Sunday."""
        return self.begins + timedelta(weeks=1)

    def later(self, weeks: int) -> "Week":
        """Return the week so many weeks later; earlier with a negative number."""
        return Week(self.monday + timedelta(weeks=weeks))

    def window(self, weeks: int) -> "tuple[Week, ...]":
        """Return the weeks of a window that ends with this one, the oldest first."""
        return tuple(self.later(-back) for back in range(weeks - 1, -1, -1))


@dataclass(frozen=True, slots=True)
class Figure:
    """What a measure says of one week; `value` is None where it is silent.

    `low` and `high` hold the truth 19 times in 20; None where the figure is a plain count that
    knows no chance. `people` stand behind it.
    """

    measure: str
    people: int
    value: float | None
    low: float | None = None
    high: float | None = None
    silent: Silent | None = None


def said(measure: str, people: int, estimate: Estimate | float) -> Figure:
    """Return a figure, or silence where fewer than five people stand behind it."""
    if people < FEWEST:
        return silent(measure, people, "few")
    if isinstance(estimate, Estimate):
        return Figure(measure, people, estimate.value, estimate.low, estimate.high)
    return Figure(measure, people, float(estimate))


def silent(measure: str, people: int, why: Silent) -> Figure:
    """Return a figure that says nothing, and why; of few people not even how many they were."""
    return Figure(measure, people if people >= FEWEST else 0, None, silent=why)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure and whose it is: a group's, or the server's (`SERVER`)."""

    group_id: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class GroupThen:
    """A group as a week is closed: who lives there, and since when it can be lived in."""

    group_id: int
    opened_at: datetime
    homes: frozenset[int]

    def weeks_open(self, week: Week) -> int:
        """Return how many whole weeks the group had been open when the week ended."""
        return max(0, (week.ends - self.opened_at) // timedelta(weeks=1))


@dataclass(frozen=True, slots=True)
class Closing:
    """A week that is being closed for a server, and what every measure needs to know of it.

    `joined` says when everybody who is in the server now joined it, bots left out; None where that
    is not known (without the Server Members Intent). `talk_since` is when Hearth began to count
    talk; None: when it came.
    """

    server_id: int
    added_at: datetime  # when Hearth came to the server
    zone: str
    week: Week
    groups: tuple[GroupThen, ...]
    joined: Mapping[int, datetime] | None = None
    talk_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A measure's figures of the weeks, the oldest first, without gaps between first and last."""

    measure: str
    points: tuple[tuple[Week, Figure], ...]

    @property
    def now(self) -> Figure:
        """The figure of the last closed week."""
        return self.points[-1][1]

    def spoken(self) -> "Iterator[tuple[Week, Figure, float]]":
        """Return the weeks that say something, with what they say."""
        for week, figure in self.points:
            if figure.value is not None:
                yield week, figure, figure.value


def series(measure: str, figures: Iterable[tuple[Week, Figure]]) -> Series | None:
    """Return the series of figures in any order; None of none. Weeks between them are silent."""
    by_week = dict(figures)
    if not by_week:
        return None
    first, last = min(by_week), max(by_week)
    weeks = last.window((last.monday - first.monday).days // 7 + 1)
    nothing = silent(measure, 0, "nothing")
    return Series(measure, tuple((week, by_week.get(week, nothing)) for week in weeks))


def trend(
    one: Series, *, back: int = TREND_WEEKS, sure: float = health_statistics.CONFIDENCE
) -> Estimate | None:
    """Return how much the figure rises per week of late; None where too few weeks tell.

    It rises or falls when the interval leaves zero out (`Estimate.excludes`); the interval holds
    the truth as often as `sure` says. Weeks further `back` are left out.
    """
    if one.now.value is None:
        return None
    last = one.points[-1][0]
    points = [
        ((week.monday - last.monday).days // 7, value)
        for week, _, value in one.spoken()
        if week > last.later(-back)
    ]
    return health_statistics.slope(points, MEASURES[one.measure].weeks, sure)
