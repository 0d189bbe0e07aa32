"""What people change by hand, and what Hearth makes of it."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.database import note_after_commit
from bot.gateway import observe
from bot.rules.access import HISTORY, LIVE, MANAGE_ROLES, SEND, VIEW
from bot.settings import Settings
from models import Bar, Group, Membership, RoomCategory, Server, SetupRole, Visit
from sandbox.people import Person
from tests.bot.harbour import LISTENING, Harbour, harbour


@pytest.fixture
async def place(laid: Settings, now: datetime) -> AsyncGenerator[Harbour]:
    """A server with a running bot."""
    async with harbour(laid, now, cogs=LISTENING) as opened:
        await opened.start()
        yield opened


async def test_a_home_role_that_is_taken_is_held(place: Harbour) -> None:
    """A moderator who takes a home's role has decided: they are asked, and it stays away."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    await place.owner.take_role(kim, await place.role(group))
    assert await place.settled()
    assert await place.home(kim) == (group, "held")
    assert kim.roles == []
    assert len(await place.owed("owners") + await place.owed("moderators")) == 1


@pytest.mark.parametrize("how", ["cleared", "denied", "cleared while away"])
async def test_an_entry_that_is_taken_is_held(place: Harbour, how: str) -> None:
    """Where members have entries instead of a role, taking one is the same decision."""
    group = await place.group("Lanterns", access="overwrites")
    kim, omar = await place.person("Kim"), await place.person("Omar")
    await place.all_live([kim, omar], group)
    assert await place.settled()
    room = await place.room(group)
    if how == "cleared while away":
        await place.stop()
        await place.sandbox.advance(place.now + timedelta(minutes=5))
    if how == "denied":
        await place.owner.set_overwrite(room, kim, deny=VIEW)
    else:
        await place.owner.delete_overwrite(room, kim)
    if how == "cleared while away":
        await place.start()
    assert await place.settled()
    assert await place.home(kim) == (group, "held")
    assert await place.home(omar) == (group, "here")
    assert (kim.sees(room), omar.sees(room)) == (False, True)
    assert len(await place.owed("owners") + await place.owed("moderators")) == 1
    async with place.writing() as session:
        (await session.get_one(Membership, (place.guild.id, kim.id))).state = "here"
        note_after_commit(session, place.member(kim))
    assert await place.settled()
    assert kim.can_send(room)


async def test_an_entry_given_back_by_hand(place: Harbour) -> None:
    """Who lets a held member into the room again has answered the question."""
    group = await place.group("Lanterns", access="overwrites")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    room = await place.room(group)
    await place.owner.delete_overwrite(room, kim)
    assert await place.settled()
    await place.owner.set_overwrite(room, kim, allow=VIEW)
    assert await place.settled()
    assert await place.home(kim) == (group, "here")
    assert kim.can_send(room)


async def test_a_room_that_is_cleared_holds_nobody(place: Harbour) -> None:
    """Many entries gone in one act, as when a room is synced with its category, are put right."""
    group = await place.group("Lanterns", access="overwrites")
    people = [await place.person() for _ in range(5)]
    await place.all_live(people, group)
    assert await place.settled()
    room = await place.room(group)
    await place.owner.edit_channel(room, overwrites=[])
    assert await place.settled()
    assert all(person.sees(room) for person in people)
    assert [await place.home(person) for person in people] == [(group, "here")] * 5
    assert await place.owed("owners") == [f"upkeep:opened:{room.id}:{place.now:%Y%m%d}"]


async def test_a_held_home_given_back_by_hand(place: Harbour) -> None:
    """Who gives a held home's role again has answered the question."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    role = await place.role(group)
    await place.owner.take_role(kim, role)
    assert await place.settled()
    await place.owner.give_role(kim, role)
    assert await place.settled()
    assert await place.home(kim) == (group, "here")
    assert kim.roles == [role]


async def test_a_role_given_by_hand_is_taken_back(place: Harbour) -> None:
    """A group's role is no way in: it goes once, and the owners are told."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    await place.owner.give_role(kim, await place.role(group))
    assert await place.settled()
    assert kim.roles == []
    assert [key for key in await place.owed("owners") if "extra" in key]


