"""What wishes about whom one lives with weigh, when a group becomes several.

Nobody learns of another's wish: what comes out of here is weights of pairs, for a plan.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["together", "apart"]

MOST: Final = 3
"""How many wishes of a kind one person may have: a plan can mind a few, not a list."""

# As in bot.rules.splitting: 1.0 is worth as much as one person keeping all of their ties.
MUTUAL_TOGETHER: Final = 1.0
ONE_TOGETHER: Final = 0.25
MUTUAL_APART: Final = 1.0
ONE_APART: Final = 0.5


@dataclass(frozen=True, slots=True)
class Wished:
    """One wish: whose, about whom, and which."""

    user_id: int
    other_id: int
    kind: str  # together | apart


@dataclass(frozen=True, slots=True)
class Mine:
    """All wishes of one person, in the order in which they were made."""

    together: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    def about(self, other_id: int) -> Kind | None:
        """Return what is wished about someone."""
        if other_id in self.together:
            return "together"
        return "apart" if other_id in self.apart else None


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs of a group with what is wished about them, each as (low, high, weight)."""

    together: tuple[tuple[int, int, float], ...] = ()
    apart: tuple[tuple[int, int, float], ...] = ()


@dataclass(slots=True)
class _Pair:
    together: set[int] = field(default_factory=set[int])
    apart: set[int] = field(default_factory=set[int])


def weigh(wishes: Iterable[Wished], members: Collection[int]) -> Weighed:
    """Return what the wishes of these people about each other weigh in a plan.

    What both wish is strong; what one of them wishes is mild. Where one wishes to be with somebody
    who would rather not, only the no counts, so that a wish never brings anybody closer to a person
    whom they want to avoid.
    """
    pairs: dict[tuple[int, int], _Pair] = {}
    inside = frozenset(members)
    for wish in wishes:
        if wish.user_id not in inside or wish.other_id not in inside:
            continue
        low, high = sorted((wish.user_id, wish.other_id))
        pair = pairs.setdefault((low, high), _Pair())
        (pair.together if wish.kind == "together" else pair.apart).add(wish.user_id)
    together: list[tuple[int, int, float]] = []
    apart: list[tuple[int, int, float]] = []
    for (low, high), pair in sorted(pairs.items()):
        if pair.apart:
            apart.append((low, high, MUTUAL_APART if len(pair.apart) == 2 else ONE_APART))
        else:
            both = len(pair.together) == 2
            together.append((low, high, MUTUAL_TOGETHER if both else ONE_TOGETHER))
    return Weighed(tuple(together), tuple(apart))
