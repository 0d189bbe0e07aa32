"""A real server's log as a source of acts: its people talk, answer and fall silent as it says.

What the log does not hold follows docs/demo.md: when people come, which group they join and when.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from demo.acts import Act, Arrive, GroupPlan, Join, Write
from demo.geography import EVERYTHING_ELSE, draw
from demo.log import Entry

CAP = 60
"""The regions' cap: the largest have outgrown it in the log's year, some more than once."""
MINIMUM = 5


def title(region: str) -> str:
    """Return a region's name as people would write it: "region-007" is Region 007."""
    return region.replace("-", " ").capitalize()


class Replay:
    """A log, placed on the map; a `Source` of acts."""

    name = "The replayed server"
    pace: int | None = None
    invents = False

    def __init__(self, entries: Sequence[Entry], cap: int = CAP) -> None:
        self.cap: int | None = cap
        self._entries = entries
        self._map = draw(entries, minimum=MINIMUM)
        self._author = {entry.number: entry.author for entry in entries}
        self._authors = set(self._author.values())
        first, last = entries[0].at, entries[-1].at
        self.start = first.replace(hour=0, minute=0, second=0, microsecond=0)
        self.length = timedelta(days=(last - self.start).days + 1)
        self.groups: Sequence[GroupPlan] = [
            GroupPlan(title(region), "geographic", "📍", f"Everyone around {title(region)}.")
            for region in self._map.groups
        ]
        self.rooms: Sequence[str] = [room for room in self._map.rooms if room != EVERYTHING_ELSE]
        self.lives: Callable[[int], str | None] = _nowhere
        """Tells the present home of somebody, by their group's name; set by the driver."""
        self._next = 0
        self._arrived: set[int] = set()
        self._joined: set[int] = set()
        self._answered: list[Join] = []

    @property
    def people(self) -> int:
        """How many people wrote at least once."""
        return len(self._authors)

    def next_moment(self, limit: datetime) -> datetime:
        """Return when the next act happens; `limit` if nothing does before it."""
        if self._answered:
            return self._answered[0].at
        if self._next == len(self._entries):
            return limit
        return min(self._entries[self._next].at, limit)

    def next_acts(self, until: datetime) -> list[Act]:
        """Return what happens from the last call (or the start) until `until`, in order of time."""
        acts: list[Act] = list(self._answered)
        self._answered = []
        while self._next < len(self._entries) and self._entries[self._next].at < until:
            self._follow(self._entries[self._next], acts)
            self._next += 1
        return acts

    def _follow(self, entry: Entry, acts: list[Act]) -> None:
        """Add one message and what has to happen before it."""
        here = tuple(who for who in entry.mentions if who in self._authors)
        for who in (entry.author, *here):
            if who not in self._arrived:
                self._arrived.add(who)
                acts.append(Arrive(entry.at, who))
        home = self._map.home_of.get(entry.author)
        if entry.regional and home is not None and entry.author not in self._joined:
            self._joined.add(entry.author)
            acts.append(Join(entry.at, entry.author, title(home)))
        acts.append(
            Write(
                entry.at,
                entry.author,
                entry.number,
                self._where(entry.channel),
                answers=entry.reply_to,
                mentions=here,
            )
        )
        if entry.reply_to is not None:
            self._welcome(entry.at, entry.author, self._author[entry.reply_to])

    def _where(self, channel: str) -> str:
        group = self._map.group_of.get(channel)
        return title(group) if group is not None else f"#{self._map.room_of[channel]}"

    def _welcome(self, at: datetime, author: int, answered: int) -> None:
        """Let somebody without a region follow the first who answers them and has a home.

        They join with the next hour: by then they have read the answer.
        """
        if answered in self._map.home_of or answered in self._joined:
            return
        home = self.lives(author)
        if home is not None:
            self._joined.add(answered)
            self._answered.append(Join(at, answered, home))


def _nowhere(_who: int) -> str | None:
    return None
