"""The sheet that all pictures are drawn on: its size, colours, letters, and how it becomes a PNG.

Sizes are pixels of a sheet that is 1000 wide; on a phone it is about 350 points wide, so nothing is
written smaller than 24. Colours are those of Okabe and Ito, which people with any colour vision
tell apart; still, nothing is told by colour alone.
"""

import io
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from PIL import Image

from bot.pictures import Theme

WIDTH = 1000
MARGIN, HEAD = 48, 150  # what stays free on the left and right; where the head ends
SCALE = 1.6  # pixels of the file for each of the sheet's: screens have more than they say
DPI = 100
POINTS = 72 / DPI  # matplotlib counts letters and lines in points
SMALL, PLAIN, LARGE, TITLE = 25, 29, 42, 38
LONGEST = 150  # letters of a line; the narrowest fill it by then
COLOURS = 128  # in the file's palette; smooth edges need no more

# Fonts for other scripts, where the machine has them.
OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans Devanagari", "Noto Sans Thai")

Side = Literal["left", "center", "right"]
# matplotlib's own annotations leave open what may be said by keyword, so its parts are Any here.
Plot: TypeAlias = Any
_mpl: Any = mpl
_fonts: Any = font_manager


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme."""

    ground: str
    ink: str
    faint: str  # words beside the point
    rule: str  # lines that only guide
    main: str
    other: str
    up: str
    down: str
    family: str  # who came from whom


PALETTES: dict[Theme, Palette] = {
    "dark": Palette(
        ground="#1f232b",
        ink="#f4f1ea",
        faint="#b9bcc4",
        rule="#444a57",
        main="#56b4e9",
        other="#e69f00",
        up="#2fc79b",
        down="#f0803c",
        family="#cc79a7",
    ),
    "light": Palette(
        ground="#fdfbf7",
        ink="#1f232b",
        faint="#565b66",
        rule="#d5d3cd",
        main="#0072b2",
        other="#a86f00",
        up="#007d5b",
        down="#c04f00",
        family="#a8467c",
    ),
}


class Sheet:
    """A sheet of WIDTH by `height`, on which things stand by pixels from the upper left corner."""

    def __init__(self, height: int, theme: Theme) -> None:
        self.height = height
        self.palette = PALETTES[theme]
        self.figure: Any = Figure(
            figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=self.palette.ground
        )
        self._canvas = FigureCanvasAgg(self.figure)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = PLAIN,
        colour: str | None = None,
        bold: bool = False,
        side: Side = "left",
        clear: bool = False,
    ) -> None:
        """Write a line whose middle stands `y` below the upper edge.

        With `clear` it stays legible upon whatever is drawn below it.
        """
        shown = self.figure.text(
            x / WIDTH,
            1 - y / self.height,
            text,
            size=size * POINTS,
            color=colour or self.palette.ink,
            weight="bold" if bold else "normal",
            ha=side,
            va="center_baseline",
            parse_math=False,
        )
        if clear:
            shown.set_path_effects([withStroke(linewidth=5, foreground=self.palette.ground)])

    def head(self, title: str, below: str) -> None:
        """Write what the picture is about, and below it how it is read."""
        room = WIDTH - 2 * MARGIN
        shown = self.fitted(title, room, size=TITLE, bold=True)
        self.write(MARGIN, 58, shown, size=TITLE, bold=True)
        shown = self.fitted(below, room, size=SMALL)
        self.write(MARGIN, 106, shown, size=SMALL, colour=self.palette.faint)

    def width_of(self, text: str, *, size: int = PLAIN, bold: bool = False) -> float:
        """Return how wide a line would be, in pixels."""
        shown = self.figure.text(
            0, 0, text, size=size * POINTS, weight="bold" if bold else "normal", parse_math=False
        )
        renderer: Any = self._canvas.get_renderer()
        width = shown.get_window_extent(renderer).width
        shown.remove()
        return float(width)

    def fitted(self, text: str, most: float, *, size: int = PLAIN, bold: bool = False) -> str:
        """Return a line, shortened to at most `most` pixels."""
        if len(text) <= LONGEST and self.width_of(text, size=size, bold=bold) <= most:
            return text
        few, many = 0, min(len(text), LONGEST)  # letters that fit, and that may not
        while few < many:
            half = (few + many + 1) // 2
            if self.width_of(text[:half].rstrip() + "…", size=size, bold=bold) <= most:
                few = half
            else:
                many = half - 1
        return text[:few].rstrip() + "…"

    def wrapped(self, text: str, most: float, *, size: int = PLAIN, lines: int = 2) -> list[str]:
        """Return a text in at most so many lines of `most` pixels; the last one is shortened."""
        rows: list[str] = []
        words = text.split(" ")
        while words and len(rows) < lines - 1:
            row = words.pop(0)
            while words and self.width_of(f"{row} {words[0]}", size=size) <= most:
                row = f"{row} {words.pop(0)}"
            rows.append(row)
        if words:
            rows.append(" ".join(words))
        return [self.fitted(row, most, size=size) for row in rows]

    def plot(self, x: float, y: float, width: float, height: float) -> Plot:
        """Return room for a plot whose upper left corner stands at (x, y), without any frame."""
        axes = self.figure.add_axes(
            (x / WIDTH, 1 - (y + height) / self.height, width / WIDTH, height / self.height)
        )
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL * POINTS, labelcolor=self.palette.faint)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def png(self) -> bytes:
        """Return the sheet as a PNG of few colours."""
        raw = io.BytesIO()
        self.figure.savefig(raw, format="png", dpi=DPI * SCALE, facecolor=self.palette.ground)
        raw.seek(0)
        packed = io.BytesIO()
        with Image.open(raw) as image:
            few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(packed, format="PNG", optimize=True)
        return packed.getvalue()


def drawing() -> Any:
    """Return the scope in which pictures are drawn: its fonts, and nothing read as formulas."""
    return _mpl.rc_context({"font.family": ["DejaVu Sans", *_others()], "text.parse_math": False})


@cache
def _others() -> tuple[str, ...]:
    there = set(_fonts.get_font_names())
    return tuple(name for name in OTHER_SCRIPTS if name in there)


@cache
def _letters() -> frozenset[int]:
    """Return every letter that one of the fonts has."""
    known: set[int] = set()
    for family in ("DejaVu Sans", *_others()):
        font = _fonts.get_font(_fonts.findfont(family))
        known.update(font.get_charmap())
    return frozenset(known)


def legible(name: str) -> str | None:
    """Return a name as it can be drawn: without signs that no font here has.

    None where too little is left of it, or where it is written from right to left, which
    matplotlib does not know.
    """
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in name):
        return None
    kept = "".join(char for char in name if ord(char) in _letters())
    kept = " ".join(kept.split())
    letters = [char for char in name if char.isalnum()]
    missing = [char for char in letters if ord(char) not in _letters()]
    return kept if kept and 2 * len(missing) <= len(letters) else None
