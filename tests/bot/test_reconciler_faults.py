"""The reconciler when Discord fails, limits, loses answers, or the bot is gone for a while."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.rules import capacity
from bot.rules.scope import ServerScope
from bot.settings import Settings
from models import Creation, Membership, RoomCategory
from sandbox.faults import Kind
from tests.bot.harbour import LISTENING, Harbour, harbour

MEMBER_ROLE = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server whose bot is not running yet."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        yield opened


@pytest.mark.parametrize(
    "kind",
    [
        "503",
        "reset",
        "429",
        "429-global",
        "429-shared",
        "slow",
        "cloudflare",
        "cloudflare-ban",
        "cloudflare-403",
    ],
)
@pytest.mark.parametrize("effect", [False, True])
async def test_a_failing_write_is_repeated(place: Harbour, kind: Kind, *, effect: bool) -> None:
    """Whatever a write meets, and whether or not it was carried out, the home is reached."""
    await place.start()
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    place.sandbox.faults.add(kind, "PUT", MEMBER_ROLE, times=2, effect=effect)
    await place.lives(kim, group)
    assert await place.settled(place.member(kim))
    assert kim.roles == [await place.role(group)]
    assert await place.home(kim) == (group, "here")


@pytest.mark.parametrize("kind", ["503", "reset", "slow", "cloudflare", "cloudflare-ban"])
@pytest.mark.parametrize("path", ["/guilds/{guild_id}/roles", "/guilds/{guild_id}/channels"])
async def test_nothing_is_made_twice(place: Harbour, kind: Kind, path: str) -> None:
    """A creation whose answer was lost is found in the audit log, not repeated."""
    await place.start()
    roles, channels = len(place.guild.roles), len(place.guild.channels)
    place.sandbox.faults.add(kind, "POST", path, times=1, effect=True)
    await place.group("Riverside")
    assert await place.settled()
    assert len(place.guild.roles) == roles + 1
    assert len(place.guild.channels) == channels + 2
    async with place.tables.reading() as session:
        assert list(await session.scalars(select(Creation))) == []


async def test_a_look_before_the_events_makes_nothing_twice(place: Harbour) -> None:
    """A role and a room whose events are not heard yet are there, also after a new session."""
    await place.start()
    events = place.sandbox.gateway.faults
    events.lose("GUILD_ROLE_CREATE", times=None)
    events.lose("CHANNEL_CREATE", times=None)
    roles, channels = len(place.guild.roles), len(place.guild.channels)
    await place.group("Riverside")
    assert await place.settled()
    place.reconciler.after_gap(place.guild.id)
    assert await place.settled()
    await place.sandbox.settle()
    assert len(place.guild.roles) == roles + 1
    assert len(place.guild.channels) == channels + 2


async def test_a_repeat_that_discord_py_makes_is_taken_away(place: Harbour) -> None:
    """discord.py repeats a creation after a 502 by itself; the second role goes again."""
    await place.start()
    roles = len(place.guild.roles)
    place.sandbox.faults.add("502", "POST", "/guilds/{guild_id}/roles", times=1, effect=True)
    group = await place.group("Riverside")
    assert await place.settled()
    await place.sandbox.settle()
    assert len(place.guild.roles) == roles + 1
    assert (await place.role(group)).id in place.guild.roles


async def test_refused_for_good_is_stored_and_cleared(place: Harbour) -> None:
    """What Discord refuses is shown to owners, and goes when it works after a change."""
    await place.start()
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    role = await place.role(group)
    bot_role = next(r for r in place.guild.roles.values() if r.bot_id is not None)
    bot_role.position, role.position = 1, 5
    await place.lives(kim, group)
    assert not await place.settled(place.member(kim))
    assert await place.failures() == [(f"member:{kim.id}", "roles", 50013)]
    await place.owner.edit_role(bot_role, name="Hearth!")
    bot_role.position, role.position = 5, 1
    place.reconciler.look(ServerScope(place.guild.id))
    assert await place.settled()
    assert await place.failures() == []
    assert kim.roles == [role]


async def test_what_discord_would_refuse_is_not_asked(place: Harbour) -> None:
    """A role above Hearth's own, and forty people who should have it: not one invalid request."""
    await place.start()
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(40)]
    assert await place.settled()
    role = await place.role(group)
    role.position = 5
    await place.owner.edit_role(role, name="Riverside!")
    before = place.sandbox.requests.snapshot()
    await place.all_live(people, group)
    assert not await place.settled(place.member(people[-1]))
    for _ in range(3):
        place.reconciler.look(ServerScope(place.guild.id))
        assert not await place.settled(place.member(people[-1]))
    assert place.sandbox.requests.since(before).invalid == 0
    stored = {code for subject, _, code in await place.failures() if "member" in subject}
    assert stored == {50013}
    role.position = 1
    await place.owner.edit_role(role, name="Riverside?")
    place.reconciler.look(ServerScope(place.guild.id))
    assert await place.settled()
    assert all(person.roles == [role] for person in people)


