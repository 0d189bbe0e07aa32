"""One group's weeks: a row for each measure, with its line, its figure and where it goes.

`values`: the texts title, below, first and last (week), and rows: a list of {label, now, sure,
unit, trend, points}: three texts, what it counts in, "up", "down" or "", and each week's
[low, value, high] or nothing.
"""

from typing import Any

from bot.pictures import Theme
from bot.pictures.canvas import HEAD, LARGE, MARGIN, PLAIN, SMALL, WIDTH, Sheet, drawing
from bot.pictures.lines import line
from bot.pictures.words import told
from bot.texts import Say

ROW, FOOT = 176, 64
FIGURES = 250  # where figures and marks stand, at the right
MARKS = {"up": "↗", "down": "↘"}


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    rows: list[dict[str, Any]] = values["rows"]
    with drawing():
        sheet = Sheet(HEAD + ROW * len(rows) + FOOT, theme)
        ink = sheet.palette
        sheet.head(told(values["title"], say), told(values["below"], say))
        for number, row in enumerate(rows):
            _row(sheet, row, HEAD + ROW * number, say)
        foot = sheet.height - FOOT / 2
        end = WIDTH - FIGURES - MARGIN
        first, last = told(values["first"], say), told(values["last"], say)
        sheet.write(MARGIN, foot, first, size=SMALL, colour=ink.faint)
        sheet.write(end, foot, last, size=SMALL, colour=ink.faint, side="right")
        return sheet.png()


def _row(sheet: Sheet, row: dict[str, Any], top: int, say: Say) -> None:
    ink = sheet.palette
    right = WIDTH - MARGIN
    colour = {"up": ink.up, "down": ink.down}.get(row["trend"], ink.main)
    room = right - FIGURES - MARGIN
    sheet.write(MARGIN, top + 26, sheet.fitted(told(row["label"], say), right - MARGIN), size=PLAIN)
    axes = sheet.plot(MARGIN, top + 52, room, ROW - 78)
    line(axes, row["points"], ink, colour, shares=row["unit"] == "share")
    now, sure = told(row["now"], say), told(row["sure"], say)
    sheet.write(right, top + 76, now, size=LARGE, bold=True, side="right")
    mark = MARKS.get(row["trend"])
    if mark is not None:
        width = sheet.width_of(now, size=LARGE, bold=True)
        at = right - width - 16
        sheet.write(at, top + 76, mark, size=LARGE, bold=True, side="right", colour=colour)
    sheet.write(right, top + 124, sure, size=SMALL, side="right", colour=ink.faint)
