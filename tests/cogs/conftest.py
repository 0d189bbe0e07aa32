"""A sandbox with one group, and a Hearth that listens to it."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest

from bot.database import Database
from bot.settings import Settings
from models import Facilitator, Group, GroupType, Member, Membership
from models import Server as ServerRow
from sandbox.app import Sandbox
from tests.cogs.listening import Listening, Town, listening


@pytest.fixture
async def sandbox(now: datetime) -> AsyncGenerator[Sandbox]:
    """A Discord on this machine, its clock standing still."""
    async with Sandbox(start=now, time_scale=1000) as opened:
        yield opened


@pytest.fixture
async def bot(
    sandbox: Sandbox,
    settings: Settings,
    town: Town,  # noqa: ARG001 - the town stands before the bot connects
) -> AsyncGenerator[Listening]:
    """A listening Hearth in the town."""
    async with listening(sandbox, settings) as opened:
        yield opened


@pytest.fixture
async def town(sandbox: Sandbox, laid: Settings, now: datetime) -> Town:
    """Riverside, where Mara, Jo and Lena live; Vera visits. Everyone was told of counting."""
    server = sandbox.add_server()
    owner = server.owner
    room = await owner.create_channel("riverside")
    desk = await owner.create_channel("desk")
    long_ago = now - timedelta(days=99)
    people = {name: await sandbox.person(server, name) for name in ("Mara", "Jo", "Lena", "Vera")}
    async with Database.open(laid.database) as database, database.writing() as session:
        session.add(ServerRow(id=server.id, added_at=long_ago, facilitators_room_id=desk.id))
        await session.flush()
        session.add(GroupType(id=1, server_id=server.id, name="P", name_key="p", kind="geographic"))
        await session.flush()
        session.add(
            Group(
                id=1,
                server_id=server.id,
                type_id=1,
                name="Riverside",
                name_key="riverside",
                cap=150,
                homes=3,
                room_id=room.id,
                created_at=long_ago,
            )
        )
        await session.flush()
        for name, person in people.items():
            session.add(Member(server_id=server.id, user_id=person.id, counted_since=long_ago))
            if name != "Vera":
                session.add(
                    Membership(server_id=server.id, user_id=person.id, group_id=1, since=long_ago)
                )
        session.add(
            Facilitator(
                group_id=1,
                user_id=people["Lena"].id,
                server_id=server.id,
                state="active",
                since=long_ago,
            )
        )
    return Town(server, 1, room, server.channel("general"), desk, people)
