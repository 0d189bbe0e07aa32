"""A group that is nearly full, in the sandbox: what is ready, whom to ask, the last seat."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.full_group import CAP, Village, full_group
from tests.conftest import Running


async def found(hearth: Running) -> Village:
    """Riverside with one seat left, a week after everybody met."""
    village = await full_group(hearth, cap=CAP + 1)
    await hearth.advance(timedelta(days=7, hours=2))  # then the talk of the first day is known
    return village


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def growing(hearth: Running) -> Village:
    """Riverside with one seat left, a week after everybody met."""
    return hearth.founded


async def ready(village: Village, who: Person | None = None) -> Answer:
    """Open what is ready, from the desk."""
    who = who or village.lena
    page = await who.press(await who.command("desk", group="Riverside"), "Growth")
    assert "**Riverside** is nearly full: 12 of 13" in page.text, page.text
    return await who.press(page, "What's ready for it")


async def test_what_is_ready_and_the_last_seat(growing: Village, hearth: Running) -> None:
    """A name and somebody who says yes early; the last seat shows the plan within the minute."""
    card = await ready(growing)
    assert "it can become 2 groups" in card.text
    assert "Nothing happens before the last seat is taken" in card.text
    other = growing.people[1]
    assert f"<@{other.id}> could be asked" in card.text
    asked = await growing.lena.press(card, "Ask for Evening Star")
    assert f"I've asked <@{other.id}>, privately" in asked.text
    await hearth.settle()
    question = growing.found(growing.room("riverside"), f"<@{other.id}>")
    await other.press(await other.press(question, "Open"), "Yes, gladly")
    opened = await growing.lena.press(await ready(growing), "Name Evening Star")
    refused = await growing.lena.fill(opened, name="riverside", emoji="🌊")
    assert "is a group here already" in refused.text
    opened = await growing.lena.press(refused, "Fix it")
    assert "riverside" in str(opened.modal)
    named = await growing.lena.fill(opened, name="Millpond", emoji="🦆")
    assert "The new group would be 🦆 **Millpond**" in named.text
    old = await ready(growing)
    newcomer = await hearth.person("Nora")
    joined = await newcomer.command("join", group="Riverside")
    assert not joined.failed, joined.text
    await hearth.advance(timedelta(minutes=2))
    line = growing.found(growing.desk, "something about your group")
    preview = await growing.lena.press(line, "Open")
    assert "🦆 **Millpond**" in preview.text
    assert f"gets a new room, with <@{other.id}>." in preview.text
    gone = await growing.lena.press(old, "Name Millpond")
    assert "isn't being got ready any more" in gone.text


async def test_only_those_who_look_after_it(growing: Village, hearth: Running) -> None:
    """A button that was passed on opens nothing; asking twice says so."""
    cards = [await ready(growing) for _ in range(2)]
    await growing.lena.press(cards[0], "Ask for Evening Star")
    again = await growing.lena.press(cards[1], "Ask for Evening Star")
    assert "is asked already, or looks after the group" in again.text
    assert "could be asked" not in (await ready(growing)).text
    sure = await hearth.owner.command(
        "hearth facilitator remove", group="Riverside", user=growing.lena
    )
    assert not sure.failed, sure.text
    card = await ready(growing, hearth.owner)
    assert "somebody to look after it is still to be found" in card.text
