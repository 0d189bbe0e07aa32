"""Whose wish to live with another child of a split comes true: alone, or by changing places."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.rules import splitting

LONGEST_RING: Final = 4  # more than so many who change places at once are hard to find, and rare


def come_true(
    sides: Mapping[int, int],
    wishes: Mapping[int, int],
    who: int,
    *,
    count: int,
    minimum: int,
    cap: int,
    apart: Iterable[tuple[int, int]] = (),
) -> dict[int, int]:
    """Return who moves where so that the wish of `who` comes true; nobody while it cannot.

    `sides` says where each lives of `count` children, `wishes` where some would rather be. First a
    ring is looked for, in which everybody gets what they wish and no child's size changes; then
    `who` may go alone where all children stay within the bounds of a split (`splitting.bounds`).
    Nobody comes to live with somebody they must be kept `apart` from.
    """
    wanted = wishes[who]
    if wanted == sides[who]:
        return {}
    pairs = tuple(apart)
    for ring in _rings(sides, wishes, who):
        moves = {one: wishes[one] for one in ring}
        if not meets(pairs, sides, moves):
            return moves
    alone = {who: wanted}
    return (
        alone if fits(sides, alone, count, minimum, cap) and not meets(pairs, sides, alone) else {}
    )


def _rings(
    sides: Mapping[int, int], wishes: Mapping[int, int], who: int
) -> Iterable[Sequence[int]]:
    """Return the rings of wishes that begin with `who`, shortest first."""
    leaving: dict[int, list[int]] = {}
    for one in sorted(wishes):
        if one != who and one in sides and wishes[one] != sides[one]:
            leaving.setdefault(sides[one], []).append(one)
    paths: deque[tuple[int, ...]] = deque([(who,)])
    while paths:
        path = paths.popleft()
        for one in leaving.get(wishes[path[-1]], ()):
            if wishes[one] == sides[who]:
                yield (*path, one)
            elif len(path) + 1 < LONGEST_RING and wishes[one] not in map(sides.__getitem__, path):
                paths.append((*path, one))


def fits(
    sides: Mapping[int, int], moves: Mapping[int, int], count: int, minimum: int, cap: int
) -> bool:
    """Return whether the children's sizes stay within the bounds of a split."""
    sizes = [0] * count
    for one, side in sides.items():
        sizes[moves.get(one, side)] += 1
    try:
        fewest, most = splitting.bounds(len(sides), minimum, cap, count)
    except ValueError:
        return False
    return fewest <= min(sizes) and max(sizes) <= most


def meets(
    pairs: Iterable[tuple[int, int]], sides: Mapping[int, int], moves: Mapping[int, int]
) -> bool:
    """Return whether somebody who moves would meet, there, a person they are kept apart from."""
    after = {**sides, **moves}
    return any(
        after.get(one) == after.get(other) is not None
        for one, other in pairs
        if one in moves or other in moves
    )
