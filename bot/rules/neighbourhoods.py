"""What stands in one *From the neighbourhoods*: a few groups, each once, all in their turn.

Groups that were shown longest ago come first, and among these the smaller; some places are kept for
small groups, who would otherwise wait as long as everybody though they have less to send. Of one
group the bridge is taken whose kind is rarest so far, then the one that waits longest.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from bot.rules.bridges import Kind

PLACES = 6
FOR_SMALL = 2  # places of these that small groups have before others
EVERY = timedelta(days=7)
ASKED_AFTER = timedelta(days=14)  # unpublished: its host is asked
RESTS_AFTER = timedelta(days=21)  # unpublished: it rests


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bridge that waits to be published."""

    bridge_id: int
    group_id: int
    kind: Kind
    shared_at: datetime


@dataclass(frozen=True, slots=True)
class Town:
    """What is known of the groups: how many live in each, and when each was last shown."""

    homes: Mapping[int, int]
    shown: Mapping[int, datetime]


def choose(
    waiting: Sequence[Candidate],
    town: Town,
    *,
    chosen: Sequence[Candidate] = (),
    places: int = PLACES,
) -> list[Candidate]:
    """Return what is to stand in the next edition, in that order; `chosen` stands already.

    At most one of each group, at most `places` in all; as many as there are groups that have
    something, up to that.
    """
    taken = list(chosen)[:places]
    groups = {one.group_id for one in waiting} - {one.group_id for one in taken}
    turn = sorted(groups, key=lambda group: _turn(group, town))
    small = small_groups(town.homes)
    kept = max(FOR_SMALL - sum(one.group_id in small for one in taken), 0)
    free = places - len(taken)
    picked = [group for group in turn if group in small][: min(kept, free)]
    picked += [group for group in turn if group not in picked][: free - len(picked)]
    for group in sorted(picked, key=turn.index):
        mine = [one for one in waiting if one.group_id == group]
        kinds = Counter(one.kind for one in taken)
        taken.append(min(mine, key=lambda one: (kinds[one.kind], one.shared_at, one.bridge_id)))
    return taken


def small_groups(homes: Mapping[int, int]) -> Collection[int]:
    """Return the smaller half of the groups: below the middle one by how many live there."""
    if not homes:
        return ()
    middle = median_low(sorted(homes.values()))
    return frozenset(group for group, count in homes.items() if count <= middle)


def next_host(rota: Sequence[tuple[int, datetime | None, datetime]], *, but: int = 0) -> int | None:
    """Return whose turn it is: who never had one, in order of coming, then whose is longest ago.

    `rota`: person, when their turn last came, since when they offer. `but` is passed over unless
    there is nobody else.
    """
    order = sorted(rota, key=lambda one: (one[1] is not None, one[1] or one[2], one[2], one[0]))
    others = [person for person, _, _ in order if person != but]
    if others:
        return others[0]
    return order[0][0] if order else None


def _turn(group: int, town: Town) -> tuple[bool, float, int, int]:
    shown = town.shown.get(group)
    at = 0.0 if shown is None else shown.timestamp()
    return shown is not None, at, town.homes.get(group, 0), group
