"""Lanes lose nothing that is put, whenever it is put."""

import asyncio

import pytest

from bot.errors import Permanent
from bot.lane import Lanes


@pytest.mark.parametrize("turns", range(6))
async def test_a_key_that_comes_as_the_last_worker_goes_is_worked_on(turns: int) -> None:
    """However many turns of the loop after the work before it, a key finds a worker."""
    done: list[int] = []
    first = asyncio.Event()

    async def work(key: int, _lane: str) -> None:
        done.append(key)
        first.set()

    async def refused(_key: int, error: Permanent) -> None:
        raise error

    lanes = Lanes[int](work, refused, widths={"only": 1}, delays=(1.0,), changed=lambda: None)
    lanes.put(1, "only")
    loop = asyncio.get_running_loop()

    def after(left: int) -> None:
        if left:
            loop.call_soon(after, left - 1)
        else:
            lanes.put(2, "only")

    after(turns)
    await first.wait()
    for _ in range(turns + 4):
        await asyncio.sleep(0)
    assert done == [1, 2]
    assert lanes.idle
    await lanes.close()
