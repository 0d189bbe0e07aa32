"""The demo as a picture: groups as bands that flow through time, splits as branches.

A band is as thick as its group has people; one colour is one family. Where a group splits, its band
parts. Below: homes, visits and people who are quiet.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from demo.ledger import Story

Line = NDArray[np.float64]

# Okabe and Ito's colours, which people with any common colour blindness can tell apart; yellow is
# left out, since it vanishes on paper.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#6C6A72")
PAPER, INK, FAINT = "#FBF8F2", "#2E2A25", "#8B857B"
STEP_DAYS = 0.25
"""How far the moments at which bands are drawn lie apart."""
ROUND = 6
"""How many of them to either side are averaged over."""
MOST_SIZES_SHOWN = 8
"""Splits whose sizes are written beside them; more would only cover each other."""
LINE = 0.021
"""The height of a line of text, as a part of the bands' height."""
OPENING_DAYS = 5.0
"""How long the gap between siblings takes to open, so that a split looks like a branch."""


def draw(story: Story, file: Path, *, title: str) -> None:
    """Draw the story into a PNG file."""
    days = [day.at for day in story.days]
    start = days[0]
    when = np.array([(day - start) / timedelta(days=1) for day in days])
    # A figure of its own, without pyplot: no window is wanted, and none may be there.
    figure: Any = Figure(figsize=(14, 9.5), facecolor=PAPER)
    upper, lower = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [4.2, 1], "hspace": 0.08}
    )
    _bands(upper, story, when, _grid(when))
    _figures(lower, story, when)
    figure.suptitle(title, x=0.06, y=0.965, ha="left", fontsize=19, fontweight="bold", color=INK)
    figure.text(
        0.06,
        0.915,
        f"{story.homes:,} people at home in {len(story.days[-1].homes)} groups after"
        f" {when[-1] / 7:.0f} weeks. Each band is a group, as thick as it has people;"
        f" {_times(len(story.splits))} a group parted.",
        fontsize=11.5,
        color=FAINT,
    )
    figure.subplots_adjust(left=0.06, right=0.86, top=0.9, bottom=0.06)
    figure.savefig(file, dpi=130, facecolor=PAPER)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _grid(when: Line) -> Line:
    """Return evenly spaced moments: looks are not, and would make kinks."""
    count = max(round(float(when[-1]) / STEP_DAYS), 1)
    return np.linspace(0, max(float(when[-1]), STEP_DAYS), count + 1)


def _bands(axes: Any, story: Story, seen: Line, when: Line) -> None:
    order = family_order(story)
    counts = _counts(story, order, seen, when)
    most = max(float(np.sum(list(counts.values()), axis=0).max()), 1.0)
    # All gaps together take a quarter of the height at most, however many groups there are.
    edges = _stack(order, counts, when, gap=most * min(0.012, 0.25 / len(order)))
    colour_of = _colours(story, order)
    for group, (low, high) in edges.items():
        axes.fill_between(when, low, high, color=colour_of[group], lw=0, alpha=0.92)
    _name_largest(axes, story, edges, float(when[-1]))
    several = len(story.splits) > MOST_SIZES_SHOWN
    for split in story.splits.values():
        day = (split.at - story.days[0].at) / timedelta(days=1)
        low, high = edges[split.group_id]
        height = float(np.interp(day, when, high))
        axes.plot([day], [height], "o", ms=6, mfc=PAPER, mec=INK, mew=1.4, zorder=5)
        if several:
            continue
        axes.annotate(
            " + ".join(str(size) for size in split.sizes),
            (day, height),
            xytext=(6, 7),
            textcoords="offset points",
            fontsize=8.5,
            fontweight="bold",
            color=INK,
            zorder=6,
        )
    axes.set_xlim(when[0], max(when[-1], 1.0))
    axes.set_axis_off()


