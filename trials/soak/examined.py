"""The bot as it always runs, with an eye kept on it: `python -m trials.soak.examined FILE`.

At every SIGUSR1 it writes into the file, as JSON, how it is: the tasks of its event loop by what
they run, and the memory that is its own after a garbage collection.
"""

import asyncio
import gc
import json
import logging
import signal
import sys
from collections import Counter
from pathlib import Path

from bot import __main__ as bot
from bot.settings import Settings, load

SMAPS = Path("/proc/self/smaps_rollup")
OWN = ("Private_Clean:", "Private_Dirty:")
"""The lines of Linux' account of a process's memory that tell of what it shares with no other."""


def own_bytes() -> int:
    """Return how much memory this process alone holds (its USS)."""
    lines = SMAPS.read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(OWN))


def running() -> Counter[str]:
    """Return what the tasks of this event loop run, and how many of each."""
    return Counter(
        getattr(task.get_coro(), "__qualname__", repr(task.get_coro()))
        for task in asyncio.all_tasks()
    )


class Examination:
    """Writes how the process is, numbered, each time it is asked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._number = 0

    def __call__(self) -> None:
        """Write it, so that a reader finds the whole or the last one."""
        gc.collect()
        self._number += 1
        found = {"number": self._number, "tasks": running(), "bytes": own_bytes()}
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(found), encoding="utf-8")
        beside.replace(self._file)


async def run(settings: Settings, file: Path) -> int:
    """Run the bot until it is told to stop; the exit's status."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, Examination(file))
    return await bot.run(settings)


def main(file: str) -> int:
    """Run with the settings of the environment, and log as the bot does."""
    settings = load()
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return asyncio.run(run(settings, Path(file)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
