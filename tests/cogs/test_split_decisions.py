"""Who says that a group parts: one suggests it, others may say no, an owner has the last word."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.full_group import Village, full_group
from tests.conftest import Running

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cogs() -> Sequence[str]:
    """What a split's buttons lead to, and what founds a group."""
    return (
        "cogs.splits",
        "cogs.split_changes",
        "cogs.groups",
        "cogs.home",
        "cogs.owners",
        "cogs.desk",
        "cogs.facilitators",
        "cogs.signals",
        "cogs.safety",
    )


async def found(hearth: Running) -> Village:
    """Return Riverside, full of two circles of friends; Lena and Omar look after it."""
    village = await full_group(hearth)
    await village.also_looks_after(village.people[1])
    return village


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def village(hearth: Running) -> Village:
    """Return Riverside, full of two circles of friends; Lena and Omar look after it."""
    return hearth.founded


@pytest.fixture
def omar(village: Village) -> Person:
    """Return the other one who looks after Riverside."""
    return village.people[1]


async def at_the_desk(person: Person) -> Answer:
    """Open the split from the desk."""
    growth = await person.press(await person.command("desk"), "Growth")
    return await person.press(growth, custom_id="split-look:1")


async def suggested(village: Village) -> None:
    """Have Lena suggest the plan to Omar."""
    said = await village.lena.press(await village.preview(), "Tell the members")
    assert "Suggested. The others who look after the group may say no until" in said.text
    await village.hearth.settle()


async def test_silence_is_a_yes_and_then_an_owner_has_the_word(
    village: Village, omar: Person, hearth: Running
) -> None:
    """Omar is told that something waits and says nothing; a day later the owners are asked."""
    await suggested(village)
    line = village.found(village.desk, f"{omar.mention}, something about your group")
    assert village.lena.mention not in line.content
    shown = await omar.press(line, "Open")
    assert "One of you would like to tell the members" in shown.text
    assert shown.buttons == ["No, not now", "Back"]
    office = [message.content for message in village.office.history]
    assert not any("It could become two" in text for text in office)
    await hearth.advance(DAY + HOUR)
    question = village.found(village.office, "It could become two")
    assert "Those who look after the group agree." in question.content
    told = await hearth.owner.press(question, "Yes, tell the members")
    assert "The members are told" in told.text
    await hearth.settle()
    assert village.found(village.room("riverside"), "grown too big")
    late = await hearth.owner.press(question, "Not now")
    assert "told already" in late.text


async def test_a_no_ends_it(village: Village, omar: Person, hearth: Running) -> None:
    """Lena reads that somebody said no, and may suggest it again; nobody is named."""
    await suggested(village)
    line = village.found(village.desk, f"{omar.mention}, something about your group")
    shown = await omar.press(line, "Open")
    said = await omar.press(shown, "No, not now")
    assert "Nothing moves. I'll ask again" in said.text
    await hearth.settle()
    news = village.found(village.desk, f"{village.lena.mention}, something about your group")
    read = await village.lena.press(news, "Open")
    assert "somebody who looks after the group said: not now" in read.text
    assert omar.mention not in read.text.split("somebody who looks")[1]
    assert "Tell the members" in read.buttons
    await hearth.advance(2 * DAY)
    assert not any("become two" in message.content for message in village.office.history)


async def test_an_owners_no(village: Village, hearth: Running) -> None:
    """It ends the suggestion, too; those who look after the group read whose no it was."""
    await suggested(village)
    await hearth.advance(DAY + HOUR)
    question = village.found(village.office, "It could become two")
    said = await hearth.owner.press(question, "Not now")
    assert "Nothing moves" in said.text
    await hearth.settle()
    news = village.found(village.desk, f"{village.lena.mention}")
    assert "an owner said: not now" in (await village.lena.press(news, "Open")).text


async def test_owners_who_do_not_answer_are_asked_again(village: Village, hearth: Running) -> None:
    """Every few days, as facilitators are."""
    await suggested(village)
    await hearth.advance(DAY + HOUR)
    await hearth.advance(5 * DAY + HOUR)
    asked = [m for m in village.office.history if "It could become two" in m.content]
    assert len(asked) == 2


async def test_an_owner_who_suggests_it_has_said_yes(
    village: Village, omar: Person, hearth: Running
) -> None:
    """Those who look after the group still have their day for a no; then the members are told."""
    line = await village.plan()
    shown = await hearth.owner.press(line, "Open")
    assert "‹Tell the members› suggests it" not in shown.text
    said = await hearth.owner.press(shown, "Tell the members")
    assert "Suggested, with an owner's yes" in said.text
    await hearth.settle()
    asked = village.found(village.desk, "something about your group")
    assert {omar.mention, village.lena.mention} <= set(asked.content.replace(",", "").split())
    room = village.room("riverside")
    assert not any("grown too big" in message.content for message in room.history)
    await hearth.advance(DAY + 12 * HOUR)
    assert village.found(room, "grown too big")


async def test_a_suggested_plan_stays_as_it_was_read(village: Village) -> None:
    """Nobody is moved in it, and nothing is named anew, while others think about it."""
    line = await village.plan()
    old = [await village.lena.press(line, "Open") for _ in range(2)]
    await suggested(village)
    for seen, button in zip(old, ("Change", "Names"), strict=True):
        refused = await village.lena.press(seen, button)
        assert "suggested already" in refused.text


async def test_a_group_may_part_before_it_is_full(
    village: Village, omar: Person, hearth: Running
) -> None:
    """Two have left: Lena asks at the desk, sees the plan alone, and suggests it."""
    for person in village.people[-2:]:
        form = await hearth.owner.command("safety remove", user=person)
        await hearth.owner.fill(form, reason="", days="0")
    await hearth.advance(2 * HOUR)
    look = await at_the_desk(village.lena)
    assert "There is nothing to split" in look.text
    shown = await village.lena.press(look, "Could it become two already?")
    assert "has 10 of its 12 seats taken, so nothing presses" in shown.text
    again = await at_the_desk(omar)
    assert "nothing presses" in again.text
    said = await village.lena.press(shown, "Tell the members")
    assert "Suggested." in said.text
    mine = await at_the_desk(omar)
    ended = await omar.press(mine, "No, not now")
    assert "that plan is put away" in ended.text
    await hearth.settle()
    news = village.found(village.desk, f"{village.lena.mention}, something")
    read = await village.lena.press(news, "Open")
    assert "somebody who looks after the group said: not now" in read.text
    assert "Could it become two already?" in read.buttons


async def test_a_group_too_small_to_part(village: Village, hearth: Running) -> None:
    """The button is not there, and an old one says why not."""
    people = village.people
    for person in people[-2:]:
        form = await hearth.owner.command("safety remove", user=person)
        await hearth.owner.fill(form, reason="", days="0")
    await hearth.advance(2 * HOUR)
    look = await at_the_desk(village.lena)
    for person in people[-4:-2]:
        form = await hearth.owner.command("safety remove", user=person)
        await hearth.owner.fill(form, reason="", days="0")
    refused = await village.lena.press(look, "Could it become two already?")
    assert "could not become two just now" in refused.text
    again = await at_the_desk(village.lena)
    assert "Could it become two already?" not in again.buttons
