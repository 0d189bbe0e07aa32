"""Roles and rooms that were there before Hearth become groups, and are given back."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from bot.rules.actor import Actor
from bot.services import safety, visits
from models import ActiveDay, Adoption, Group, Membership, Split, Visit
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Overwrite, OverwriteType, Role
from tests.cogs import founding
from tests.cogs.desks import desk_page
from tests.cogs.founding import channel, group, set_up
from tests.conftest import Running

LOOK = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
Entries = dict[int, Overwrite]


async def old_room(
    hearth: Running, name: str, people: list[Person], *, open_to_all: bool = False
) -> tuple[Role, Channel]:
    """Make a role, its private room and give the role to people, as somebody did years ago."""
    owner = hearth.owner
    role = await owner.create_role(name, color=0x123456)
    hidden = Overwrite(hearth.server.id, OverwriteType.ROLE, 0, int(Permission.VIEW_CHANNEL))
    key = Overwrite(role.id, OverwriteType.ROLE, int(LOOK), 0)
    bot = Overwrite(hearth.app.client.user.id, OverwriteType.MEMBER, int(LOOK), 0)  # type: ignore[union-attr] - it is logged in
    room = await owner.create_channel(
        f"old-{name.lower().replace(' ', '-')}",
        overwrites=[] if open_to_all else [hidden, key, bot],
    )
    for person in people:
        await owner.give_role(person, role)
    await hearth.settle()
    return role, room


def entries(room: Channel) -> Entries:
    """Return a room's overwrites as they are."""
    return dict(room.overwrites)


async def adopt(hearth: Running, role: Role, room: Channel, type_: str = "Interest") -> Answer:
    """Adopt a role and its room: the dry run, then the button."""
    shown = await hearth.owner.command("hearth group adopt", type=type_, room=room, role=role)
    assert "Nothing has changed yet" in shown.text, shown.text
    done = await hearth.owner.press(shown, "Adopt it")
    assert "is a group now" in done.text, done.text
    await hearth.settle()
    return done


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_role_and_its_room_become_a_group(hearth: Running) -> None:
    """Everybody keeps role and room; the room is told, and new people find it in /groups."""
    kim, lou = await hearth.person("Kim"), await hearth.person("Lou")
    role, room = await old_room(hearth, "Trail Runners", [kim, lou])
    await kim.write(room, "Who is up for Sunday?")
    shown = await hearth.owner.command("hearth group adopt", type="Interest", room=room, role=role)
    assert "**Trail Runners** would become a group of the type **Interest**" in shown.text
    assert "🏠 2 people make it their home (150 seats)." in shown.text
    assert f"Handed out lately by <@{hearth.owner.id}>" in shown.text
    assert room.name == "old-trail-runners"
    before = [kim.has(role), lou.has(role), kim.sees(room)]
    done = await hearth.owner.press(shown, "Adopt it")
    await hearth.settle()
    assert f"<#{room.id}>" in done.text
    assert [kim.has(role), lou.has(role), kim.sees(room)] == before
    assert (room.name, role.name, role.color) == ("old-trail-runners", "Trail Runners", 0x123456)
    said = [message.content for message in room.history]
    assert "Who is up for Sunday?" in said
    assert any("This room is one of the server's groups" in text for text in said)
    card = await kim.command("home")
    assert f"<#{room.id}>" in card.text
    mo = await hearth.person("Mo")
    assert "Welcome home" in (await mo.command("join", group="Trail Runners")).text
    await hearth.settle()
    assert mo.has(role)
    assert mo.sees(room)


