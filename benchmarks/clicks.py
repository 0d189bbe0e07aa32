"""How long a person waits who presses *Join* while a split moves half of another group.

Discord's buckets are as they are (time scale 1) and no clock is moved: ten members in ten seconds,
so the move goes on for more than a minute and everybody who presses comes into the middle of it.
Newcomers join one after the other, then several at once. The bot runs in a process of its own.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from benchmarks.beside import beside, tables
from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.charter import Charter
from bot.rules.types import TypeRules
from bot.services import groups, servers, split_proposals, splits, types
from bot.settings import Settings
from models import Group, Membership, Split, SplitSeat
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Role, Server

CAP = 150
ONE_BY_ONE, AT_ONCE = 5, 4
BETWEEN = 2.0  # seconds between two who press one after the other
SETTING_UP_SCALE = 1e6
UNDER_WAY = 12  # member edits after which the bucket is empty and the move waits for it
PATIENCE = 60.0
MEMBER_EDIT = "PATCH /guilds/{guild_id}/members/{user_id}"
FULL, OPEN = "Riverside", "Millpond"


async def run() -> Mapping[str, Any]:
    """Measure; RuntimeError when the move was over before everybody had pressed."""
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(time_scale=SETTING_UP_SCALE) as sandbox:
            server = sandbox.add_server(members=CAP + ONE_BY_ONE + AT_ONCE)
            people = sandbox.people(server)
            async with Database.open(tables(folder)) as database:
                await _found(database, server, people[:CAP])
            async with beside(sandbox, folder, driven=True):
                pass  # every role and room is made, everyone has their key
            async with Database.open(tables(folder)) as database:
                stay = await _tell(database, server)
            sandbox.rest.limiter.scale = 1.0
            async with beside(sandbox, folder, driven=False) as bot:
                return await _press(sandbox, server, people, stay) | await bot.ask("felt")


async def _found(database: Database, server: Server, here: list[Person]) -> None:
    """Set the server up with a full group and an empty one."""
    actor, now = _owner(server), datetime.now(UTC)
    async with database.writing() as session:
        await servers.set_up(
            session, actor, now=now, ids={"commons_id": server.channel("general").id}
        )
        rules = TypeRules("Full", cap=CAP, minimum=5)
        type_id = (await types.add(session, actor, rules, now=now)).id
        for name in (FULL, OPEN):
            charter = Charter(name, "A place to meet in the evening.")
            await groups.create(session, actor, type_id=type_id, charter=charter, now=now)
        full = await session.scalar(select(Group).where(Group.name == FULL))
        assert full is not None
        full.homes = len(here)
        home = {"server_id": server.id, "group_id": full.id, "state": "here", "since": now}
        await session.execute(insert(Membership), [{**home, "user_id": p.id} for p in here])


async def _tell(database: Database, server: Server) -> int:
    """Have the split planned and told, and its moment come; return how many will stay."""
    now = datetime.now(UTC)
    await splits.look(database, server.id, now, Settings())
    async with database.writing() as session:
        split_id = await session.scalar(select(Split.id))
        if split_id is None:
            raise RuntimeError("no split was planned")
        await split_proposals.suggest(session, _owner(server), split_id, now, Settings())
        await session.execute(update(Split).values(runs_at=now))
        seats = Counter(await session.scalars(select(SplitSeat.child)))
        return max(seats.values())


async def _press(
    sandbox: Sandbox, server: Server, people: list[Person], stay: int
) -> dict[str, Any]:
    """Let people join while the bulk of the move still waits; `stay` keep the old room."""
    before = sandbox.requests.snapshot()
    async with asyncio.timeout(PATIENCE):
        while sandbox.requests.since(before).by_route[MEMBER_EDIT] < UNDER_WAY:  # noqa: ASYNC110 - it is another process that works
            await asyncio.sleep(0.05)
    key = next(role for role in server.roles.values() if role.name.endswith(OPEN))
    old = next(role for role in server.roles.values() if role.name.endswith(FULL))
    newcomers = people[CAP:]
    waits: list[tuple[float, float]] = []
    for person in newcomers[:ONE_BY_ONE]:
        waits.append(await _join(person, key))
        await asyncio.sleep(BETWEEN)
    waits += await asyncio.gather(*(_join(person, key) for person in newcomers[ONE_BY_ONE:]))
    log = sandbox.requests.since(before)
    left = sum(old in person.roles for person in people[:CAP]) - stay
    if left < 1:
        raise RuntimeError("the move was over before everybody had pressed")
    return {
        "presses": len(waits),
        "answer_s": max(answer for answer, _ in waits),
        "key_s": max(key for _, key in waits),
        "moved": log.by_route[MEMBER_EDIT],
        "left_to_move": left,
        "rate_limited": log.rate_limited,
    }


async def _join(person: Person, key: Role) -> tuple[float, float]:
    """Join the open group; return after how many seconds the answer came, and the key."""
    begun = time.perf_counter()
    asked = asyncio.create_task(person.command("join", group=OPEN))
    while key not in person.roles:
        await asyncio.sleep(0.01)
        if time.perf_counter() - begun > PATIENCE:
            answer = await asked
            raise RuntimeError(f"{person.name} has no key; the answer was: {answer!r}")
    keyed = time.perf_counter() - begun
    answer = await asked
    answered = time.perf_counter() - begun
    if "Welcome home" not in answer.text:
        raise RuntimeError(f"/join was not answered: {answer!r}")
    return answered, keyed


def _owner(server: Server) -> Actor:
    return Actor(server.id, server.owner.id, manages_server=True)
