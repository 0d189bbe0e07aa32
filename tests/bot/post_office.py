"""A post office: a sandbox's server, tables that know it, a client, and hands to owe messages."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.clock import SetClock
from bot.database import Database
from bot.outbox import Outbox
from bot.rules.message import Button, Line, Message
from bot.services import sending
from bot.services.outbox import owe
from models import Group, GroupType, Server
from sandbox.app import Sandbox
from sandbox.state import Channel
from sandbox.state import Message as Sent
from sandbox.state import Server as Guild
from tests.sandbox.clients import Client, logged_in

MESSAGES = "/channels/*/messages"
PATIENCE = 10.0
GROUP = 1


@dataclass
class Post:
    """A post office: a sandbox's server, tables that know it, and a client that is logged in."""

    sandbox: Sandbox
    guild: Guild
    database: Database
    client: Client
    clock: SetClock

    @property
    def commons(self) -> Channel:
        return self.guild.channel("general")

    @property
    def room(self) -> Channel:
        return self.guild.channel("welcome")

    @asynccontextmanager
    async def outbox(self, **options: Any) -> AsyncGenerator[Outbox]:
        """Open an outbox that loses no time over what fails."""
        settings: dict[str, Any] = {"delays": (0.0, 0.0), "closing": 0.0, **options}
        async with Outbox(self.client, self.database, self.clock, **settings) as opened:
            yield opened

    async def deliver(self, **options: Any) -> None:
        """Send what is due, as a bot that has just started would, until nothing more happens."""
        async with self.outbox(**options) as outbox:
            await settled(outbox)

    async def owe(self, key: str, place: str = "commons", **more: Any) -> bool:
        """Owe a message whose button carries the key."""
        message = more.pop("message", None) or Message(
            (Line("facilitators.waits", {"user": 1}),), (Button("home.open", f"open:{key}"),)
        )
        async with self.database.writing() as session:
            return await owe(
                session,
                server_id=self.guild.id,
                kind=more.pop("kind", "test"),
                key=key,
                place=place,  # pyright: ignore[reportArgumentType] - the table's words
                message=message,
                now=self.clock.now(),
                **more,
            )

    async def claim(self) -> None:
        """Claim what is due and do nothing about it, as a process does that dies right then."""
        async with self.database.writing() as session:
            claimed = await sending.claim(
                session, self.clock.now(), most=25, busy=(), open_dms=(), new_dms=10
            )
        assert claimed

    async def rows(self, table: Any) -> list[Any]:
        """Return every row of a table."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(table)))

    def pass_time(self, delta: timedelta) -> None:
        """Let time pass on Discord and in the bot."""
        self.sandbox.clock.set(self.sandbox.clock.now() + delta)
        self.clock.set(self.sandbox.clock.now())

    def from_bot(self, channel: Channel) -> list[Sent]:
        """Return what the bot wrote in a room."""
        return [m for m in channel.history if m.author.id == self.sandbox.bot_id]

    def keys(self, channel: Channel) -> list[str]:
        """Return the keys of the bot's messages in a room, in order."""
        return [custom_id(message).removeprefix("open:") for message in self.from_bot(channel)]


def custom_id(message: Sent) -> str:
    return message.components[0]["components"][0]["custom_id"]


async def until(holds: Callable[[], object]) -> None:
    """Wait until something outside this task has come about."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the sandbox has no event for every state
            await asyncio.sleep(0.001)


async def settled(outbox: Outbox) -> None:
    """Wait until the outbox has nothing to do, and is not just about to look."""
    await until(lambda: outbox.idle)


@asynccontextmanager
async def office(database: Database, now: datetime) -> AsyncGenerator[Post]:
    """Open one where #general is the commons and #welcome the room of group 1."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        guild = sandbox.add_server()
        async with database.writing() as session:
            session.add(Server(id=guild.id, commons_id=guild.channel("general").id, added_at=now))
            await session.flush()
            session.add(
                GroupType(id=1, server_id=guild.id, name="Place", name_key="place", kind="own")
            )
            await session.flush()
            session.add(
                Group(
                    id=GROUP,
                    server_id=guild.id,
                    type_id=1,
                    name="Riverside",
                    name_key="riverside",
                    cap=150,
                    room_id=guild.channel("welcome").id,
                    created_at=now,
                )
            )
        async with logged_in(sandbox, Client()) as client:
            yield Post(sandbox, guild, database, client, SetClock(now))
