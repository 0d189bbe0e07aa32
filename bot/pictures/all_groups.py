"""All groups beside each other: for each measure a line with a mark for every group.

`values`: the texts title and below; rows: a list of {label, now, sure, least, most, all, groups},
where `all` is [low, value, high] of the whole server (or nothing), `groups` a list of [value,
trend], and least and most are the ends of the line, {at, shown}; legend: {mark, shown}s.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.pictures import Theme
from bot.pictures.canvas import (
    HEAD,
    LARGE,
    MARGIN,
    PLAIN,
    SMALL,
    WIDTH,
    Palette,
    Plot,
    Sheet,
    Side,
    drawing,
)
from bot.pictures.words import told
from bot.texts import Say

ROW, LEGEND, COLUMNS = 206, 54, 2
FIGURES = 250  # where figures stand, at the right
HIGH, MARK = 104, 17  # of the marks' room; of a mark
SHAPES = {"up": "^", "down": "v"}


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    rows: list[dict[str, Any]] = values["rows"]
    legend: list[dict[str, Any]] = values["legend"]
    foot = LEGEND * -(-len(legend) // COLUMNS)
    with drawing():
        sheet = Sheet(HEAD + ROW * len(rows) + foot + 24, theme)
        sheet.head(told(values["title"], say), told(values["below"], say))
        for number, row in enumerate(rows):
            _row(sheet, row, HEAD + ROW * number, say)
        top = HEAD + ROW * len(rows)
        axes = sheet.plot(0, top, WIDTH, foot)
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(foot, 0)
        for number, entry in enumerate(legend):
            x = MARGIN + (number % COLUMNS) * 380
            y = LEGEND * (number // COLUMNS) + LEGEND / 2
            _mark(axes, x + MARK, y, entry["mark"], sheet.palette)
            shown = told(entry["shown"], say)
            sheet.write(x + 48, top + y, shown, size=SMALL, colour=sheet.palette.faint)
        return sheet.png()


def _row(sheet: Sheet, row: dict[str, Any], top: int, say: Say) -> None:
    ink = sheet.palette
    right = WIDTH - MARGIN
    wide = right - FIGURES - MARGIN
    label = sheet.fitted(told(row["label"], say), right - MARGIN)
    sheet.write(MARGIN, top + 24, label, size=PLAIN)
    axes = sheet.plot(MARGIN, top + 46, wide, HIGH)
    axes.set_xlim(0, wide)
    axes.set_ylim(0, HIGH)
    least, most = row["least"]["at"], row["most"]["at"]

    def across(value: float) -> float:
        return MARK + (wide - 2 * MARK) * (value - least) / ((most - least) or 1.0)

    axes.plot([0, wide], [2, 2], color=ink.rule, linewidth=2)
    if row["all"] is not None:
        low, value, up = (across(bound) for bound in row["all"])
        axes.axvspan(low, up, ymin=0.02, color=ink.other, alpha=0.25, linewidth=0)
        axes.plot([value, value], [2, HIGH], color=ink.other, linewidth=4)
    for x, y, trend in _piled([(across(value), trend) for value, trend in row["groups"]]):
        _mark(axes, x, y, trend, ink)
    ends: tuple[tuple[float, str, Side], ...] = (
        (MARGIN, "least", "left"),
        (MARGIN + wide, "most", "right"),
    )
    for x, end, side in ends:
        shown = told(row[end]["shown"], say)
        sheet.write(x, top + 170, shown, size=SMALL, colour=ink.faint, side=side)
    sheet.write(right, top + 84, told(row["now"], say), size=LARGE, bold=True, side="right")
    sure = told(row["sure"], say)
    sheet.write(right, top + 132, sure, size=SMALL, colour=ink.faint, side="right")


def _piled(marks: Sequence[tuple[float, str]]) -> list[tuple[float, float, str]]:
    """Return marks with their heights: those beside each other are piled up, the closer the more.

    What moves comes on top, where it is seen.
    """
    columns = Counter(round(x / MARK) for x, _ in marks)
    highest = max(columns.values(), default=1)
    step = min(MARK - 1.0, (HIGH - MARK - 6) / max(highest - 1, 1))
    levels: Counter[int] = Counter()
    placed: list[tuple[float, float, str]] = []
    for x, trend in sorted(marks, key=lambda mark: (mark[1] in SHAPES, mark)):
        column = round(x / MARK)
        placed.append((column * MARK, MARK / 2 + 4 + step * levels[column], trend))
        levels[column] += 1
    return placed


def _mark(axes: Plot, x: float, y: float, trend: str, ink: Palette) -> None:
    if trend == "all":
        axes.plot([x, x], [y - 18, y + 18], color=ink.other, linewidth=4)
        return
    colour = {"up": ink.up, "down": ink.down}.get(trend, ink.main)
    shape = SHAPES.get(trend, "o")
    axes.plot([x], [y], shape, color=colour, markersize=12.5, markeredgecolor=ink.ground)
