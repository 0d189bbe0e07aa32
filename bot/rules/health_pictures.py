"""What the pictures of health show, and the same in full sentences: plain values, nothing drawn.

A text in a picture is {"key": …, "params": …}; a param may be such a text itself. Names stand raw:
whoever draws knows which letters there are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bot.rules.health import MEASURES, Figure, Series, Unit, Week
from bot.rules.health_words import Lines, Seen, number
from bot.rules.message import Line, Picture
from bot.rules.naming import safe

WEEKS = 26  # in a picture
ROWS = 5
SPREAD_LEAST = 3  # groups, from which on they are compared
FIRST = (
    "active",
    "conversations",
    "repeat",
    "answered",
    "peer",
    "pulse_connection",
    "rituals",
    "reciprocity",
    "voices",
    "stay",
)
"""What is shown first where there is not room for all."""
ALL_ROWS = 4

Text = dict[str, Any]


def text(key: str, **params: Any) -> Text:
    """Return a text of a picture."""
    return {"key": key, "params": params}


def shown_day(day: date) -> Text:
    """Return a day without its year, as pictures write it."""
    return text("health.day", day=day.day, month=text(f"health.month_{day.month}"))


def sunday(week: Week) -> date:
    """Return a week's last day."""
    return week.monday + timedelta(days=6)


def chosen(lines: Lines, most: int = ROWS) -> list[Series]:
    """Return the measures that a picture shows: those that say something this week."""
    told = [lines[key] for key in FIRST if key in lines and lines[key].now.value is not None]
    return told[:most]


def of_one(title: Text, alt: Line, one: Seen) -> Picture | None:
    """Return the picture of some measures over half a year; None where nothing is said."""
    rows = chosen(one.lines)
    if not rows:
        return None
    last = rows[0].points[-1][0]
    first = min(row.points[-WEEKS:][0][0] for row in rows)
    weeks = last.window((last.monday - first.monday).days // 7 + 1)
    words = [Line(alt.key, {**alt.params, "n": len(weeks)})]
    for row in rows:
        words += in_words(row, one.way(row.measure))
    values = {
        "title": title,
        "below": text("health.picture_weeks"),
        "first": shown_day(first.monday),
        "last": shown_day(sunday(last)),
        "rows": [_row(row, weeks, one.way(row.measure)) for row in rows],
    }
    return Picture("group", values, tuple(words))


def compared(all_: Lines, groups: Sequence[Lines]) -> list[str]:
    """Return by which measures groups are put beside each other."""
    told = [one.measure for one in chosen(all_, len(FIRST))]
    return [key for key in told if len(_saying(key, groups)) >= SPREAD_LEAST][:ALL_ROWS]


def of_groups(one: Seen, groups: Sequence[Seen]) -> Picture | None:
    """Return the picture of all groups beside each other; None where too few say anything."""
    rows: list[Text] = []
    words: list[Line] = []
    most = 0
    for key in compared(one.lines, [group.lines for group in groups]):
        beside = [group for group in groups if _says(group.lines, key)]
        most = max(most, len(beside))
        row, told = _beside(one, key, beside)
        rows.append(row)
        words += told
    if not rows:
        return None
    day = sunday(one.week)
    head = Line("health.alt_groups", {"n": most, "day": day.isoformat()})
    marks = ("up", "down", "", "all")
    values = {
        "title": text("health.picture_all"),
        "below": text("health.picture_marks", day=shown_day(day)),
        "rows": rows,
        "legend": [{"mark": mark, "shown": text(f"health.legend_{mark}")} for mark in marks],
    }
    return Picture("groups", values, (head, *words))


def in_words(one: Series, way: str) -> list[Line]:
    """Return a measure as full sentences; `way` is where it goes."""
    unit = MEASURES[one.measure].unit
    assert one.now.value is not None  # only what says something is shown
    lines = [Line(f"health.alt_{one.measure}", {"now": number(unit, one.now.value)})]
    if way:
        lines.append(Line(f"health.alt_{way}"))
    return lines


def named(name: str | None) -> Text:
    """Return what a group is called in a picture; None: it is not listed."""
    if name is None:
        return text("health.picture_not_listed")
    return text("health.picture_group", group={"name": name})


def alt_group(name: str, last: Week) -> Line:
    """Return the first sentence about a group's picture."""
    return Line("health.alt_group", {"group": safe(name), "day": sunday(last).isoformat()})


def _row(one: Series, weeks: Sequence[Week], way: str) -> Text:
    unit = MEASURES[one.measure].unit
    by_week: Mapping[Week, Figure] = dict(one.points)
    return {
        "label": text(f"health.name_{one.measure}"),
        **_figure(one.now, unit),
        "unit": unit,
        "trend": way,
        "points": [_point(by_week.get(week)) for week in weeks],
    }


def _figure(now: Figure, unit: Unit) -> Text:
    if now.value is None:
        return {"now": text("health.no_figure"), "sure": None}
    sure = None
    if now.low is not None and now.high is not None:
        low, high = number(unit, now.low), number(unit, now.high)
        sure = text(f"health.between_{unit}", low=low, high=high)
    return {"now": text(f"health.as_{unit}", now=number(unit, now.value)), "sure": sure}


def _point(figure: Figure | None) -> list[float] | None:
    if figure is None or figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return [round(low, 4), round(figure.value, 4), round(high, 4)]


def _says(lines: Lines, key: str) -> bool:
    return key in lines and lines[key].now.value is not None


def _saying(key: str, groups: Sequence[Lines]) -> list[Lines]:
    return [lines for lines in groups if _says(lines, key)]


def _beside(one: Seen, key: str, groups: Sequence[Seen]) -> tuple[Text, list[Line]]:
    unit = MEASURES[key].unit
    now = one.lines[key].now
    marks = [(group.lines[key].now.value or 0.0, group.way(key)) for group in groups]
    values = [value for value, _ in marks]
    least, most = (0.0, 1.0) if unit == "share" else (0.0, max(values))
    if unit == "steps":
        least, most = 1.0, 5.0
    row = {
        "label": text(f"health.name_{key}"),
        **_figure(now, unit),
        "least": {"at": least, "shown": text(f"health.as_{unit}", now=number(unit, least))},
        "most": {"at": most, "shown": text(f"health.as_{unit}", now=number(unit, most))},
        "all": _point(now),
        "groups": [[round(value, 4), way] for value, way in marks],
    }
    if unit == "number":  # what a whole server counts lies far beyond what its groups do
        row.update({"all": None, "sure": text("health.in_all")})
    low, high = number(unit, min(values)), number(unit, max(values))
    told = in_words(one.lines[key], one.way(key))
    if low != high:
        spread = "health.alt_spread_share" if unit == "share" else "health.alt_spread"
        told.append(Line(spread, {"low": low, "high": high}))
    return row, told
