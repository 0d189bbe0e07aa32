"""A measure's weeks as a line: what was measured, how sure that is, and weeks that say nothing."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bot.pictures.canvas import Palette, Plot

# A week's [low, value, high]; None: silent
Point = Sequence[float] | None

ROOM = 0.08  # of the height, above and below
SHARES_SPAN = 0.4  # how much of the way from none to all a line of shares shows at least


def bounds_of(points: Sequence[Point], *, shares: bool) -> tuple[float, float] | None:
    """Return what a line's height stands for, so that small changes look small; None: no week.

    Counts begin at nothing; shares show at least SHARES_SPAN.
    """
    known = [value for point in points if point is not None for value in point]
    if not known:
        return None
    least, most = min(known), max(known)
    if not shares:
        return min(least, 0.0), most or 1.0
    lacks = max(SHARES_SPAN - (most - least), 0) / 2
    low = min(max(least - lacks, 0.0), 1 - SHARES_SPAN)
    return min(low, least), max(low + SHARES_SPAN, most)


def line(
    axes: Plot, points: Sequence[Point], palette: Palette, colour: str, *, shares: bool
) -> None:
    """Draw weeks from left to right: a band for the uncertainty, a line, a dot for the last one.

    Weeks that say nothing leave a gap; one alone between gaps is a dot.
    """
    bounds = bounds_of(points, shares=shares)
    if bounds is None:
        return
    least, most = bounds
    room = (most - least) * ROOM
    axes.set_xlim(-0.5, len(points) - 0.2)
    axes.set_ylim(least - room, most + room)
    numbered = list(enumerate(points))
    for known, run in groupby(numbered, key=lambda pair: pair[1] is not None):
        part: list[tuple[int, Any]] = list(run)
        if not known:
            continue
        weeks = [week for week, _ in part]
        lows, values, highs = zip(*(point for _, point in part), strict=True)
        axes.fill_between(weeks, lows, highs, color=colour, alpha=0.22, linewidth=0)
        if len(part) == 1:
            axes.plot(weeks, values, "o", color=colour, markersize=5)
        else:
            axes.plot(weeks, values, color=colour, linewidth=3.2, solid_capstyle="round")
    week, last = next((w, p) for w, p in reversed(numbered) if p is not None)
    axes.plot([week], [last[1]], "o", color=colour, markersize=11, markeredgecolor=palette.ground)
    axes.axhline(least - room, color=palette.rule, linewidth=2)
