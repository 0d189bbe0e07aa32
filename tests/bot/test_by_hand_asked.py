"""What people change by hand and Hearth asks about, tells of, or waits for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.database import note_after_commit
from bot.rules.access import ADMINISTRATOR, MANAGE_CHANNELS, MANAGE_ROLES, VIEW
from bot.rules.actor import Actor
from bot.rules.scope import GroupScope
from bot.services import safety
from bot.settings import Settings
from models import Door, Invitation, Membership, Server, SetupRole
from sandbox.people import Person
from sandbox.state import ChannelType, Member, Role
from tests.bot.harbour import Harbour, harbour

COGS = ("cogs.server_events", "cogs.decisions")


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot, where #general is the moderators' room."""
    async with harbour(laid, now, cogs=COGS) as opened:
        async with opened.writing() as session:
            server = await session.get_one(Server, opened.guild.id)
            server.moderators_room_id = opened.guild.channel("general").id
        await opened.start()
        yield opened


def bot_role(place: Harbour) -> Role:
    """Return the bot's own role."""
    return next(role for role in place.guild.roles.values() if role.bot_id is not None)


def guard(place: Harbour) -> Actor:
    """Return a moderator."""
    return Actor(place.guild.id, place.owner.id, moderates_members=True)


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so, turn by turn of the loop."""
    while not await done():  # noqa: ASYNC110 - what others bring about sets no event here
        await asyncio.sleep(0)


async def test_moderators_are_asked_about_a_role_that_was_given(place: Harbour) -> None:
    """They read who gave it to whom; [Let in] invites, for who moves in does so themselves."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    await place.owner.give_role(kim, await place.role(group))
    assert await place.settled()
    await place.sandbox.settle()
    assert kim.roles == []
    (question,) = place.guild.channel("general").history
    assert place.owner.mention in question.content
    assert kim.mention in question.content
    refused = await kim.press(question, "Let in")
    assert "moderators" in refused.text
    left = await place.owner.press(question, "Leave it")
    assert "doesn't live in **Riverside**" in left.text
    answer = await place.owner.press(question, "Let in")
    assert "invitation" in answer.text
    async with place.tables.reading() as session:
        assert [
            (row.group_id, row.user_id) for row in await session.scalars(select(Invitation))
        ] == [(group, kim.id)]
        assert await session.get(Membership, (place.guild.id, kim.id)) is None


async def test_many_gifts_at_once_are_one_line(place: Harbour) -> None:
    """Another bot that hands a group's role to everybody does not fill the moderators' room."""
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(20)]
    assert await place.settled()
    role = await place.role(group)
    for person in people:
        await place.owner.give_role(person, role)
    assert await place.settled()
    await place.sandbox.settle()
    assert not any(person.roles for person in people)
    assert len(place.guild.channel("general").history) == 3
    assert [key.partition(":")[2][:10] for key in await place.owed("owners")] == ["extra-many"]


async def test_an_opened_room_is_shut_and_told(place: Harbour) -> None:
    """What is said in a group is for its members, so the door to everyone does not stay open."""
    group = await place.group("Riverside")
    stranger = await place.person()
    assert await place.settled()
    room = await place.room(group)
    await place.owner.set_overwrite(room, place.guild.everyone, allow=VIEW)
    assert await place.settled()
    assert not stranger.sees(room)
    assert await place.owed("owners") == [f"upkeep:opened:{room.id}:{place.now:%Y%m%d}"]


async def test_a_roles_looks_are_its_owners_and_rights_are_told(place: Harbour) -> None:
    """Shown apart, mentionable, with rights: a person's decision; that it may do harm is said."""
    group = await place.group("Riverside")
    assert await place.settled()
    role = await place.role(group)
    await place.owner.edit_role(role, hoist=True, mentionable=True)
    assert await place.settled()
    assert await place.owed("owners") == []
    await place.owner.edit_role(role, permissions=ADMINISTRATOR)
    assert await place.settled()
    assert (role.hoist, role.mentionable, role.permissions) == (True, True, ADMINISTRATOR)
    assert await place.owed("owners") == [f"upkeep:rights:{role.id}:{place.now:%Y%m%d}"]


async def test_a_room_that_was_moved_stays_where_it_is(place: Harbour) -> None:
    """Owners sort their channels as they like; only who may look is Hearth's to keep."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    room = await place.room(group)
    shelf = await place.owner.create_channel("shelf", ChannelType.CATEGORY)
    await place.owner.edit_channel(room, parent_id=shelf.id, position=7)
    assert await place.settled()
    assert (room.parent_id, room.position) == (shelf.id, 7)
    assert kim.can_send(room)
    assert await place.owed("owners") == []


async def test_a_hidden_room_that_is_shown_again_heals(place: Harbour) -> None:
    """Once Hearth may look again, what was left undone there is done, and nothing is reported."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    room, bot = await place.room(group), Person(place.sandbox, place.guild, place.sandbox.state.bot)
    await place.owner.delete_overwrite(room, bot)
    await place.visits(kim, group)
    await place.sandbox.settle()
    assert not kim.sees(room)
    assert await place.failures()
    await place.owner.set_overwrite(room, bot, allow=VIEW)
    assert await place.settled()
    assert kim.can_send(room)
    assert await place.failures() == []


