"""Told to stop, a bot finishes what is in hand within its five seconds, whatever it is doing.

No time is measured here: a bot that takes longer is cut off by its own watch and ends with another
status than 0.
"""

import asyncio
import shutil
import signal
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.app import Sandbox
from sandbox.faults import Kind
from sandbox.people import Person
from sandbox.state import Server
from tests.bot.commandline import PATIENCE, Bot, on, running

MESSAGES = 12


@pytest.fixture
async def sandbox(now: datetime) -> AsyncGenerator[Sandbox]:
    """A Discord on this machine."""
    async with Sandbox(start=now, time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server that Hearth is in."""
    return sandbox.add_server()


@pytest.fixture(autouse=True)
def tables(tmp_path: Path, brought_up: Path) -> None:
    """Have the tables there already: a first start takes longer."""
    shutil.copy(brought_up, tmp_path / "hearth.db")


@pytest.fixture
async def bot(sandbox: Sandbox, server: Server, tmp_path: Path) -> AsyncGenerator[Bot]:
    """A bot that is connected and idle."""
    del server
    async with running(tmp_path, on(sandbox)) as started:
        await sandbox.control.attaches()
        await sandbox.settle()
        yield started


def signals(folder: Path, person: Person) -> int:
    """Return how many signs of life the tables have of somebody."""
    with closing(sqlite3.connect(folder / "hearth.db")) as tables:
        found = tables.execute(
            "SELECT total(signals) FROM active_day WHERE user_id = ?", (person.id,)
        )
        return int(found.fetchone()[0])


async def found(sandbox: Sandbox, server: Server, name: str = "Mara") -> Person:
    """Set Hearth up with one group; return somebody who lives there."""
    commons = server.channel("general")
    await server.owner.command("hearth setup", commons=commons, time_zone="UTC")
    made = await server.owner.command(
        "hearth group create",
        name="Riverside",
        type="Interest",
        purpose="Evening runs around the lake.",
        emoji="🌊",
    )
    assert "is made" in made.text, made.text
    person = await sandbox.person(server, name)
    answer = await person.command("join", group="Riverside")
    assert "Welcome home" in answer.text, answer.text
    await sandbox.settle()
    return person


async def talks(server: Server, person: Person) -> None:
    """Write and react in the group's room."""
    room = next(c for c in server.channels.values() if "riverside" in c.name)
    for number in range(MESSAGES):
        message = await person.write(room, f"Number {number}")
        await server.owner.react(message, "👋")


@pytest.fixture
async def now() -> datetime:
    """A little after the machine's own time, for bots that live by that: ids hold moments."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)


async def test_what_was_counted_is_written(
    sandbox: Sandbox, server: Server, tmp_path: Path
) -> None:
    """Messages and reactions of the last seconds are in the tables when it is gone."""
    async with running(tmp_path, on(sandbox, driven=False)) as bot:
        await bot.says("has connected to Gateway")
        await sandbox.settle()
        person = await found(sandbox, server)
        await talks(server, person)
        await person.command("home")  # what came before it was heard
        assert await bot.stops() == 0, bot.said
    assert signals(tmp_path, person) >= MESSAGES


async def test_a_locked_database_is_told_at_the_end(
    sandbox: Sandbox, server: Server, tmp_path: Path
) -> None:
    """What cannot be written is named, in time, and messages are counted by the next start."""
    async with running(tmp_path, on(sandbox, driven=False)) as bot:
        await bot.says("has connected to Gateway")
        await sandbox.settle()
        person = await found(sandbox, server)
        await talks(server, person)
        await person.command("home")
        with closing(sqlite3.connect(tmp_path / "hearth.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            bot.told(signal.SIGINT)  # Ctrl+C is a word like any other
            assert await bot.ends() == 0, bot.said
            assert "could not be written at the end" in bot.said
            other.execute("ROLLBACK")
    async with running(tmp_path, on(sandbox)) as bot:
        await sandbox.control.attaches()
        await sandbox.settle()
        assert await bot.stops() == 0, bot.said
    assert signals(tmp_path, person) >= MESSAGES


async def test_who_waits_for_an_answer_gets_it(sandbox: Sandbox, server: Server, bot: Bot) -> None:
    """A command that is being answered when the word comes is answered."""
    await found(sandbox, server)
    slow = sandbox.faults.add("slow", "PATCH", "/webhooks/*", delay=0.5, then=bot.told)
    other = await sandbox.person(server, "Jo")
    answer = await other.command("join", group="Riverside")
    assert "Welcome home" in answer.text
    assert (slow.struck, await bot.ends()) == (1, 0), bot.said


async def test_a_call_without_an_answer_is_cut_off(
    sandbox: Sandbox, server: Server, bot: Bot, tmp_path: Path
) -> None:
    """A key that Discord does not confirm is not waited for; the next start cuts it."""
    await found(sandbox, server)
    key = sandbox.faults.add("silence", "PUT", "/guilds/*/members/*/roles/*", then=bot.told)
    other = await sandbox.person(server, "Jo")
    other.patience = 1.0
    with suppress(TimeoutError):
        await other.command("join", group="Riverside")
    assert (await bot.ends(), key.struck) == (0, 1), bot.said
    async with running(tmp_path, on(sandbox)) as again:
        await sandbox.control.attaches()
        await sandbox.settle()
        room = next(c for c in server.channels.values() if "riverside" in c.name)
        assert other.sees(room)
        assert await again.stops() == 0


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        pytest.param("GET /users/@me", "silence", id="logging in"),
        pytest.param("GET /users/@me", "429", id="a rate limit while logging in"),
        pytest.param("PUT /applications/*/commands", "silence", id="telling the commands"),
    ],
)
async def test_told_before_it_is_ready(
    sandbox: Sandbox, server: Server, tmp_path: Path, route: str, kind: Kind
) -> None:
    """A bot that is still starting has nothing to finish, whatever it waits for."""
    del server
    word = asyncio.Event()
    sandbox.faults.add(kind, *route.split(), retry_after=50.0, then=word.set)
    async with running(tmp_path, on(sandbox)) as bot:
        async with asyncio.timeout(PATIENCE):
            await word.wait()
        assert await bot.stops() == 0, bot.said
        assert "Traceback" not in bot.said


async def test_told_twice_it_ends_at_once(sandbox: Sandbox, server: Server, bot: Bot) -> None:
    """The second word waits for nothing; the next start heals what was cut."""

    def twice() -> None:
        bot.told(signal.SIGTERM)
        bot.told(signal.SIGINT)

    sandbox.faults.add("silence", "POST", "/interactions/*", then=twice)
    server.owner.patience = 0.5
    with suppress(TimeoutError):
        await server.owner.command("home")
    assert await bot.ends() in {128 + signal.SIGTERM, 128 + signal.SIGINT}
    assert "Told to stop twice" in bot.said
