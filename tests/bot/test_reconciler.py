"""The reconciler on a real client, beside a sandbox: people act, and the server follows."""

from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from bot.rules.scope import GroupScope
from bot.settings import Settings
from tests.bot.harbour import LISTENING, Harbour, harbour


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def test_a_group_gets_role_and_room(place: Harbour) -> None:
    """A new row becomes a quiet role and a private room in a category of Hearth's."""
    group = await place.group("Riverside")
    assert await place.settled()
    role, room = await place.role(group), await place.room(group)
    assert (role.name, role.color, role.hoist, role.mentionable, role.permissions) == (
        "🌊 Riverside",
        0xE07A3F,
        False,
        False,
        0,
    )
    assert room.parent_id is not None
    assert place.guild.channels[room.parent_id].name == "🔥 Hearth 1"
    stranger = await place.person()
    assert not stranger.sees(room)


async def test_a_home_is_a_key(place: Harbour) -> None:
    """Who moves in sees and writes in the room, and by nothing but the group's role."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled(place.member(kim))
    room = await place.room(group)
    assert kim.sees(room)
    assert kim.can_send(room)
    assert kim.roles == [await place.role(group)]
    assert kim.id not in room.overwrites


async def test_a_move_keeps_other_roles(place: Harbour) -> None:
    """Moving changes the home's role and nothing else that a member carries."""
    first, second = await place.group("Riverside"), await place.group("Millpond")
    kim = await place.person("Kim")
    booster = await place.owner.create_role("Booster")
    await place.owner.give_role(kim, booster)
    await place.lives(kim, first)
    assert await place.settled(place.member(kim))
    await place.lives(kim, second)
    assert await place.settled(place.member(kim))
    assert set(kim.roles) == {booster, await place.role(second)}


async def test_a_visit_is_one_overwrite(place: Harbour) -> None:
    """A visitor's key is one entry in one room, without its past, and goes when the visit ends."""
    group = await place.group("Riverside")
    assert await place.settled()
    kim = await place.person("Kim")
    before = place.sandbox.requests.snapshot()
    visit = await place.visits(kim, group)
    assert await place.settled(place.member(kim))
    room = await place.room(group)
    assert kim.can_send(room)
    assert not room.overwrites[kim.id].allow & 1 << 16
    assert room.overwrites[kim.id].deny & 1 << 16
    await place.end_visit(visit)
    assert await place.settled(place.member(kim))
    assert not kim.sees(room)
    assert kim.id not in room.overwrites
    asked = place.sandbox.requests.since(before)
    assert asked.total == 2


async def test_a_group_without_role_is_overwrites(place: Harbour) -> None:
    """Members of a group without a role have entries of their own, and no role to be seen."""
    group = await place.group("Harbour lights", access="overwrites")
    people = [await place.person() for _ in range(12)]
    await place.all_live(people, group)
    assert await place.settled()
    room = await place.room(group)
    assert all(person.can_send(room) and not person.roles for person in people)
    before = place.sandbox.requests.snapshot()
    other = await place.group("Elsewhere", access="overwrites")
    await place.all_live(people[:6], other)
    assert await place.settled()
    assert not any(person.sees(room) for person in people[:6])
    assert all(person.sees(room) for person in people[6:])
    edits = place.sandbox.requests.since(before).by_route
    assert edits["PATCH /channels/{channel_id}"] <= 2


async def test_a_split_asks_little(place: Harbour) -> None:
    """Moving N people into a new group takes about N requests."""
    old = await place.group("Riverside")
    people = [await place.person() for _ in range(30)]
    await place.all_live(people, old)
    assert await place.settled()
    before = place.sandbox.requests.snapshot()
    new = await place.group("Millpond")
    await place.all_live(people[:12], new)
    assert await place.settled(GroupScope(place.guild.id, new))
    assert await place.settled()
    asked = place.sandbox.requests.since(before)
    assert asked.by_route["PATCH /guilds/{guild_id}/members/{user_id}"] == 12
    assert asked.total <= 12 + 3
    moved, stayed = await place.role(new), await place.role(old)
    assert all(person.roles == [moved] for person in people[:12])
    assert all(person.roles == [stayed] for person in people[12:])
