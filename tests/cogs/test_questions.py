"""/hearth questions: what people are asked is the owners' to change."""

import pytest
from sqlalchemy import update

from models import Question
from sandbox.answers import Answer
from tests.cogs.founding import group, set_up
from tests.conftest import Running

FEEL = "What should it feel like to be there?"
OWN = {"text": "Tea or coffee?", "choices": "Tea = @Brewers\nCoffee\n\n", "most": "1"}


@pytest.fixture
async def card(hearth: Running) -> Answer:
    """The questions of a server that was just set up."""
    await set_up(hearth)
    await hearth.owner.create_role("Brewers")
    await group(hearth)
    return await hearth.owner.command("hearth questions")


async def test_a_question_of_ones_own(hearth: Running, card: Answer) -> None:
    """Added by a form, asked where it tells groups apart, and not of those whose role says it."""
    assert f"• {FEEL} (6 answers)" in card.text
    added = await hearth.owner.fill(await hearth.owner.press(card, "Add a question"), **OWN)
    assert "Kept." in added.text
    assert "• Tea (also by <@&" in added.text
    assert "One answer may be chosen" in added.text
    made = await group(hearth, "Kettle")
    fits = await hearth.owner.press(made, "What fits here")
    await hearth.owner.choose(await hearth.owner.choose(fits, "Tea or coffee?"), ["Tea"])
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    brewers = next(r for r in hearth.server.roles.values() if r.name == "Brewers")
    await hearth.owner.give_role(zoe, brewers)
    await hearth.settle()
    asked = await kim.press(await kim.command("home"), "Find a home")
    assert "Tea or coffee?" in asked.text
    found = await zoe.press(await zoe.command("home"), "Find a home")
    assert "**1. 🌊 Kettle**" in found.text


async def test_a_change_keeps_what_was_said(hearth: Running, card: Answer) -> None:
    """An answer that keeps its words keeps what fits; one that goes takes it along."""
    added = await hearth.owner.fill(await hearth.owner.press(card, "Add a question"), **OWN)
    made = await group(hearth, "Kettle")
    fits = await hearth.owner.press(made, "What fits here")
    await hearth.owner.choose(await hearth.owner.choose(fits, "Tea or coffee?"), ["Tea", "Coffee"])
    form = await hearth.owner.press(added, "Change it")
    changed = await hearth.owner.fill(
        form, text="What do you drink?", choices="Water\nTea", most="2"
    )
    assert "Up to 2 answers" in changed.text
    fits = await hearth.owner.press(made, "What fits here")
    assert "• What do you drink? **Tea**" in fits.text
    listed = await hearth.owner.command("hearth log")
    assert "changed what people are asked" in listed.text


async def test_switched_off_and_on(hearth: Running, card: Answer) -> None:
    """What is off is asked of nobody, and is there when it is wanted again."""
    one = await hearth.owner.choose(card, FEEL)
    off = await hearth.owner.press(one, "Don't ask this")
    card = await hearth.owner.press(off, "All questions")
    assert f"~~{FEEL}~~ not asked" in card.text
    made = await group(hearth, "Kettle")
    assert FEEL not in (await hearth.owner.press(made, "What fits here")).text
    on = await hearth.owner.press(await hearth.owner.choose(card, FEEL), "Ask this again")
    assert "Don't ask this" in on.buttons


async def test_check_names_groups_that_have_not_said_what_fits(
    hearth: Running, card: Answer
) -> None:
    """By name, until one tick is set; where no question is on there is nothing to say."""
    made = await group(hearth, "Kettle")
    check = await hearth.owner.command("hearth check")
    assert "2 groups haven't said yet what fits them" in check.text
    assert "Kettle, Riverside. Tick it at each desk" in check.text
    fits = await hearth.owner.press(made, "What fits here")
    one = await hearth.owner.choose(fits, FEEL)
    await hearth.owner.choose(one, [one.choices[0]])
    check = await hearth.owner.command("hearth check")
    assert "1 group hasn't said yet what fits it" in check.text
    assert "Riverside. Tick it" in check.text
    async with hearth.app.database.writing() as session:
        await session.execute(update(Question).where(Question.about == "fit").values(off=True))
    assert "what fits it" not in (await hearth.owner.command("hearth check")).text
    assert FEEL in card.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": "???"}, "needs some words"),
        ({"choices": "Tea"}, "needs 2 to 25 answers"),
        ({"choices": "\n".join(map(str, range(26)))}, "needs 2 to 25 answers"),
        ({"choices": f"Tea\n{'x' * 61}"}, "is too long"),
        ({"choices": "Tea\ntea"}, "stands there twice"),
        ({"most": "3"}, "from 1 to the number of answers"),
        ({"most": "x"}, "from 1 to the number of answers"),
        ({"choices": "Tea = @Nobody\nCoffee"}, "no role called “Nobody”"),
    ],
    ids=[
        "no words",
        "one answer",
        "too many",
        "too long",
        "twice",
        "too much",
        "no number",
        "role",
    ],
)
async def test_what_was_typed_is_not_lost(
    hearth: Running, card: Answer, wrong: dict[str, str], says: str
) -> None:
    """Each mistake is named, and the form comes back as it was filled."""
    form = await hearth.owner.press(card, "Add a question")
    refused = await hearth.owner.fill(form, **{**OWN, **wrong})
    assert says in refused.text
    assert refused.buttons == ["Fix it"]
    form = await hearth.owner.press(refused, "Fix it")
    kept = {
        part["component"]["custom_id"]: part["component"].get("value", "")
        for part in form.components
    }
    for field, value in wrong.items():
        assert kept[field].strip() == value.strip()
    assert "Kept." in (await hearth.owner.fill(form, **OWN)).text


async def test_answers_that_stand_for_something(hearth: Running, card: Answer) -> None:
    """Time zones may be called otherwise; their number is fixed."""
    zone = next(label for label in card.choices if "Where does your day happen" in label)
    form = await hearth.owner.press(await hearth.owner.choose(card, zone), "Change it")
    refused = await hearth.owner.fill(form, text="Where?", choices="Here\nThere", most="1")
    assert "their number can't" in refused.text


async def test_for_owners_only(hearth: Running, card: Answer) -> None:
    """Neither offered to others, nor carried out for who lost the right meanwhile."""
    kim = await hearth.person("Kim")
    with pytest.raises(PermissionError):
        await kim.command("hearth questions")
    assert "Add a question" in card.buttons
