"""What is left alone by the search for garbage is not left alone for ever."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from bot import collecting

Listener = Callable[[], Coroutine[Any, Any, None]]


class Knot:
    """Something that refers to itself: only a search finds that nobody needs it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def as_before() -> Generator[None]:
    """Leave the process as it was found."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("whole", [1, 3])
async def test_what_was_in_use_at_a_look_is_found_within_the_day(
    monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    """What was spared while it was in use, and is garbage since, goes with the daily look."""
    monkeypatch.setattr(collecting, "EVERY", 0.0)
    monkeypatch.setattr(collecting, "WHOLE", whole)
    listeners: list[Listener] = []
    collecting.leave_alone_what_stays(listeners.append)
    knot = Knot()
    await listeners[0]()
    assert gc.isenabled()
    gone = weakref.ref(knot)
    del knot
    turns = 0
    while gone() is not None:
        turns += 1
        assert turns <= whole + 1
        await asyncio.sleep(0)
    assert turns >= whole


@pytest.mark.usefixtures("as_before")
async def test_the_last_sessions_cache_goes_with_the_next() -> None:
    """A cache that was spared is looked through again once another one has taken its place."""
    listeners: list[Listener] = []
    collecting.leave_alone_what_stays(listeners.append)
    knot = Knot()
    await listeners[0]()
    gone = weakref.ref(knot)
    del knot
    gc.collect()
    assert gone() is not None
    await listeners[0]()
    assert gone() is None
