"""A server with Hearth in it, and people who go on with what they want when the bot dies.

Whoever got no final answer tries again as soon as the bot is back, exactly as before, whether or
not what they wanted had happened already: they cannot know. Who did get an answer leaves it at
that. So a story ends as it ends undisturbed, however often it was interrupted.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, TypeVar

from demo.checker import check
from demo.noticeboard import verbs
from demo.society import button
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message, Overwrite, OverwriteType, Server
from trials.chaos.moments import Case, Moment
from trials.chaos.process import Process
from trials.chaos.rows import Called, table_snapshot
from trials.chaos.snapshot import Snapshot, names, server_snapshot

DOWN = timedelta(minutes=30)
"""How long the bot is gone where it is not started again at once."""
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MOST_LIVES = 60
LIVE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.READ_MESSAGE_HISTORY
EVERY_CHANGE = tuple(
    f"{method} {path}"
    for method in ("POST", "PUT", "PATCH", "DELETE")
    for path in ("/guilds/*", "/channels/*")
)
"""Every request that changes a server."""

DELETED_BEFORE = ("DELETE /channels/{channel_id}/messages/{message_id}", 404, 10008)
"""What Discord answers to who deletes a message and has died of it: there is no other way to know.
Once for each death; more would be a bot that does not take the answer in."""

T = TypeVar("T")


class Story:
    """One server and its people, driven while the bot may die."""

    def __init__(self, sandbox: Sandbox, server: Server) -> None:
        self.sandbox = sandbox
        self.server = server
        self.began = sandbox.clock.now()
        self.cast: dict[str, Person] = {}
        """The people of the story, by name."""
        self.lives = 1
        self._bot: Process | None = None
        self._case: Case | None = None
        self._pressed: set[int] = set()

    @property
    def bot(self) -> Process:
        """The bot's process."""
        assert self._bot is not None, "there is no bot yet"
        return self._bot

    def meets(self, bot: Process) -> None:
        """Go on with another bot on the same tables."""
        self._bot = bot
        self.lives = 1
        self._pressed.clear()

    def dies_at(self, case: Case | None) -> None:
        """Let the bot die when the moment comes; what happens counts from now."""
        self._case = case
        self.bot.arm(*(() if case is None else (case.moment,)))

    # --- what people do -------------------------------------------------------------------------

    @property
    def owner(self) -> Person:
        """Who runs the server."""
        return self.server.owner

    @property
    def now(self) -> datetime:
        """The present moment of the story."""
        return self.sandbox.clock.now()

    async def comes(self, *called: str) -> list[Person]:
        """Let people come to the server; they wait long where many wait."""
        people = [await self.sandbox.person(self.server, name) for name in called]
        for name, person in zip(called, people, strict=True):
            person.patience = 60.0
            self.cast[name] = person
        return people

    async def calls(self, person: Person, path: str, **options: object) -> Answer:
        """Let somebody call a command, again and again until it is answered."""
        self._pressed.add(person.id)
        return await self.through(lambda: _told(person.command(path, **options), path))

    async def presses(self, person: Person, where: Answer | Message, verb: str) -> Answer:
        """Let somebody press the button that means `verb` until that is answered.

        With arguments ("verb:argument") exactly that button, of several with the same meaning.
        """
        message = where.message if isinstance(where, Answer) else where
        custom_id = verb if ":" in verb or message is None else button(message, verb)
        assert custom_id is not None, f"there is no button {verb!r}: {where}"
        self._pressed.add(person.id)
        return await self.through(lambda: _told(person.press(where, custom_id=custom_id), verb))

    async def all_at_once(self, wishes: Iterable[tuple[Person, str, dict[str, object]]]) -> None:
        """Let many call a command at the same moment, each until they are answered."""
        left = list(wishes)
        self._pressed.update(person.id for person, _, _ in left)

        async def one(wish: tuple[Person, str, dict[str, object]]) -> None:
            person, path, options = wish
            await _told(person.command(path, **options), path)
            left.remove(wish)

        async def everyone() -> None:
            async with asyncio.TaskGroup() as group:
                for wish in list(left):
                    group.create_task(one(wish))

        await self.through(everyone)

    async def passes(self, to: datetime | timedelta) -> None:
        """Let time pass; whatever is due is done."""
        moment = self.now + to if isinstance(to, timedelta) else to
        # A bot that comes back late finds the clock where it is.
        await self.through(lambda: self.sandbox.advance(max(moment, self.now)))

    # --- dying and coming back ------------------------------------------------------------------

    async def through(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do something, with all that follows from it, bringing the bot back if it dies of it.

        What was not done when the bot died is done again.
        """
        while True:
            working = asyncio.create_task(work())
            died = await self._died_of(working)
            if died:
                await self._comes_back()
            if not died or (not working.cancelled() and working.exception() is None):
                return working.result()

    async def _died_of(self, working: asyncio.Task[Any]) -> bool:
        """Wait for the end of what is done, or for the bot's; return whether it is the bot's."""
        dying = asyncio.create_task(self.bot.dies())
        await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
        if not self.bot.killed:
            # Nobody waits for what the bot does after its answers: it may come to the moment yet.
            await self.sandbox.settle()
        died = self._is_gone
        if died:
            await self.bot.dead()
            working.cancel()
        dying.cancel()
        await asyncio.wait({working, dying})
        return died

    async def _comes_back(self) -> None:
        """Start the bot again, and again if it must die again."""
        assert self._case is not None, f"nobody has killed it:\n{self.bot.tail()}"
        if self._case.back == "late" and self.lives == 1:
            # Discord remembers nonces for minutes; the sandbox does so in real time.
            self.sandbox.world.nonces.clear()
            await self.sandbox.advance(DOWN)
        while await self._lives():
            assert self.lives < MOST_LIVES, self.bot.tail(100)

    async def _lives(self) -> bool:
        """Start the bot; return whether it died before it came to rest."""
        assert self._case is not None
        self.lives += 1
        if self._case.back == "again" and self.lives == 2:
            self.bot.arm(*(Moment(route) for route in EVERY_CHANGE))
        elif self._case.back == "over and over":
            # A message that is gone already is no change, and who dies of asking never hears so.
            again = self.lives > 2
            deadly = (one for one in EVERY_CHANGE if not (again and one == "DELETE /channels/*"))
            self.bot.arm(*(Moment(route, after=True) for route in deadly))
        await self.bot.launch()
        if not self._is_gone:
            await self.sandbox.advance(self.now)  # a metronome beats once when it is started
        if self._case.back == "again" and self.lives == 2 and not self._is_gone:
            self.bot.kill()  # it had nothing to change: it dies all the same
        if not self._is_gone:
            return False
        await self.bot.dead()
        return True

    @property
    def _is_gone(self) -> bool:
        return self.bot.killed or not self.sandbox.control.attached

    # --- how it ended ---------------------------------------------------------------------------

    async def ends(self) -> tuple[Snapshot, list[str]]:
        """Stop the bot; return how everything looks, and what is wrong by itself."""
        self.bot.disarm()
        await self.bot.stop()
        tables = self.bot.tables
        wrong = list(self.bot.complaints())
        verdict = check(self.sandbox.state, tables)
        wrong += [*verdict.drift, *verdict.posted_twice, *verdict.two_homes, *verdict.unsettled]
        refused = list(self.sandbox.requests.errors)
        for _ in range(min(self.lives - 1, refused.count(DELETED_BEFORE))):
            refused.remove(DELETED_BEFORE)
        wrong += [f"refused: {error}" for error in refused]
        state, server = self.sandbox.state, self.server
        called = Called(*names(state, server))
        rows = table_snapshot(tables, called, self.began, self._pressed)
        return server_snapshot(state, server) | rows, wrong

    # --- setting the stage ----------------------------------------------------------------------

    async def set_up(self) -> None:
        """Let the owner set Hearth up, with a room for owners and one for facilitators."""
        await self.calls(
            self.owner,
            "hearth setup",
            commons=self.server.channel("general"),
            owners_room=await self.closed_room("owners"),
            facilitators_room=await self.closed_room("facilitators"),
            time_zone="UTC",
        )
        await self.calls(self.owner, "hearth type add", name="Table", cap=24)
        await self.calls(self.owner, "hearth type add", name="Den", cap=24, access="overwrites")

    async def closed_room(self, name: str) -> Channel:
        """Make a room for the owner and the bot alone."""
        doors = [
            Overwrite(self.server.id, OverwriteType.ROLE, deny=int(Permission.VIEW_CHANNEL)),
            Overwrite(self.sandbox.bot_id, OverwriteType.MEMBER, allow=int(LIVE)),
        ]
        return await self.owner.create_channel(name, overwrites=doors)

    async def founds(self, name: str, type_: str = "Table") -> Answer:
        """Let the owner make a group."""
        purpose = f"What {name} is for."
        return await self.calls(
            self.owner, "hearth group create", name=name, type=type_, purpose=purpose
        )

    async def lives_in(self, group: str, *called: str) -> list[Person]:
        """Let new people move into a group."""
        people = await self.comes(*called)
        await self.all_at_once((person, "join", {"group": group}) for person in people)
        return people

    async def looks_after(self, person: Person, group: str) -> None:
        """Let somebody be asked to look after a group, and say yes."""
        await self.calls(self.owner, "hearth facilitator ask", group=group, user=person)
        question = await self.presses(person, await self.calls(person, "home"), "question-open")
        await self.presses(person, question, "office-accept")

    def room(self, group: str) -> Channel:
        """Return a group's room."""
        return self.server.channel(f"🔥-{group.lower()}")

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

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Read from the tables."""
        with closing(sqlite3.connect(f"{self.bot.tables.as_uri()}?mode=ro", uri=True)) as tables:
            return tables.execute(query).fetchall()


async def _told(attempt: Coroutine[Any, Any, Answer], what: str) -> Answer:
    answer = await attempt
    if answer.kind == "none":
        raise NoAnswer(f"{what}: {answer}")
    return answer


class NoAnswer(Exception):  # noqa: N818 - it names what was met
    """Somebody waits for an answer that does not come."""
