"""A small town in the tables: one server, two groups, a few people with homes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models import Facilitator, Group, GroupType, Member, Membership, Server

SERVER = 9_000
RIVERSIDE, MILLPOND = 1, 2
RIVERSIDE_ROOM, MILLPOND_ROOM, SQUARE = 501, 502, 500
# Mara, Jo, Kim and Lena live in Riverside, Omar in Millpond; Vera only visits; Lena looks after it.
MARA, JO, KIM, LENA, OMAR, VERA = 11, 12, 13, 14, 15, 16

Town = Callable[[AsyncSession], Awaitable[None]]


@pytest.fixture
def town(now: datetime) -> Town:
    """Return what puts the town into a transaction; everyone was told of counting long ago."""
    long_ago = now - timedelta(days=200)

    async def build(session: AsyncSession) -> None:
        session.add(Server(id=SERVER, commons_id=SQUARE, added_at=long_ago, zone="Europe/Berlin"))
        await session.flush()
        session.add(
            GroupType(id=1, server_id=SERVER, name="Place", name_key="place", kind="geographic")
        )
        await session.flush()
        for group_id, name, room_id, homes in (
            (RIVERSIDE, "Riverside", RIVERSIDE_ROOM, 4),
            (MILLPOND, "Millpond", MILLPOND_ROOM, 1),
        ):
            session.add(
                Group(
                    id=group_id,
                    server_id=SERVER,
                    type_id=1,
                    name=name,
                    name_key=name.casefold(),
                    cap=150,
                    homes=homes,
                    room_id=room_id,
                    created_at=long_ago,
                )
            )
        await session.flush()
        for user_id in (MARA, JO, KIM, LENA, OMAR, VERA):
            session.add(Member(server_id=SERVER, user_id=user_id, counted_since=long_ago))
        for user_id in (MARA, JO, KIM, LENA, OMAR):
            session.add(
                Membership(
                    server_id=SERVER,
                    user_id=user_id,
                    group_id=MILLPOND if user_id == OMAR else RIVERSIDE,
                    since=long_ago,
                )
            )
        session.add(
            Facilitator(
                group_id=RIVERSIDE, user_id=LENA, server_id=SERVER, state="active", since=long_ago
            )
        )

    return build