@pytest.mark.founded(by=founding.set_up_only)
async def test_adopted_people_are_not_counted_until_they_press(hearth: Running) -> None:
    """Nobody was asked; the room's button is the asking."""
    kim, lou = await hearth.person("Kim"), await hearth.person("Lou")
    role, room = await old_room(hearth, "Runners", [kim, lou])
    await adopt(hearth, role, room)

    async def counted() -> set[int]:
        await hearth.app.client.signals.flush()
        async with hearth.app.database.reading() as session:
            return set(await session.scalars(select(ActiveDay.user_id)))

    await kim.write(room, "Good morning")
    await hearth.settle()
    assert await counted() == set()
    notice = next(m for m in room.history if "one of the server's groups" in m.content)
    answer = await kim.press(notice, "I'm part of it")
    assert "is your home, as it was before" in answer.text
    assert "From now on I count" in answer.text
    assert "Don't count me" in answer.buttons
    assert "From now on" not in (await kim.press(notice, "I'm part of it")).text
    assert "never read what you write" in (await lou.press(notice, "What changes?")).text
    for person in (kim, lou):
        await person.write(room, "Hello")
    await hearth.settle()
    assert await counted() == {kim.id}
    owner = await hearth.owner.press(notice, "I'm part of it")
    assert "You don't live here" in owner.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_who_has_several_roles_keeps_them_until_they_choose(hearth: Running) -> None:
    """The first adopted is home, in the others they are guests by the role they have."""
    kim, lou = await hearth.person("Kim"), await hearth.person("Lou")
    runners, first = await old_room(hearth, "Runners", [kim])
    readers, second = await old_room(hearth, "Readers", [kim, lou])
    cooks, third = await old_room(hearth, "Cooks", [kim, lou])
    await adopt(hearth, runners, first)
    shown = await hearth.owner.command(
        "hearth group adopt", type="Interest", room=second, role=readers
    )
    assert "1 of them lives in another group already" in shown.text
    await hearth.owner.press(shown, "Adopt it")
    await adopt(hearth, cooks, third)
    await hearth.settle()
    assert all(kim.has(role) for role in (runners, readers, cooks))
    assert kim.id not in second.overwrites
    desk = await desk_page(hearth.owner, "People", group="Readers")
    visitors = await hearth.owner.press(desk, "Visitors")
    assert f"<@{kim.id}>, by the role they had before Hearth" in visitors.text
    card = await kim.command("home")
    assert f"go into <#{third.id}>, <#{second.id}> as before" in card.text
    asked = await kim.press(card, "Choose my home")
    assert "You live in **Runners** now" in asked.text
    async with hearth.app.database.reading() as session:
        found = await session.scalars(select(Group.id).where(Group.name == "Readers"))
        group_id = found.one()
    done = await kim.choose(asked, str(group_id))
    assert "**Readers** is your home now" in done.text
    await hearth.settle()
    assert not kim.has(runners)
    assert kim.sees(first)  # the door to the old home stays open
    assert kim.has(readers)
    assert kim.has(cooks)
    assert "Choose my home" not in (await kim.command("home")).buttons
    await hearth.advance(timedelta(days=31))
    assert not kim.has(cooks)
    assert not kim.sees(third)
    assert lou.has(readers)


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_home_is_chosen_once_one_has_arrived(hearth: Running) -> None:
    """Who is in the middle of Discord's welcome is told what comes first; nothing is lost."""
    kim = await hearth.person("Kim")
    for name in ("Runners", "Readers"):
        await adopt(hearth, *await old_room(hearth, name, [kim]))
    hearth.server.onboards = True
    await kim.onboard(finished=False)
    asked = await kim.press(await kim.command("home"), "Choose my home")
    (other,) = [choice for choice in asked.choices if "Readers" in choice]
    refused = await kim.choose(asked, other)
    assert "finish Discord's welcome questions for this server first" in refused.text
    await kim.onboard(finished=True)
    assert "**Readers** is your home now" in (await kim.choose(asked, other)).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_choosing_the_home_one_has(hearth: Running) -> None:
    """The others end after a month; there is nothing to choose twice."""
    kim = await hearth.person("Kim")
    runners, first = await old_room(hearth, "Runners", [kim])
    readers, second = await old_room(hearth, "Readers", [kim])
    await adopt(hearth, runners, first)
    await adopt(hearth, readers, second)
    card = await kim.command("home")
    asked = await kim.press(card, "Choose my home")
    stale = await kim.press(await kim.command("home"), "Choose my home")
    async with hearth.app.database.reading() as session:
        runners_id = (await session.scalars(select(Group.id).where(Group.name == "Runners"))).one()
    done = await kim.choose(asked, str(runners_id))
    assert "**Runners** stays your home" in done.text
    assert kim.has(readers)
    again = await kim.choose(stale, str(runners_id))
    assert "nothing to choose any more" in again.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_guest_whose_role_is_taken_by_hand_is_no_guest_any_more(hearth: Running) -> None:
    """A person's decision stands: nothing gives the role back, and the visit is over."""
    kim = await hearth.person("Kim")
    runners, first = await old_room(hearth, "Runners", [kim])
    readers, second = await old_room(hearth, "Readers", [kim])
    await adopt(hearth, runners, first)
    await adopt(hearth, readers, second)
    await hearth.owner.take_role(kim, readers)
    await hearth.settle()
    assert not kim.sees(second)
    async with hearth.app.database.reading() as session:
        over = await session.scalars(select(Visit.ended_at).where(Visit.user_id == kim.id))
        assert None not in set(over)
    assert "Choose my home" not in (await kim.command("home")).buttons


