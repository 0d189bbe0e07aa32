"""The table of rights in heaps: workers share it, and no test lasts long, however it grows."""

from collections.abc import Callable
from itertools import groupby
from math import ceil

from tests.rights.scenes import SCENES
from tests.rights.table import Row, rows

SIZE = 500
"""How often something is asked for in one heap, about."""

Heap = list[tuple[str, list[Row]]]
"""Scenes, and the rows that are tried in each."""


def heaps(asked: Callable[[Row], int]) -> list[Heap]:
    """Return the table in heaps of about the same size, scene by scene.

    `asked` says how often something is asked for to try a row: 0 leaves it out. Forms are the last
    of a scene: what they keep may wait in memory.
    """
    places = {name: place for place, name in enumerate(SCENES)}
    ordered = sorted(rows(), key=lambda row: (places[row.scene], row.kind == "form"))
    tried = [row for row in ordered if asked(row)]
    number = ceil(sum(map(asked, tried)) / SIZE)
    size = sum(map(asked, tried)) / number
    cut: list[list[Row]] = [[] for _ in range(number)]
    before = 0
    for row in tried:
        cut[int(before / size)].append(row)
        before += asked(row)
    return [
        [(scene, list(those)) for scene, those in groupby(heap, key=lambda row: row.scene)]
        for heap in cut
    ]