async def test_a_crash_between_note_and_creation(place: Harbour) -> None:
    """What a killed bot had made but not stored is adopted at the next start."""
    group = await place.group("Riverside")
    await place.start()
    assert await place.settled()
    role, room = await place.role(group), await place.room(group)
    await place.stop()
    # As it would be if the bot had died right after Discord's answers: rows of what was begun.
    reasons = {entry.target_id: entry.reason for entry in place.guild.audit_log if entry.reason}
    async with place.writing() as session:
        row = await session.merge(await place.row(group))
        row.role_id = row.room_id = row.role_written = row.room_written = None
        for category in await session.scalars(select(RoomCategory)):
            await session.delete(category)
        made = ((role.id, "role", group), (room.id, "room", group), (room.parent_id, "category", 0))
        for made_id, what, subject in made:
            reason = reasons[made_id]
            assert reason is not None
            session.add(
                Creation(
                    id=reason.rpartition(" ")[2],
                    server_id=place.guild.id,
                    what=what,
                    subject_id=subject,
                    begun_at=place.now,
                )
            )
    before = place.sandbox.requests.snapshot()
    await place.start()
    assert await place.settled()
    assert await place.role(group) is role
    assert await place.room(group) is room
    asked = place.sandbox.requests.since(before).by_route
    assert asked["POST /guilds/{guild_id}/roles"] == 0
    assert asked["POST /guilds/{guild_id}/channels"] == 0


async def test_a_stop_in_the_middle_is_taken_up(place: Harbour) -> None:
    """Members who were to be moved when the bot stopped are moved by the next one."""
    await place.start()
    group = await place.group("Riverside")
    assert await place.settled()
    people = [await place.person() for _ in range(20)]
    await place.all_live(people, group)
    await place.stop()
    await place.start()
    assert await place.settled()
    role = await place.role(group)
    assert all(person.roles == [role] for person in people)


async def test_what_people_did_meanwhile(place: Harbour) -> None:
    """While the bot is away: a taken role is held, a lost write healed, who left is gone."""
    await place.start()
    group = await place.group("Riverside")
    kim, lena, omar, lost = [await place.person() for _ in range(4)]
    await place.all_live([kim, lena, omar], group)
    assert await place.settled()
    await place.stop()
    await place.sandbox.advance(place.now.replace(hour=15))
    await place.owner.take_role(kim, await place.role(group))
    await omar.leave()
    await place.all_live([lost], group)
    before = place.sandbox.requests.snapshot()
    await place.start()
    assert await place.settled()
    homes = [await place.home(person) for person in (kim, lena, omar, lost)]
    assert homes == [(group, "held"), (group, "here"), (group, "gone"), (group, "here")]
    assert kim.roles == []
    assert lost.roles == [await place.role(group)]
    asked = place.sandbox.requests.since(before).by_route
    # Roles and channels made twice, and who took which role.
    assert asked["GET /guilds/{guild_id}/audit-logs"] == 3


