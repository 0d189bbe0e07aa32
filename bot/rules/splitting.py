"""How a group becomes two: along the lines of who talks with whom.

What is sought is the greatest mean share of their own ties that members keep: each tie counts
w·(1/dᵢ+1/dⱼ)/2, where d is the sum of someone's ties, so that a quiet person's one friendship
weighs as much as a talkative person's many. Nobody who has ties should be left without any.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Ties = Sequence[tuple[int, int, float]]  # (one, other, weight), each pair once


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where. Side 0 is never the smaller one: it keeps the room."""

    sides: Mapping[int, int]  # member -> 0 or 1
    mean_share: float  # mean share of their own ties that members with ties keep
    kept_weight: float  # share of all weight that stays inside
    stranded: int  # members with ties who keep none
    between: frozenset[int]  # members with about as many ties on either side

    @property
    def sizes(self) -> tuple[int, int]:
        """How many members each side has."""
        ones = sum(self.sides.values())
        return len(self.sides) - ones, ones


def plan(
    members: Sequence[int],
    ties: Ties,
    *,
    minimum: int,
    apart: Iterable[tuple[int, int]] = (),
    stay: Collection[int] = (),
    seed: int = 0,
) -> Plan:
    """Return how these members part into two; the same answer for the same question and seed.

    `minimum` is the least that either side must have, `apart` pairs who must not meet, `stay`
    people (facilitators) whose side keeps the room where both are equal. Takes up to half a second
    for 150 members: never call it on the event loop.
    """
    raise NotImplementedError
