"""How many groups a full one becomes."""

import math
from typing import Final

ROOM_TO_GROW: Final = 0.85  # of the cap: a child that begins fuller is soon to part again
MOST: Final = 8  # more names and rooms at once nobody can take in


def children(count: int, cap: int) -> int:
    """Return how many groups `count` people become: the fewest in which all have room to grow.

    Two, nearly always; three and more where a group was adopted with many more people than its cap.
    At most eight at once: what is still too full then parts again.
    """
    return min(max(2, math.ceil(count / (cap * ROOM_TO_GROW))), MOST)


def most(count: int, cap: int, into: int) -> int:
    """Return how many may live in one of the `into` groups that `count` people become.

    The cap, unless even so many groups have too few seats for all.
    """
    return max(cap, math.ceil(count / into) + max(1, count // 20))