async def test_taking_it_back_leaves_role_and_room_as_they_were(hearth: Running) -> None:
    """From the answer: entries, names and everybody's role; nobody's message goes."""
    mods = await hearth.owner.create_role("Mods")
    await set_up(hearth, safety_role_1=mods)
    kim, vera = await hearth.person("Kim"), await hearth.person("Vera")
    role, room = await old_room(hearth, "Runners", [kim])
    before = entries(room)
    await kim.write(room, "Sunday?")
    done = await adopt(hearth, role, room)
    assert entries(room) != before
    assert mods.id in room.overwrites
    await vera.command("visit", group="Runners")
    mo = await hearth.person("Mo")
    await mo.command("join", group="Runners")
    await hearth.owner.command("hearth group edit", group="Runners", name="Joggers", emoji="👟")
    await hearth.settle()
    assert room.name == "👟-joggers"
    assert vera.sees(room)
    asked = await hearth.owner.press(done, "Take it back")
    assert "adopted **Joggers**" in asked.text
    undone = await hearth.owner.press(asked, "Undo it")
    assert "↩️ Undone." in undone.text
    await hearth.settle()
    assert entries(room) == before
    assert (room.name, role.name, role.color) == ("old-runners", "Runners", 0x123456)
    assert kim.has(role)
    assert mo.has(role)
    assert not vera.sees(room)
    assert "Sunday?" in [message.content for message in room.history]
    assert "Joggers" not in (await kim.command("groups")).text
    async with hearth.app.database.reading() as session:
        for table in (Group, Membership, Visit):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        assert await session.scalar(select(Adoption.given_back_at)) is not None
    log = await hearth.owner.command("hearth log")
    assert "adopted **Runners**" in log.text
    assert "↩️ undone" in log.text
    # And adopted anew, from the beginning.
    await adopt(hearth, role, room)
    assert kim.has(role)


@pytest.mark.founded(by=founding.set_up_only)
async def test_too_many_for_the_seats_rest_until_they_have_split(hearth: Running) -> None:
    """Nobody loses anything: it rests, and a plan for two groups waits for its facilitators."""
    owner = hearth.owner
    await owner.command("hearth type add", name="Small", cap=10, minimum=5)
    people = [await hearth.person(f"P{number}") for number in range(12)]
    role, room = await old_room(hearth, "Crowd", people)
    shown = await owner.command("hearth group adopt", type="Small", room=room, role=role)
    assert "12 people make it their home (10 seats)" in shown.text
    assert "it rests, so nobody moves in" in shown.text
    done = await owner.press(shown, "Adopt it")
    assert "the plan comes within the hour" in done.text
    await hearth.settle()
    assert all(person.has(role) for person in people)
    mo = await hearth.person("Mo")
    assert "resting" in (await mo.command("join", group="Crowd")).text
    await hearth.advance(timedelta(hours=2))
    async with hearth.app.database.reading() as session:
        assert (await session.scalars(select(Split.state))).all() == ["planned"]


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_room_that_is_opened_person_by_person(hearth: Running) -> None:
    """Whoever has an entry of their own makes it their home; others' entries stay as they are."""
    owner = hearth.owner
    await owner.command("hearth type add", name="Circle", cap=20, access="overwrites")
    kim, lou, vera = [await hearth.person(name) for name in ("Kim", "Lou", "Vera")]
    role, room = await old_room(hearth, "Circle room", [])
    await owner.delete_overwrite(room, role)
    for person in (kim, lou):
        await owner.set_overwrite(room, person, allow=LOOK)
    await hearth.settle()
    wrong = await owner.command("hearth group adopt", type="Circle", room=room, role=role)
    assert "leave the role out" in wrong.text
    wrong = await owner.command("hearth group adopt", type="Interest", room=room)
    assert "name the role too" in wrong.text
    shown = await owner.command("hearth group adopt", type="Circle", room=room)
    assert "🏠 2 people make it their home (20 seats)." in shown.text
    assert "🔑" not in shown.text
    done = await owner.press(shown, "Adopt it")
    await hearth.settle()
    assert f"<#{room.id}>" in (await kim.command("home")).text
    assert kim.sees(room)
    async with hearth.app.database.writing() as session:
        (circle,) = (await session.scalars(select(Group.id))).all()
        await visits.grant(
            session,
            server_id=hearth.server.id,
            user_id=vera.id,
            group_id=circle,
            now=hearth.app.client.clock.now(),
        )
    await hearth.settle()
    assert vera.sees(room)
    asked = await owner.press(done, "Take it back")
    refused = await owner.press(asked, "Undo it")
    assert "Somebody is on a visit there" in refused.text
    async with hearth.app.database.writing() as session:
        await visits.end_for(
            session,
            server_id=hearth.server.id,
            user_id=vera.id,
            now=hearth.app.client.clock.now(),
        )
    await hearth.settle()
    asked = await owner.press(done, "Undo it")
    await hearth.settle()
    assert [person.sees(room) for person in (kim, lou, vera)] == [True, True, False]
    assert hearth.server.id in room.overwrites


