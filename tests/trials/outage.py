"""Some weeks of a log on a sandbox, with or without days in which Hearth is down.

A part of the log is played: the people of its liveliest regions, each in the region they wrote most
in. All of them are there and at home before the first message. What comes before the outage is
played once; then server and tables are copied as they stand while the bot works on, which is how a
bot that is killed at that moment leaves them. So the courses differ by the outage alone.
"""

import copy
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.database import Database
from demo.log import Entry
from demo.stage import TIME_SCALE, running, tables
from models import QuietEpisode
from sandbox.app import Sandbox
from sandbox.copies import copied

if TYPE_CHECKING:
    from sandbox.people import Person
    from sandbox.state import Message

STEP = timedelta(days=1)  # who has gone quiet is looked at once a day
FIRST_LOOK = timedelta(hours=1)
"""After the outage: before most people have written again, so that they are not known to be there
by that."""
BEFORE, DOWN, AFTER = timedelta(days=40), timedelta(days=5), timedelta(days=21)
HISTORY = ("GET", "/channels/{channel_id}/messages")
PATIENCE = "soon"  # of the type that all live in


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
        return {entry.author for entry in self.entries if since <= entry.at < until + FIRST_LOOK}

    def last_word(self, author: int, before: datetime) -> datetime:
        """Return when somebody last wrote before a moment; at the start, all of them moved in."""
        wrote = (e.at for e in self.entries if e.author == author and e.at < before)
        return max(wrote, default=self.start)


@dataclass(frozen=True, slots=True, order=True)
class Alert:
    """A quiet episode: whose, and the last message before that silence."""

    author: int
    silent_since: datetime


Found = dict[Alert, datetime]
"""Who was found quiet, and when."""


@dataclass(frozen=True, slots=True)
class Courses:
    """What each course of the same weeks found."""

    truth: Found
    """Hearth was never down."""
    told: Found
    """Discord could tell afterwards what was written meanwhile."""
    blind: Found
    """It could not."""


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


async def courses(folder: Path, empty: Path, played: Part) -> Courses:
    """Play it without an outage, with one, and with one that Discord cannot tell of afterwards.

    `empty` are tables as a first start makes them.
    """
    since, until = played.down
    never, told, blind = (_folder(folder, name) for name in ("never", "told", "blind"))
    shutil.copy(empty, tables(never))
    async with Sandbox(start=played.start, time_scale=TIME_SCALE) as sandbox:
        town = Town(sandbox, played)
        async with running(sandbox, never):
            await town.found()
            await town.lives(since)
            left = [(town.copied(), to) for to in (told, blind)]
            for _, to in left:
                _backup(tables(never), tables(to))
            await town.lives(until + FIRST_LOOK)
            await town.lives(until + AFTER)
        truth = await _episodes(never, town)
    for one, to in left:
        async with one.sandbox as another:
            await one.lives(until)
            if to is blind:
                another.faults.add("503", *HISTORY, times=None)
            async with running(another, to):
                another.faults.clear()
                await one.lives(until + FIRST_LOOK)
                await one.lives(until + AFTER)
    found = [await _episodes(to, one) for one, to in left]
    return Courses(truth, *found)


def _backup(source: Path, to: Path) -> None:
    """Copy tables that are in use, to where only their owner may read them."""
    to.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


async def _episodes(folder: Path, town: "Town") -> Found:
    async with (
        Database.open(f"sqlite+aiosqlite:///{tables(folder)}") as database,
        database.reading() as session,
    ):
        rows = (await session.scalars(select(QuietEpisode))).all()
    return {Alert(town.authors[row.user_id], row.silent_since): row.began_at for row in rows}


class Town:
    """The server: a group for each region, and everyone at home in theirs."""

    def __init__(self, sandbox: Sandbox, played: Part) -> None:
        self.authors: dict[int, int] = {}
        self.sandbox = sandbox
        self._played = played
        self._written = 0
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
            person = self._people[author] = await self.sandbox.person(self._server)
            self.authors[person.id] = author
            answer = await person.command("join", group=region)
            assert "Welcome home" in answer.text, answer.text

    def copied(self) -> "Town":
        """Return this town on a sandbox of its own."""
        _, memo = copied(self.sandbox)
        memo[id(self._played)] = self._played
        return copy.deepcopy(self, memo)

    async def lives(self, until: datetime) -> None:
        """Let time pass, and everybody write what they wrote in it."""
        entries = self._played.entries
        while (now := self.sandbox.clock.now()) < until:
            passed = (now - self._played.start) // STEP
            day = min(self._played.start + (passed + 1) * STEP, until)
            while self._written < len(entries) and entries[self._written].at < day:
                await self.write(entries[self._written])
                self._written += 1
            await self.sandbox.advance(day)

    async def write(self, entry: Entry) -> None:
        """Let somebody write in their room at the log's own moment."""
        room = next(
            channel
            for channel in self._server.channels.values()
            if channel.name.endswith(entry.channel)
        )
        self.sandbox.clock.set(max(entry.at, self.sandbox.clock.now()))
        answered = None if entry.reply_to is None else self._messages.get(entry.reply_to)
        if answered is not None and answered.channel_id != room.id:
            answered = None
        self._messages[entry.number] = await self._people[entry.author].write(
            room, "…", reply_to=answered
        )
