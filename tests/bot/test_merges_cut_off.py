"""Merges that are cut off: wherever the bot dies, the next one finds how far it was."""

from collections.abc import AsyncGenerator
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.services import merging
from bot.settings import Settings
from models import Group, Merge
from sandbox.people import Person
from tests.bot.harbour import LISTENING, Harbour, harbour


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def told(place: Harbour) -> tuple[int, int, list[Person], list[Person]]:
    """Let four of Millpond be about to move in with six of Riverside: the moment has come."""
    river, pond = await place.group("Riverside", cap=20), await place.group("Millpond", cap=20)
    hosts = [await place.person(f"R{number}") for number in range(6)]
    people = [await place.person(f"P{number}") for number in range(4)]
    await place.all_live(hosts, river)
    await place.all_live(people, pond)
    async with place.writing() as session:
        for group_id in (river, pond):
            (await session.get_one(Group, group_id)).opened_at = place.now
        session.add(
            Merge(
                server_id=place.guild.id,
                group_id=pond,
                into_id=river,
                state="told",
                planned_at=place.now,
                told_at=place.now,
                runs_at=place.now,
            )
        )
    return river, pond, hosts, people


async def is_one(
    place: Harbour, river: int, pond: int, everybody: list[Person], people: list[Person]
) -> None:
    """Check that all live in Riverside, see both rooms, and write in theirs only."""
    await place.sandbox.settle()
    role, room, old = await place.role(river), await place.room(river), await place.room(pond)
    for person in everybody:
        assert person.roles == [role]
        assert person.can_send(room)
        assert person.sees(old)
        assert not person.can_send(old)
    async with place.tables.reading() as session:
        merge = (await session.scalars(select(Merge))).one()
        assert (merge.state, merge.moved) == ("done", len(people))


@pytest.mark.parametrize("failing", [0, 2])
async def test_the_bot_dies_right_after_the_rows_have_changed(place: Harbour, failing: int) -> None:
    """The next one moves the keys, however many had moved, and notes that it is done."""
    river, pond, hosts, people = await told(place)
    assert await place.settled()
    if failing:
        member = "/guilds/{guild_id}/members/{user_id}"
        place.sandbox.faults.add("503", "PATCH", member, times=failing, effect=False)
    async with place.writing() as session:
        assert await merging.step_due(session, place.now) == 1
    await place.stop()
    await place.start()
    assert await place.settled()
    await is_one(place, river, pond, [*hosts, *people], people)


async def test_the_bot_is_not_there_when_the_moment_comes(place: Harbour) -> None:
    """The rows say when it was due; what comes after is the same."""
    river, pond, hosts, people = await told(place)
    assert await place.settled()
    await place.stop()
    async with place.writing() as session:
        assert await merging.step_due(session, place.now) == 1
    await place.start()
    assert await place.settled()
    await is_one(place, river, pond, [*hosts, *people], people)
    async with place.writing() as session:
        assert await merging.step_due(session, place.now) == 0
