"""One soak from the first day to the last: a town, its weather, restarts, hands, and checkups."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from demo.checker import Verdict, check
from demo.course import Options, Run
from demo.figures import unexpected
from demo.show import Show
from demo.stage import TIME_SCALE
from demo.town import Town
from demo.weather import Weather
from sandbox.app import Sandbox
from trials.chaos.process import Process
from trials.soak.checkup import Checkup, Examined, growth, leaked
from trials.soak.handedits import HandEdits
from trials.soak.restarts import Restarts

DAY = timedelta(days=1)
RESTARTS_IN = 1 / 3
"""The part of the time in which the process is restarted; then one process lives to the end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a soak is to be; `each` is how often each kind of trouble comes at least."""

    people: int = 2000
    days: int = 30
    each: int = 22
    seed: int = 1
    log: Path | None = None
    """Where what the bot logged is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a soak came to."""

    asked: Asked
    faults: Mapping[str, int]
    verdict: Verdict
    errors: Sequence[str]
    """Lines of the bot's log, refusals of Discord's and answers that never came."""
    leaked: Mapping[str, int]
    """Tasks that were there at the end and not at the first checkup of the same process."""
    checkups: Sequence[Checkup]
    """Of the process that lived to the end, one a day."""
    rows: Mapping[str, Sequence[int]]
    """The rows of each table at the end of each week."""
    invalid: int
    """All answers that Discord counts towards its ban, the ordered ones included."""
    invalid_worst: int
    """The most of them between two stops of the virtual clock and the next two."""
    requests: str

    @property
    def growth(self) -> float:
        """MB a day by which the memory of the process that lived to the end grew."""
        return growth(self.checkups)


class Doctor:
    """Looks at the bot once a day, at the tables once a week; a `Trouble` that troubles nobody.

    What Discord counts as invalid is read at every stop: two stretches together hold any window of
    ten minutes, for none is shorter than an hour.
    """

    def __init__(self, sandbox: Sandbox, patient: Examined, run: Run) -> None:
        self.checkups: list[Checkup] = []
        self.rows: dict[str, list[int]] = {}
        self.worst = 0
        self._sandbox = sandbox
        self._patient = patient
        self._run = run
        self._invalid = self._before = 0
        self._next = run.source.start + DAY

    async def breaks(self, _now: datetime) -> None:
        """Do nothing before time has passed."""

    async def clears(self) -> None:
        """Examine, if a day has passed."""
        invalid = self._sandbox.requests.invalid
        stretch, self._invalid = invalid - self._invalid, invalid
        self.worst = max(self.worst, self._before + stretch)
        self._before = stretch
        now = self._sandbox.clock.now()
        if now >= self._next:
            self._next += DAY
            await self.examine(now)

    async def over(self) -> None:
        """Do nothing; the last look is taken when all has settled."""

    async def examine(self, now: datetime) -> None:
        """Take one look."""
        await self._sandbox.settle()
        self.checkups.append(await self._patient.examine(now))
        if (now - self._run.source.start) // DAY % 7 == 0:
            for name, count in self.count().items():
                self.rows.setdefault(name, []).append(count)

    def count(self) -> dict[str, int]:
        """Return how many rows each table has."""
        ask = self._run.society.ask
        names = [row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: ask(f'SELECT count(*) FROM "{name}"')[0][0]  # noqa: S608 - the tables' own names
            for name in sorted(names)
            if not name.startswith("sqlite_")
        }


async def soak(asked: Asked, console: Console) -> Found:
    """Let a town live for so many days, with everything going wrong, and see what is left of it."""
    source = Town(asked.people, -(-asked.days // 7), asked.seed)
    source.length = timedelta(days=asked.days)
    with tempfile.TemporaryDirectory(prefix="hearth-soak-") as name, ExitStack() as readers:
        folder = Path(name)
        async with Sandbox(start=source.start, time_scale=TIME_SCALE, seed=asked.seed) as sandbox:
            patient = Examined(folder)
            process = Process(sandbox, folder, patient)
            try:
                await process.start()
                run = Run(
                    source,
                    Options(seed=asked.seed),
                    sandbox,
                    Show(console),
                    file=process.tables,
                    readers=readers,
                )
                doctor = Doctor(sandbox, patient, run)
                troubles = _troubles(asked, run, process)
                run.troubles.extend((*troubles, doctor))
                await run.through()
                await doctor.examine(sandbox.clock.now())
                faults = Counter[str]()
                for trouble in troubles:
                    faults.update(trouble.struck)
                await process.stop()
            finally:
                await process.clear_away()
                if asked.log is not None:
                    shutil.copy(process.log, asked.log)
            verdict = check(sandbox.state, process.tables)
            errors = [
                *process.complaints(),
                *unexpected(sandbox.requests, faults=True),
                *verdict.unsettled,
                *run.driver.tally.failed,
            ]
            checkups = [one for one in doctor.checkups if one.born == patient.born]
            return Found(
                asked=asked,
                faults=dict(sorted(faults.items())),
                verdict=verdict,
                errors=errors,
                leaked=leaked(checkups),
                checkups=checkups,
                rows=doctor.rows,
                invalid=sandbox.requests.invalid,
                invalid_worst=doctor.worst,
                requests=sandbox.requests.summary(),
            )


def _troubles(asked: Asked, run: Run, process: Process) -> tuple[Weather, HandEdits, Restarts]:
    """Return what will go wrong."""
    start, length = run.source.start, run.source.length
    weather = Weather(
        run.sandbox, run.server, start=start, length=length, each=asked.each, seed=asked.seed
    )
    hands = HandEdits(
        run.sandbox,
        run.society,
        start=start + DAY / 2,
        length=length - DAY / 2,
        each=asked.each,
        seed=asked.seed,
    )
    restarts = Restarts(
        process,
        hands.edit,
        since=start + DAY / 2,
        until=start + length * RESTARTS_IN,
        each=asked.each,
        seed=asked.seed,
    )
    return weather, hands, restarts
