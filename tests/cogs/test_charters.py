"""A charter in two steps: typed, mistyped, mended; a group that waits for it, and opens."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Group, Server
from sandbox.answers import Answer
from tests.cogs import founding
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

WORDS = {
    "name": "Riverside",
    "purpose": "Evening runs around the lake, slow ones welcome.",
    "for_whom": "Whoever runs for joy, at any pace.",
    "unites": "We run after work, and nobody counts minutes.",
    "norms": "Nobody is left behind\nNo times, no rankings\nSay when you stop",
}
PLACE = {
    "sign": "🌊 blue",
    "language": "deutsch",
    "zone": "berlin",
    "city": "Berlin",
    "venue": "The bridge by the mill",
}


async def strict(hearth: Running, *, on: bool = True) -> None:
    """Let groups of the server open only with a whole charter and a facilitator."""
    async with hearth.app.client.database.writing() as session:
        (await session.get_one(Server, hearth.server.id)).needs_facilitator = on


async def row(hearth: Running, name: str = "Riverside") -> Group:
    """Return a group's row."""
    async with hearth.app.client.database.reading() as session:
        return (await session.scalars(select(Group).where(Group.name == name))).one()


async def begun(hearth: Running, **options: Any) -> Answer:
    """Open the first form of a new group."""
    form = await hearth.owner.command("hearth group create", **{"type": "Interest", **options})
    assert form.kind == "modal", form.text
    return form


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_group_in_two_steps(hearth: Running) -> None:
    """What it is about, then its sign and where it lives; the room reads all of it."""
    owner = hearth.owner
    half = await owner.fill(await begun(hearth), **WORDS)
    assert "**Riverside** has its charter (Interest). Nothing is made yet." in half.text
    assert half.buttons == ["Go on", "Make it now", "Change the charter"]
    made = await owner.fill(await owner.press(half, "Go on"), **PLACE)
    assert "🌊 **Riverside** is made" in made.text
    await hearth.settle()
    posted = next(iter(channel(hearth, "🌊-riverside").history)).content
    for said in (
        "**For whom:** Whoever runs for joy",
        "**What unites us:** We run after work",
        "No times, no rankings",
        "**We speak:** Deutsch",
        "**Our clock:** Europe/Berlin",
        "**We meet in:** Berlin, The bridge by the mill",
    ):
        assert said in posted
    assert "Go on where you left off" not in (await owner.command("home")).buttons


@pytest.mark.founded(by=founding.set_up_only)
async def test_where_a_group_meets_is_read_in_its_room_only(hearth: Running) -> None:
    """Who lives there reads it on the charter's card, who looks at the directory does not."""
    form = await hearth.owner.press(await hearth.owner.fill(await begun(hearth), **WORDS), "Go on")
    await hearth.owner.fill(form, **PLACE)
    kim = await at_home(hearth, "Kim")
    inside = await kim.press(await kim.command("home"), "Charter")
    assert "The bridge by the mill" in inside.text
    jo = await hearth.person("Jo")
    card = await jo.command("groups", find="Riverside")
    assert "bridge" not in card.text
    assert "bridge" not in (await jo.press(card, "How this room works")).text


@pytest.mark.founded(by=founding.set_up_only)
@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"name": "R"}, "A name needs at least 2 characters"),
        ({"purpose": "Runs."}, "Say in a sentence why this group exists"),
        ({"for_whom": " "}, "Say for whom it is"),
        ({"unites": "\u200b"}, "Say what its people share beyond the topic"),
        ({"norms": "Be kind\nBe slow"}, "Give 3 norms or more, one per line"),
        ({"norms": "Be kind\nBe slow"}, "I found 2."),
        ({"norms": "x" * 601}, "The norms have 601 characters"),
    ],
)
async def test_the_first_step_mistyped(hearth: Running, wrong: dict[str, str], line: str) -> None:
    """Every duty is asked for; the form opens as it was left, and then the way goes on."""
    owner = hearth.owner
    refused = await owner.fill(await begun(hearth), **{**WORDS, **wrong})
    assert line in refused.text
    assert "What you typed is kept." in refused.text
    form = await owner.press(refused, "Fix it")
    assert WORDS["unites"] in str(form.components) or "unites" in wrong
    half = await owner.fill(form, **{field: WORDS[field] for field in wrong})
    made = await owner.press(half, "Make it now")
    assert "**Riverside** is made" in made.text


