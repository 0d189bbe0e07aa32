"""Some weeks of a log on a sandbox, with or without days in which Hearth is down.

A part of the log is played: the people of its liveliest regions, each in the region they wrote most
in. All of them are there and at home before the first message, so that two runs differ by the
outage alone.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.database import Database
from demo.log import Entry
from demo.stage import TIME_SCALE, running
from models import QuietEpisode
from sandbox.app import Sandbox

if TYPE_CHECKING:
    from sandbox.people import Person
    from sandbox.state import Message

STEP = timedelta(hours=12)
BEFORE, DOWN, AFTER = timedelta(days=40), timedelta(days=5), timedelta(days=21)
HISTORY = ("GET", "/channels/{channel_id}/messages")
PATIENCE = "soon"  # of the type that all live in
BREATH = 25  # messages after which the bot gets a turn


@dataclass(frozen=True, slots=True)
class Part:
    """What is played of a log, in order; `home` tells where each of its people lives."""

    start: datetime
    entries: Sequence[Entry]
    home: dict[int, str]

    @property
    def down(self) -> tuple[datetime, datetime]:
        """When Hearth is down, if it is to be."""
        return self.start + BEFORE, self.start + BEFORE + DOWN

    def wrote_meanwhile(self) -> set[int]:
        """Return who wrote while Hearth was down, or after it and before its next look."""
        since, until = self.down
        return {entry.author for entry in self.entries if since <= entry.at < until + STEP}

    def last_word(self, author: int, before: datetime) -> datetime:
        """Return when somebody last wrote before a moment; at the start, all of them moved in."""
        wrote = (e.at for e in self.entries if e.author == author and e.at < before)
        return max(wrote, default=self.start)


@dataclass(frozen=True, slots=True, order=True)
class Alert:
    """A quiet episode: whose, and the last message before that silence."""

    author: int
    silent_since: datetime


def part(log: Sequence[Entry], *, regions: int, start: datetime) -> Part:
    """Cut the weeks after `start` out of a log, and of them the liveliest regions."""
    end = start + BEFORE + DOWN + AFTER
    window = [entry for entry in log if entry.regional and start <= entry.at < end]
    sizes = Counter(entry.channel for entry in window)
    lively = {name for name, _ in sizes.most_common(regions)}
    window = [entry for entry in window if entry.channel in lively]
    wrote: dict[int, Counter[str]] = {}
    for entry in window:
        wrote.setdefault(entry.author, Counter())[entry.channel] += 1
    home = {author: found.most_common(1)[0][0] for author, found in wrote.items()}
    return Part(start, [entry for entry in window if home[entry.author] == entry.channel], home)


async def alerts(
    folder: Path, played: Part, *, outage: bool, readable: bool = True
) -> dict[Alert, datetime]:
    """Play it and return who was found quiet, and when.

    With an `outage` Hearth is down for some days; if not `readable`, Discord cannot tell
    afterwards what was written meanwhile.
    """
    down_from, down_until = played.down if outage else (None, None)
    async with Sandbox(start=played.start, time_scale=TIME_SCALE) as sandbox:
        town = Town(sandbox, played)
        async with AsyncExitStack() as bot:
            await bot.enter_async_context(running(sandbox, folder))
            await town.found()
            now, written = played.start, 0
            while now < played.start + BEFORE + DOWN + AFTER:
                if now == down_from:
                    await bot.aclose()
                if now == down_until:
                    if not readable:
                        sandbox.faults.add("503", *HISTORY, times=None)
                    await bot.enter_async_context(running(sandbox, folder))
                    sandbox.faults.clear()
                now += STEP
                while written < len(played.entries) and played.entries[written].at < now:
                    await town.write(played.entries[written])
                    written += 1
                await sandbox.advance(now)
        return await _episodes(folder, town)


async def _episodes(folder: Path, town: "Town") -> dict[Alert, datetime]:
    async with (
        Database.open(f"sqlite+aiosqlite:///{folder}/hearth.db") as database,
        database.reading() as session,
    ):
        rows = (await session.scalars(select(QuietEpisode))).all()
    return {Alert(town.authors[row.user_id], row.silent_since): row.began_at for row in rows}


class Town:
    """The server: a group for each region, and everyone at home in theirs."""

    def __init__(self, sandbox: Sandbox, played: Part) -> None:
        self.authors: dict[int, int] = {}
        self._sandbox = sandbox
        self._played = played
        self._server = sandbox.add_server()
        self._people: dict[int, Person] = {}
        self._messages: dict[int, Message] = {}

    async def found(self) -> None:
        """Let the owner make the groups, and everyone come and join."""
        owner, commons = self._server.owner, self._server.channel("general")
        await owner.command("hearth setup", commons=commons)
        await owner.command("hearth type edit", type="Place", cap=150, patience=PATIENCE)
        for region in sorted(set(self._played.home.values())):
            answer = await owner.command(
                "hearth group create",
                name=region,
                type="Place",
                purpose=f"Everyone around {region}.",
                emoji="📍",
            )
            assert "is made" in answer.text, answer.text
        for author, region in sorted(self._played.home.items()):
            person = self._people[author] = await self._sandbox.person(self._server)
            self.authors[person.id] = author
            answer = await person.command("join", group=region)
            assert "Welcome home" in answer.text, answer.text

    async def write(self, entry: Entry) -> None:
        """Let somebody write in their room at the log's own moment."""
        room = next(
            channel
            for channel in self._server.channels.values()
            if channel.name.endswith(entry.channel)
        )
        self._sandbox.clock.set(max(entry.at, self._sandbox.clock.now()))
        answered = None if entry.reply_to is None else self._messages.get(entry.reply_to)
        if answered is not None and answered.channel_id != room.id:
            answered = None
        self._messages[entry.number] = await self._people[entry.author].write(
            room, "…", reply_to=answered
        )
