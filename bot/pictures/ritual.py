"""What a ritual does for its group: a bar for each time it was held, as high as people took part.

`values`: the texts title, below and few; bars: a list of {people, none}, `people` nothing where
they were fewer than five, `none` where nobody came; most: what the highest stands for; days: each
one's day as a text; foot: nothing, or {label, share} of newcomers whose first words it heard.
"""

from typing import Any

from bot.pictures import Theme
from bot.pictures.canvas import HEAD, MARGIN, PLAIN, SMALL, WIDTH, Palette, Plot, Sheet, drawing
from bot.pictures.words import told
from bot.texts import Say

HIGH, DAYS = 330, 60  # of the bars; of the days below them
FOOT, BAR = 130, 34
FEW_HIGH = 0.14  # of the height: what stands for fewer than five, however few they were
DAYS_MOST = 6  # written below; more would touch each other
PLACES_LEAST = 6  # for bars: a few do not fill the sheet
BROAD = 0.72  # of a bar's room
TOP = 1.16  # of the highest bar's height, for the number above it


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    bars: list[dict[str, Any]] = values["bars"]
    foot: dict[str, Any] | None = values["foot"]
    with drawing():
        height = HEAD + HIGH + DAYS + (0 if foot is None else FOOT) + 16
        sheet = Sheet(height, theme)
        title = told(values["title"], say, "doing.picture_here")
        sheet.head(title, told(values["below"], say))
        wide = WIDTH - 2 * MARGIN
        axes = sheet.plot(MARGIN, HEAD, wide, HIGH)
        places = max(len(bars), PLACES_LEAST)
        axes.set_xlim(-0.5, places - 0.5)
        axes.set_ylim(0, TOP)
        axes.axhline(0, color=sheet.palette.rule, linewidth=3)
        few = told(values["few"], say)
        for number, bar in enumerate(bars):
            high = _bar(axes, number, bar, values["most"], sheet.palette)
            if not bar["none"]:
                shown = few if bar["people"] is None else str(bar["people"])
                room = wide / places
                y = HEAD + HIGH * (1 - high / TOP) - 22
                shown = sheet.fitted(shown, room, size=SMALL)
                x = MARGIN + room * (number + 0.5)
                sheet.write(x, y, shown, size=SMALL, bold=True, side="center")
        days = [told(day, say) for day in values["days"]]
        _days(sheet, days, HEAD + HIGH + 30, wide / places)
        if foot is not None:
            _foot(sheet, told(foot["label"], say), foot["share"], HEAD + HIGH + DAYS)
        return sheet.png()


def _bar(axes: Plot, number: int, bar: dict[str, Any], most: int, ink: Palette) -> float:
    """Draw one bar; return how high it is."""
    if bar["none"]:
        axes.plot([number - 0.2, number + 0.2], [0.012, 0.012], color=ink.faint, linewidth=5)
        return 0.0
    if bar["people"] is None:
        axes.bar(
            [number],
            [FEW_HIGH],
            width=BROAD,
            facecolor="none",
            edgecolor=ink.main,
            linewidth=3,
            linestyle=(0, (2, 1.4)),
        )
        return FEW_HIGH
    high = max(bar["people"] / most, FEW_HIGH)
    axes.bar([number], [high], width=BROAD, color=ink.main, linewidth=0)
    return high


def _days(sheet: Sheet, days: list[str], y: float, room: float) -> None:
    step = -(-len(days) // DAYS_MOST)
    for number in range(len(days) - 1, -1, -step):
        x = min(max(MARGIN + room * (number + 0.5), MARGIN + 36), WIDTH - MARGIN - 36)
        sheet.write(x, y, days[number], size=SMALL, colour=sheet.palette.faint, side="center")


def _foot(sheet: Sheet, label: str, share: float, top: int) -> None:
    ink = sheet.palette
    wide = WIDTH - 2 * MARGIN
    shown = sheet.fitted(label, wide, size=PLAIN)
    sheet.write(MARGIN, top + 28, shown, size=PLAIN)
    axes = sheet.plot(MARGIN, top + 60, wide, BAR)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.barh([0.5], [1], height=1, color=ink.rule, linewidth=0)
    axes.barh([0.5], [share], height=1, color=ink.other, linewidth=0)