@pytest.mark.founded(by=founding.set_up_only)
@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"sign": "🌊🌊"}, "one emoji"),
        ({"sign": "river"}, "Write the colour as"),
        ({"language": "Germn"}, "I don't know that language. Did you mean: German"),
        ({"language": "qqqq"}, "Write its name as its speakers do"),
        ({"zone": "Berlim"}, "Did you mean: Berlin"),
        ({"zone": "zzzz"}, "I don't know that time zone"),
        ({"city": "B" * 61}, "The city has 61 characters; 60 fit"),
        ({"venue": "v" * 121}, "The place where you meet has 121 characters"),
        ({"venue": "https://evil.example"}, "A place can't call people or link somewhere"),
        ({"city": "@everyone"}, "A place can't call people or link somewhere"),
    ],
)
async def test_the_second_step_mistyped(hearth: Running, wrong: dict[str, str], line: str) -> None:
    """Nothing is made, nothing is lost: the second form opens filled, with the first one kept."""
    owner = hearth.owner
    half = await owner.fill(await begun(hearth), **WORDS)
    refused = await owner.fill(await owner.press(half, "Go on"), **{**PLACE, **wrong})
    assert line in refused.text
    form = await owner.press(refused, "Fix it")
    assert "step 2 of 2" in str(form.modal)
    made = await owner.fill(form, **{field: PLACE[field] for field in wrong})
    assert "🌊 **Riverside** is made" in made.text
    assert (await row(hearth)).unites == WORDS["unites"]


