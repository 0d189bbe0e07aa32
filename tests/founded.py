"""Towns that many tests begin in: founded through the conversation once, then copied.

`@pytest.mark.founded(by=found)` says what stands before a test; `found` drives people as a test
does, and what it returns is the test's `hearth.founded`. The bot that founded the town is closed
then. Each test gets a copy of the sandbox and of the tables, with a bot of its own that is started
there as after a restart.
"""

import copy
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.settings import Settings
from bot.storage.migrating import file_of
from sandbox.copies import copied
from tests.whole import Running, driven, running

Found = Callable[[Running], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A town as it stood when it was founded; it is never opened again."""

    hearth: Running
    founded: object
    tables: bytes


_kept: dict[Hashable, Kept] = {}


async def _found(found: Found, settings: Settings, now: datetime, file: Path) -> Kept:
    async with running(settings, now) as hearth:
        value = await found(hearth)
        await hearth.settle()
    tables = file.read_bytes()  # noqa: ASYNC240 - nobody else waits for this loop
    return Kept(hearth, value, tables)


@asynccontextmanager
async def founded(
    found: Found, settings: Settings, now: datetime, cogs: Sequence[str]
) -> AsyncGenerator[Running]:
    """Connect a bot to a copy of a town, until the scope ends; the first who asks founds it."""
    told = settings.model_dump_json(exclude={"database", "beat_file"})
    key = (found, now, told)
    file = file_of(settings.database)
    assert file is not None
    if key not in _kept:
        _kept[key] = await _found(found, settings, now, file)
    kept = _kept[key]
    file.write_bytes(kept.tables)
    sandbox, memo = copied(kept.hearth.sandbox)
    async with sandbox, driven(sandbox, settings, cogs) as app:
        memo[id(kept.hearth.app)] = app
        server = sandbox.state.servers[kept.hearth.server.id]
        hearth = Running(sandbox, server, server.owner, app)
        memo[id(kept.hearth)] = hearth
        hearth.founded = copy.deepcopy(kept.founded, memo)
        yield hearth
