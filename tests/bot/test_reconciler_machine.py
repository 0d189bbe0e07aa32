"""Whatever happens, in whatever order: in the end the server is as the tables say."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.rules.actor import Actor
from bot.rules.scope import ServerScope
from bot.services import safety, standing
from bot.settings import Settings
from models import Apart, Group, Membership, Visit
from sandbox.faults import Kind
from tests.bot.harbour import LISTENING, Harbour, harbour

if TYPE_CHECKING:
    from sandbox.people import Person

PEOPLE, GROUPS = 6, 3
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

somebody = st.integers(0, PEOPLE - 1)
some_group = st.integers(0, GROUPS - 1)
routes = st.sampled_from(
    [
        ("PUT", "/guilds/{guild_id}/members/*"),
        ("DELETE", "/guilds/{guild_id}/members/*"),
        ("PATCH", "/guilds/{guild_id}/members/*"),
        ("POST", "/guilds/{guild_id}/roles"),
        ("POST", "/guilds/{guild_id}/channels"),
        ("PUT", "/channels/{channel_id}/permissions/*"),
        ("DELETE", "/channels/{channel_id}/permissions/*"),
        ("GET", "/guilds/{guild_id}/audit-logs"),
    ]
)
kinds: "st.SearchStrategy[Kind]" = st.sampled_from(
    ["503", "reset", "429", "429-global", "429-shared", "slow", "cloudflare", "cloudflare-403"]
)
NOT_SERVED = ("429", "cloudflare-403")


class Life(RuleBasedStateMachine):
    """A server's life; every step may come while the one before is still being carried out."""

    def __init__(self, tables: Path) -> None:
        super().__init__()
        self.tables = tables
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.place: Harbour
        self.people: list[Person] = []
        self.groups: list[int] = []
        self.visits: list[int] = []

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do one step."""
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        """Open a server with three groups, one of them without a role, and a few people."""

        async def begin() -> None:
            file = shutil.copy(self.tables, Path(self.folder.name) / "hearth.db")
            settings = Settings(
                database=f"sqlite+aiosqlite:///{file}",
                beat_file=Path(self.folder.name) / "beat",
            )
            self.place = await self.stack.enter_async_context(
                harbour(settings, NOW, cogs=LISTENING)
            )
            await self.place.start()
            self.groups = [
                await self.place.group("Riverside"),
                await self.place.group("Millpond"),
                await self.place.group("Lights", access="overwrites"),
            ]
            self.people = [await self.place.person() for _ in range(PEOPLE)]

        self.run(begin())

    # --- what the tables say --------------------------------------------------------------------

    @rule(people=st.lists(somebody, min_size=1, unique=True), group=some_group)
    def move_in(self, people: list[int], group: int) -> None:
        """Some people get a home, by a click or all at once."""

        async def move() -> None:
            where = self.groups[group]
            present = [self.people[one] for one in people if self.people[one].present]
            present = [who for who in present if await self.may_enter(who, where)]
            async with self.place.tables.reading() as session:
                pairs = set(
                    await session.scalars(select(Apart.low_id).union(select(Apart.high_id)))
                )
            # Two who are apart would come in by the same door: one of all those who are named.
            named = [who for who in present if who.id in pairs]
            await self.place.all_live([who for who in present if who not in named[1:]], where)

        self.run(move())

    @rule(person=somebody)
    def move_out(self, person: int) -> None:
        """Somebody's home ends."""

        async def move() -> None:
            if await self.place.home(self.people[person]) is not None:
                await self.place.homeless(self.people[person])

        self.run(move())

    @rule(person=somebody, group=some_group)
    def visit(self, person: int, group: int) -> None:
        """Somebody begins a visit, if they are not there already."""

        async def visit() -> None:
            who, where = self.people[person], self.groups[group]
            async with self.place.tables.reading() as session:
                runs = await session.scalar(
                    select(Visit.id).where(
                        Visit.user_id == who.id,
                        Visit.group_id == where,
                        Visit.ended_at.is_(None),
                    )
                )
            if runs is None and who.present and await self.may_enter(who, where):
                self.visits.append(await self.place.visits(who, where))

        self.run(visit())

    @rule(pick=st.integers(0, 30))
    def end_visit(self, pick: int) -> None:
        """A visit ends."""

        async def end() -> None:
            if not self.visits:
                return
            visit = self.visits.pop(pick % len(self.visits))
            async with self.place.tables.reading() as session:
                row = await session.get(Visit, visit)
            if row is not None and row.ended_at is None:
                await self.place.end_visit(visit)

        self.run(end())

    @rule(person=somebody, group=some_group, lift=st.booleans())
    def bar(self, person: int, group: int, *, lift: bool) -> None:
        """A moderator bars somebody from a group, or lifts the bar."""

        async def bar() -> None:
            who, where = self.people[person].id, self.groups[group]
            async with self.place.writing() as session:
                if lift:
                    await safety.unbar(session, self.guard, who, where, now=self.place.now)
                else:
                    await safety.bar(session, self.guard, who, where, now=self.place.now)

        self.run(bar())

    @rule(one=somebody, other=somebody)
    def keep_apart(self, one: int, other: int) -> None:
        """A moderator keeps two people apart; who shares a home with the other moves out."""

        async def keep_apart() -> None:
            first, second = self.people[one].id, self.people[other].id
            async with self.place.writing() as session:
                await safety.apart(
                    session, self.guard, first, second, now=self.place.now, moves_out=second
                )

        if one != other:
            self.run(keep_apart())

    @property
    def guard(self) -> Actor:
        """A moderator."""
        return Actor(self.place.guild.id, self.place.owner.id, moderates_members=True)

    async def may_enter(self, who: "Person", group_id: int) -> bool:
        """Return whether neither a bar nor somebody to be kept apart from stands in the way."""
        async with self.place.tables.reading() as session:
            stands = await standing.standing(session, self.place.guild.id, who.id, group_id)
        return not stands.barred and not stands.apart

    # --- what people do by hand -----------------------------------------------------------------

    @rule(person=somebody)
    def leave_or_return(self, person: int) -> None:
        """Somebody leaves the server, or comes back."""
        who = self.people[person]
        self.run(who.leave() if who.present else who.rejoin())

    @rule(person=somebody, group=some_group, give=st.booleans())
    def turn_role(self, person: int, group: int, *, give: bool) -> None:
        """A moderator gives or takes a group's role."""

        async def turn() -> None:
            role_id = (await self.place.row(self.groups[group])).role_id
            who = self.people[person]
            if role_id not in self.place.guild.roles or not who.present:
                return
            role = self.place.guild.roles[role_id]
            hand = self.place.owner.give_role if give else self.place.owner.take_role
            await hand(who, role)

        self.run(turn())

    @rule(group=some_group, what=st.sampled_from(["role", "room", "entry", "entries"]))
    def destroy(self, group: int, what: str) -> None:
        """An owner deletes a role or a room, or clears entries of a room."""

        async def destroy() -> None:
            row, guild, owner = (
                await self.place.row(self.groups[group]),
                self.place.guild,
                self.place.owner,
            )
            if what == "role" and row.role_id in guild.roles:
                await owner.delete_role(guild.roles[row.role_id])
            if what == "role" or row.room_id not in guild.channels:
                return
            room = guild.channels[row.room_id]
            if what == "room":
                await owner.delete_channel(room)
                return
            clear = [one for one in room.overwrites if one in guild.roles and one != guild.id]
            for target in clear[: 1 if what == "entry" else None]:
                await owner.delete_overwrite(room, guild.roles[target])

        self.run(destroy())

    # --- what goes wrong ------------------------------------------------------------------------

    @rule(kind=kinds, route=routes, times=st.integers(1, 3), effect=st.booleans())
    def fail(self, kind: Kind, route: tuple[str, str], times: int, *, effect: bool) -> None:
        """Discord fails a few times on some route, before or after doing what was asked.

        Who is told to wait, or turned away, has certainly not been served.
        """
        method, path = route
        served = effect and not kind.startswith(NOT_SERVED)
        self.place.sandbox.faults.add(kind, method, path, times=times, effect=served)

    @rule(resumable=st.booleans())
    def drop(self, *, resumable: bool) -> None:
        """The gateway hangs up; without a resumable session events are lost."""

        async def drop() -> None:
            self.place.sandbox.gateway.drop(resumable=resumable)

        self.run(drop())

    @rule()
    def restart(self) -> None:
        """The bot stops wherever it is, and starts again."""

        async def restart() -> None:
            await self.place.stop()
            await self.place.start()

        self.run(restart())

    @rule()
    def wait(self) -> None:
        """Everything that was set off is carried out, and an hour passes."""
        self.run(self.place.sandbox.advance(timedelta(hours=1)))

    # --- the end --------------------------------------------------------------------------------

    def teardown(self) -> None:
        """No fault is left: now the server becomes what the tables say."""
        try:
            if self.groups:
                self.run(self._end())
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    async def _end(self) -> None:
        place = self.place
        place.sandbox.faults.clear()
        await place.sandbox.settle()
        # Nothing may wait for the next hourly look, but members whom people kept turning around:
        # they are left to the owners, who decide by a command.
        caretaker = place.reconciler.of(place.guild.id)
        left = await caretaker.differences([ServerScope(place.guild.id)])
        fought_over = {f"member:{user}" for user in left[1]} if left is not None else set[str]()
        assert left is not None
        assert not left[0]
        assert fought_over <= await caretaker.errands.failures()
        for person in self.people:
            if f"member:{person.id}" in fought_over:
                place.reconciler.poke(place.member(person))
        assert await place.settled()
        async with place.tables.reading() as session:
            groups = list(await session.scalars(select(Group)))
            homes = {row.user_id: row for row in await session.scalars(select(Membership))}
            visits = {
                (row.user_id, row.group_id)
                for row in await session.scalars(select(Visit).where(Visit.ended_at.is_(None)))
            }
            assert await safety.meetings(session, place.guild.id) == []
        ours = {group.role_id for group in groups} - {None}
        assert len([role for role in place.guild.roles.values() if role.id in ours]) == 2
        assert len(place.guild.roles) == 2 + 2
        for person in self.people:
            if not person.present:
                continue
            home = homes.get(person.id)
            lives = home.group_id if home is not None and home.state == "here" else None
            role = next((g.role_id for g in groups if g.id == lives and g.role_id), None)
            assert {one.id for one in person.roles} & ours == ({role} if role else set())
            for group in groups:
                inside = lives == group.id or (person.id, group.id) in visits
                assert group.room_id is not None
                assert person.sees(place.guild.channels[group.room_id]) == inside


@pytest.mark.slow
def test_life_converges(brought_up: Path) -> None:
    """Joins, moves, hand edits, restarts, lost events and failures end without any drift."""
    run_state_machine_as_test(
        partial(Life, brought_up),  # pyright: ignore[reportArgumentType] - called, nothing more
        settings=hypothesis_settings(
            max_examples=10,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
