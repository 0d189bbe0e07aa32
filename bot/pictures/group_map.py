"""The map of groups: circles as large as their homes, arrows for visitors, broken lines for family.

`values`: the texts title and below; groups: {name (or nothing), homes, island}; lent: [from, to,
people] and family: [parent, child], by the groups' places in the list.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from bot.pictures import Theme
from bot.pictures.canvas import (
    HEAD,
    MARGIN,
    POINTS,
    SMALL,
    WIDTH,
    Palette,
    Plot,
    Sheet,
    drawing,
    legible,
)
from bot.pictures.words import told
from bot.texts import Say

SHOWN_MOST, ARROWS_MOST = 20, 30  # groups with visitors, and arrows; more is a ball of wool
FIELD_LEAST, FIELD_MOST, FIELD_EACH = 300, 1040, 62  # how high the map is, by its groups
LOOSE_ROW, LOOSE_COLUMNS, LOOSE_MOST = 56, 3, 15
LEGEND = 132
LABEL_WIDE, LABEL_HIGH = 230, 44  # room for a name
GAP = 12
SETTLING = 600  # times that what overlaps is pushed apart
SEED = 7
DASHES = (0, (1.5, 1.2))

Where = NDArray[np.float64]


def draw(values: dict[str, Any], say: Say, theme: Theme) -> bytes:
    """Return the picture as a PNG."""
    groups: list[dict[str, Any]] = values["groups"]
    linked = _linked(values)
    shown = sorted(linked[:SHOWN_MOST])
    loose = [at for at in range(len(groups)) if at not in linked]
    loose.sort(key=lambda at: (not groups[at]["island"], -groups[at]["homes"]))
    rows = -(-min(len(loose), LOOSE_MOST) // LOOSE_COLUMNS)
    more = len(loose) - LOOSE_MOST > 0 or len(linked) > len(shown)
    field = min(max(FIELD_EACH * len(shown), FIELD_LEAST), FIELD_MOST) if shown else 0
    lower = (60 + LOOSE_ROW * rows if loose else 0) + LOOSE_ROW * more
    with drawing():
        sheet = Sheet(HEAD + field + lower + LEGEND, theme)
        sheet.head(told(values["title"], say), told(values["below"], say))
        if shown:
            _field(sheet, values, shown, field, say)
        _loose(sheet, groups, loose[:LOOSE_MOST], HEAD + field, say)
        if more:
            left_out = len(loose[LOOSE_MOST:]) + len(linked[SHOWN_MOST:])
            y = HEAD + field + lower - LOOSE_ROW / 2
            words = say("health.map_more", n=left_out)
            sheet.write(MARGIN, y, words, size=SMALL, colour=sheet.palette.faint)
        _legend(sheet, HEAD + field + lower, say)
        return sheet.png()


def _linked(values: dict[str, Any]) -> list[int]:
    """Return the groups that have lines to others, along the strongest lines first."""
    lent: list[list[int]] = sorted(values["lent"], key=lambda one: -one[2])
    lines = [(one, other) for one, other, _ in lent]
    lines += [(parent, child) for parent, child in values["family"]]
    return list(dict.fromkeys(at for line in lines for at in line))


def _field(sheet: Sheet, values: dict[str, Any], shown: list[int], high: int, say: Say) -> None:
    groups: list[dict[str, Any]] = values["groups"]
    ink = sheet.palette
    axes = sheet.plot(0, HEAD, WIDTH, high)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(high, 0)
    sizes = {at: _radius(groups[at]["homes"]) for at in shown}
    names = {
        at: sheet.fitted(_name(groups[at]["name"], say), LABEL_WIDE, size=SMALL) for at in shown
    }
    wide = {at: sheet.width_of(name, size=SMALL) for at, name in names.items()}
    lent = sorted(values["lent"], key=lambda one: -one[2])
    lent = [one for one in lent if one[0] in sizes and one[1] in sizes]
    family = [pair for pair in values["family"] if pair[0] in sizes and pair[1] in sizes]
    boxes = {
        at: (max(2 * sizes[at], wide[at]) / 2, (2 * sizes[at] + LABEL_HIGH) / 2) for at in shown
    }
    middles = _settled(lent, family, boxes, high)
    # A name hangs below its circle: the box's middle lies lower than the circle's.
    where = {at: (x, y - LABEL_HIGH / 2) for at, (x, y) in middles.items()}
    for parent, child in family:
        (x, y), (to_x, to_y) = where[parent], where[child]
        axes.plot([x, to_x], [y, to_y], color=ink.family, linewidth=5, linestyle=DASHES)
    for one, other, people in lent[:ARROWS_MOST]:
        between = sizes[one], sizes[other]
        _arrow(axes, where[one], where[other], people=people, colour=ink.other, sizes=between)
    for at in shown:
        x, y = where[at]
        _circle(axes, x, y, sizes[at], ink)
        under = HEAD + y + sizes[at] + 22
        sheet.write(x, under, names[at], size=SMALL, side="center", clear=True)


def _radius(homes: int) -> float:
    return 9 + 2.0 * math.sqrt(homes)


def _settled(
    lent: Sequence[Sequence[int]],
    family: Sequence[Sequence[int]],
    boxes: Mapping[int, tuple[float, float]],
    high: int,
) -> dict[int, tuple[float, float]]:
    """Return where groups stand: near those they share people with, and none upon another.

    `boxes`: half the width and height that each takes up with its name.
    """
    graph: Any = cast("Any", nx).Graph()
    graph.add_nodes_from(boxes)
    for one, other, people in lent:
        weight = graph.get_edge_data(one, other, {"weight": 0})["weight"] + math.sqrt(people)
        graph.add_edge(one, other, weight=weight)
    for parent, child in family:
        if not graph.has_edge(parent, child):
            graph.add_edge(parent, child, weight=2)
    # Parts without a line between them drive each other to the corners: they are held loosely.
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    middle = max(sorted(parts[0]), key=graph.degree)
    for part in parts[1:]:
        graph.add_edge(middle, max(sorted(part), key=graph.degree), weight=1)
    spread = 3 / math.sqrt(len(boxes))
    placed: Any = cast("Any", nx).spring_layout(graph, seed=SEED, iterations=300, k=spread)
    at = np.array([placed[one] for one in boxes], dtype=np.float64)
    half = np.array(list(boxes.values()), dtype=np.float64)
    least, most = half + GAP, np.array([WIDTH, high], dtype=np.float64) - half - GAP
    at -= at.min(axis=0)
    at = least + at / np.maximum(at.max(axis=0), 1e-9) * (most - least)
    for _ in range(SETTLING):
        before = at
        at = np.clip(at + _pushed(at, half), least, most)
        if float(np.abs(at - before).max()) < 0.2:
            break
    return {one: (float(at[n][0]), float(at[n][1])) for n, one in enumerate(boxes)}


def _pushed(at: Where, half: Where) -> Where:
    """Return by how much each box gives way to those upon it, the shorter way."""
    gaps = at[:, None, :] - at[None, :, :]
    needed = half[:, None, :] + half[None, :, :] + GAP
    upon = needed - np.abs(gaps)
    hit = np.asarray((upon > 0).all(axis=2))
    np.fill_diagonal(hit, val=False)
    signs = np.where(gaps >= 0, 1.0, -1.0)
    lower = np.tril(np.ones(hit.shape, dtype=bool))
    signs[..., 0] = np.where((gaps[..., 0] == 0) & ~lower, -1.0, signs[..., 0])
    signs[..., 1] = np.where((gaps[..., 1] == 0) & ~lower, -1.0, signs[..., 1])
    across = (upon[..., 0] <= upon[..., 1]) & hit
    down = ~across & hit
    moved = np.zeros_like(at)
    moved[:, 0] = (upon[..., 0] * signs[..., 0] * across).sum(axis=1)
    moved[:, 1] = (upon[..., 1] * signs[..., 1] * down).sum(axis=1)
    return moved * 0.3


def _arrow(
    axes: Plot,
    one: tuple[float, float],
    other: tuple[float, float],
    *,
    people: int,
    colour: str,
    sizes: tuple[float, float] = (0, 0),
) -> None:
    """Draw visitors from one group to another, in a bow, so that both ways are seen."""
    wide = 1.8 + 1.1 * math.log2(people / 5 + 1)
    axes.annotate(
        "",
        xy=other,
        xytext=one,
        arrowprops={
            "arrowstyle": f"-|>,head_width={0.3 + wide / 16},head_length={0.6 + wide / 12}",
            "connectionstyle": "arc3,rad=0.14",
            "color": colour,
            "linewidth": wide,
            "shrinkA": (sizes[0] + 4) * POINTS,
            "shrinkB": (sizes[1] + 5) * POINTS,
            "mutation_scale": 14,
        },
    )


def _circle(axes: Plot, x: float, y: float, size: float, ink: Palette) -> None:
    # Markers are sized in points across.
    wide = 2 * size * POINTS
    axes.plot([x], [y], "o", color=ink.main, markersize=wide, markeredgecolor=ink.ground)


def _island(axes: Plot, x: float, y: float, colour: str) -> None:
    axes.plot(
        [x],
        [y],
        "s",
        markersize=15,
        markerfacecolor="none",
        markeredgecolor=colour,
        markeredgewidth=3,
    )


def _loose(
    sheet: Sheet, groups: list[dict[str, Any]], loose: list[int], top: int, say: Say
) -> None:
    if not loose:
        return
    ink = sheet.palette
    sheet.write(MARGIN, top + 30, say("health.map_loose"), size=SMALL, colour=ink.faint)
    rows = -(-len(loose) // LOOSE_COLUMNS)
    axes = sheet.plot(0, top + 60, WIDTH, LOOSE_ROW * rows)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(LOOSE_ROW * rows, 0)
    wide = (WIDTH - 2 * MARGIN) / LOOSE_COLUMNS
    for number, at in enumerate(loose):
        x = MARGIN + wide * (number % LOOSE_COLUMNS) + 16
        y = LOOSE_ROW * (number // LOOSE_COLUMNS) + LOOSE_ROW / 2
        if groups[at]["island"]:
            _island(axes, x, y, ink.down)
        else:
            _circle(axes, x, y, 11, ink)
        name = sheet.fitted(_name(groups[at]["name"], say), wide - 60, size=SMALL)
        sheet.write(x + 26, top + 60 + y, name, size=SMALL)


def _legend(sheet: Sheet, top: int, say: Say) -> None:
    ink = sheet.palette
    axes = sheet.plot(0, top, WIDTH, LEGEND)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(LEGEND, 0)
    left, middle = MARGIN, WIDTH / 2 + 10
    _arrow(axes, (left - 4, 30), (left + 70, 30), people=10, colour=ink.other)
    axes.plot([middle, middle + 60], [30, 30], color=ink.family, linewidth=5, linestyle=DASHES)
    _circle(axes, left + 34, 86, 15, ink)
    _island(axes, middle + 34, 86, ink.down)
    for x, y, key in (
        (left + 84, 31, "visitors"),
        (middle + 84, 31, "family"),
        (left + 84, 86, "homes"),
        (middle + 84, 86, "island"),
    ):
        shown = say(f"health.map_legend_{key}")
        sheet.write(x, top + y, shown, size=SMALL, colour=ink.faint)


def _name(name: str | None, say: Say) -> str:
    if name is None:
        return say("health.picture_not_listed_short")
    return legible(name) or say("health.picture_other_letters")
