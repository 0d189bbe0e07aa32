"""How a process of Hearth ends: asked once it finishes what is in hand, asked twice at once.

From the first word five seconds count down. Nothing new is begun; what is under way may end; then
Hearth hangs up and writes down what it counted. If all that takes too long the process ends
anyway: a kill at any moment is something that the next start heals.
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from typing import Any

log = logging.getLogger(__name__)

FINISH = 5.0  # seconds from the first word to the end
HANDS = 3.0  # of these, for commands, jobs, messages and roles that are under way
HANG_UP = 0.7  # then, for the good-bye to Discord
LAST_WORD = 0.5  # kept for closing the tables, after what was counted is written
CUT_OFF = 1  # the exit's status when something did not end in time


class Stopping:
    """The word to stop, from whoever says it, and how much time is left then."""

    def __init__(self) -> None:
        self.status = 0
        self.asked = asyncio.Event()
        self._at: float | None = None
        self._owns_the_process = False

    def ask(self, status: int = 0) -> None:
        """Say that it is time to stop, and the exit's status; said again it changes nothing."""
        if self._at is None:
            self.status = status
            self._at = asyncio.get_running_loop().time()
            self.asked.set()
            if self._owns_the_process:
                # A thread, for it must also end a loop that hangs.
                late = threading.Timer(
                    FINISH,
                    _end,
                    ("Not everything came to its end in time; ended as it is.", CUT_OFF),
                )
                late.daemon = True
                late.start()

    def by(self, seconds: float) -> float:
        """Return the event loop's time so many seconds after the first word."""
        at = asyncio.get_running_loop().time() if self._at is None else self._at
        return at + seconds

    def listen(self) -> None:
        """Take SIGINT and SIGTERM as the word; the second of them ends the process at once.

        From then on the process ends in time, whoever says the word.
        """
        self._owns_the_process = True
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._heard, number)

    def _heard(self, number: int) -> None:
        if self.asked.is_set():
            _end("Told to stop twice: ended at once.", 128 + number)
        log.info("Told to stop: finishing what is in hand, in %.0f seconds at most.", FINISH)
        self.ask()


def _end(why: str, status: int) -> None:
    with contextlib.suppress(Exception):
        log.warning(why)
    os._exit(status)


async def until(moment: float, *under_way: asyncio.Task[Any]) -> None:
    """Wait for these until a moment of the loop's time, then cut them off."""
    if not under_way:
        return
    left = moment - asyncio.get_running_loop().time()
    _, late = await asyncio.wait(under_way, timeout=max(left, 0.0))
    for task in late:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
