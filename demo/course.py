"""One demo's parts, and its course: from the first day to the last."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from demo.acts import Source
from demo.clockwork import Clockwork
from demo.drive import Driver
from demo.founding import Founding
from demo.ledger import Day, Ledger
from demo.offices import Offices
from demo.replay import Replay
from demo.show import Show, Week
from demo.society import Society
from demo.weather import Weather
from sandbox.app import Sandbox

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
LONGEST_NAP = timedelta(hours=6)
"""How far time goes on at once when nobody does anything and nothing is due."""
EVERY_KIND_EVERY, MOST_OF_EACH_KIND = timedelta(days=7), 12
"""With --faults: how often each kind of them comes on average, and how often at most."""
HOURS_TO_RECOVER = 6
"""After the last trouble; the longest wait of the bot's between two tries is an hour."""


class Trouble(Protocol):
    """Something that goes wrong now and then."""

    async def breaks(self, now: datetime, /) -> None:
        """Let come what is due by now; people have acted, the bot's clock has not moved yet."""
        ...

    async def clears(self) -> None:
        """Take back what does not last; the bot's clock has moved, and the bot has settled."""
        ...

    async def over(self) -> None:
        """End it for good."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to play; `picture` is where it is drawn, `out` the folder of the health report."""

    seed: int = 1
    faults: bool = False
    keep: bool = False
    picture: Path | None = None
    out: Path | None = None


class Run:
    """The parts of one demo, and its course."""

    def __init__(
        self,
        source: Source,
        options: Options,
        sandbox: Sandbox,
        show: Show,
        *,
        file: Path,
        readers: ExitStack,
    ) -> None:
        self.source = source
        self.options = options
        self.sandbox = sandbox
        self.show = show
        self.server = sandbox.add_server(source.name)
        self.society = readers.enter_context(Society(self.server, file))
        self.ledger = readers.enter_context(Ledger(file))
        self.driver = Driver(sandbox, source, self.society, seed=options.seed)
        self.offices = Offices(self.driver, seed=options.seed)
        self.clockwork = Clockwork(sandbox, self.society)
        self.cap = 0
        self.troubles: list[Trouble] = []
        """What goes wrong besides what people do; with --faults the weather, nothing without."""
        self.weather: Weather | None = None
        if options.faults:
            self.weather = Weather(
                sandbox,
                self.server,
                start=source.start,
                length=source.length,
                each=min(MOST_OF_EACH_KIND, max(1, source.length // EVERY_KIND_EVERY)),
                seed=options.seed,
            )
            self.troubles.append(self.weather)
        self._told = self._posted = self._messages = 0
        self._splits: set[int] = set()
        if isinstance(source, Replay):
            source.lives = self.society.lives

    async def through(self) -> None:
        """Play it."""
        self.show.say(
            f"[bold]{self.source.name}[/]: {self.source.people:,} people,"
            f" {self.source.length.days} days, {len(self.source.groups)} groups to begin with."
        )
        await self.sandbox.settle()
        await Founding(self.driver).through()
        self.cap = self.society.ask("SELECT max(cap) FROM groups")[0][0]
        with self.show.open(self.source.length):
            self.show.head()
            now, last = self.source.start, self.source.start + self.source.length
            while now < last:
                now = self._next_stop(now, last)
                await self._until(now)
        for trouble in self.troubles:
            await trouble.over()
        await self.sandbox.settle()
        if self.troubles:
            await self._recover()
        self.ledger.look(self.sandbox.clock.now())

    async def _recover(self) -> None:
        """Give the bot, after the last trouble, the hours in which it tries again what failed."""
        for _ in range(HOURS_TO_RECOVER):
            await self.sandbox.advance(HOUR)
            await self.offices.attend()
        await self.sandbox.settle()

    def _next_stop(self, now: datetime, last: datetime) -> datetime:
        """Return up to when to go on: an hour, or some more of a night in which nothing happens.

        Midnights are never passed over: then the figures of the day are taken.
        """
        day = timedelta(days=1)
        midnight = now + day - (now - self.source.start) % day
        limit = min(now + LONGEST_NAP, midnight, last)
        first = min(part.next_moment(limit) for part in (self.source, self.offices, self.clockwork))
        return now + max(1, (first - now) // HOUR) * HOUR

    async def _until(self, end: datetime) -> None:
        passed = end - self.source.start
        await self.driver.hour(end)
        for trouble in self.troubles:
            await trouble.breaks(end)
        await self.clockwork.advance(end)
        for trouble in self.troubles:
            await trouble.clears()
        await self.offices.attend()
        if (
            self.clockwork.requests.keys() - self._splits
            or passed % timedelta(days=1) == timedelta()
        ):
            self._look(end, passed)

    def _look(self, now: datetime, passed: timedelta) -> None:
        day = self.ledger.look(now)
        story = self.ledger.story
        for split_id in sorted(story.splits.keys() - self._splits):
            self._splits.add(split_id)
            split = story.splits[split_id]
            names = self.society.ask(
                'SELECT name FROM split_child WHERE split_id = ? ORDER BY "index"', split_id
            )
            requests = self.clockwork.requests.get(split_id, 0)
            self.show.split(split, [row[0] for row in names], requests)
        if passed % WEEK == timedelta():
            self._week(passed // WEEK, day)
        what = f"{now:%d %B %Y}: {sum(day.homes.values()):,} at home in {len(day.homes)} groups"
        self.show.now(passed, what)

    def _week(self, number: int, day: Day) -> None:
        story, messages = self.ledger.story, self.driver.tally.messages
        posted, told = story.rituals()["posted"], len(story.told)
        self.show.week(
            Week(
                number=number,
                people=len(self.server.members) - 2,
                homes=sum(day.homes.values()),
                groups=story.groups,
                visiting=day.visiting,
                waiting=day.waiting,
                rituals=posted - self._posted,
                quiet=day.quiet,
                told=told - self._told,
                messages=messages - self._messages,
            )
        )
        self._posted, self._told, self._messages = posted, told, messages
