"""Where the people of a log live: regions become groups, topics become rooms of the commons.

Pure: from entries to a `Geography`. What a log does not hold is supplied by the rules that
docs/demo.md states; the parts that depend on what happens (who answered whom first, whose group is
full) are the driver's.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo.log import Entry

EVERYTHING_ELSE = "commons"
"""The room of the commons that takes whatever has no room of its own."""


@dataclass(frozen=True, slots=True)
class Geography:
    """A log's channels and people, placed.

    `group_of` names for each region the region whose group it became part of (itself, where it is
    large enough), None where it folded into the commons. `home_of` holds the home region of
    everyone who has one. `room_of` names the commons room of every topic and folded region.
    """

    group_of: Mapping[str, str | None]
    home_of: Mapping[int, str]
    room_of: Mapping[str, str]

    @property
    def groups(self) -> list[str]:
        """The regions that are groups, by name."""
        return sorted({group for group in self.group_of.values() if group is not None})

    @property
    def rooms(self) -> list[str]:
        """The commons rooms, by name."""
        return sorted(set(self.room_of.values()) | {EVERYTHING_ELSE})


def draw(entries: Sequence[Entry], *, minimum: int, most_rooms: int = 20) -> Geography:
    """Place a log into groups of at least `minimum` homes and at most `most_rooms` rooms."""
    written: dict[int, Counter[str]] = defaultdict(Counter)
    topics: Counter[str] = Counter()
    for entry in entries:
        if entry.regional:
            written[entry.author][entry.channel] += 1
        else:
            topics[entry.channel] += 1
    group_of = _merge(written, minimum)
    own_rooms = [name for name, _ in sorted(topics.items(), key=lambda item: (-item[1], item[0]))]
    own_rooms = own_rooms[: most_rooms - 1]
    room_of = dict.fromkeys(topics, EVERYTHING_ELSE) | {name: name for name in own_rooms}
    room_of |= {region: EVERYTHING_ELSE for region, group in group_of.items() if group is None}
    return Geography(group_of=group_of, home_of=_homes(written, group_of), room_of=room_of)


def _homes(
    written: Mapping[int, Counter[str]], group_of: Mapping[str, str | None]
) -> dict[int, str]:
    """Return each person's home: the group in whose regions they wrote most.

    Of equals it is the first by name.
    """
    homes: dict[int, str] = {}
    for person, regions in written.items():
        groups: Counter[str] = Counter()
        for region, count in regions.items():
            group = group_of[region]
            if group is not None:
                groups[group] += count
        if groups:
            homes[person] = min(groups, key=lambda group: (-groups[group], group))
    return homes


def _merge(written: Mapping[int, Counter[str]], minimum: int) -> dict[str, str | None]:
    """Merge regions until each group has at least `minimum` homes.

    The smallest group below it goes first, into the one it shares most writers with (of equals,
    the one with more homes); with nobody shared it folds into the commons, and who wrote only there
    has no home.
    """
    writers: dict[str, set[int]] = defaultdict(set)
    for person, regions in written.items():
        for region in regions:
            writers[region].add(person)
    group_of: dict[str, str | None] = {region: region for region in writers}
    while True:
        size = Counter(_homes(written, group_of).values())
        small = [group for group in writers if size[group] < minimum]
        if not small:
            return group_of
        smallest = min(small, key=lambda group: (size[group], group))
        own = writers.pop(smallest)
        goal = _closest(own, writers, size)
        for region, group in group_of.items():
            if group == smallest:
                group_of[region] = goal
        if goal is not None:
            writers[goal] |= own


def _closest(own: set[int], others: Mapping[str, set[int]], size: Counter[str]) -> str | None:
    """Return the group that shares most people with `own`; None where nobody is shared."""
    shared = {group: len(own & people) for group, people in others.items()}
    best = min(shared, key=lambda group: (-shared[group], -size[group], group), default=None)
    return best if best is not None and shared[best] else None