@pytest.mark.parametrize("mended", ["the bot's role", "the group's role"])
async def test_a_role_above_hearths_own_waits_for_a_hand(place: Harbour, mended: str) -> None:
    """What Discord refuses stands in the check, and is done as soon as either role is moved."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    role, own = await place.role(group), bot_role(place)
    await place.owner.move_role(own, 2)
    await place.owner.move_role(role, 5)
    await place.lives(kim, group)
    assert not await place.settled()
    assert await place.failures() == [(f"member:{kim.id}", "roles", 50013)]
    if mended == "the bot's role":
        await place.owner.move_role(own, 9)
    else:
        await place.owner.move_role(role, 1)
    assert await place.settled()
    assert await place.failures() == []
    assert kim.roles == [role]


@pytest.mark.parametrize("right", [MANAGE_ROLES, MANAGE_CHANNELS])
async def test_a_right_that_is_taken_and_given_back(place: Harbour, right: int) -> None:
    """Without it Hearth does what it still can; with it the rest follows by itself."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    own = bot_role(place)
    had = own.permissions
    await place.owner.edit_role(own, permissions=had & ~right)
    await place.lives(kim, group)
    other = await place.group("Millpond")
    await place.sandbox.settle()
    assert await place.failures()
    await place.owner.edit_role(own, permissions=had)
    assert await place.settled()
    assert await place.failures() == []
    assert kim.can_send(await place.room(group))
    assert (await place.room(other)).id in place.guild.channels


async def test_hearth_is_removed_and_invited_again(place: Harbour) -> None:
    """Rooms stay usable meanwhile; back again, it goes on from its tables, once its role is up."""
    group, other = await place.group("Riverside"), await place.group("Millpond")
    kim, omar = await place.person("Kim"), await place.person("Omar")
    await place.lives(kim, group)
    assert await place.settled()
    guild, bot = place.guild, place.sandbox.state.bot
    await place.owner.kick(Person(place.sandbox, guild, bot))
    permissions = guild.roles.pop(bot_role(place).id).permissions
    await place.sandbox.settle()
    async with place.tables.reading() as session:
        assert (await session.get_one(Server, guild.id)).removed_at is not None
    assert kim.can_send(await place.room(group))
    await place.all_live([kim, omar], other)
    own = Role(place.sandbox.state.snowflake(), guild.id, "Hearth")
    own.permissions, own.managed, own.bot_id = permissions, True, bot.id
    guild.roles[own.id] = own
    guild.members[bot.id] = Member(bot, guild.id, place.now, roles={own.id})
    place.sandbox.gateway.announce(guild)

    async def refused() -> bool:
        return len(await place.failures()) == 2

    await until(refused)
    # A bot that is invited anew gets a new role, at the bottom: below the groups' roles.
    assert {code for _, _, code in await place.failures()} == {50013}
    await place.owner.move_role(own, 9)
    assert await place.settled()
    assert await place.failures() == []
    assert kim.roles == omar.roles == [await place.role(other)]


async def test_a_mute_in_the_middle_of_a_move_is_respected(laid: Settings, now: datetime) -> None:
    """Twelve people move; who is muted or timed out before their turn keeps all as it was."""
    async with harbour(laid, now, cogs=COGS, time_scale=20) as place:
        muted = await place.owner.create_role("Muted")
        async with place.writing() as session:
            session.add(SetupRole(server_id=place.guild.id, role_id=muted.id, part="restricted"))
        people = [await place.person() for _ in range(14)]
        await place.start()
        old, new = await place.group("Riverside"), await place.group("Millpond")
        await place.all_live(people, old)
        assert await place.settled()
        await place.all_live(people, new)
        before, after = await place.role(old), await place.role(new)

        async def begun() -> bool:
            return any(after in person.roles for person in people)

        await until(begun)
        waiting = [person for person in people if after not in person.roles]
        quiet, out = waiting[-1], waiting[-2]
        await place.owner.give_role(quiet, muted)
        await place.owner.timeout(out, place.now + timedelta(minutes=10))
        assert await place.settled()
        assert set(quiet.roles) == {before, muted}
        assert out.roles == [before]
        assert all(one.roles == [after] for one in people if one not in (quiet, out))
        assert await place.home(quiet) == (new, "here")
        await place.owner.take_role(quiet, muted)
        await place.sandbox.advance(timedelta(hours=1))  # no event tells that a timeout is over
        assert await place.settled()
        assert quiet.roles == out.roles == [after]


