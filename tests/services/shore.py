"""Two groups beside each other in the tables, one small, for tests of small groups and merges."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import merge_approval, merging
from bot.settings import Settings
from models import (
    Connected,
    Facilitator,
    Group,
    GroupType,
    Member,
    Membership,
    Merge,
    OutboxMessage,
    Server,
)

SERVER, RIVER, POND, LAKE = 9_000, 1, 2, 3
RIVER_PEOPLE, POND_PEOPLE = range(100, 108), range(200, 204)
LENA, OMAR, OWNER, STRANGER = 100, 200, 1, 999
DAY = timedelta(days=1)


class Shore:
    """Riverside, where eight live with Lena, and Millpond, where four live with Omar."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.noted: set[object] = set()
        database.after_commit = self.noted.update

    async def build(self, **type_: Any) -> None:
        """Found both groups; Hearth has been listening for long."""
        async with self.database.writing() as session:
            session.add(
                Server(
                    id=SERVER,
                    added_at=self.now,
                    commons_id=50,
                    facilitators_room_id=51,
                    owners_room_id=52,
                )
            )
            await session.flush()
            session.add(
                GroupType(
                    id=1,
                    server_id=SERVER,
                    name="Place",
                    name_key="place",
                    kind="geographic",
                    **{"cap": 20, "minimum": 5, "split_delay_days": 3, **type_},
                )
            )
            await session.flush()
            by_role = type_.get("access") != "overwrites"
            for group_id, name, people, lead in (
                (RIVER, "Riverside", RIVER_PEOPLE, LENA),
                (POND, "Millpond", POND_PEOPLE, OMAR),
            ):
                session.add(
                    Group(
                        id=group_id,
                        server_id=SERVER,
                        type_id=1,
                        name=name,
                        name_key=name.casefold(),
                        purpose=f"Runs around {name}.",
                        cap=20,
                        homes=len(people),
                        state="open",
                        opened_at=self.now,
                        role_id=700 + group_id if by_role else None,
                        room_id=500 + group_id,
                        created_at=self.now,
                    )
                )
                await session.flush()
                for user_id in people:
                    session.add(Member(server_id=SERVER, user_id=user_id, counted_since=self.now))
                    session.add(
                        Membership(
                            server_id=SERVER, user_id=user_id, group_id=group_id, since=self.now
                        )
                    )
                session.add(
                    Facilitator(
                        group_id=group_id,
                        user_id=lead,
                        server_id=SERVER,
                        state="active",
                        since=self.now,
                    )
                )
            session.add(
                Connected(server_id=SERVER, since=self.now, until=self.now + 400 * DAY, read=False)
            )

    def actor(self, user_id: int) -> Actor:
        """Return someone who asks; OWNER runs the server."""
        return Actor(
            server_id=SERVER,
            user_id=user_id,
            role_ids=frozenset(),
            manages_server=user_id == OWNER,
            moderates_members=False,
        )

    async def another(self, session: AsyncSession, **group: Any) -> None:
        """Found a third group, where nobody lives."""
        session.add(
            Group(
                **{
                    "id": LAKE,
                    "server_id": SERVER,
                    "type_id": 1,
                    "name": "Lakeside",
                    "name_key": "lakeside",
                    "purpose": "Swims.",
                    "cap": 20,
                    "homes": 0,
                    "state": "open",
                    "created_at": self.now,
                    **group,
                }
            )
        )
        await session.flush()

    async def merge(self) -> Merge:
        """Return the newest merge."""
        async with self.database.reading() as session:
            return (await session.scalars(select(Merge).order_by(Merge.id.desc()).limit(1))).one()

    async def ask(self) -> Message:
        """Have Omar ask for Millpond."""
        async with self.database.writing() as session:
            return await merge_approval.ask(session, self.actor(OMAR), POND, RIVER, self.now)

    async def agree(self, user_id: int = LENA) -> Message:
        """Have somebody say yes."""
        merge_id = (await self.merge()).id
        async with self.database.writing() as session:
            return await merge_approval.agree(session, self.actor(user_id), merge_id, self.now)

    async def told(self) -> None:
        """Take a merge to where the members are told."""
        await self.ask()
        await self.agree()

    async def step(self) -> int:
        """Do what is due."""
        async with self.database.writing() as session:
            return await merging.step_due(session, self.now)

    async def run(self) -> None:
        """Take a merge to where the rows have changed."""
        await self.told()
        self.now += 3 * DAY
        assert await self.step() == 1

    async def homes(self) -> dict[int, set[int]]:
        """Return who lives where; the counted column must say the same."""
        found: dict[int, set[int]] = {}
        async with self.database.reading() as session:
            for row in await session.execute(select(Membership.group_id, Membership.user_id)):
                found.setdefault(row.group_id, set()).add(row.user_id)
            counts = await session.execute(select(Group.id, Group.homes))
            assert {g: n for g, n in counts if n} == {g: len(p) for g, p in found.items()}
        return found

    async def owed(self, kind: str) -> list[OutboxMessage]:
        """Return the messages of a kind that are owed."""
        async with self.database.reading() as session:
            rows = await session.scalars(
                select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
            )
            return list(rows)

    async def count(self, table: type[Any], *which: Any) -> int:
        """Return how many rows a table holds."""
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table).where(*which)) or 0


def keys_of(message: OutboxMessage) -> list[str]:
    """Return the texts' keys of a message that is owed."""
    return [line["key"] for line in json.loads(message.content)[0]["lines"]]
