"""What the tests of this folder tell: a server with Hearth in it, whose process may die."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from demo.checker import check
from demo.noticeboard import verbs
from demo.society import button
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message, Overwrite, OverwriteType, Server
from tests.crash.process import Moment, Process
from tests.crash.snapshot import Snapshot, snapshot

DOWN = timedelta(minutes=30)
"""How long the bot is gone where it is not started again at once."""
MINUTE = timedelta(minutes=1)
MOST_LIVES = 40
LIVE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.READ_MESSAGE_HISTORY


EVERY_CHANGE = tuple(
    Moment(f"{method} {path}", after=True)
    for method in ("POST", "PUT", "PATCH", "DELETE")
    for path in ("/guilds/*", "/channels/*")
)
"""Right after any request that changes a server."""


@dataclass(frozen=True, slots=True)
class Death:
    """How the bot dies: once, at a moment, and is gone for a while; or of every change it makes."""

    moment: Moment | None
    gone_for: timedelta = timedelta()


class Story:
    """One server and its people, driven while the bot may die."""

    def __init__(self, sandbox: Sandbox, server: Server, bot: Process) -> None:
        self.sandbox = sandbox
        self.server = server
        self.bot = bot
        self.wounds: list[str] = []
        """What was not as the tables say when the bot had just died at its moment."""

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, now: datetime) -> AsyncGenerator["Story"]:
        """Open a sandbox, start a bot on the tables in the folder, and set Hearth up."""
        async with Sandbox(start=now, time_scale=1000) as sandbox:
            bot = Process(sandbox, folder)
            story = cls(sandbox, sandbox.add_server(), bot)
            try:
                await bot.start()
                await story._set_up()
                yield story
            finally:
                await bot.clear_away()

    async def _set_up(self) -> None:
        await self.calls(
            self.owner,
            "hearth setup",
            commons=self.server.channel("general"),
            owners_room=await self._closed_room("owners"),
            facilitators_room=await self._closed_room("facilitators"),
            time_zone="UTC",
        )

    async def _closed_room(self, name: str) -> Channel:
        """Make a room for the owner and the bot alone."""
        doors = [
            Overwrite(self.server.id, OverwriteType.ROLE, deny=int(Permission.VIEW_CHANNEL)),
            Overwrite(self.sandbox.bot_id, OverwriteType.MEMBER, allow=int(LIVE)),
        ]
        return await self.owner.create_channel(name, overwrites=doors)

    # --- people ---------------------------------------------------------------------------------

    @property
    def owner(self) -> Person:
        """Who runs the server."""
        return self.server.owner

    async def people(self, number: int) -> list[Person]:
        """Let so many people come to the server; they wait long where many wait."""
        people = [await self.sandbox.person(self.server) for _ in range(number)]
        for person in people:
            person.patience = 60.0
        return people

    async def calls(self, person: Person, path: str, **options: object) -> Answer:
        """Let somebody call a command, which must be answered."""
        answer = await person.command(path, **options)
        assert answer.kind == "message", f"/{path}: {answer}"
        return answer

    async def presses(self, person: Person, where: Answer | Message, verb: str) -> Answer:
        """Let somebody press the button that means `verb`, and the bot do all that follows."""
        message = where.message if isinstance(where, Answer) else where
        custom_id = None if message is None else button(message, verb)
        assert custom_id is not None, f"there is no button {verb!r}: {where}"
        answer = await person.press(where, custom_id=custom_id)
        assert not answer.failed, f"nobody answered {verb!r}"
        await self.bot.settle()
        return answer

    async def founds(self, name: str, type_: str) -> None:
        """Let the owner make a group."""
        purpose = f"What {name} is for."
        await self.calls(self.owner, "hearth group create", name=name, type=type_, purpose=purpose)
        await self.bot.settle()

    def posted(self, verb: str) -> Message:
        """Return the last message with a button that means `verb`."""
        found = [
            message
            for channel in self.server.channels.values()
            for message in channel.history
            if message.author is self.sandbox.state.bot and verb in verbs(message)
        ]
        assert found, f"nothing with {verb!r} was posted"
        return max(found, key=lambda message: message.id)

    # --- dying and coming back ------------------------------------------------------------------

    async def survives(
        self, death: Death | None, work: Coroutine[Any, Any, None], end: datetime
    ) -> None:
        """Let the bot die while `work` goes on, bring it back, and go on until `end`.

        Whoever waits in `work` for an answer of the dead bot's gives up. Without a death the same
        time passes.
        """
        if death is None:
            await work
        elif death.moment is not None:
            assert await self._dies_in(work, death.moment), f"it never came to {death.moment}"
            verdict = check(self.sandbox.state, self.bot.tables)
            self.wounds = [*verdict.drift, *verdict.unsettled]
            await self._is_gone(death.gone_for)
            await self.bot.start()
        else:
            await self._dies_of_everything(work)
        await self.bot.settle()
        await self.sandbox.advance(self.sandbox.clock.now() + MINUTE)
        await self.sandbox.advance(end)
        await self.bot.settle()

    async def _dies_in(self, work: Coroutine[Any, Any, None], *moments: Moment) -> bool:
        """Let the bot work, or start and then work, until it is killed; False if it was not."""
        faults = [self.bot.kill_at(moment) for moment in moments]
        working = asyncio.create_task(work)
        dying = asyncio.create_task(self.bot.dies())
        await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
        if not self.bot.killed:
            # Nobody waits for what the bot does after its answers: it may come to the moment yet.
            await self.sandbox.settle()
        dying.cancel()
        for fault in faults:
            self.sandbox.faults.remove(fault)
        if self.bot.killed:
            await self.bot.dead()
            working.cancel()
        await asyncio.wait({working, dying})
        if not working.cancelled():
            working.result()
        return self.bot.killed

    async def _dies_of_everything(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the bot again and again; each life ends with the first thing that it changes."""
        lives = 1
        while await self._dies_in(work, *EVERY_CHANGE):
            work = self._one_life()
            lives += 1
            assert lives < MOST_LIVES, self.bot.tail(100)
        assert lives > 1, "there was nothing to die of"

    async def _one_life(self) -> None:
        await self.bot.launch()
        if not self.bot.killed:
            await self.sandbox.advance(self.sandbox.clock.now())

    async def _is_gone(self, gone_for: timedelta) -> None:
        if gone_for:
            # Discord remembers nonces for minutes; the sandbox does so in real time.
            self.sandbox.world.nonces.clear()
            await self.sandbox.advance(gone_for)

    # --- how it ended ---------------------------------------------------------------------------

    async def ends(self) -> Snapshot:
        """Stop the bot, see that the server is as the tables say, and return how it looks."""
        await self.bot.stop()
        verdict = check(self.sandbox.state, self.bot.tables)
        assert verdict.clean, verdict
        assert not self.sandbox.requests.errors
        complaints = self.bot.complaints()
        assert not complaints, self.bot.tail(100)
        return snapshot(self.sandbox.state, self.server)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Read from the tables."""
        uri = f"{self.bot.tables.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(query).fetchall()


async def all_at_once(
    attempts: Mapping[int, Coroutine[Any, Any, Answer]], answers: dict[int, Answer]
) -> None:
    """Let many people do something at once; `answers` takes in what each is told, as it comes."""

    async def one(who: int, attempt: Coroutine[Any, Any, Answer]) -> None:
        answers[who] = await attempt

    async with asyncio.TaskGroup() as group:
        for who, attempt in attempts.items():
            group.create_task(one(who, attempt))
