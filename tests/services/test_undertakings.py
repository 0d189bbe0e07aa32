"""Undertakings: in order, at most a few at once, whatever is refused or happens between."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import undertakings
from bot.services.undertakings import AT_ONCE, Did, Doer, Progress, Step, Todo
from bot.settings import Settings
from models import Server, SpareName

SERVER = 4711
OWNER = Actor(SERVER, 1, manages_server=True)
MEMBER = Actor(SERVER, 2)


class Work:
    """Doers whose steps write a name each; what Discord has made is told by the test."""

    def __init__(self) -> None:
        self.followed: set[str] = set()
        self.refused: set[str] = set()
        self.calls: list[str] = []

    async def write(self, session: AsyncSession, todo: Todo) -> Did:
        """Write a name, once; refuse after that when it is told to, so that it must be undone."""
        name = str(todo.content["name"])
        self.calls.append(name)
        if todo.made_id is None:
            session.add(SpareName(server_id=todo.server_id, name=name))
            await session.flush()
        if name in self.refused:
            raise UserError("groups.name_taken", group=name)
        return Did(over=name in self.followed, made_id=todo.number + 1)

    async def last(self, session: AsyncSession, todo: Todo) -> Did:
        """Wait for all before."""
        del session
        return Did(waits=not set(todo.states.values()) <= {"done", "left_out"})

    @property
    def doers(self) -> Mapping[str, Doer]:
        """By what the steps are called."""
        return {"write": self.write, "last": self.last}


@pytest.fixture
def work() -> Work:
    """Nothing has been done."""
    return Work()


async def begun(database: Database, now: datetime, *names: str) -> int:
    """Begin an undertaking of so many names in a server of its own."""
    async with database.writing() as session:
        if await session.get(Server, SERVER) is None:
            session.add(Server(id=SERVER, added_at=now))
            await session.flush()
        return await undertakings.begin(
            session,
            server_id=SERVER,
            kind="setup",
            by_user_id=OWNER.user_id,
            steps=[*(Step("write", {"name": name}) for name in names), Step("last")],
            now=now,
        )


async def minute(database: Database, work: Work, now: datetime, settings: Settings) -> None:
    """Let the minute's work be done."""
    async with database.writing() as session:
        await undertakings.step_due(session, work.doers, now=now, settings=settings)


async def shown(database: Database, undertaking: int) -> Progress:
    """Return how far it is."""
    async with database.reading() as session:
        return await undertakings.progress(session, SERVER, undertaking)


async def test_a_few_steps_wait_for_discord_at_once(
    database: Database, now: datetime, settings: Settings, work: Work
) -> None:
    """The next begins when one is over; nothing is done twice; at the end all is over."""
    names = [f"n{number}" for number in range(AT_ONCE + 2)]
    one = await begun(database, now, *names)
    await minute(database, work, now, settings)
    states = [step.state for step in (await shown(database, one)).steps]
    assert states == ["begun"] * AT_ONCE + ["due"] * 3
    work.followed = {names[0]}
    await minute(database, work, now, settings)
    assert [step.state for step in (await shown(database, one)).steps][:-2] == [
        "done",
        *["begun"] * AT_ONCE,
    ]
    work.followed = set(names)
    for _ in range(3):
        await minute(database, work, now, settings)
    found = await shown(database, one)
    assert (found.state, found.over) == ("done", len(found.steps))
    async with database.reading() as session:
        assert await session.get(SpareName, (SERVER, names[-1])) is not None


async def test_what_is_refused_keeps_no_other_step_waiting(
    database: Database, now: datetime, settings: Settings, work: Work
) -> None:
    """Its rows are undone, its reason is kept; tried again it is done like the others."""
    one = await begun(database, now, "a", "b")
    work.followed, work.refused = {"a", "b"}, {"a"}
    await minute(database, work, now, settings)
    found = await shown(database, one)
    assert [step.state for step in found.steps] == ["stuck", "done", "due"]
    assert found.steps[0].trouble == ("groups.name_taken", {"group": "a"})
    assert (found.state, found.stuck) == ("running", 1)
    async with database.writing() as session:
        assert await session.get(SpareName, (SERVER, "a")) is None
        with pytest.raises(UserError):
            await undertakings.try_again(session, MEMBER, one)
        await undertakings.try_again(session, OWNER, one)
    work.refused = set()
    await minute(database, work, now, settings)
    assert (await shown(database, one)).state == "done"


async def test_what_is_stuck_can_be_left_out(
    database: Database, now: datetime, settings: Settings, work: Work
) -> None:
    """Then everything else decides when it is over."""
    one = await begun(database, now, "a", "b")
    work.followed, work.refused = {"a", "b"}, {"a"}
    await minute(database, work, now, settings)
    async with database.writing() as session:
        await undertakings.leave_out(session, OWNER, one, now=now)
    await minute(database, work, now, settings)
    found = await shown(database, one)
    assert [step.state for step in found.steps] == ["left_out", "done", "done"]
    assert found.state == "done"


async def test_pause_and_cancel(
    database: Database, now: datetime, settings: Settings, work: Work
) -> None:
    """Paused nothing is called; cancelled it is over, and another one may begin."""
    one = await begun(database, now, "a")
    with pytest.raises(UserError, match="under_way"):
        await begun(database, now, "b")
    async with database.writing() as session:
        with pytest.raises(UserError):
            await undertakings.pause(session, MEMBER, one)
        await undertakings.pause(session, OWNER, one)
    await minute(database, work, now, settings)
    assert work.calls == []
    async with database.writing() as session:
        await undertakings.go_on(session, OWNER, one)
    await minute(database, work, now, settings)
    assert work.calls == ["a"]
    async with database.writing() as session:
        await undertakings.cancel(session, OWNER, one, now=now)
        assert await undertakings.under_way(session, SERVER, "setup") is None
    await minute(database, work, now + timedelta(minutes=1), settings)
    assert work.calls == ["a"]
    assert await begun(database, now, "b") != one


async def test_while_hearth_is_paused_nothing_is_begun(
    database: Database, now: datetime, settings: Settings, work: Work
) -> None:
    """The switch of a server stops its undertakings, too."""
    await begun(database, now, "a")
    async with database.writing() as session:
        (await session.get_one(Server, SERVER)).paused_at = now
    await minute(database, work, now, settings)
    assert work.calls == []


async def test_another_servers_undertaking_is_not_there(database: Database, now: datetime) -> None:
    """Ids in buttons may name anything."""
    one = await begun(database, now, "a")
    stranger = Actor(99, 5, manages_server=True)
    async with database.writing() as session:
        with pytest.raises(UserError, match="expired"):
            await undertakings.cancel(session, stranger, one, now=now)
        with pytest.raises(UserError, match="expired"):
            await undertakings.progress(session, 99, one)
