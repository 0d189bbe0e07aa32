"""One whole demo: a source's people on a sandbox with a bot, from the first day to the verdict."""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from demo import picture
from demo.acts import Source
from demo.checker import check
from demo.clockwork import Clockwork
from demo.drive import Driver
from demo.figures import Seen, figures, in_order, unexpected
from demo.founding import Founding
from demo.ledger import Day, Ledger
from demo.logbook import Logbook
from demo.offices import Offices
from demo.onlooker import Onlooker
from demo.replay import Replay
from demo.show import Show, Week, summary
from demo.society import Society
from demo.stage import TIME_SCALE, running, tables
from demo.weather import Weather, in_words
from sandbox.app import Sandbox

log = logging.getLogger(__name__)

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
LONGEST_NAP = timedelta(hours=6)
"""How far time goes on at once when nobody does anything and nothing is due."""
EVERY_KIND_EVERY, MOST_OF_EACH_KIND = timedelta(days=7), 12
"""With --faults: how often each kind of them comes on average, and how often at most."""
HOURS_TO_RECOVER = 6
"""After the last trouble; the longest wait of the bot's between two tries is an hour."""
MOST_ERRORS_SHOWN = 20


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
    """How to play; `picture` is where it is drawn."""

    seed: int = 1
    faults: bool = False
    keep: bool = False
    picture: Path | None = None


async def play(
    source: Source,
    options: Options,
    console: Console,
    write: Callable[[Mapping[str, Any]], None],
) -> bool:
    """Play from the first day to the last, hand the figures to `write`, and draw the picture.

    Returns whether everything was as it should be.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hearth-demo-") as name, Logbook() as logbook:
        folder = Path(name)
        async with Sandbox(start=source.start, time_scale=TIME_SCALE, seed=options.seed) as sandbox:
            onlooker = Onlooker(sandbox, logbook)
            with ExitStack() as readers:
                async with running(sandbox, folder):
                    run = Run(
                        source,
                        options,
                        sandbox,
                        Show(console),
                        file=tables(folder),
                        readers=readers,
                    )
                    try:
                        await run.through()
                    except BaseException:
                        _tell(console, logbook.errors)
                        raise
                verdict = check(sandbox.state, tables(folder))
            wrong = [
                *logbook.errors,
                *unexpected(sandbox.requests, faults=options.faults),
                *verdict.unsettled,
                *run.driver.tally.failed,
            ]
            wordless, given_away = onlooker.wordless(()), onlooker.given_away()
            found = figures(
                run.ledger.story,
                verdict,
                sandbox.requests,
                members=source.people,
                cap=run.cap,
                split_requests=run.clockwork.requests,
                errors=wrong,
                seen=Seen(
                    pictures=onlooker.gallery.shown,
                    wordless=len(wordless),
                    lines=onlooker.lines,
                    given_away=len(given_away),
                ),
                virtual=source.length,
                wall_seconds=time.monotonic() - began,
            )
            if options.picture is not None:
                title = f"{source.name}: one large server, many small groups"
                picture.draw(run.ledger.story, options.picture, title=title)
            summary(console, found, run.ledger.story, options.picture)
            if run.weather is not None:
                console.print(f"Went wrong: {in_words(run.weather.struck)}.", soft_wrap=True)
            console.print(f"Discord's side: {sandbox.requests.summary()}.", soft_wrap=True)
            _tell(console, [*verdict.drift, *verdict.two_homes, *verdict.posted_twice, *wrong])
            _tell(console, [*verdict.of_few, *wordless, *given_away])
            write(found)
            if options.keep:
                await _stay(sandbox, folder, console)
    return in_order(found)


def _tell(console: Console, wrong: Sequence[str]) -> None:
    """Print what went wrong, each once: the first in full, of the others their first line."""
    heads = Counter(line.partition("\n")[0] for line in wrong)
    for head, count in heads.most_common(MOST_ERRORS_SHOWN):
        often = f" ({count} times)" if count > 1 else ""
        console.print(f"  {head}{often}", markup=False, soft_wrap=True)
    if wrong and "\n" in wrong[0]:
        console.print(wrong[0], markup=False, soft_wrap=True)


async def _stay(sandbox: Sandbox, folder: Path, console: Console) -> None:
    """Run on, in real time, until the person at the terminal has seen enough."""
    sandbox.faults.clear()
    async with running(sandbox, folder):
        console.print(
            f"Still running: the API is at [bold]{sandbox.base_url}/api/v10[/], the tables are in"
            f" [bold]{tables(folder)}[/]. Ctrl-C ends it.",
            soft_wrap=True,
        )
        while True:
            await asyncio.sleep(60)
            await sandbox.advance(timedelta(minutes=1))


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
