"""Garbage, and when it is looked for: a process that is Hearth's alone.

Python stops everything while it looks through all objects for garbage, and a large server's members
are hundreds of thousands of objects that stay. What is there once the cache is full is therefore
left alone. What lives long is looked through every few minutes and then left alone, too, instead of
whenever a look at a whole server has made many objects, all of which go when it ends. Once a day
everything is looked through: what was in use at such a moment may be garbage since.
"""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

START_MOST = 300.0  # seconds without looking for garbage, if the cache does not become full
EVERY = 300.0  # seconds between two looks through what lives long
WHOLE = 288  # such looks after which what was left alone is looked through, too: once a day
YOUNG, MIDDLE, OLD = 700, 10, 1000  # Python's thresholds; its own for the last is 10


def leave_alone_what_stays(
    when_full: Callable[[Callable[[], Coroutine[Any, Any, None]]], object],
) -> None:
    """Put off the search for garbage until the cache is full, then spare what is in it.

    `when_full` takes a listener that is called each time the cache has been filled. At the start
    there is hardly any garbage; with a new session the members of the last one are, so then
    everything is looked through once: a pause of some tenths of a second for a large server, while
    nobody could be answered anyway.
    """
    loop = asyncio.get_running_loop()
    gc.disable()
    in_time = loop.call_later(START_MOST, gc.enable)
    looks = 0
    was_full = False

    def tidy() -> None:
        nonlocal looks
        looks += 1
        if looks % WHOLE == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        loop.call_later(EVERY, tidy)

    async def full() -> None:
        nonlocal was_full
        in_time.cancel()
        if was_full:
            gc.unfreeze()
            gc.collect()
        else:
            was_full = True
            gc.set_threshold(YOUNG, MIDDLE, OLD)
            loop.call_later(EVERY, tidy)
        gc.freeze()
        gc.enable()

    when_full(full)