@pytest.mark.founded(by=founding.set_up_only)
async def test_when_the_home_is_given_back_a_guest_can_choose_the_other(hearth: Running) -> None:
    """They are nobody's then, and the room that they could enter is still theirs to choose."""
    kim = await hearth.person("Kim")
    runners, first = await old_room(hearth, "Runners", [kim])
    readers, second = await old_room(hearth, "Readers", [kim])
    done = await adopt(hearth, runners, first)
    await adopt(hearth, readers, second)
    await hearth.owner.press(await hearth.owner.press(done, "Take it back"), "Undo it")
    await hearth.settle()
    assert kim.has(runners)
    asked = await kim.press(await kim.command("home"), "Choose my home")
    assert "Which one is home?" in asked.text
    async with hearth.app.database.reading() as session:
        group_id = (await session.scalars(select(Group.id).where(Group.name == "Readers"))).one()
    assert "**Readers** is your home now" in (await kim.choose(asked, str(group_id))).text
    await hearth.settle()
    assert kim.has(runners)
    assert kim.has(readers)


@pytest.mark.founded(by=founding.set_up_only)
async def test_what_discord_refuses_is_tried_again_and_shown(hearth: Running) -> None:
    """A room is given back as soon as Hearth may; until then /hearth check says so."""
    owner = hearth.owner
    kim = await hearth.person("Kim")
    role, room = await old_room(hearth, "Runners", [kim])
    before = entries(room)
    done = await adopt(hearth, role, room)
    mine = next(r for r in hearth.server.roles.values() if r.managed)
    rights = mine.permissions
    await owner.edit_role(mine, permissions=rights & ~int(Permission.MANAGE_ROLES))
    await hearth.settle()
    await owner.press(await owner.press(done, "Take it back"), "Undo it")
    await hearth.settle()
    assert entries(room) != before
    assert "is not quite as it was yet" in (await owner.command("hearth check")).text
    await owner.edit_role(mine, permissions=rights)
    await hearth.advance(timedelta(hours=2))
    assert entries(room) == before
    assert "is not quite as it was yet" not in (await owner.command("hearth check")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_group_that_has_split_is_not_given_back(hearth: Running) -> None:
    """Role and room could not become what they were; and what was undone is not undone twice."""
    kim = await hearth.person("Kim")
    role, room = await old_room(hearth, "Runners", [kim])
    done = await adopt(hearth, role, room)
    async with hearth.app.database.writing() as session:
        (row,) = (await session.scalars(select(Group))).all()
        session.add(
            Split(
                server_id=row.server_id,
                group_id=row.id,
                state="told",
                planned_at=row.created_at,
                looked_at=row.created_at,
                mean_share=1,
                kept_weight=1,
                stranded=0,
            )
        )
    asked = await hearth.owner.press(done, "Take it back")
    assert "has split or merged since" in (await hearth.owner.press(asked, "Undo it")).text
    assert kim.has(role)
    async with hearth.app.database.writing() as session:
        await session.execute(delete(Split))
    assert "Undone" in (await hearth.owner.press(asked, "Undo it")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_leaving_it_changes_nothing(hearth: Running) -> None:
    """The dry run is one until the button; what has gone since is said."""
    owner = hearth.owner
    kim = await hearth.person("Kim")
    role, room = await old_room(hearth, "Runners", [kim])
    before = entries(room)
    shown = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    stale = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    other = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    assert "Nothing has changed." in (await owner.press(shown, "Leave it")).text
    assert entries(room) == before
    await owner.press(other, "Adopt it")
    assert "is the group **Runners** already" in (await owner.press(stale, "Adopt it")).text
    second, third = await old_room(hearth, "Readers", [kim])
    shown = await owner.command("hearth group adopt", type="Interest", room=third, role=second)
    await owner.delete_role(second)
    await hearth.settle()
    assert "role is not there any more" in (await owner.press(shown, "Adopt it")).text
    await owner.delete_channel(third)
    await hearth.settle()
    assert "room is not there any more" in (await owner.press(shown, "Adopt it")).text
    typo = await owner.command("hearth group adopt", type="Intrest", room=room, role=role)
    assert "Did you mean" in typo.text
    offered = await owner.autocomplete("hearth group adopt", "type", "int")
    assert [name for name, _value in offered] == ["Interest"]


async def test_people_whom_moderators_keep_out_or_apart(hearth: Running) -> None:
    """A bar takes the role; two who must not meet are the moderators' matter first."""
    owner = hearth.owner
    mods = await owner.create_role("Mods")
    await set_up(hearth, safety_role_1=mods)
    kim, lou, mo = [await hearth.person(name) for name in ("Kim", "Lou", "Mo")]
    role, room = await old_room(hearth, "Runners", [kim, lou, mo])
    guard = Actor(hearth.server.id, owner.id, manages_server=True, moderates_members=True)
    now = hearth.app.client.clock.now()
    async with hearth.app.database.writing() as session:
        await safety.apart(session, guard, kim.id, lou.id, now=now)
        await safety.bar(session, guard, mo.id, now=now)
    refused = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    assert "two whom the moderators keep apart" in refused.text
    async with hearth.app.database.writing() as session:
        await safety.together(session, guard, kim.id, lou.id, now=now)
    shown = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    assert "1 person is barred from all groups" in shown.text
    await owner.press(shown, "Adopt it")
    await hearth.settle()
    assert kim.has(role)
    assert not mo.has(role)
    part = await owner.command("hearth group adopt", type="Interest", room=room, role=mods)
    assert "is the group" in part.text
    _other, room = await old_room(hearth, "Others", [kim])
    part = await owner.command("hearth group adopt", type="Interest", room=room, role=mods)
    assert "has a part in the setup" in part.text


@pytest.mark.founded(by=founding.set_up_only)
@pytest.mark.parametrize("broken", ["managed", "high", "hidden", "empty", "setup", "name"])
async def test_what_stands_in_the_way_is_said(hearth: Running, broken: str) -> None:
    """One friendly line each, with what to do; nothing changes."""
    owner = hearth.owner
    kim = await hearth.person("Kim")
    role, room = await old_room(hearth, "Runners", [] if broken == "empty" else [kim])
    words = {
        "high": "stands above my own role",
        "hidden": "I can't look into",
        "empty": "Nobody has that key",
        "setup": "is one of the rooms that the setup names",
        "managed": "is handed out by a bot",
        "name": "already",
    }
    if broken == "high":
        await owner.move_role(role, len(hearth.server.roles))
    elif broken == "hidden":
        await owner.delete_overwrite(room, hearth.app.client.user)  # type: ignore[arg-type] - the bot is a user too
    elif broken == "setup":
        room = channel(hearth, "general")
    elif broken == "managed":
        role = next(r for r in hearth.server.roles.values() if r.managed)
    elif broken == "name":
        await group(hearth, "Runners")
    await hearth.settle()
    refused = await owner.command("hearth group adopt", type="Interest", room=room, role=role)
    assert words[broken] in refused.text, refused.text
    assert "Adopt it" not in refused.buttons
