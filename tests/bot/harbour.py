"""A server with groups, a real bot whose only cog listens, and hands to change rows with."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.app import COGS, App
from bot.database import Database, note_after_commit
from bot.reconciler import Reconciler
from bot.rules import naming
from bot.rules.scope import GroupScope, MemberScope, Scope, ServerScope
from bot.settings import Settings
from models import FailedEffect, Group, GroupType, Membership, OutboxMessage, Server, Visit
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, Role
from sandbox.state import Server as Guild
from tests.whole import pointed_at, ready

LISTENING = ("cogs.server_events",)  # nobody presses anything, and a start is quick
PATIENCE = 10.0  # real seconds that a test waits for the server to be as the tables say


@dataclass(slots=True)
class Harbour:
    """One server and its tables; `start` and `stop` run the bot."""

    sandbox: Sandbox
    guild: Guild
    settings: Settings
    database: Database
    cogs: Sequence[str] = COGS
    app: App | None = None
    _running: "asyncio.Task[None] | None" = None
    _scope: "asyncio.Event | None" = None

    @property
    def owner(self) -> Person:
        """The server's owner."""
        return self.guild.owner

    @property
    def reconciler(self) -> Reconciler:
        """The running bot's reconciler."""
        assert self.app is not None
        return self.app.client.reconciler

    @property
    def now(self) -> datetime:
        """The sandbox's moment."""
        return self.sandbox.clock.now()

    async def start(self) -> None:
        """Start the bot and wait until it has looked at everything."""
        opened, self._scope = asyncio.Event(), asyncio.Event()
        self._running = asyncio.create_task(self._run(opened, self._scope))
        waiting = asyncio.create_task(opened.wait())
        await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await self._running  # what keeps it from starting is raised at once
        await ready(self.sandbox, self._running)

    async def _run(self, opened: asyncio.Event, stop: asyncio.Event) -> None:
        async with App.open(self.settings, cogs=self.cogs) as app:
            self.app = app
            running = asyncio.create_task(app.run())
            opened.set()
            told = asyncio.create_task(stop.wait())
            await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            self.app = None if running.done() else app
            await app.close()
            await running
        self.app = None

    async def stop(self) -> None:
        """Stop the bot; what it had not done stays undone."""
        assert self._scope is not None
        assert self._running is not None
        self._scope.set()
        await self._running

    async def group(
        self, name: str, *, access: str = "role", history: bool = False, cap: int = 100
    ) -> int:
        """Add a group of a type of its own; return its row's id."""
        async with self.writing() as session:
            kind = GroupType(
                server_id=self.guild.id,
                name=name,
                name_key=f"type {name}",
                kind="own",
                cap=cap,
                access=access,
                visitors_read_history=history,
            )
            session.add(kind)
            await session.flush()
            group = Group(
                server_id=self.guild.id,
                type_id=kind.id,
                name=name,
                name_key=naming.key(name),
                emoji="🌊",
                cap=cap,
                created_at=self.now,
            )
            session.add(group)
            await session.flush()
            note_after_commit(session, GroupScope(self.guild.id, group.id))
            return group.id

    async def person(self, name: str | None = None) -> Person:
        """Let somebody join the server."""
        return await self.sandbox.person(self.guild, name)

    async def lives(self, person: Person, group_id: int) -> None:
        """Make a group somebody's home."""
        await self.all_live([person], group_id)

    async def all_live(self, people: list[Person], group_id: int) -> None:
        """Make a group the home of many in one transaction, as a split does."""
        async with self.writing() as session:
            for person in people:
                old = await session.get(Membership, (self.guild.id, person.id))
                if old is not None:
                    await session.execute(
                        update(Group).where(Group.id == old.group_id).values(homes=Group.homes - 1)
                    )
                    await session.delete(old)
                    await session.flush()
                session.add(
                    Membership(
                        server_id=self.guild.id,
                        user_id=person.id,
                        group_id=group_id,
                        since=self.now,
                    )
                )
                note_after_commit(session, MemberScope(self.guild.id, person.id))
            await session.execute(
                update(Group).where(Group.id == group_id).values(homes=Group.homes + len(people))
            )

    async def homeless(self, person: Person) -> None:
        """End somebody's home without keeping the seat."""
        async with self.writing() as session:
            home = await session.get_one(Membership, (self.guild.id, person.id))
            await session.execute(
                update(Group).where(Group.id == home.group_id).values(homes=Group.homes - 1)
            )
            await session.delete(home)
            note_after_commit(session, MemberScope(self.guild.id, person.id))

    async def visits(self, person: Person, group_id: int) -> int:
        """Let somebody visit a group; return the visit's row id."""
        async with self.writing() as session:
            visit = Visit(
                server_id=self.guild.id,
                group_id=group_id,
                user_id=person.id,
                started_at=self.now,
                ends_at=self.now + timedelta(days=14),
            )
            session.add(visit)
            await session.execute(
                update(Group).where(Group.id == group_id).values(visitors=Group.visitors + 1)
            )
            await session.flush()
            note_after_commit(session, MemberScope(self.guild.id, person.id))
            return visit.id

    async def end_visit(self, visit_id: int) -> None:
        """End a visit."""
        async with self.writing() as session:
            visit = await session.get_one(Visit, visit_id)
            visit.ended_at = self.now
            await session.execute(
                update(Group).where(Group.id == visit.group_id).values(visitors=Group.visitors - 1)
            )
            note_after_commit(session, MemberScope(self.guild.id, visit.user_id))

    @property
    def tables(self) -> Database:
        """The bot's transactions while it runs, so that it hears of commits; else the test's."""
        return self.database if self.app is None else self.app.database

    def writing(self):  # noqa: ANN201 - the database's own type
        """Open a writing transaction."""
        return self.tables.writing()

    async def role(self, group_id: int) -> Role:
        """Return a group's role in the sandbox."""
        role_id = (await self.row(group_id)).role_id
        assert role_id is not None
        return self.guild.roles[role_id]

    async def room(self, group_id: int) -> Channel:
        """Return a group's room in the sandbox."""
        room_id = (await self.row(group_id)).room_id
        assert room_id is not None
        return self.guild.channels[room_id]

    async def row(self, group_id: int) -> Group:
        """Return a group's row."""
        async with self.tables.reading() as session:
            return await session.get_one(Group, group_id)

    async def home(self, person: Person) -> tuple[int, str] | None:
        """Return where somebody lives, and in which state."""
        async with self.tables.reading() as session:
            row = await session.get(Membership, (self.guild.id, person.id))
            return None if row is None else (row.group_id, row.state)

    async def failures(self) -> list[tuple[str, str, int | None]]:
        """Return what Discord refused."""
        async with self.tables.reading() as session:
            rows = await session.scalars(select(FailedEffect))
            return [(row.subject, row.action, row.code) for row in rows]

    async def owed(self, place: str) -> list[str]:
        """Return the keys of messages that are owed to a place that has no room."""
        async with self.tables.reading() as session:
            rows = await session.scalars(
                select(OutboxMessage.key).where(OutboxMessage.place == place)
            )
            return sorted(rows)

    async def settled(self, scope: Scope | None = None) -> bool:
        """Wait until the server is as the tables say."""
        await self.sandbox.settle()
        return await self.reconciler.settled(scope or ServerScope(self.guild.id), PATIENCE)

    def member(self, person: Person) -> MemberScope:
        """Return the scope of one member."""
        return MemberScope(self.guild.id, person.id)


@asynccontextmanager
async def harbour(
    settings: Settings,
    now: datetime,
    *,
    cogs: Sequence[str] = COGS,
    time_scale: float = 1000,
    **changes: object,
) -> AsyncGenerator[Harbour]:
    """Open a sandbox with a server and its tables; the bot is not started yet."""
    async with (
        Sandbox(start=now, time_scale=time_scale) as sandbox,
        Database.open(settings.database) as database,
    ):
        here = pointed_at(sandbox, settings, **changes)
        guild = sandbox.add_server()
        async with database.writing() as session:
            session.add(
                Server(
                    id=guild.id, zone="UTC", added_at=now, commons_id=guild.channel("general").id
                )
            )
        place = Harbour(sandbox, guild, here, database, cogs)
        try:
            yield place
        finally:
            if place.app is not None:
                await place.stop()
