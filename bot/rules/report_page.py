"""The report as plain values: what the page says, before it is HTML, and every figure as a table.

Everything here is in the reader's words already; names stand as they are, for whoever writes the
page escapes them.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.rules import group_maps, health_pictures, monthly, staying_cards
from bot.rules import health_words as words
from bot.rules.group_maps import Map
from bot.rules.health import MEASURES, Figure, Week
from bot.rules.health_cards import Group
from bot.rules.health_words import Lines, Seen
from bot.rules.message import Line, Picture
from bot.rules.staying_cards import Staying

CARDS_MOST = 8
LOOKS_MOST = 6
PAIRS_MOST = 20
TABLE = ("homes", "active", "conversations", "repeat", "answered", "peer", "rituals", "stay")
SHEET = (
    "week", "group_id", "group", "measure", "unit", "value", "low", "high", "people", "silent",
)  # fmt: skip
ESCAPED = re.compile(r"\\([^\w\s]|_)")
FORMULA = re.compile(r"^[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it is shown: its measure, what it says, how sure, and where it goes."""

    measure: str
    now: Line
    sure: Line | None
    way: str  # "up", "down" or ""
    good: str  # "up" where that is good, "down" where it is not, "" where it is neither


@dataclass(frozen=True, slots=True)
class Row:
    """A group in the table; without a name it is one that is not listed."""

    name: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says, in order."""

    week: Week
    sentences: tuple[Line, ...]
    cards: tuple[Cell, ...]
    groups: Picture | None
    weeks: Picture | None
    columns: tuple[str, ...]  # measures
    rows: tuple[Row, ...]
    map: Picture | None
    lent: tuple[tuple[str | None, str | None, int], ...]
    staying: Picture | None
    staying_words: tuple[Line, ...]
    looks: tuple[Picture, ...]
    measures: tuple[str, ...]  # what is explained


def page(
    lines: Lines, groups: Sequence[Group], found: Map | None, staying: Staying | None
) -> Page | None:
    """Put the page together; None where there is nothing to tell."""
    if not monthly.anything(lines):
        return None
    one = words.seen(lines)
    seen = [words.seen(group.lines, TABLE) for group in groups]
    title = health_pictures.text("health.picture_all")
    day = health_pictures.sunday(one.week).isoformat()
    weeks = health_pictures.of_one(title, Line("health.alt_all", {"day": day}), one)
    told = [key for key in MEASURES if key in lines and lines[key].now.value is not None]
    columns = tuple(key for key in TABLE if any(_says(group.lines, key) for group in groups))
    staying_words: list[Line] = []
    if staying is not None:
        staying_words.append(staying_cards.with_a_home(staying.compared))
        staying_words.append(staying_cards.homes_last(staying.homes))
        staying_words += staying_cards.beside_splits(staying.parted)
    return Page(
        week=one.week,
        sentences=(words.well(one), words.changed(one), words.to_try_everywhere(one, seen)),
        cards=tuple(_cell(one, key) for key in _carded(told)),
        groups=health_pictures.of_groups(one, seen),
        weeks=weeks,
        columns=columns,
        rows=tuple(
            Row(group.name, tuple(_cell(each, key) for key in columns))
            for group, each in zip(groups, seen, strict=True)
        ),
        map=None if found is None else group_maps.picture(found),
        lent=() if found is None else _lent(found),
        staying=None if staying is None else staying_cards.picture(staying),
        staying_words=tuple(staying_words),
        looks=_looks(groups, seen),
        measures=tuple(told),
    )


def sheet(lines: Lines, groups: Sequence[Group], unlisted: str) -> str:
    """Return every figure as CSV: one line per week, group (0: all) and measure, oldest first.

    A cell that a spreadsheet would take for a formula is led by an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SHEET)
    scopes: list[tuple[int, str, Lines]] = [(0, "", lines)]
    scopes += [
        (group.group_id, unlisted if group.name is None else _harmless(group.name), group.lines)
        for group in groups
    ]
    for group_id, name, measures in scopes:
        for key in MEASURES:
            if key not in measures:
                continue
            for week, figure in measures[key].points:
                numbers = [_plain(n) for n in (figure.value, figure.low, figure.high)]
                people = figure.people or ""
                unit = MEASURES[key].unit
                why = figure.silent or ""
                writer.writerow([week.key, group_id, name, key, unit, *numbers, people, why])
    return out.getvalue()


def plain(text: str) -> str:
    """Return a message's text as a page shows it: no marks, nothing escaped for Discord."""
    return ESCAPED.sub(r"\1", text.replace("**", "").replace("\u200b", ""))


def split(sentence: str) -> tuple[str, str]:
    """Return what stands bold at a sentence's beginning, and the rest."""
    found = re.match(r"\*\*([^*]+)\*\*\s*(.*)", sentence, re.DOTALL)
    return ("", plain(sentence)) if found is None else (plain(found[1]), plain(found[2]))


def day_of(week: Week) -> date:
    """Return a week's last day."""
    return health_pictures.sunday(week)


def _carded(told: Sequence[str]) -> list[str]:
    first = ["homes", *health_pictures.FIRST]
    ranked = [key for key in first if key in told]
    return [*ranked, *(key for key in told if key not in first)][:CARDS_MOST]


def _says(lines: Lines, key: str) -> bool:
    return key in lines and lines[key].now.value is not None


def _cell(one: Seen, key: str) -> Cell:
    now = one.lines[key].now if key in one.lines else Figure(key, 0, None)
    if now.value is None:
        return Cell(key, Line("health.no_figure"), None, "", "")
    unit = MEASURES[key].unit
    shown = Line(f"health.as_{unit}", {"now": words.number(unit, now.value)})
    sure = None
    if now.low is not None and now.high is not None:
        low, high = words.number(unit, now.low), words.number(unit, now.high)
        sure = Line(f"health.between_{unit}", {"low": low, "high": high})
    change = one.changes.get(key)
    if change is None:
        return Cell(key, shown, sure, "", "")
    good = "up" if change.better else "down" if change.worse else ""
    return Cell(key, shown, sure, change.way, good)


def _lent(found: Map) -> tuple[tuple[str | None, str | None, int], ...]:
    names = {place.group_id: place.name for place in found.places}
    ranked = sorted(found.lent.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        (names[one], names[other], people)
        for (one, other), people in ranked
        if one in names and other in names
    )[:PAIRS_MOST]


def _looks(groups: Sequence[Group], seen: Sequence[Seen]) -> tuple[Picture, ...]:
    """Return the pictures of listed groups in which most surely something changed."""
    moved: list[tuple[float, int]] = []
    for place, one in enumerate(seen):
        shown = {line.measure for line in health_pictures.chosen(one.lines)}
        clear = [change.clear for key, change in one.changes.items() if key in shown]
        if clear and groups[place].name is not None:
            moved.append((-max(clear), place))
    pictures: list[Picture] = []
    for _, place in sorted(moved)[:LOOKS_MOST]:
        name, one = groups[place].name or "", seen[place]
        alt = health_pictures.alt_group(name, one.week)
        found = health_pictures.of_one(health_pictures.named(name), alt, one)
        if found is not None:
            pictures.append(found)
    return tuple(pictures)


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.4f}".rstrip("0").rstrip(".")


def _harmless(name: str) -> str:
    return f"'{name}" if FORMULA.match(name) else name