async def test_hearth_does_not_fight(place: Harbour) -> None:
    """When somebody gives the role back again and again, Hearth stands back and says so."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    role = await place.role(group)
    for _ in range(3):
        await place.owner.give_role(kim, role)
        await place.sandbox.settle()
    assert kim.roles == [role]
    assert ("flips", None) in [(action, code) for _, action, code in await place.failures()]
    await place.lives(kim, group)
    await place.homeless(kim)
    assert await place.settled()
    assert kim.roles == []
    assert await place.failures() == []


async def test_a_flip_that_is_over_is_not_shown_any_more(place: Harbour) -> None:
    """Once the other hand takes the role away again, there is nothing left to decide."""
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    role = await place.role(group)
    for _ in range(3):
        await place.owner.give_role(kim, role)
        await place.sandbox.settle()
    assert await place.failures()
    await place.owner.take_role(kim, role)
    assert await place.settled()
    assert await place.failures() == []


async def test_owners_let_a_large_removal_go_on(laid: Settings, now: datetime) -> None:
    """Many roles without homes are left until an owner has looked and pressed the button."""
    async with harbour(laid, now, cogs=LISTENING, removals_per_pass=2) as place:
        general = place.guild.channel("general")
        async with place.writing() as session:
            (await session.get_one(Server, place.guild.id)).owners_room_id = general.id
        await place.start()
        group = await place.group("Riverside")
        people = [await place.person() for _ in range(3)]
        assert await place.settled()
        await place.stop()
        for person in people:
            await place.owner.give_role(person, await place.role(group))
        await place.start()
        assert all(person.roles for person in people)
        answer = await place.owner.press(list(general.history)[-1], "What's wrong?")
        assert "3 members have a role without a home" in answer.text
        await place.owner.press(answer, "Let it go on")
        assert await place.settled()
        assert not any(person.roles for person in people)
        assert await place.failures() == []


async def test_restricted_and_timed_out_are_left_alone(place: Harbour) -> None:
    """Who carries a restricted role or is timed out is not touched, and not held either."""
    group = await place.group("Riverside")
    kim, omar = await place.person("Kim"), await place.person("Omar")
    muted = await place.owner.create_role("Muted")
    async with place.writing() as session:
        session.add(SetupRole(server_id=place.guild.id, role_id=muted.id, part="restricted"))
    await place.all_live([kim, omar], group)
    assert await place.settled()
    role = await place.role(group)
    await place.owner.give_role(kim, muted)
    await place.owner.take_role(kim, role)
    await place.owner.timeout(omar, place.now + timedelta(hours=1))
    await place.owner.take_role(omar, role)
    assert await place.settled()
    assert kim.roles == [muted]
    assert omar.roles == []
    assert await place.home(kim) == (group, "here")
    assert await place.home(omar) == (group, "here")
    await place.owner.take_role(kim, muted)
    await place.owner.timeout(omar, None)
    assert await place.settled()
    assert kim.roles == [role]
    assert omar.roles == [role]


async def test_a_deleted_role_is_made_again_and_told_once(place: Harbour) -> None:
    """An open group's members need their role, so it comes back, to all of them."""
    group = await place.group("Riverside")
    people = [await place.person() for _ in range(4)]
    await place.all_live(people, group)
    assert await place.settled()
    gone = await place.role(group)
    await place.owner.delete_role(gone)
    assert await place.settled()
    new = await place.role(group)
    assert new.id != gone.id
    assert all(person.roles == [new] for person in people)
    assert all([(await place.home(person)) == (group, "here") for person in people])
    assert new.id in (await place.room(group)).overwrites
    assert await place.owed("owners") == [f"upkeep:remade:{gone.id}"]


async def test_a_deleted_room_is_made_again(place: Harbour) -> None:
    """An open group gets another room; a resting one does not."""
    group, resting = await place.group("Riverside"), await place.group("Millpond")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    assert await place.settled()
    async with place.writing() as session:
        (await session.get_one(Group, resting)).state = "resting"
    await place.owner.delete_channel(await place.room(group))
    await place.owner.delete_channel(await place.room(resting))
    assert await place.settled()
    assert kim.can_send(await place.room(group))
    await place.sandbox.settle()
    (charter,) = (await place.room(group)).history
    assert "Riverside" in charter.content
    assert (await place.row(resting)).room_id not in place.guild.channels
    assert len(await place.owed("owners")) == 1


