"""Keyed work: one worker per key, wake-ups that coalesce, failures that come back."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.errors import Permanent, Temporary
from bot.reconciling.lane import GRACE, LONG_WAIT, Lanes

Work = Callable[[int, str], Awaitable[None]]
DELAYS = (0.0, 0.001)


@asynccontextmanager
async def lanes(
    work: Work, refused: list[int] | None = None, **widths: int
) -> AsyncGenerator[Lanes[int]]:
    """Open lanes of the given widths, "one" lane of width 1 by default."""

    async def note(key: int, _error: Permanent) -> None:
        (refused if refused is not None else []).append(key)

    opened = Lanes[int](
        work,
        note,
        widths=widths or {"one": 1},
        delays=DELAYS,
        changed=lambda: None,
        called="key {}",
    )
    try:
        yield opened
    finally:
        await opened.close()


async def until(idle: Callable[[], bool]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(5):
        while not idle():  # noqa: ASYNC110 - lanes tell no single event
            await asyncio.sleep(0)


async def test_wake_ups_coalesce() -> None:
    """A key that is put often while it waits is worked on once."""
    done: list[int] = []

    async def work(key: int, _lane: str) -> None:
        done.append(key)

    async with lanes(work) as opened:
        for key in (1, 2, 1, 1, 2):
            opened.put(key, "one")
        await until(lambda: opened.idle)
    assert done == [1, 2]


async def test_a_key_put_while_it_is_worked_on_comes_again() -> None:
    """What changed in the middle is not missed, and never worked on twice at once."""
    entered, gate, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def work(_key: int, lane: str) -> None:
        done.append(f"in {lane}")
        entered.set()
        await gate.wait()
        done.append("out")

    async with lanes(work, one=1, two=1) as opened:
        opened.put(1, "one")
        await entered.wait()
        opened.put(1, "two")
        opened.put(1, "two")
        assert opened.busy(1)
        gate.set()
        await until(lambda: opened.idle)
    assert done == ["in one", "out", "in two", "out"]


async def test_the_last_lane_counts() -> None:
    """A key that waits moves to the lane that was named last."""
    lane_of: dict[int, str] = {}

    async def work(key: int, lane: str) -> None:
        lane_of[key] = lane

    async with lanes(work, slow=1, fast=1) as opened:
        opened.put(1, "slow")
        opened.put(1, "fast")
        assert (opened.waiting("slow"), opened.waiting("fast")) == (0, 1)
        await until(lambda: opened.idle)
    assert lane_of == {1: "fast"}


async def test_no_more_at_once_than_a_lane_is_wide() -> None:
    """Three workers at most, and all keys get their turn."""
    now, most, seen = 0, 0, set[int]()

    async def work(key: int, _lane: str) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        seen.add(key)
        now -= 1

    async with lanes(work, one=3) as opened:
        for key in range(20):
            opened.put(key, "one")
        await until(lambda: opened.idle)
    assert most == 3
    assert seen == set(range(20))


@pytest.mark.parametrize("error", [Temporary("no"), Temporary("no", delay=0.0), ValueError("bug")])
async def test_what_fails_comes_back(error: Exception) -> None:
    """A failure for now, expected or not, is tried again until it works."""
    tries: list[int] = []

    async def work(_key: int, _lane: str) -> None:
        tries.append(opened.failed(1))
        if len(tries) < 4:
            raise error

    async with lanes(work) as opened:
        opened.put(1, "one")
        await until(lambda: len(tries) == 4 and opened.idle)
        assert opened.failed(1) == 0
    assert tries == [0, 1, 2, 3]


async def test_what_is_refused_rests_until_it_is_put_again() -> None:
    """A refusal is reported once and not tried again by itself."""
    refused: list[int] = []

    async def work(_key: int, _lane: str) -> None:
        raise Permanent("never")

    async with lanes(work, refused) as opened:
        opened.put(1, "one")
        await until(lambda: opened.idle)
        assert refused == [1]
        assert not opened.busy(1)
        opened.put(1, "one")
        await until(lambda: opened.idle)
    assert refused == [1, 1]


async def test_a_long_wait_is_not_business() -> None:
    """Who must wait for hours holds nobody up, but a new wake-up works at once."""
    tries: list[int] = []

    async def work(key: int, _lane: str) -> None:
        tries.append(key)
        if len(tries) == 1:
            raise Temporary("in two days", delay=LONG_WAIT * 100)

    async with lanes(work) as opened:
        opened.put(1, "one")
        await until(lambda: bool(tries) and opened.idle)
        assert opened.failed(1) == 1
        opened.put(1, "one")
        await until(lambda: opened.idle)
    assert tries == [1, 1]


async def test_closing_lets_what_is_under_way_end() -> None:
    """What runs may finish, what waits is given up, what comes later is ignored."""
    assert GRACE > 0
    entered, gate, done = asyncio.Event(), asyncio.Event(), list[int]()

    async def work(key: int, _lane: str) -> None:
        entered.set()
        await gate.wait()
        done.append(key)

    async with lanes(work) as opened:
        opened.put(1, "one")
        opened.put(2, "one")
        await entered.wait()
        closing = asyncio.create_task(opened.close())
        await asyncio.sleep(0)
        gate.set()
        await closing
        opened.put(3, "one")
        assert opened.idle
    assert done == [1]
