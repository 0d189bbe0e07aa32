"""What owners are refused: types, rooms and roles of the setup, adoptions, merges."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.app import App
from bot.settings import Settings
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Overwrite, OverwriteType
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running
from tests.whole import pointed_at

LOOK = int(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
WORDS = {
    "purpose": "Evening runs around the lake, slow ones too.",
    "for_whom": "Whoever runs for joy, at any pace",
    "unites": "We would rather talk than race",
    "norms": "Nobody is left behind\nSay hello first\nNo talk of times",
}

# --- /hearth type ---------------------------------------------------------------------------------


async def all_types(owner: Person) -> str:
    """Return all that /hearth type list shows."""
    card = await owner.command("hearth type list")
    text = card.text
    while "More" in card.buttons:
        card = await owner.press(card, "More")
        text += card.text
    return text


async def test_types_that_cannot_be(hearth: Running) -> None:
    """Each figure or name that cannot stand is one line, and all types stay as they were."""
    owner = hearth.owner
    await set_up(hearth)
    await group(hearth)
    before = await all_types(owner)
    new = {"name": "Tiny"}
    by_hand = {"access": "overwrites", "cap": 96, "most_visitors": 3}
    for options, line in (
        ({"name": "***"}, "a name with a letter or a number in it"),
        ({"name": "x" * 41}, "That name has 41 characters; 40 fit."),
        ({"name": "INTEREST"}, "a type called **INTEREST** already"),
        ({**new, "cap": 9}, "A group holds 10 to 150 people"),
        ({**new, "minimum": 4}, "The minimum is at least 5 people"),
        ({**new, "visit_days": 61}, "A visit lasts 1 to 60 days."),
        ({**new, "most_visitors": 51}, "A group can have 0 to 50 visitors at once."),
        ({**new, "split_delay_days": 15}, "the move lie 1 to 14 days"),
        ({**new, **by_hand}, "A cap of 96, 3 visitors and 2 places for staff are too many"),
    ):
        refused = await owner.command("hearth type add", **options)
        assert line in refused.text, refused.text
    for options, line in (
        ({"name": "goal"}, "a type called **goal** already"),
        ({"cap": 150}, "Nothing would change"),
        ({**by_hand, "cap": 60}, "**Interest** has groups already, so how their rooms are opened"),
    ):
        refused = await owner.command("hearth type edit", type="Interest", **options)
        assert line in refused.text, refused.text
    assert await all_types(owner) == before


# --- /hearth setup, and who looks after a group ---------------------------------------------------


async def test_setup_by_options_refuses_what_cannot_work(hearth: Running) -> None:
    """A hidden room, a shut one, a bot, one role too many: nothing of the setup changes."""
    owner, everyone = hearth.owner, hearth.server.roles[hearth.server.id]
    hidden, shut = [await owner.create_channel(name) for name in ("hidden", "shut")]
    await owner.set_overwrite(hidden, everyone, deny=Permission.VIEW_CHANNEL)
    await owner.set_overwrite(shut, everyone, deny=Permission.SEND_MESSAGES)
    mods = await owner.create_role("Mods")
    await set_up(hearth)
    await group(hearth)
    await owner.command(
        "hearth type add", name="Quiet", access="overwrites", cap=90, most_visitors=8
    )
    before = (await owner.command("hearth setup")).text
    for options, line in (
        ({"commons": hidden}, f"<#{hidden.id}> is not a text channel that I can see"),
        ({"owners_room": shut}, f"I can't write in <#{shut.id}>"),
        ({"safety_role_1": mods}, "1 safety role is too many for **Quiet**"),
    ):
        refused = await owner.command("hearth setup", **options)
        assert line in refused.text, refused.text
    assert (await owner.command("hearth setup")).text == before
    bot = hearth.server.members[hearth.sandbox.world.state.bot.id].user
    asked = await owner.command("hearth facilitator ask", group="Riverside", user=bot)
    assert "A bot can't look after people" in asked.text


async def screen(hearth: Running, number: int) -> Answer:
    """Open the setup and go on to one of its screens."""
    card = await hearth.owner.command("hearth setup")
    while f"{number} of 9" not in card.text:
        card = await hearth.owner.press(card, "Next")
    return card


async def test_more_groups_than_setup_plans(hearth: Running) -> None:
    """Ten are planned; a form that was still open plans no eleventh."""
    owner = hearth.owner
    late = await owner.choose(await screen(hearth, 8), "interest", custom_id="setup-plan")
    groups = await screen(hearth, 8)
    for number in range(10):
        form = await owner.choose(groups, "interest", custom_id="setup-plan")
        plan = await owner.fill(form, name=f"Table {number}", **WORDS)
        groups = await owner.press(plan, "Back to the groups")
    refused = await owner.fill(late, name="Table 10", **WORDS)
    assert "10 groups are the most that I plan here" in refused.text
    assert "Table 10" not in (await screen(hearth, 8)).text


async def test_a_kind_whose_name_is_taken_waits_for_the_owner(hearth: Running) -> None:
    """An owner's own type may be called as the kind is; renamed, the setup goes on."""
    owner = hearth.owner
    total = await screen(hearth, 9)
    await owner.press(total, "Begin")
    await owner.command("hearth type add", name="Place")
    again = await owner.press(await owner.command("hearth setup"), "Go through setup")
    while "6 of 9" not in again.text:
        again = await owner.press(again, "Next")
    again = await owner.choose(again, ["Interest", "Place"], custom_id="setup-types")
    while "9 of 9" not in again.text:
        again = await owner.press(again, "Next")
    label = next(name for name in again.buttons if name in {"Begin", "Keep it"})
    stuck = await owner.press(again, label)
    assert "a type called **Place** already" in stuck.text
    await owner.command("hearth type edit", type="Place", name="Corner")
    assert "All is set up" in (await owner.press(stuck, "Try again")).text


