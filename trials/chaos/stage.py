"""Runs one story many times: the stage is set once, and every case starts from a fork of it.

Setting the stage is most of a story: setup, groups, a dozen people who move in. So it is done once;
then the sandbox is closed, and for every case this process is forked, with a copy of the tables.
Case by case everything is as it was, down to the ids.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.app import Sandbox
from trials.chaos.moments import Case
from trials.chaos.nursery import Nursery
from trials.chaos.plot import WRITING, Plot
from trials.chaos.process import Forked, Process
from trials.chaos.snapshot import Snapshot, differences
from trials.chaos.story import Story

TABLES = "hearth.db"
ATTEMPTS = 4
"""How often a story is told for a moment that does not come."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one telling of a story ended."""

    seconds: float
    snapshot: Snapshot = field(default_factory=Snapshot)
    wrong: list[str] = field(default_factory=list[str])
    """What is wrong by itself: errors in the log, drift between tables and server, refusals."""
    failure: str = ""
    """Why there was no end; with the end of the bot's log."""
    calls: dict[str, int] = field(default_factory=dict[str, int])
    """How often the bot called each route, from the act's first moment to its last."""
    commits: int = 0
    deaths: int = 0
    missed: bool = False
    """Whether the moment at which the bot was to die never came."""
    log: str = ""
    """The end of the bot's log."""

    def verdict(self, calm: Self, also: Sequence[str] = ()) -> list[str]:
        """Return what differs from the undisturbed ending, and what is wrong by itself.

        `also` are beginnings of messages that may be there besides.
        """
        if self.failure:
            return self.failure.splitlines()
        snapshot = calm.snapshot if not also else _with(calm.snapshot, self.snapshot, also)
        return [*self.wrong, *differences(snapshot, self.snapshot)]


class Stage:
    """A story whose prelude is over; a context manager that removes its files at the end.

    `empty` are tables as a first start makes them. To be used in a process without threads, outside
    of any event loop: it forks.
    """

    def __init__(self, plot: Plot, empty: Path) -> None:
        self.plot = plot
        self._empty = empty
        self._folder = Path(tempfile.mkdtemp(prefix=f"hearth-chaos-{plot.name}-"))
        self._story: Story | None = None

    def __enter__(self) -> Self:
        nursery = Nursery()
        try:
            asyncio.run(self._set(nursery))
        finally:
            nursery.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _set(self, nursery: Nursery) -> None:
        shutil.copy(self._empty, self._folder / TABLES)
        async with Sandbox(start=WRITING, time_scale=1000) as sandbox:
            self._story = story = Story(sandbox, sandbox.add_server())
            bot = Process(sandbox, self._folder, Forked(nursery))
            story.meets(bot)
            try:
                await bot.start()
                await self.plot.prelude(story)
                await bot.settle()
                await bot.stop()
                complaints = bot.complaints()
                assert not complaints, bot.tail(100)
            finally:
                await bot.clear_away()
                await nursery.part()

    # --- cases ----------------------------------------------------------------------------------

    def calm(self) -> Ending:
        """Tell the story undisturbed."""
        ((_, ending),) = self.told([None], jobs=1)
        assert not ending.failure, ending.failure
        assert not ending.wrong, "\n".join(ending.wrong)
        return ending

    def told(
        self, cases: Sequence[Case | None], *, jobs: int
    ) -> Iterator[tuple[Case | None, Ending]]:
        """Tell the story once for each case, `jobs` at a time; yield them as they end.

        Where many act at once the calls are not the same each time: a moment that did not come is
        waited for in another telling.
        """
        waiting = [(number, case, 1) for number, case in enumerate(cases)]
        running: dict[int, tuple[int, Case | None, int]] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                number, case, attempt = waiting.pop(0)
                running[self._forked(number, case)] = (number, case, attempt)
            pid, status = os.wait()
            if pid not in running:
                continue
            number, case, attempt = running.pop(pid)
            ending = self._read(number, status)
            if ending.missed and not ending.wrong and attempt < ATTEMPTS:
                waiting.append((number, case, attempt + 1))
            else:
                yield case, ending

    def _forked(self, number: int, case: Case | None) -> int:
        """Tell one case in a process of its own; return its id."""
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            folder = self._of(number)
            folder.mkdir()
            ending = self._tell(folder, case)
            (folder / "ending.json").write_text(json.dumps(_packed(ending)))
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may climb into the parent's stack
            traceback.print_exc()
        finally:
            with suppress(OSError, ValueError):
                sys.stderr.flush()
            os._exit(status)

    def _of(self, number: int) -> Path:
        return self._folder / f"case-{number}"

    def _read(self, number: int, status: int) -> Ending:
        folder = self._of(number)
        try:
            packed: dict[str, Any] = json.loads((folder / "ending.json").read_text())
        except (OSError, ValueError):
            why = f"the case ended with {os.waitstatus_to_exitcode(status)}"
            return Ending(0.0, failure=why)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Ending(**packed)

    def _tell(self, folder: Path, case: Case | None) -> Ending:
        assert self._story is not None, "the stage is not set"
        story = self._story
        shutil.copy(self._folder / TABLES, folder / TABLES)
        nursery = Nursery()
        began = time.monotonic()
        try:
            return asyncio.run(self._case(story, folder, case, nursery))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is this case's ending
            why = "".join(traceback.format_exception(error))
            return Ending(time.monotonic() - began, failure=why, log=story.bot.tail(100))
        finally:
            nursery.close()

    async def _case(
        self, story: Story, folder: Path, case: Case | None, nursery: Nursery
    ) -> Ending:
        began = time.monotonic()
        async with story.sandbox as sandbox:
            bot = Process(sandbox, folder, Forked(nursery))
            story.meets(bot)
            try:
                await bot.start()
                before = sandbox.requests.snapshot()
                story.dies_at(case)
                await self.plot.act(story)
                calls = Counter(sandbox.requests.since(before).by_route)
                commits = nursery.commits.count
                snapshot, wrong = await story.ends()
            finally:
                await bot.clear_away()
                await nursery.part()
        return Ending(
            seconds=time.monotonic() - began,
            snapshot=snapshot,
            wrong=wrong,
            calls=dict(calls),
            commits=commits,
            deaths=story.lives - 1,
            missed=case is not None and story.lives == 1,
            log=bot.tail(100),
        )


def _with(calm: Snapshot, found: Snapshot, also: Sequence[str]) -> Snapshot:
    """Return the undisturbed ending with each message that may be there besides, once, if it is."""
    more: Snapshot = {}
    for heading, lines in found.items():
        if heading.startswith(("messages in ", "table sent_message")):
            known = calm.get(heading, [])
            new = {line for line in lines if line not in known}
            more[heading] = [*known, *(line for line in new if any(one in line for one in also))]
    return {**calm, **more}


def _packed(ending: Ending) -> dict[str, Any]:
    return {name: getattr(ending, name) for name in Ending.__dataclass_fields__}