def _name_largest(axes: Any, story: Story, edges: dict[int, tuple[Line, Line]], end: float) -> None:
    """Write names at the bands' ends, the largest groups first, as many as do not overlap."""
    size = story.days[-1].homes
    height = max(float(high[-1]) for _, high in edges.values()) - min(
        float(low[-1]) for low, _ in edges.values()
    )
    taken: list[float] = []
    for group in sorted(size, key=lambda one: -size[one]):
        low, high = edges[group]
        place = float(low[-1] + high[-1]) / 2
        if any(abs(place - other) < height * LINE for other in taken):
            continue
        taken.append(place)
        axes.annotate(
            f"{story.names[group]}  {size[group]}",
            (end, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
            annotation_clip=False,
        )


def family_order(story: Story) -> list[int]:
    """Return the groups from bottom to top, children right above their parents."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for group in sorted(story.names):
        children[story.parents.get(group)].append(group)
    size = story.days[-1].homes

    def family(group: int) -> list[int]:
        # The youngest child stands nearest: its band leaves the parent's at the very edge.
        return [group, *(one for child in reversed(children[group]) for one in family(child))]

    families = [family(group) for group in children[None]]
    families.sort(key=lambda members: -sum(size.get(group, 0) for group in members))
    # The largest in the middle, the smaller ones above and below by turns.
    middle: list[list[int]] = []
    for index, members in enumerate(families):
        middle.insert(0 if index % 2 else len(middle), members)
    return [group for members in middle for group in members]


def _stack(
    order: Sequence[int],
    counts: dict[int, Line],
    when: Line,
    *,
    gap: float,
) -> dict[int, tuple[Line, Line]]:
    """Return each band's lower and upper edge, the whole centred on zero."""
    edges: dict[int, tuple[Line, Line]] = {}
    level = np.zeros_like(when)
    for group in order:
        born = _first(counts[group], when)
        opening = np.clip((when - born) / OPENING_DAYS, 0, 1)
        level = level + gap * opening * opening * (3 - 2 * opening)
        edges[group] = (level, level + counts[group])
        level = level + counts[group]
    middle = level / 2
    return {group: (low - middle, high - middle) for group, (low, high) in edges.items()}


def _first(count: Line, when: Line) -> float:
    """Return the day on which a group had its first people."""
    alive = np.flatnonzero(count > 0)
    return float(when[alive[0]]) if len(alive) else float(when[-1])


def _counts(story: Story, order: Sequence[int], seen: Line, when: Line) -> dict[int, Line]:
    """Return how many people each group has at each moment of the grid.

    A family's sum is rounded off, so that single people make no steps; inside a family the shares
    are exact, so that a split stays the sharp thing it is.
    """
    counts = {
        group: np.interp(when, seen, [day.homes.get(group, 0) for day in story.days])
        for group in order
    }
    for members in _families(story, order).values():
        total: Line = np.sum([counts[group] for group in members], axis=0)
        padded = np.concatenate([np.repeat(total[:1], ROUND), total, np.repeat(total[-1:], ROUND)])
        rounded = np.convolve(padded, np.bartlett(2 * ROUND + 3)[1:-1] / (ROUND + 1), mode="valid")
        for group in members:
            counts[group] *= np.where(total > 0, rounded / np.maximum(total, 1e-9), 0)
    return counts


def _families(story: Story, order: Sequence[int]) -> dict[int, list[int]]:
    """Return the groups that come from each founding group, itself first."""
    families: dict[int, list[int]] = defaultdict(list)
    for group in sorted(order):
        root = group
        while root in story.parents:
            root = story.parents[root]
        families[root].append(group)
    return families


def _colours(story: Story, order: Sequence[int]) -> dict[int, Any]:
    """Return one hue for each family, lighter with every child."""
    families = _families(story, order)
    size = story.days[-1].homes
    ranked = sorted(families, key=lambda root: -sum(size.get(one, 0) for one in families[root]))
    colours: dict[int, Any] = {}
    for index, root in enumerate(ranked):
        base = _rgb(COLOURS[index % len(COLOURS)])
        for step, group in enumerate(families[root]):
            light = min(0.16 * step, 0.5)
            colours[group] = tuple(base + (1 - base) * light)
    return colours


def _rgb(colour: str) -> Line:
    """Return "#0072B2" as three parts between 0 and 1."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def _figures(axes: Any, story: Story, when: Line) -> None:
    homes = np.array([sum(day.homes.values()) for day in story.days], dtype=float)
    tall = max(homes.max(), 1) * 1.15
    axes.set_facecolor(PAPER)
    back = axes.twinx()
    back.fill_between(when, 0, homes, color="#E6DECF", lw=0)
    back.set_ylim(0, tall)
    back.set_axis_off()
    axes.set_zorder(back.get_zorder() + 1)
    axes.patch.set_visible(False)
    series = (
        ("visiting", [day.visiting for day in story.days], COLOURS[0], "-"),
        ("quiet", [day.quiet for day in story.days], COLOURS[5], "-"),
        ("waiting", [day.waiting for day in story.days], INK, ":"),
    )
    top = max(*(max(values) for _, values, _, _ in series), 1) * 1.25
    axes.set_ylim(0, top)
    labels = [
        (f"{name}  {values[-1]}", values[-1] / top, colour) for name, values, colour, _ in series
    ]
    labels.append((f"at home  {homes[-1]:,.0f}", homes[-1] / tall, FAINT))
    places = _apart([place for _, place, _ in labels], 0.13)
    for _, values, colour, style in series:
        axes.plot(when, values, color=colour, lw=1.8, ls=style)
    for (text, _, colour), place in zip(labels, places, strict=True):
        axes.annotate(
            text,
            (1, place),
            xycoords="axes fraction",
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )
    weeks = when[-1] / 7
    step = 1 if weeks <= 16 else 4 if weeks <= 70 else 13
    ticks = range(0, round(weeks) + 1, step)
    names = [f"week {tick}" if tick else "start" for tick in ticks]
    axes.set_xticks([tick * 7 for tick in ticks], names)
    axes.tick_params(colors=FAINT, length=3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.grid(axis="y", color="#D8D0C2", lw=0.6)


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Move labels at these heights apart until none covers another."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for below, above in itertools.pairwise(order):
        moved[above] = max(moved[above], moved[below] + least)
    return moved