async def test_a_deleted_category_leaves_its_rooms(place: Harbour) -> None:
    """Rooms stay where Discord puts them; the next room gets a new category."""
    first = await place.group("Riverside")
    assert await place.settled()
    room = await place.room(first)
    assert room.parent_id is not None
    await place.owner.delete_channel(place.guild.channels[room.parent_id])
    assert await place.settled()
    assert room.parent_id is None
    second = await place.group("Millpond")
    assert await place.settled()
    assert (await place.room(first)) is room
    parent = (await place.room(second)).parent_id
    async with place.tables.reading() as session:
        assert list(await session.scalars(select(RoomCategory.id))) == [parent]


async def test_own_names_stand(place: Harbour) -> None:
    """Owners may rename role and room by hand; a change of the group's name renames both."""
    group = await place.group("Riverside")
    assert await place.settled()
    role, room = await place.role(group), await place.room(group)
    await place.owner.edit_role(role, name="The River People")
    await place.owner.edit_channel(room, name="riverbank")
    assert await place.settled()
    assert (role.name, room.name) == ("The River People", "riverbank")
    async with place.writing() as session:
        (await session.get_one(Group, group)).name = "Estuary"
    assert await place.settled()
    assert (role.name, room.name) == ("🌊 Estuary", "🌊-estuary")


async def test_drift_in_a_room_heals(place: Harbour) -> None:
    """What was cleared comes back, what Hearth hands out goes when it was handed out by others."""
    group, other = await place.group("Riverside"), await place.group("Millpond")
    kim = await place.person("Kim")
    await place.visits(kim, group)
    guards = await place.owner.create_role("Guards")
    async with place.writing() as session:
        session.add(SetupRole(server_id=place.guild.id, role_id=guards.id, part="safety"))
    assert await place.settled()
    room, role, alien = await place.room(group), await place.role(group), await place.role(other)
    before = dict(room.overwrites)
    await place.owner.delete_overwrite(room, role)
    await place.owner.delete_overwrite(room, kim)
    await place.owner.delete_overwrite(room, guards)
    await place.owner.set_overwrite(room, place.guild.everyone, allow=VIEW)
    await place.owner.set_overwrite(room, alien, allow=LIVE)
    assert await place.settled()
    assert room.overwrites == before


async def test_what_was_forbidden_by_hand_stands(place: Harbour) -> None:
    """A locked room stays locked, a muted visitor muted, a stranger's entry where it is."""
    group = await place.group("Riverside")
    kim, guest = await place.person("Kim"), await place.person("Guest")
    visit = await place.visits(kim, group)
    assert await place.settled()
    room, role = await place.room(group), await place.role(group)
    await place.owner.set_overwrite(room, role, allow=LIVE & ~SEND, deny=SEND)
    await place.owner.set_overwrite(room, kim, allow=VIEW, deny=SEND)
    await place.owner.set_overwrite(room, guest, allow=VIEW)
    assert await place.settled()
    assert room.overwrites[role.id].deny == SEND
    assert room.overwrites[kim.id].deny == SEND | HISTORY
    assert room.overwrites[guest.id].allow == VIEW
    await place.end_visit(visit)
    assert await place.settled()
    assert not kim.sees(room)
    assert room.overwrites[guest.id].allow == VIEW


async def test_a_hidden_room_is_not_deleted(place: Harbour) -> None:
    """A room that the bot may not see any more is reported, not made again."""
    group = await place.group("Riverside")
    assert await place.settled()
    room = await place.room(group)
    rooms = len(place.guild.channels)
    bot = Person(place.sandbox, place.guild, place.sandbox.state.bot)
    await place.owner.set_overwrite(room, bot, deny=VIEW)
    await place.sandbox.settle()
    assert len(place.guild.channels) == rooms
    assert [(subject, code) for subject, _, code in await place.failures()] == [
        (f"group:{group}", 50001)
    ]