async def test_a_group_that_discord_does_not_let_me_make(hearth: Running) -> None:
    """The step says what Discord says and where the fix stands."""
    owner = hearth.owner
    own = next(role for role in hearth.server.roles.values() if role.managed)
    everything = int(own.permissions)
    form = await owner.choose(await screen(hearth, 8), "interest", custom_id="setup-plan")
    await owner.fill(form, name="🌊 Riverside", **WORDS)
    total = await screen(hearth, 9)
    down = hearth.sandbox.faults.add("503", "POST", "/guilds/{guild_id}/channels", times=None)
    begun = await owner.press(total, "Begin")
    await owner.edit_role(own, permissions=everything & ~int(Permission.MANAGE_CHANNELS))
    hearth.sandbox.faults.remove(down)
    await hearth.settle()
    stuck = await owner.press(begun, "Look again")
    assert "I couldn't make that group's role or room. Discord says:" in stuck.text


# --- /hearth group adopt --------------------------------------------------------------------------


async def test_more_people_by_name_than_a_room_can_hold(hearth: Running) -> None:
    """Every place for staff is one for people less; nothing is adopted."""
    owner = hearth.owner
    await set_up(hearth)
    await owner.command("hearth type edit", type="Identity", cap=40)
    for three in range(8):
        roles = [await owner.create_role(f"Guard {three}{n}") for n in range(3)]
        changed = await owner.command(
            "hearth setup", **{f"safety_role_{n + 1}": role for n, role in enumerate(roles)}
        )
        assert "Setup is changed" in changed.text
    people = [await hearth.person(f"P{number}") for number in range(75)]
    hidden = Overwrite(hearth.server.id, OverwriteType.ROLE, 0, int(Permission.VIEW_CHANNEL))
    insiders = (hearth.sandbox.world.state.bot.id, *(person.id for person in people))
    keys = [Overwrite(user, OverwriteType.MEMBER, LOOK, 0) for user in insiders]
    room = await owner.create_channel("old-lanterns", overwrites=[hidden, *keys])
    await hearth.settle()
    refused = await owner.command("hearth group adopt", type="Identity", room=room)
    assert "75 people can look into that room by name" in refused.text
    assert "opened person by person holds 74" in refused.text
    assert refused.buttons == []


async def test_nothing_is_adopted_unseen(settings: Settings, now: datetime) -> None:
    """In reduced mode nobody knows who has a role, so it stays as it is."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        here = pointed_at(sandbox, settings, reduced=True)
        async with App.open(here) as app:
            running = asyncio.create_task(app.run())
            try:
                await sandbox.settle()
                hearth = Running(sandbox, server, server.owner, app)
                await set_up(hearth)
                role = await hearth.owner.create_role("Runners")
                await hearth.owner.give_role(await hearth.person("Kim"), role)
                refused = await hearth.owner.command(
                    "hearth group adopt",
                    type="Interest",
                    room=channel(hearth, "general"),
                    role=role,
                )
                assert "I don't know everybody in this server yet" in refused.text
                assert refused.buttons == []
            finally:
                await app.close()
                await running


# --- two groups that become one -------------------------------------------------------------------


async def shore(hearth: Running) -> tuple[Person, Person]:
    """Found Millpond with Omar and Riverside with Lena, both small; return the two."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await hearth.owner.command("hearth type add", name="Small", cap=20, minimum=5)
    found: list[Person] = []
    for name, who in (("Millpond", "Omar"), ("Riverside", "Lena")):
        await group(hearth, name, type="Small")
        person = await at_home(hearth, who, name)
        await looked_after(hearth, person, name)
        found.append(person)
    for name in ("Jo", "Bo", "Mo"):
        await at_home(hearth, name, "Riverside")
    return found[0], found[1]