@pytest.mark.founded(by=founding.riverside)
async def test_a_name_that_is_taken_is_said_after_the_first_step(hearth: Running) -> None:
    """Not after the second, when everything was typed."""
    refused = await hearth.owner.fill(await begun(hearth), **WORDS)
    assert "a group called **Riverside** already" in refused.text
    form = await hearth.owner.press(refused, "Fix it")
    half = await hearth.owner.fill(form, name="Lakeside")
    assert "**Lakeside** has its charter" in half.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_type_is_chosen_where_none_was_named(hearth: Running) -> None:
    """After the words, with all of them kept."""
    form = await hearth.owner.command("hearth group create")
    asked = await hearth.owner.fill(form, **WORDS)
    assert "Which type shall the group be of?" in asked.text
    offered = dict(await hearth.owner.autocomplete("hearth group create", "type", "goal"))
    half = await hearth.owner.choose(asked, offered["Goal"])
    assert "**Riverside** has its charter (Goal)" in half.text
    assert "is made" in (await hearth.owner.press(half, "Make it now")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_half_done_charter_waits(hearth: Running) -> None:
    """In /home, and when the command is called again; between the steps both are one press away."""
    owner = hearth.owner
    half = await owner.fill(await begun(hearth), **WORDS)
    form = await owner.press(await owner.command("home"), "Go on where you left off")
    assert WORDS["unites"] in str(form.components)
    again = await owner.command("hearth group create")
    assert WORDS["unites"] in str(again.components)
    words = await owner.press(half, "Change the charter")
    changed = await owner.fill(words, name="Lakeside")
    assert "**Lakeside** has its charter" in changed.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_card_that_was_left_open_makes_no_second_group(hearth: Running) -> None:
    """The draft went with the group that it became."""
    half = await hearth.owner.fill(await begun(hearth), **WORDS)
    other = await hearth.owner.fill(await begun(hearth), **WORDS)
    await hearth.owner.press(half, "Make it now")
    for label in ("Make it now", "Go on", "Change the charter"):
        assert "has had its day" in (await hearth.owner.press(other, label)).text


async def test_a_strict_server_opens_a_group_when_it_has_what_it_needs(hearth: Running) -> None:
    """It forms, says what it lacks, takes nobody in; the last missing thing opens it."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await strict(hearth)
    owner, kim = hearth.owner, await hearth.person("Kim")
    made = await group(hearth)
    assert "nobody moves in before it has" in made.text
    for said in ("for whom it is", "what unites its people", "three norms", "somebody who looks"):
        assert f"· {said}" in made.text
    assert made.buttons[:2] == ["Complete the charter", "I'll look after it"]
    assert "still being made ready" in (await kim.command("join", group="Riverside")).text
    assert "still being made ready" in (await kim.command("visit", group="Riverside")).text
    assert "1 group is being made ready" in (await owner.command("hearth check")).text
    form = await owner.press(made, "Complete the charter")
    whole = await owner.fill(form, **WORDS)
    assert "somebody who looks after it" in whole.text
    assert whole.buttons[0] == "I'll look after it"
    assert (await row(hearth)).state == "forming"
    await hearth.advance(timedelta(minutes=5))
    mine = await owner.press(whole, "I'll look after it")
    assert "it is open: people can move in" in mine.text
    assert "You said yes before" in (await owner.press(whole, "I'll look after it")).text
    await hearth.settle()
    told = [m.content for m in channel(hearth, "welcome").history]
    assert any("**Riverside** has what it needed and is open" in line for line in told)
    assert owner.sees(channel(hearth, "🌊-riverside"))
    await at_home(hearth, "Jo")


@pytest.mark.founded(by=founding.set_up_only)
async def test_somebody_from_elsewhere_is_asked_and_gets_the_key(hearth: Running) -> None:
    """A group that nobody lives in yet is looked after all the same; the key goes with it."""
    await strict(hearth)
    half = await hearth.owner.fill(await begun(hearth), **WORDS)
    await hearth.owner.press(half, "Make it now")
    room = channel(hearth, "🔥-riverside")
    lena = await hearth.person("Lena")
    asked = await hearth.owner.command("hearth facilitator ask", group="Riverside", user=lena)
    assert "Asked" in asked.text
    await hearth.settle()
    line = list(channel(hearth, "general").history)[-1]
    assert "Riverside" not in line.content
    assert line.mentions == [lena.user] or lena.mention in line.content
    question = await lena.press(line, "Open")
    assert "You don't live there: a yes gives you the key" in question.text
    taken = await lena.press(question, "Yes, gladly")
    assert "is open now: people can move in" in taken.text
    await hearth.settle()
    assert lena.sees(room)
    assert (await row(hearth)).visitors == 0
    desk = await desk_page(lena, "People")
    step = await lena.press(await lena.press(desk, "Step down"), "Step down today")
    assert "thank you" in step.text
    await hearth.settle()
    assert not lena.sees(room)
    assert (await row(hearth)).state == "open"


@pytest.mark.founded(by=founding.riverside)
async def test_facilitators_change_the_words_and_not_the_name(hearth: Running) -> None:
    """From the desk, by the same two forms without name and sign; others are refused."""
    lena = await at_home(hearth, "Lena")
    await hearth.owner.command("hearth facilitator ask", group="Riverside", user=lena)
    question = await lena.press(await lena.command("home"), "A question for you")
    await lena.press(question, "Yes, gladly")
    card = await lena.press(await desk_page(lena, "Room"), "Charter")
    assert "The group is open." in card.text
    assert "It will do better with" in card.text
    form = await lena.press(card, "Change the charter")
    assert "name" not in [field["component"]["custom_id"] for field in form.components]
    words = {name: text for name, text in WORDS.items() if name != "name"}
    changed = await lena.fill(form, **words)
    assert "**Riverside** is changed" in changed.text
    place = await lena.press(changed, "Emoji, language, place")
    near = await lena.fill(place, language="Germn")
    assert "Did you mean: German" in near.text
    mended = await lena.fill(await lena.press(near, "Fix it"), language="German")
    assert "is changed" in mended.text
    found = await row(hearth)
    assert (found.language, found.unites, found.name) == ("de", WORDS["unites"], "Riverside")
    card = await lena.press(await desk_page(lena, "Room"), "Charter")
    await lena.press(
        await lena.press(await desk_page(lena, "People"), "Step down"), "Step down today"
    )
    for label in ("Change the charter", "Emoji, language, place", "Last day"):
        assert "for the facilitators of Riverside" in (await lena.press(card, label)).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_an_edit_with_nothing_but_the_group_opens_its_form(hearth: Running) -> None:
    """Filled with what stands, the city's name for its time zone among it."""
    half = await hearth.owner.fill(await begun(hearth), **WORDS)
    await hearth.owner.fill(await hearth.owner.press(half, "Go on"), **PLACE)
    form = await hearth.owner.command("hearth group edit", group="Riverside")
    assert WORDS["unites"] in str(form.components)
    same = await hearth.owner.fill(form)
    assert "Nothing would change" in same.text
    typo = await hearth.owner.command("hearth group edit", group="Riversid")
    assert "Did you mean: Riverside" in typo.text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_rest_ends_where_it_began(hearth: Running) -> None:
    """A group that never was open forms again after its rest, and says so when it is reopened."""
    await strict(hearth)
    await group(hearth)
    owner = hearth.owner
    assert "rests" in (await owner.command("hearth group rest", group="Riverside")).text
    await owner.command("hearth group reopen", group="Riverside")
    assert (await row(hearth)).state == "forming"
    still = await owner.command("hearth group reopen", group="Riverside")
    assert "opens by itself once it has what it needs" in still.text
