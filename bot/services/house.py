"""Rooms that setup has Hearth make: the commons, and those for the people who help."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.scope import HouseScope
from bot.rules.setup_answers import PARTS
from models import Facilitator, HouseRoom, Server


@dataclass(frozen=True, slots=True)
class Wanted:
    """One such room; its creation's subject is its part's number, from 1.

    `opens_to` are roles; `people` those who enter one by one, and only here.
    """

    part: str
    number: int
    name: str
    opens_to: frozenset[int]
    people: frozenset[int]
    room_id: int | None  # None: to be made

    @property
    def private(self) -> bool:
        """Whether not everyone may see it."""
        return self.part != PARTS[0]

    @property
    def keyed(self) -> bool:
        """Whether Hearth keeps the keys of people after it was made."""
        return self.part == PARTS[1]

    @property
    def subject(self) -> str:
        """What a stored failure to make it is about."""
        return f"house:{self.part}"


async def wish(
    session: AsyncSession, server_id: int, part: str, name: str, opens_to: Collection[int]
) -> None:
    """Have a room made for a part of the setup; the reconciler makes it after commit."""
    row = await session.get(HouseRoom, (server_id, part))
    if row is None:
        row = HouseRoom(server_id=server_id, part=part, name=name)
        session.add(row)
    row.name, row.opens_to = name, json.dumps(sorted(opens_to))
    await session.flush()
    note_after_commit(session, HouseScope(server_id))


async def wanted(session: AsyncSession, server_id: int) -> list[Wanted]:
    """Return the rooms that are to be made, and those that were.

    None of them while Hearth should change nothing in the server.
    """
    server = await session.get(Server, server_id)
    if server is None or server.removed_at is not None or server.paused_at is not None:
        return []
    rows = await session.scalars(select(HouseRoom).where(HouseRoom.server_id == server_id))
    found: list[Wanted] = []
    for row in rows.all():
        people = frozenset[int]()
        if row.part == PARTS[1]:
            people = frozenset(
                await session.scalars(
                    select(Facilitator.user_id).where(
                        Facilitator.server_id == server_id, Facilitator.state == "active"
                    )
                )
            )
        found.append(
            Wanted(
                part=row.part,
                number=PARTS.index(row.part) + 1,
                name=row.name,
                opens_to=frozenset(json.loads(row.opens_to)),
                people=people,
                room_id=row.room_id,
            )
        )
    return sorted(found, key=lambda one: one.number)


async def made(session: AsyncSession, server_id: int, number: int, room_id: int) -> None:
    """Store the room that was made for a part, where setup names none by now."""
    part = PARTS[number - 1]
    row = await session.get(HouseRoom, (server_id, part))
    server = await session.get(Server, server_id)
    if row is None or server is None:
        return
    row.room_id = room_id
    if getattr(server, part) is None:
        setattr(server, part, room_id)
    await session.flush()
    note_after_commit(session, HouseScope(server_id))


async def chosen(session: AsyncSession, server_id: int, part: str, room_id: int | None) -> None:
    """Take in that setup names a room for a part: one that Hearth made before is its own no more.

    With None the part has no room, and none is to be made.
    """
    await session.execute(
        delete(HouseRoom).where(
            HouseRoom.server_id == server_id,
            HouseRoom.part == part,
            HouseRoom.room_id.is_distinct_from(room_id) | HouseRoom.room_id.is_(None),
        )
    )


async def rooms_of(session: AsyncSession, server_id: int) -> frozenset[int]:
    """Return the rooms that setup names."""
    server = await session.get(Server, server_id)
    if server is None:
        return frozenset()
    return frozenset(room for part in PARTS if (room := getattr(server, part)) is not None)