async def test_who_leaves_keeps_the_seat_and_who_returns_the_home(place: Harbour) -> None:
    """Leaving the server keeps the seat; coming back brings the role; visits' entries are gone."""
    group, other = await place.group("Riverside"), await place.group("Millpond")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    await place.visits(kim, other)
    assert await place.settled()
    room = await place.room(other)
    assert kim.id in room.overwrites
    await kim.leave()
    assert await place.settled()
    assert await place.home(kim) == (group, "gone")
    assert kim.id not in room.overwrites
    await kim.rejoin()
    assert await place.settled()
    assert await place.home(kim) == (group, "here")
    assert kim.roles == [await place.role(group)]


async def test_a_ban_ends_everything(place: Harbour) -> None:
    """Seat and visits of somebody who is banned end at once, in the rooms too."""
    group, other = await place.group("Riverside"), await place.group("Millpond")
    kim = await place.person("Kim")
    await place.lives(kim, group)
    await place.visits(kim, other)
    assert await place.settled()
    await place.owner.ban(kim)
    assert await place.settled()
    assert await place.home(kim) is None
    async with place.tables.reading() as session:
        assert list(await session.scalars(select(Visit.id).where(Visit.ended_at.is_(None)))) == []
        assert (await session.get_one(Group, group)).homes == 0
        assert list(await session.scalars(select(Membership))) == []
        assert list(await session.scalars(select(Bar))) == []
    assert kim.id not in (await place.room(other)).overwrites


async def test_owners_see_what_is_wrong(place: Harbour) -> None:
    """Under a message to the owners a button says what needs a hand; only owners may press it."""
    general = place.guild.channel("general")
    async with place.writing() as session:
        (await session.get_one(Server, place.guild.id)).owners_room_id = general.id
    group = await place.group("Riverside")
    kim = await place.person("Kim")
    assert await place.settled()
    await place.owner.delete_role(await place.role(group))
    assert await place.settled()
    await place.sandbox.settle()
    message = [one for one in general.history if one.author is place.sandbox.state.bot][-1]
    answer = await place.owner.press(message, "What's wrong?")
    assert answer.ephemeral
    assert "more groups with a role" in answer.text
    refused = await kim.press(message, "What's wrong?")
    assert "for the owners" in refused.text


async def test_owners_hear_that_discord_refuses(place: Harbour) -> None:
    """Without Manage Roles nobody gets a key: owners are told once, not for each member."""
    group = await place.group("Riverside")
    assert await place.settled()
    mine = next(role for role in place.guild.roles.values() if role.managed)
    await place.owner.edit_role(mine, permissions=mine.permissions & ~(MANAGE_ROLES | 1 << 3))
    for person in [await place.person(), await place.person()]:
        await place.lives(person, group)
    await place.sandbox.settle()
    assert len(await place.failures()) == 2
    (line,) = await place.owed("owners")
    assert line.startswith("upkeep:refused:roles:50013:")


async def test_a_deleted_setup_room_is_told_once(place: Harbour) -> None:
    """Owners hear it with the next step, also when it happened while the bot was away."""
    desk, word = await place.owner.create_channel("desk"), await place.owner.create_channel("word")
    async with place.writing() as session:
        server = await session.get_one(Server, place.guild.id)
        server.facilitators_room_id, server.moderators_room_id = desk.id, word.id
    await place.owner.delete_channel(desk)
    await place.sandbox.settle()
    assert await place.owed("owners") == [f"upkeep:gone:{desk.id}"]
    await place.stop()
    await place.owner.delete_channel(word)
    await place.start()
    assert await place.owed("owners") == [f"upkeep:gone:{room.id}" for room in (desk, word)]


async def test_a_second_role_of_a_groups_name_is_seen(place: Harbour) -> None:
    """What a repeated creation may have left is named in the check, by its id."""
    group = await place.group("Riverside")
    assert await place.settled()
    role = await place.role(group)
    double = await place.owner.create_role(role.name)
    await place.sandbox.settle()
    assert place.app is not None
    guild = place.app.client.get_guild(place.guild.id)
    assert guild is not None
    assert observe.use(guild, ()).twins == {
        role.id: frozenset({double.id}),
        double.id: frozenset({role.id}),
    }
