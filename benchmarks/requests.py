"""How many requests it takes to make two groups of one, against the people who move.

A full group of 150 on a sandbox, with the whole bot beside it: people join by command, answer each
other, the owners say yes to the split. Counted is every request from the change of the rows until
nothing differs from the tables any more, messages included; answers to people are not, and nobody
asks anything meanwhile.
"""

import asyncio
import random
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import App
from bot.settings import Settings
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.requestlog import RequestLog
from sandbox.state import Channel, Server

PEOPLE = 150
CIRCLES = 9
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIME_SCALE = 1000.0
"""Discord's rate limits are divided by this: it is requests that are counted, not seconds."""
ANSWERS = "/interactions/"
DAY = timedelta(days=1)


async def run() -> Mapping[str, int]:
    """Split a full group; return how many people moved and how many requests that took."""
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(start=BEGIN, time_scale=TIME_SCALE) as sandbox:
            settings = Settings(
                token=SecretStr(sandbox.token),
                database=f"sqlite+aiosqlite:///{folder}/hearth.db",
                beat_file=Path(folder, "beat"),
                discord_url=sandbox.base_url,
                test_clock_url=sandbox.clock_url,
            )
            server = sandbox.add_server()
            async with App.open(settings) as app:
                running = asyncio.create_task(app.run())
                try:
                    await sandbox.settle()
                    return await _split(sandbox, server)
                finally:
                    await app.close()
                    await running


async def _split(sandbox: Sandbox, server: Server) -> Mapping[str, int]:
    office = await server.owner.create_channel("owners")
    await _ask(server.owner, "hearth setup", commons=server.channel("general"), owners_room=office)
    await _ask(
        server.owner, "hearth type add", name="Full", cap=PEOPLE, minimum=5, split_delay_days=2
    )
    await _ask(
        server.owner,
        "hearth group create",
        name="Riverside",
        type="Full",
        purpose="Evening runs around the lake.",
    )
    people = [await sandbox.person(server) for _ in range(PEOPLE)]
    await asyncio.gather(*(_ask(person, "join", group="Riverside") for person in people))
    room = next(c for c in server.channels.values() if c.name.endswith("riverside"))
    await _talk(room, people)
    await sandbox.advance(DAY + timedelta(hours=1))
    preview = next(m for m in office.history if "could become two" in m.content)
    told = await server.owner.press(preview, "Tell the members")
    if "are told" not in told.text:
        raise RuntimeError(f"the split was not told: {told!r}")
    await sandbox.advance(2 * DAY - timedelta(minutes=5))
    before = {person.id: {role.id for role in person.roles} for person in people}
    counted = sandbox.requests.snapshot()
    await sandbox.advance(timedelta(minutes=10))
    log = sandbox.requests.since(counted)
    moved = sum({role.id for role in person.roles} != before[person.id] for person in people)
    if not PEOPLE * 0.45 - 1 <= moved <= PEOPLE / 2:
        raise RuntimeError(f"{moved} people moved, which is no split of {PEOPLE}")
    return {"moved": moved, "requests": _besides_answers(log)}


def _besides_answers(log: RequestLog) -> int:
    return sum(n for route, n in log.by_route.items() if ANSWERS not in route)


async def _ask(person: Person, command: str, **options: Any) -> None:
    answer = await person.command(command, **options)
    if answer.failed or not answer.text:
        raise RuntimeError(f"/{command} was not answered")


async def _talk(room: Channel, people: Sequence[Person]) -> None:
    """Let people answer each other, mostly within circles of friends."""
    chance = random.Random(7)
    for number in range(PEOPLE * 3):
        circle = people[number % CIRCLES :: CIRCLES] if chance.random() < 0.9 else people
        writer, other = chance.sample(circle, 2)
        first = await writer.write(room, "Who runs tonight?")
        await other.write(room, "Me!", reply_to=first)
