"""What those who run a server decide: setup, groups, types, facilitators, pause."""

import pytest

from bot.rules.types import STARTING
from tests.cogs import founding
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running


async def test_setup_can_be_repeated_to_change_one_thing(hearth: Running) -> None:
    """The first time adds types; later what is left out stays."""
    owner = hearth.owner
    refused = await owner.command("hearth setup", time_zone="Europe/Lisbon")
    assert "which channel is the commons" in refused.text
    first = await set_up(hearth, time_zone="lisbon")
    assert f"{len(STARTING)} group types are ready" in first.text
    assert "Europe/Lisbon, now 12:00 · language: English" in first.text
    role = await owner.create_role("Mods")
    second = await owner.command("hearth setup", safety_role_1=role, time_zone="Europe/Berlin")
    assert f"<#{channel(hearth, 'general').id}>" in second.text
    assert f"<@&{role.id}>" in second.text
    assert "Europe/Berlin, now 13:00" in second.text
    assert "Setup is changed" in second.text
    shown = await owner.command("hearth setup")
    assert "This is how Hearth is set up" in shown.text
    named = await owner.command("hearth setup", owner_role=role)
    assert "Server Settings → Integrations → Hearth" in named.text
    third = await owner.command("hearth setup", take_out=role)
    assert f"<@&{role.id}>" not in third.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_setup_refuses_what_cannot_work(hearth: Running) -> None:
    """A zone that is none, a room that Hearth cannot write in, everyone as a role."""
    owner = hearth.owner
    assert "Did you mean: Lisbon" in (await owner.command("hearth setup", time_zone="Lissbon")).text
    everyone = hearth.server.roles[hearth.server.id]
    answer = await owner.command("hearth setup", safety_role_1=everyone)
    assert "@everyone can't have a part" in answer.text
    zones = await owner.autocomplete("hearth setup", "time_zone", "berl")
    assert ("Berlin (Europe/Berlin)", "Europe/Berlin") in zones


async def test_safety_roles_are_written_into_rooms(hearth: Running) -> None:
    """Whoever keeps the server safe sees every room, and the charter says so."""
    mods = await hearth.owner.create_role("Mods")
    mo = await hearth.person("Mo")
    await hearth.owner.give_role(mo, mods)
    await set_up(hearth, safety_role_1=mods)
    await group(hearth)
    room = channel(hearth, "🌊-riverside")
    assert mo.sees(room)
    kim = await at_home(hearth, "Kim")
    charter = await kim.press(await kim.command("home"), "Charter")
    assert f"Kept safe by** <@&{mods.id}>" in charter.text


async def test_only_owners_have_these_commands(hearth: Running) -> None:
    """Not offered to others; with the owner's role they work."""
    kim = await hearth.person("Kim")
    with pytest.raises(PermissionError):
        await kim.command("hearth check")


@pytest.mark.founded(by=founding.set_up_only)
async def test_making_a_group_links_its_room(hearth: Running) -> None:
    """The room is there when the reply comes, with its charter in it, and how many still fit."""
    answer = await group(hearth, for_whom="Slow ones welcome", norms="Nobody is left behind")
    room = channel(hearth, "🌊-riverside")
    assert f"<#{room.id}>" in answer.text
    assert "more groups of this type fit" in answer.text
    await hearth.settle()
    charter = next(iter(room.history)).content
    assert "**Riverside**" in charter
    assert "Nobody is left behind" in charter


@pytest.mark.founded(by=founding.riverside)
async def test_a_name_that_two_groups_would_share(hearth: Running) -> None:
    """One friendly line, nothing changed, and the way to mend it filled with what was typed."""
    rooms = len(hearth.server.channels)
    refused = await hearth.owner.command(
        "hearth group create",
        name="RIVER\u200bSIDE",
        type="Goal",
        purpose="The other river, on the other side.",
        colour="blue",
    )
    assert "a group called **RIVERSIDE** already" in refused.text
    await hearth.settle()
    assert len(hearth.server.channels) == rooms
    form = await hearth.owner.press(refused, "Fix it")
    assert "The other river, on the other side." in str(form.components)
    made = await hearth.owner.fill(form, name="Otherside")
    assert "**Otherside** is made" in made.text
    assert channel(hearth, "🔥-otherside")


