"""The monthly report to the owners' room: when it comes, and what it says."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules import group_maps, health_cards
from bot.rules import health_words as words
from bot.rules.group_maps import Map
from bot.rules.health import Series, Week
from bot.rules.health_cards import Group
from bot.rules.health_words import Lines, Seen
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe

LAST_DAY = 7  # of the next month: who was not told by then is not told
FROM_HOUR = 10
NAMED_MOST = 4
MONTH_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @property
    def key(self) -> str:
        """Return the month as it is kept: 2026-03."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def last(self) -> date:
        """Return its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def week(self) -> Week:
        """Return the last week that ended in it."""
        monday = self.last - timedelta(days=self.last.weekday())
        week = Week(monday)
        return week if monday + timedelta(days=6) <= self.last else week.later(-1)

    @classmethod
    def keyed(cls, key: str) -> "Month":
        """Return the month of a key; ValueError for what is none."""
        year, _, number = key.partition("-")
        first = date(int(year), int(number), 1)
        return cls(first.year, first.month)


def due(now: datetime, zone: str, told: str | None) -> Month | None:
    """Return the month that is to be told of now; None where none is."""
    local = now.astimezone(ZoneInfo(zone))
    if local.day > LAST_DAY or local.hour < FROM_HOUR:
        return None
    before = local.date().replace(day=1) - timedelta(days=1)
    month = Month(before.year, before.month)
    return None if told is not None and told >= month.key else month


def until(lines: Lines, week: Week) -> dict[str, Series]:
    """Return measures as they were to be seen at the end of a week; without those of later."""
    cut: dict[str, Series] = {}
    for key, one in lines.items():
        points = tuple(point for point in one.points if point[0] <= week)
        if points and points[-1][0] == week:
            cut[key] = Series(one.measure, points)
    return cut


def anything(lines: Lines) -> bool:
    """Return whether there is something to tell besides how many live there."""
    return any(one.now.value is not None for key, one in lines.items() if key != "homes")


def message(
    month: Month, lines: Lines, groups: Sequence[Group], found: Map | None
) -> Message | None:
    """Return the report; None where there is nothing to tell."""
    if not anything(lines):
        return None
    one = words.seen(lines)
    looked = {*health_cards.compared_by(lines, groups), *health_cards.GOT_WORSE}
    seen = [words.seen(group.lines, looked) for group in groups]
    told = [Line(f"health.report_{month.number}", {"year": month.year})]
    told += _homes(lines.get("homes"), len(groups))
    told += [words.well(one), words.changed(one), words.to_try_everywhere(one, seen)]
    told += _groups("health.report_up", _better, groups, seen)
    told += _groups("health.report_down", _worse, groups, seen)
    shown = [health_cards.everywhere(one, seen)]
    told.append(health_cards.until(one.week, shown=shown[0] is not None))
    if found is not None and (found.lent or found.family):
        shown.append(group_maps.picture(found))
    return Message(
        tuple(told),
        (
            Button("health.back_all", f"health-all:{month.key}", "primary"),
            Button("health.map", "health-map"),
            Button("health.stay", "health-stay"),
            Button("health.report_stop", "health-report:off"),
        ),
        pictures=tuple(picture for picture in shown if picture is not None),
    )


def _homes(one: Series | None, groups: int) -> list[Line]:
    if one is None or one.now.value is None:
        return []
    now = int(one.now.value)
    fillings = {"homes": now, "n": groups}
    earlier: Mapping[Week, float] = {week: value for week, _, value in one.spoken()}
    before = earlier.get(one.points[-1][0].later(-MONTH_WEEKS))
    if before is None:
        return [Line("health.report_homes", fillings)]
    if before == now:
        return [Line("health.report_homes_same", fillings)]
    key = "more" if now > before else "fewer"
    by = abs(now - int(before))
    return [Line(f"health.report_homes_{key}", {**fillings, key: by})]


def _better(one: Seen) -> bool:
    return any(change.better for change in one.changes.values()) and not _worse(one)


def _worse(one: Seen) -> bool:
    return any(change.worse for change in one.changes.values())


def _groups(
    key: str, holds: Callable[[Seen], bool], groups: Sequence[Group], seen: Sequence[Seen]
) -> list[Line]:
    """Return a line about the groups for which something holds: names of those that are listed."""
    found = [group for group, one in zip(groups, seen, strict=True) if holds(one)]
    if not found:
        return []
    listed = [safe(group.name) for group in found if group.name is not None]
    names, unlisted = listed[:NAMED_MOST], len(found) - len(listed)
    lines: list[Line] = []
    if names:
        more = len(listed) - len(names)
        shown = ", ".join(names)
        lines.append(Line(f"{key}_more" if more else key, {"groups": shown, "n": more}))
    if unlisted:
        lines.append(Line(f"{key}_unlisted", {"n": unlisted}))
    return lines
