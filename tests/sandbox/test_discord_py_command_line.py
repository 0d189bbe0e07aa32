"""`python -m sandbox`: anyone can point a client at it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def started() -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """The program in a process of its own, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--members", "7"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    printed: dict[str, str] = {}
    try:
        async with asyncio.timeout(30):
            while "server" not in printed:
                line = (await process.stdout.readline()).decode()
                assert line, "the program ended"
                key, value = re.split(r"\s{2,}", line.strip(), maxsplit=1)
                printed[key] = value
        yield process, printed
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_program_prints_where_it_is_and_serves_there(
    started: tuple[asyncio.subprocess.Process, dict[str, str]],
) -> None:
    """The printed address and token open the API; Ctrl-C ends the program without a trace."""
    process, printed = started
    assert "9 people" in printed["server"]
    headers = {"Authorization": f"Bot {printed['bot token']}"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{printed['API']}/users/@me", headers=headers) as answer,
    ):
        assert answer.status == 200
        assert (await answer.json())["bot"] is True
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 10) == 0
