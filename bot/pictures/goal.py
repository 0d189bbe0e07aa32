"""How a group's challenge goes: how many checked in, and how many are on their way.

`values`: the texts title, below, way and few; people, on_way; bars: a list of {first, people} with
None for what is not told; slots: how many bars there will be in the end.
"""

from typing import Any

from bot.pictures import Theme
from bot.pictures.canvas import HEAD, LARGE, MARGIN, SMALL, WIDTH, Palette, Sheet, drawing
from bot.pictures.words import told
from bot.texts import Say

WAY, HIGH, FOOT, LEFT = 130, 360, 100, 110
GAP = 0.22  # of a bar's room
LABELS_MOST = 6


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    with drawing():
        sheet = Sheet(HEAD + WAY + HIGH + FOOT, theme)
        sheet.head(told(values["title"], say, "goals.picture_unnamed"), told(values["below"], say))
        _way(sheet, values, say)
        _bars(sheet, values, say)
        return sheet.png()


def _way(sheet: Sheet, values: dict[str, Any], say: Say) -> None:
    """Draw one bar of how many are on their way, of all who take part."""
    ink, top, wide = sheet.palette, HEAD + 64, WIDTH - 2 * MARGIN
    sheet.write(MARGIN, HEAD + 18, told(values["way"], say), size=LARGE, bold=True)
    axes = sheet.plot(MARGIN, top, wide, 26)
    axes.set_xlim(0, values["people"])
    axes.set_ylim(0, 1)
    axes.barh(0.5, values["people"], height=1, color=ink.rule)
    axes.barh(0.5, values["on_way"], height=1, color=ink.main)


def _bars(sheet: Sheet, values: dict[str, Any], say: Say) -> None:
    ink, top, wide = sheet.palette, HEAD + WAY + 10, WIDTH - LEFT - MARGIN
    bars: list[dict[str, Any]] = values["bars"]
    axes = sheet.plot(LEFT, top, wide, HIGH)
    most, slots = values["people"], values["slots"]
    axes.set_xlim(0, slots)
    axes.set_ylim(0, most * 1.06)
    for mark in (0, most):
        axes.axhline(mark, color=ink.rule, linewidth=2)
        y = top + HIGH * (1 - mark / (most * 1.06))
        sheet.write(LEFT - 16, y, f"{mark}", size=SMALL, colour=ink.faint, side="right")
    few = False
    for number, bar in enumerate(bars):
        if bar["people"] is None:
            few = True
            axes.plot([number + 0.5], [most * 0.025], marker="o", markersize=7, color=ink.faint)
        else:
            axes.bar(number + 0.5, bar["people"], width=1 - GAP, color=ink.main)
    _days(sheet, bars, top + HIGH + 26, wide / slots, say)
    if few:
        shown = told(values["few"], say)
        y = top + HIGH + 68
        sheet.write(WIDTH - MARGIN, y, shown, size=SMALL, colour=ink.faint, side="right")


def _days(sheet: Sheet, bars: list[dict[str, Any]], y: float, each: float, say: Say) -> None:
    """Write the day below every few bars, so that no two touch."""
    ink: Palette = sheet.palette
    words = [told(bar["first"], say) for bar in bars]
    widest = max(sheet.width_of(word, size=SMALL) for word in words) + 24
    step = max(round(widest / each + 0.5), -(-len(bars) // LABELS_MOST), 1)
    for number in range(0, len(bars), step):
        x = max(LEFT + (number + 0.5) * each, MARGIN + widest / 2)
        sheet.write(x, y, words[number], size=SMALL, colour=ink.faint, side="center")