async def side_by_side(hearth: Running, other: str = "Riverside") -> Answer:
    """Return two groups as an owner sees them before they are asked, or why not."""
    return await hearth.owner.command("hearth group merge", group="Millpond", other=other)


async def cards(person: Person, number: int) -> list[Answer]:
    """Open the question about the merge so many times."""
    return [
        await person.press(await person.command("home"), "Two groups, one table?")
        for _ in range(number)
    ]


@pytest.mark.founded(by=shore)
async def test_presses_that_come_late_to_a_merge(hearth: Running) -> None:
    """Asked twice, said twice, told already, off the table, moved out: one line each."""
    omar, lena = hearth.founded
    owner = hearth.owner
    await group(hearth, "Harbour", emoji="⛵")
    kim = await at_home(hearth, "Kim", "Millpond")
    first, second = [await side_by_side(hearth) for _ in range(2)]
    assert "When both have said yes" in (await owner.press(first, "Ask both")).text
    again = await owner.press(second, "Ask both")
    assert "already asked whether it moves in with another group" in again.text
    yes, twice = await cards(omar, 2)
    assert "Now it waits for **Riverside**" in (await omar.press(yes, "Yes, let's")).text
    said = await omar.press(twice, "Yes, let's")
    assert "You have said yes already" in said.text
    yes, twice, last = await cards(lena, 3)
    assert "Both have said yes" in (await lena.press(yes, "Yes, let's")).text
    told = await lena.press(twice, "Yes, let's")
    assert "The members have been told already" in told.text
    note = await kim.press(await kim.command("home"), "What changes for me?")
    rather = await kim.press(note, "I'd rather…")
    moves = await kim.command("join", group="Harbour")
    moved = await kim.press(moves, "Move to Harbour")
    assert "Welcome home" in moved.text, moved.text
    stays = await kim.press(rather, "Move without me")
    assert "You live in neither of the two groups" in stays.text
    off = await owner.press(await side_by_side(hearth), "Call it off")
    assert "It is off" in off.text
    over = await lena.press(last, "Yes, let's")
    assert "That is no longer open" in over.text


@pytest.mark.founded(by=shore)
async def test_a_group_that_splits_merges_later(hearth: Running) -> None:
    """First one, then the other."""
    await hearth.owner.command("hearth type add", name="Tiny", cap=10, minimum=5)
    await group(hearth, "Harbour", type="Tiny", emoji="⛵")
    for number in range(10):
        await at_home(hearth, f"H{number}", "Harbour")
    await hearth.advance(timedelta(days=1, hours=1))
    refused = await side_by_side(hearth, "Harbour")
    assert "One of the two is about to split" in refused.text
    assert refused.buttons == []


@pytest.mark.founded(by=shore)
async def test_groups_that_cannot_become_one(hearth: Running) -> None:
    """Unlisted with listed, no seats, a locked room: what stands in the way is named."""
    owner = hearth.owner
    await owner.command("hearth type add", name="Hush", listed=False)
    await group(hearth, "Attic", type="Hush", emoji="🏮")
    unlisted = await side_by_side(hearth, "Attic")
    assert "**Attic** is named nowhere outside its room" in unlisted.text
    await owner.command("hearth type edit", type="Small", cap=10)
    for number in range(6):
        await at_home(hearth, f"R{number}", "Riverside")
    full = await side_by_side(hearth)
    assert "**Riverside** has no seats for everybody in **Millpond**" in full.text
    await owner.command("safety lock", group="Millpond", reason="Let's breathe.")
    locked = await side_by_side(hearth)
    assert "One of the two rooms is locked by moderators" in locked.text
    assert not [*unlisted.buttons, *full.buttons, *locked.buttons]


@pytest.mark.founded(by=shore)
async def test_a_small_group_that_is_small_no_more(hearth: Running) -> None:
    """Its old cards let it rest while a move is asked about, or ask anybody in, no more."""
    omar, _ = hearth.founded
    await hearth.advance(timedelta(days=1))
    await hearth.advance(timedelta(days=28))
    rests, invites, late = [
        await omar.press(await desk_page(omar, "Growth", group="Millpond"), "Few of us?")
        for _ in range(3)
    ]
    sure = await omar.press(rests, "Let it rest")
    both = await hearth.owner.press(await side_by_side(hearth), "Ask both")
    assert "When both have said yes" in both.text
    busy = await omar.press(sure, "Yes, let it rest")
    assert "already asked whether it moves in with another group" in busy.text
    await hearth.owner.command("hearth type edit", type="Small", cap=10)
    for number in range(9):
        await at_home(hearth, f"M{number}", "Millpond")
    full = await omar.press(invites, "Ask people in")
    assert "**Millpond** has no free seat to ask anybody to" in full.text
    await hearth.owner.command("hearth group rest", group="Millpond")
    resting = await omar.press(late, "Ask people in")
    assert "**Millpond** isn't open right now, so nothing has changed" in resting.text