@pytest.mark.founded(by=founding.set_up_only)
@pytest.mark.parametrize(
    ("options", "line", "mended"),
    [
        ({"name": "x" * 300}, "That name has 300 characters; 40 fit", {"name": "Riverside"}),
        ({"name": "@everyone"}, "A name can't call people", {"name": "Riverside"}),
        ({"name": "\u202e\u200b"}, "A name needs at least 2 characters", {"name": "Riverside"}),
        (
            {"purpose": "y" * 5000},
            "The purpose has 5000 characters; 300 fit",
            {"purpose": "Evening runs."},
        ),
        ({"purpose": "   "}, "Say in a sentence why", {"purpose": "Evening runs."}),
        ({"unites": "z" * 301}, "“What unites you” has 301 characters", {"unites": "Slow ones"}),
        ({"emoji": "river"}, "one emoji", {"sign": "🌊"}),
        ({"colour": "blurple"}, "Write the colour as", {"sign": "🌊 blue"}),
    ],
)
async def test_a_bad_charter_is_one_friendly_line(
    hearth: Running, options: dict[str, str], line: str, mended: dict[str, str]
) -> None:
    """Whatever is typed, the answer says what to do, and the form that mends it opens with it."""
    typed = {"name": "Riverside", "type": "Interest", "purpose": "Evening runs, slow ones too."}
    refused = await hearth.owner.command("hearth group create", **{**typed, **options})
    assert line in refused.text
    form = await hearth.owner.press(refused, "Fix it")
    assert form.kind == "modal"
    made = await hearth.owner.fill(form, **mended)
    assert "**Riverside** is made" in made.text, made.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_hostile_words_are_shown_and_do_nothing(hearth: Running) -> None:
    """Markdown, mentions and braces in a charter stand there as they were typed."""
    await group(
        hearth,
        name="**Bold** {0}",
        purpose="Hello @everyone and <@&1> {group} [click](https://evil.example), welcome.",
    )
    await hearth.settle()
    room = channel(hearth, "🌊-bold-0")
    charter = next(iter(room.history))
    assert not charter.mentions
    assert not charter.mention_everyone
    assert "@everyone" not in charter.content
    assert r"\*\*Bold\*\* {0}" in charter.content
    kim = await at_home(hearth, "Kim", "**Bold** {0}")
    assert r"\*\*Bold\*\* {0}" in (await kim.command("home")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_type_that_is_not_there_can_be_chosen(hearth: Running) -> None:
    """The rest of what was typed stays."""
    refused = await hearth.owner.command(
        "hearth group create", name="Riverside", type="Books", purpose="Evening runs, slow ones."
    )
    assert "I know no" in refused.text
    offered = dict(await hearth.owner.autocomplete("hearth group create", "type", "goal"))
    made = await hearth.owner.choose(refused, offered["Goal"])
    assert "**Riverside** is made" in made.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_half_done_charter_can_be_reopened_from_home(hearth: Running) -> None:
    """Every half-done choice waits in /home."""
    await hearth.owner.command(
        "hearth group create", name="R", type="Goal", purpose="Evening runs, slow ones."
    )
    card = await hearth.owner.command("home")
    form = await hearth.owner.press(card, "Go on where you left off")
    await hearth.owner.fill(form, name="Riverside")
    assert "Go on where you left off" not in (await hearth.owner.command("home")).buttons


@pytest.mark.founded(by=founding.riverside)
async def test_editing_resting_reopening(hearth: Running) -> None:
    """The room follows the name; a resting group takes nobody in; then it does again."""
    kim = await hearth.person("Kim")
    edited = await hearth.owner.command(
        "hearth group edit", group="Riverside", name="Lakeside", emoji="🪷"
    )
    assert "**Lakeside** is changed" in edited.text
    await hearth.settle()
    assert channel(hearth, "🪷-lakeside")
    typo = await hearth.owner.command("hearth group edit", group="Lakesid", name="Seaside")
    assert "Did you mean: Lakeside" in typo.text
    assert typo.buttons == []
    same = await hearth.owner.command("hearth group edit", group="Lakeside", name="Lakeside")
    assert "Nothing would change" in same.text
    assert "rests" in (await hearth.owner.command("hearth group rest", group="Lakeside")).text
    assert "is resting" in (await kim.command("join", group="Lakeside")).text
    again = await hearth.owner.command("hearth group reopen", group="Lakeside")
    assert again.text == "**Lakeside** is open again."
    assert "Welcome home" in (await kim.command("join", group="Lakeside")).text


async def test_a_group_that_rested_before_it_opened_still_forms(hearth: Running) -> None:
    """Reopening ends its rest; what it waited for before, it waits for again."""
    await set_up(hearth, needs_facilitator=True)
    await group(hearth)
    await hearth.owner.command("hearth group rest", group="Riverside")
    again = await hearth.owner.command("hearth group reopen", group="Riverside")
    assert "no longer rests. It is still being made ready" in again.text
    assert "**Riverside** · opens soon" in (await hearth.owner.command("groups")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_types_as_options(hearth: Running) -> None:
    """Added, changed, listed; figures that do not go together are one friendly line."""
    owner = hearth.owner
    added = await owner.command("hearth type add", name="Book circle", cap=20, entry="request")
    assert "**Book circle** is added" in added.text
    calls = await owner.command("hearth type add", name="Book @everyone <@1>")
    assert "can't call people" in calls.text
    refused = await owner.command("hearth type add", name="Tiny", cap=12, minimum=8)
    assert "the minimum can be 6 at most" in refused.text
    edited = await owner.command("hearth type edit", type="book circle", visits="closed", cap=30)
    assert "**Book circle** is changed" in edited.text
    first = await owner.command("hearth type list")
    assert "**Book circle** (own) · 0 groups" in first.text
    assert "at most 30 people" in first.text
    second = await owner.press(first, "More")
    assert "Back" in second.buttons
    typo = await owner.command("hearth type edit", type="bok circle", cap=40)
    assert "Did you mean: Book circle" in typo.text


@pytest.mark.founded(by=founding.riverside)
async def test_asking_a_facilitator(hearth: Running) -> None:
    """Asked privately, listed for owners, taken out again; bots are not asked."""
    kim = await at_home(hearth, "Kim")
    owner = hearth.owner
    assert (
        "Asked" in (await owner.command("hearth facilitator ask", group="Riverside", user=kim)).text
    )
    again = await owner.command("hearth facilitator ask", group="Riverside", user=kim)
    assert "has been asked" in again.text
    assert f"<@{kim.id}> was asked" in (await owner.command("hearth facilitator list")).text
    removed = await owner.command("hearth facilitator remove", group="Riverside", user=kim)
    assert "no longer looks after" in removed.text
    assert "Nobody has been asked yet" in (await owner.command("hearth facilitator list")).text


async def test_check_says_what_is_missing(hearth: Running) -> None:
    """Also before the setup, when it says how to begin."""
    assert "isn't set up" in (await hearth.owner.command("hearth check")).text
    await set_up(hearth)
    assert (await hearth.owner.command("hearth check")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_the_longest_charter_still_fits_a_message(hearth: Running) -> None:
    """Every character escaped, every field full: its texts are shortened, what follows stands."""
    await group(hearth, purpose="a*" * 150, for_whom="*" * 300, norms="*" * 600)
    await hearth.settle()
    charter = next(iter(channel(hearth, "🌊-riverside").history))
    assert 1900 < len(charter.content) <= 2000
    kim = await at_home(hearth, "Kim")
    card = await kim.press(await kim.command("home"), "Charter")
    assert card.text.startswith("🌊 **Riverside**")
    assert "Visitors read only what is written while they are here" in card.text