async def test_rows_that_vanished_strip_nobody(place: Harbour) -> None:
    """When the tables suddenly know nothing of many, nobody is stripped before an owner looked."""
    await place.start()
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(30)]
    await place.all_live(people, group)
    assert await place.settled()
    await place.stop()
    async with place.writing() as session:
        for row in await session.scalars(select(Membership)):
            await session.delete(row)
    await place.start()
    role = await place.role(group)
    assert all(person.roles == [role] for person in people)
    assert await place.failures() == [("server", "removals", None)]
    assert [key for key in await place.owed("owners") if "removals" in key]
    place.reconciler.of(place.guild.id).allow_removals()
    assert await place.settled()
    assert not any(person.roles for person in people)
    assert await place.failures() == []


async def test_a_few_leftovers_are_cleaned_up(place: Harbour) -> None:
    """A few roles whose rows are gone are taken away at the next look."""
    await place.start()
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(3)]
    await place.all_live(people, group)
    assert await place.settled()
    await place.stop()
    async with place.writing() as session:
        for row in await session.scalars(select(Membership)):
            await session.delete(row)
    await place.start()
    assert await place.settled()
    assert not any(person.roles for person in people)


async def test_a_lost_session_is_a_gap(place: Harbour) -> None:
    """After a gateway session that cannot be resumed the server is looked at again."""
    await place.start()
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    room, role = await place.room(group), await place.role(group)
    place.sandbox.gateway.drop(resumable=False)
    await place.owner.delete_overwrite(room, role)
    await place.sandbox.settle()
    assert await place.settled()
    assert kim.can_send(room)


async def test_rooms_overflow_into_a_further_category(
    place: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No category is filled to the brim: a further one is made before."""
    monkeypatch.setattr(capacity, "ROOMS_IN_A_CATEGORY", 3)
    await place.start()
    groups = [await place.group(f"Group {number}") for number in range(7)]
    assert await place.settled()
    parents = [(await place.room(group)).parent_id for group in groups]
    assert sorted(parents.count(parent) for parent in set(parents)) == [1, 3, 3]


async def test_without_the_members_intent(laid: Settings, now: datetime) -> None:
    """In reduced mode members are asked for one by one, and moves work all the same."""
    async with harbour(laid, now, cogs=LISTENING, reduced=True) as place:
        await place.start()
        first, second = await place.group("Riverside"), await place.group("Millpond")
        kim = await place.person("Kim")
        booster = await place.owner.create_role("Booster")
        await place.owner.give_role(kim, booster)
        await place.lives(kim, first)
        assert await place.settled(place.member(kim))
        await place.lives(kim, second)
        assert await place.settled(place.member(kim))
        assert set(kim.roles) == {booster, await place.role(second)}


async def test_a_bulk_edit_undoes_nobody_elses_work(place: Harbour) -> None:
    """A role that others give while a member edit is under way is not lost."""
    await place.start()
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(25)]
    booster = await place.owner.create_role("Booster")
    assert await place.settled()
    await place.all_live(people, group)
    for person in people:
        await place.owner.give_role(person, booster)
    assert await place.settled()
    role = await place.role(group)
    assert all(set(person.roles) == {role, booster} for person in people)


async def test_a_mind_changed_while_the_write_is_under_way(place: Harbour) -> None:
    """A key whose reason is gone by the time it is cut does not stay."""
    await place.start()
    group = await place.group("Riverside")
    kim, lena = await place.person("Kim"), await place.person("Lena")
    assert await place.settled()
    held_up = [
        place.sandbox.faults.add("429", "PUT", path, times=1, retry_after=0.3)
        for path in (MEMBER_ROLE, "/channels/{channel_id}/permissions/*")
    ]
    await place.lives(kim, group)
    visit = await place.visits(lena, group)
    async with asyncio.timeout(5):
        while not all(fault.struck for fault in held_up):  # noqa: ASYNC110 - a fault tells nobody
            await asyncio.sleep(0)
    await place.homeless(kim)
    await place.end_visit(visit)
    await place.sandbox.settle()
    assert kim.roles == []
    assert lena.id not in (await place.room(group)).overwrites
