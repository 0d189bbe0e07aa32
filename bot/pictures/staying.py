"""How long people stay: the share that is still there, week by week.

`values`: the texts title and below; panels: a list of {label, lines}, each line {label, weeks,
points: a list of [low, share, high]}; a panel's first line is drawn through, its second broken.
"""

from typing import Any

from bot.pictures import Theme
from bot.pictures.canvas import HEAD, MARGIN, PLAIN, SMALL, WIDTH, Palette, Plot, Sheet, drawing
from bot.pictures.words import told
from bot.texts import Say

PANEL, HIGH, LEFT = 470, 300, 120
STEPS = (1, 2, 4, 8, 12, 26)  # weeks between the marks below a panel
MARKS_MOST = 7


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    panels: list[dict[str, Any]] = values["panels"]
    with drawing():
        sheet = Sheet(HEAD + PANEL * len(panels) - 6, theme)
        sheet.head(told(values["title"], say), told(values["below"], say))
        for number, panel in enumerate(panels):
            _panel(sheet, panel, HEAD + PANEL * number, say)
        return sheet.png()


def _panel(sheet: Sheet, panel: dict[str, Any], top: int, say: Say) -> None:
    ink = sheet.palette
    lines: list[dict[str, Any]] = panel["lines"]
    sheet.write(MARGIN, top + 16, told(panel["label"], say), size=PLAIN)
    wide = WIDTH - LEFT - MARGIN
    axes = sheet.plot(LEFT, top + 50, wide, HIGH)
    first = min(line["weeks"][0] for line in lines)
    last = max(line["weeks"][-1] for line in lines)
    axes.set_xlim(first, max(last, first + 1))
    axes.set_ylim(0, 1.04)
    for share in (0, 0.5, 1):
        axes.axhline(share, color=ink.rule, linewidth=2)
        y = top + 50 + HIGH * (1 - share / 1.04)
        shown = say("health.as_share", now=f"{100 * share:.0f}")
        sheet.write(LEFT - 14, y, shown, size=SMALL, colour=ink.faint, side="right")
    _weeks(sheet, (first, last), top + 50 + HIGH + 24, wide)
    for number, line in enumerate(lines):
        _line(axes, line, number, ink)
    if len(lines) == 1:  # the panel's label says what it is
        return
    # Below, so that no name lies upon a line.
    x = float(LEFT)
    for number, line in enumerate(lines):
        colour = (ink.main, ink.other)[number % 2]
        y = top + 50 + HIGH + 68
        key = sheet.plot(x, y - 10, 56, 20)
        key.set_xlim(0, 1)
        key.set_ylim(0, 1)
        key.plot([0, 1], [0.5, 0.5], color=colour, linewidth=4, linestyle=("-", "--")[number % 2])
        label = told(line["label"], say)
        sheet.write(x + 70, y, label, size=SMALL)
        x += 70 + sheet.width_of(label, size=SMALL) + 44


def _weeks(sheet: Sheet, ends: tuple[int, int], y: float, wide: int) -> None:
    first, last = ends
    span = max(last - first, 1)
    step = next((one for one in STEPS if span / one < MARKS_MOST), STEPS[-1])
    marks = [week for week in range(last + 1) if week % step == 0 and week >= first]
    for week in marks:
        x = LEFT + wide * (week - first) / span
        sheet.write(x, y, f"{week}", size=SMALL, colour=sheet.palette.faint, side="center")


def _line(axes: Plot, line: dict[str, Any], number: int, ink: Palette) -> None:
    colour = (ink.main, ink.other)[number % 2]
    lows, shares, highs = zip(*line["points"], strict=True)
    weeks = line["weeks"]
    axes.fill_between(weeks, lows, highs, step="post", color=colour, alpha=0.2, linewidth=0)
    style = ("-", (0, (2.2, 1.2)))[number % 2]
    axes.step(weeks, shares, where="post", color=colour, linewidth=4, linestyle=style)
