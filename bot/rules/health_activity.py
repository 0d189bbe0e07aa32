"""Who is around: in their home, at its rituals, and in other groups.

Shares of the people who live in a group and are counted. Each of them stands for themselves, so the
interval is Wilson's.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.rules.health import FEWEST, Figure, Reckoned, said, silent
from bot.rules.health_statistics import share


def active(residents: Collection[int], around: Collection[int]) -> Figure:
    """Return the share of a home's people who were around in it in the window."""
    return _share("active", residents, around)


def elsewhere(residents: Collection[int], abroad: Collection[int]) -> Figure:
    """Return the share of a home's people who were around in another group in the window."""
    return _share("elsewhere", residents, abroad)


def rituals(residents: Collection[int], parts: Collection[int], held: int) -> Figure:
    """Return the share of a home's people who took part in any of the `held` occurrences."""
    if not held:
        return silent("rituals", len(residents), "nothing")
    return _share("rituals", residents, parts)


def _share(measure: str, people: Collection[int], hits: Collection[int]) -> Figure:
    if not people:
        return silent(measure, 0, "nothing")
    found = share(len(set(people).intersection(hits)), len(people))
    return said(measure, len(people), found)


@dataclass(frozen=True, slots=True)
class Between:
    """Who of which home was around where else in the window, as sets of people by group."""

    abroad: Mapping[int, frozenset[int]]  # home -> its people who were around elsewhere
    guests: Mapping[int, frozenset[int]]  # group -> people of other homes who were around there
    lent: Mapping[tuple[int, int], int]  # (home, other group) -> people, five or more


def between(stays: Iterable[tuple[int, int, int]]) -> Between:
    """Put together stays of (person, home, other group)."""
    abroad: dict[int, set[int]] = {}
    guests: dict[int, set[int]] = {}
    pairs: Counter[tuple[int, int]] = Counter()
    for user_id, home, other in frozenset(stays):
        if home != other:
            abroad.setdefault(home, set()).add(user_id)
            guests.setdefault(other, set()).add(user_id)
            pairs[home, other] += 1
    return Between(
        {home: frozenset(people) for home, people in abroad.items()},
        {group: frozenset(people) for group, people in guests.items()},
        {pair: people for pair, people in pairs.items() if people >= FEWEST},
    )


def lending(group_id: int, homes: int, found: Between) -> list[Reckoned]:
    """Return how many of a group's people were around elsewhere, and how many came from elsewhere.

    None at all is said, of one to four nothing. `homes` of people live there.
    """
    numbers = {
        "lends": len(found.abroad.get(group_id, ())),
        "borrows": len(found.guests.get(group_id, ())),
    }
    return [
        Reckoned(
            group_id,
            silent(measure, 0, "few")
            if homes < FEWEST or 0 < people < FEWEST
            else said(measure, homes, people),
        )
        for measure, people in numbers.items()
    ]


def islands(homes: Mapping[int, int], found: Between) -> Figure:
    """Return how many groups nobody left and nobody came to, of those with five people or more."""
    looked_at = {group_id: people for group_id, people in homes.items() if people >= FEWEST}
    if not looked_at:
        return silent("islands", 0, "nothing")
    alone = [g for g in looked_at if not found.abroad.get(g) and not found.guests.get(g)]
    return said("islands", sum(looked_at.values()), len(alone))
