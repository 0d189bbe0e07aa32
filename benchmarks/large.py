"""A server as large as Discord lets Hearth serve: 34,000 people in 230 groups.

It is set up (every role and room made, everyone given their key), looked at as a whole, started
anew, and one full group of it is split. The bot runs in a process of its own, so its loop holds
nothing of the sandbox. The homes are put into the tables at once, as an import would; 34,000
presses would measure the sandbox.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from benchmarks.beside import Beside, beside, tables
from bot.database import Database
from bot.rules import ties
from bot.rules.actor import Actor
from bot.rules.charter import Charter
from bot.rules.types import TypeRules
from bot.services import groups, servers, types
from models import Group, Membership, Tie
from sandbox import ratelimits
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.requestlog import RequestLog
from sandbox.state import Server

MEMBERS, GROUPS, CAP = 34_000, 230, 150
LOOKS = 5
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIME_SCALE = 1e6
"""Discord's rate limits are divided by this; what they would take is reckoned from the counts."""
PATIENCE = 900.0  # real seconds for setting up
DAY = timedelta(days=1)
ANSWERS = "/interactions/"
REAL_BUCKETS: Mapping[str, Sequence[str]] = {
    "MEMBER_EDIT": ("PATCH /guilds/{guild_id}/members/{user_id}",),
    "MEMBER_ROLES": (
        "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}",
        "DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}",
    ),
    "ROLE_CREATE": ("POST /guilds/{guild_id}/roles",),
    "ROLE_EDIT": ("PATCH /guilds/{guild_id}/roles/{role_id}",),
}
"""Discord's buckets that count for a whole server, and what goes through them."""


async def run(members: int = MEMBERS, count: int = GROUPS) -> dict[str, Any]:
    """Set up, look, start anew, split; return what each cost."""
    found: dict[str, Any] = {"members": members, "groups": count}
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(start=BEGIN, time_scale=TIME_SCALE) as sandbox:
            sandbox.control.patience = PATIENCE
            server = sandbox.add_server(members=members - 1)  # and the owner
            office = await server.owner.create_channel("owners")
            async with Database.open(tables(folder)) as database:
                await people(database, server, office.id, count)
            begun = time.perf_counter()
            async with beside(sandbox, folder, driven=True) as bot:
                found["set_up"] = await bot.ask("felt")
                found["set_up"] |= {
                    "seconds": time.perf_counter() - begun,
                    "requests": sandbox.requests.total,
                    "hours": hours(sandbox.requests),
                }
                found["look"] = await looks(bot, server)
            begun, counted = time.perf_counter(), sandbox.requests.snapshot()
            async with beside(sandbox, folder, driven=True) as bot:
                found["start"] = await bot.ask("felt")
                found["start"] |= {
                    "seconds": time.perf_counter() - begun,
                    "requests": sandbox.requests.since(counted).total,
                }
                found["split"] = await split(sandbox, server, bot)
    return found


def hours(log: RequestLog) -> float:
    """Return how long these requests take where Discord's buckets are what they are.

    The server's own buckets run beside each other, and all below the bot's global limit; a bucket
    opens full, and each of its periods lets its limit through. Buckets of single rooms are wider
    than what one room gets here.
    """
    waits = [log.total / ratelimits.GLOBAL_LIMIT]
    for name, routes in REAL_BUCKETS.items():
        bucket: ratelimits.Bucket = getattr(ratelimits, name)
        asked = sum(log.by_route[route] for route in routes)
        waits.append((max(asked - 1, 0) // bucket.limit) * bucket.period)
    return max(waits) / 3600


async def people(database: Database, server: Server, office: int, count: int) -> None:
    """Set the server up: its groups as the owner would make them, and everybody's home."""
    actor = Actor(server.id, server.owner.id, manages_server=True)
    everyone = [person for person in server.members if person != server.owner_id][1:]
    shares = [CAP, *_shares(len(everyone) - CAP, count - 1)]
    async with database.writing() as session:
        rooms = {"commons_id": server.channel("general").id, "owners_room_id": office}
        await servers.set_up(session, actor, now=BEGIN, ids=rooms)
        full = TypeRules("Full", cap=CAP, minimum=5, split_delay_days=2)
        type_id = (await types.add(session, actor, full, now=BEGIN)).id
    taken = 0
    for number, share in enumerate(shares, start=1):
        async with database.writing() as session:
            charter = Charter(f"Group {number}", "A place to meet in the evening.")
            group = await groups.create(session, actor, type_id=type_id, charter=charter, now=BEGIN)
            row = await session.get_one(Group, group.id)
            row.homes = share
            here = everyone[taken : taken + share]
            taken += share
            home = {"server_id": server.id, "group_id": group.id, "state": "here", "since": BEGIN}
            await session.execute(insert(Membership), [{**home, "user_id": user} for user in here])
            if number == 1:
                await session.execute(insert(Tie), list(_talk(server.id, group.id, here)))


def _shares(total: int, count: int) -> Iterator[int]:
    """Return `total` in `count` parts that differ by one at most."""
    for number in range(count):
        yield total // count + (number < total % count)


def _talk(server_id: int, group_id: int, here: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Return ties as a group has them whose people know each other, in circles of friends."""
    chance = random.Random(7)
    weights: Counter[tuple[int, int]] = Counter()
    for _ in range(len(here) * 20):
        circle = chance.randrange(9)
        pool = here[circle::9] if chance.random() < 0.9 else here
        one, other = chance.sample(pool, 2)
        weights[min(one, other), max(one, other)] += chance.randrange(1, 5)
    week = ties.week_of(int(BEGIN.timestamp() * 1000))
    for (low, high), weight in weights.items():
        yield {
            "group_id": group_id,
            "low_id": low,
            "high_id": high,
            "week": week,
            "server_id": server_id,
            "weight": weight,
        }


async def looks(bot: Beside, server: Server) -> dict[str, float]:
    """Look at the whole server a few times; return the slowest of each figure."""
    taken = [await bot.ask(f"look {server.id}") for _ in range(LOOKS)]
    return {name: max(one[name] for one in taken) for name in taken[0]}


async def split(sandbox: Sandbox, server: Server, bot: Beside) -> dict[str, Any]:
    """Split the full group; return what planning and moving felt like, and the requests."""
    office = server.channel("owners")
    await sandbox.advance(timedelta(hours=1, minutes=1))
    planned = await bot.ask("felt")
    preview = next(m for m in office.history if "could become two" in m.content)
    told = await server.owner.press(preview, "Tell the members")
    if "are told" not in told.text:
        raise RuntimeError(f"the split was not told: {told!r}")
    await sandbox.advance(2 * DAY - timedelta(minutes=5))
    moved = [person for person in sandbox.people(server) if person.roles]
    before = {person.id: _roles(person) for person in moved}
    counted = sandbox.requests.snapshot()
    await bot.ask("felt")
    begun = time.perf_counter()
    await sandbox.advance(timedelta(minutes=10))
    felt = await bot.ask("felt") | {"seconds": time.perf_counter() - begun}
    log = sandbox.requests.since(counted)
    return {
        "plan": planned,
        **felt,
        "moved": sum(_roles(person) != before[person.id] for person in moved),
        "requests": sum(n for route, n in log.by_route.items() if ANSWERS not in route),
        "minutes": hours(log) * 60,
    }


def _roles(person: Person) -> frozenset[int]:
    return frozenset(role.id for role in person.roles)