async def test_a_bar_ends_the_home_in_the_room_too(place: Harbour) -> None:
    """Also for somebody who is timed out: they would go on reading."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    await place.owner.timeout(kim, place.now + timedelta(hours=1))
    async with place.writing() as session:
        await safety.bar(session, guard(place), kim.id, now=place.now)
    assert await place.settled()
    assert kim.roles == []
    assert await place.home(kim) is None
    assert (await place.row(group)).homes == 0


async def test_who_is_apart_does_not_meet_behind_an_open_door(place: Harbour) -> None:
    """After a split the halves visit each other, but for the two whom moderators keep apart."""
    one, other = await place.group("Riverside"), await place.group("Millpond")
    kim, omar, lena = [await place.person(name) for name in ("Kim", "Omar", "Lena")]
    await place.all_live([kim, lena], one)
    await place.lives(omar, other)
    assert await place.settled()
    async with place.writing() as session:
        for group, sibling in ((one, other), (other, one)):
            session.add(
                Door(
                    server_id=place.guild.id,
                    group_id=group,
                    for_group_id=sibling,
                    closes_at=place.now + timedelta(days=30),
                )
            )
            note_after_commit(session, GroupScope(place.guild.id, group))
    assert await place.settled()
    rooms = await place.room(one), await place.room(other)
    assert kim.sees(rooms[1])
    assert omar.sees(rooms[0])
    async with place.writing() as session:
        await safety.apart(session, guard(place), kim.id, omar.id, now=place.now)
    assert await place.settled()
    assert [kim.sees(room) for room in rooms] == [True, False]
    assert [omar.sees(room) for room in rooms] == [False, True]
    assert [lena.sees(room) for room in rooms] == [True, True]
    async with place.writing() as session:
        await safety.together(session, guard(place), kim.id, omar.id, now=place.now)
    assert await place.settled()
    assert kim.sees(rooms[1])
    assert omar.sees(rooms[0])


@pytest.mark.parametrize("path", ["/guilds/{guild_id}/roles", "/guilds/{guild_id}/channels"])
async def test_what_was_made_twice_unheard_goes(place: Harbour, path: str) -> None:
    """While the gateway is down nobody hears of the second one; afterwards the log tells of it."""
    roles, channels = len(place.guild.roles), len(place.guild.channels)
    async with place.sandbox.gateway.down(resumable=False):
        place.sandbox.faults.add("502", "POST", path, times=1, effect=True)
        group = await place.group("Riverside")

        async def made() -> bool:
            return (await place.row(group)).room_id is not None

        await until(made)
    assert await place.settled()
    assert len(place.guild.roles) == roles + 1
    assert len(place.guild.channels) == channels + 2
    assert (await place.role(group)).id in (await place.room(group)).overwrites


async def test_a_second_one_that_must_stay_keeps_nothing_from_being_done(place: Harbour) -> None:
    """Where Discord refuses to take it away, everything else is put right as ever."""
    kim = await place.person()
    async with place.sandbox.gateway.down(resumable=False):
        place.sandbox.faults.add("502", "POST", "/guilds/{guild_id}/roles", times=1, effect=True)
        group = await place.group("Riverside")
        await place.lives(kim, group)

        async def made() -> bool:
            return (await place.row(group)).room_id is not None

        await until(made)
        role = await place.role(group)
        twin = next(
            one for one in place.guild.roles.values() if one.name == role.name and one.id != role.id
        )
        await place.owner.move_role(twin, len(place.guild.roles))
    assert await place.settled()
    assert twin.id in place.guild.roles
    assert kim.has(role)
    before = place.sandbox.requests.snapshot()
    await place.sandbox.advance(timedelta(hours=1))
    asked = place.sandbox.requests.since(before).by_route
    assert asked["GET /guilds/{guild_id}/audit-logs"] == 0, "the gap was looked at in full"


async def test_what_others_did_unheard_is_not_written_over(place: Harbour) -> None:
    """While the gateway is down a member is asked for anew before their role list is replaced."""
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(8)]
    guards = await place.owner.create_role("Guards")
    assert await place.settled()
    async with place.sandbox.gateway.down(resumable=False):
        for person in people:
            await place.owner.give_role(person, guards)
        await place.all_live(people, group)
        role = await place.role(group)

        async def moved() -> bool:
            return all(role in person.roles for person in people)

        await until(moved)
    assert await place.settled()
    assert all(set(person.roles) == {guards, role} for person in people)
