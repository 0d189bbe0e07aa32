"""Messages per second with tracking on, against a bare discord.py client on the same stream.

Both clients have the same intents and caches and are fed the same events by the same gateway, one
after the other in turn, by a process of its own. The bare client's `on_message` is empty; Hearth
counts every message and writes its tables, and its time ends when all of them are written. The
figures are the medians of all turns.
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import discord
from sqlalchemy import func, select

from benchmarks.stream import START
from bot.app import point_at
from bot.client import Hearth
from bot.clock import SetClock
from bot.database import Database
from bot.settings import Settings
from bot.signals import Signals
from models import ActiveDay, Group, GroupType, Member, Membership, Server

MESSAGES = 8_000
TURNS = 7


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the stream is, and who lives where in it."""

    process: asyncio.subprocess.Process
    url: str
    token: str
    server: int
    homes: list[tuple[int, list[int]]]
    in_rooms: int  # messages that count for a group

    def go(self) -> None:
        """Let the stream be sent once."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")


class Bare(discord.Client):
    """A client that does nothing with messages."""

    def __init__(self, like: Hearth) -> None:
        super().__init__(
            intents=like.intents,
            max_messages=None,
            chunk_guilds_at_startup=True,
            guild_ready_timeout=0.05,
            enable_debug_events=False,
        )
        self.ended = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait between two logins."""

    async def on_message(self, message: discord.Message) -> None:
        """Do nothing."""

    async def on_guild_role_create(self, _role: discord.Role) -> None:
        """Note that the stream is over."""
        self.ended.set()


class Tracking(Hearth):
    """Hearth as it is, but for noting that the stream is over."""

    ended: asyncio.Event

    async def on_guild_role_create(self, _role: discord.Role) -> None:
        """Note that the stream is over."""
        self.ended.set()


async def run(messages: int = MESSAGES, turns: int = TURNS) -> dict[str, float]:
    """Measure; raises RuntimeError when a client did not get or count every message."""
    bare: list[float] = []
    hearth: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with streaming(messages) as stream:
            settings = Settings(
                database=f"sqlite+aiosqlite:///{Path(folder) / 'hearth.db'}",
                discord_url=stream.url,
            )
            point_at(settings)
            async with Database.open(settings.database) as database:
                await populate(database, stream)
                for _ in range(turns):
                    bare.append(messages / await bare_turn(settings, database, stream, messages))
                    hearth.append(
                        messages / await hearth_turn(settings, database, stream, messages)
                    )
    bare_per_s, hearth_per_s = median(bare), median(hearth)
    return {
        "bare_per_s": bare_per_s,
        "hearth_per_s": hearth_per_s,
        "ratio": hearth_per_s / bare_per_s,
    }


async def bare_turn(settings: Settings, database: Database, stream: Stream, messages: int) -> float:
    """Return the seconds in which a bare client takes in the stream."""
    client = Bare(tracking(settings, database))
    async with connected(client, stream):
        return await timed(client, client.ended, stream, messages)


async def hearth_turn(
    settings: Settings, database: Database, stream: Stream, messages: int
) -> float:
    """Return the seconds in which Hearth takes in the stream and has written it down."""
    before = await counted(database)
    client = tracking(settings, database)
    client.ended = asyncio.Event()
    async with Signals(client, database, client.clock) as signals:
        client.signals = signals
        async with connected(client, stream):
            seconds = await timed(client, client.ended, stream, messages, signals)
    new = await counted(database) - before
    if new != stream.in_rooms:
        raise RuntimeError(f"{stream.in_rooms} messages were to be counted, {new} were")
    return seconds


def tracking(settings: Settings, database: Database) -> Tracking:
    """Return Hearth with the cog that concerns signals."""
    return Tracking(settings, database, SetClock(START), ("cogs.signals",))


async def timed(
    client: discord.Client,
    ended: asyncio.Event,
    stream: Stream,
    messages: int,
    signals: Signals | None = None,
) -> float:
    """Let the stream come and return how long it took until all of it was handled."""
    first = client.ws.sequence or 0
    gc.collect()
    begun = time.perf_counter()
    stream.go()
    await ended.wait()
    if signals is not None:
        await signals.flush()
    seconds = time.perf_counter() - begun
    got = (client.ws.sequence or 0) - first
    if got != messages + 1:
        raise RuntimeError(f"{messages} messages and the end were sent, {got} events came")
    return seconds


async def counted(database: Database) -> int:
    """Return how many messages the tables have counted."""
    async with database.reading() as session:
        return await session.scalar(select(func.sum(ActiveDay.signals))) or 0


async def populate(database: Database, stream: Stream) -> None:
    """Give everyone of the stream their home; they were told of counting before it begins."""
    async with database.writing() as session:
        session.add(Server(id=stream.server, added_at=START))
        await session.flush()
        session.add(
            GroupType(id=1, server_id=stream.server, name="P", name_key="p", kind="geographic")
        )
        await session.flush()
        for number, (room_id, people) in enumerate(stream.homes, 1):
            session.add(
                Group(
                    id=number,
                    server_id=stream.server,
                    type_id=1,
                    name=f"Group {number}",
                    name_key=f"group {number}",
                    cap=150,
                    homes=len(people),
                    room_id=room_id,
                    created_at=START,
                )
            )
            await session.flush()
            for user_id in people:
                who: dict[str, Any] = {"server_id": stream.server, "user_id": user_id}
                session.add(Member(**who, counted_since=START))
                session.add(Membership(**who, group_id=number, since=START))


@asynccontextmanager
async def connected(client: discord.Client, stream: Stream) -> AsyncGenerator[None]:
    """Connect a client and wait until it is ready."""
    async with client:
        running = asyncio.create_task(client.start(stream.token))
        await client.wait_until_ready()
        yield
        await client.close()
        await running


@asynccontextmanager
async def streaming(messages: int) -> AsyncGenerator[Stream]:
    """Start the process that sends the stream."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.stream",
        str(messages),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        limit=1 << 20,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        where = json.loads(await process.stdout.readline())
        yield Stream(process, **where)
    finally:
        process.stdin.close()
        await process.wait()
