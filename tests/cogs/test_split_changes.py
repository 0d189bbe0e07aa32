"""Moves by hand: facilitators put somebody elsewhere, who is told privately and may go back."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.full_group import Village, full_group
from tests.conftest import Running

DAY = timedelta(days=1)


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
        "cogs.visits",
    )


pytestmark = pytest.mark.founded(by=full_group)


@pytest.fixture
def village(hearth: Running) -> Village:
    """Return Riverside, full of two circles of friends: the even ones with Lena, the odd ones."""
    return hearth.founded


async def exchanged(village: Village, shown: Answer, one: Person, other: Person) -> Answer:
    """Have Lena let two people change places, from a plan that she has open."""
    change = await village.lena.press(shown, "Change")
    assert "Each part has 6 people, so whoever goes is exchanged" in change.text
    person = await village.lena.choose(change, one)
    assert f"{one.mention} goes with" in person.text
    (button,) = [label for label in person.buttons if label.startswith("Put with")]
    asked = await village.lena.press(person, button)
    assert f"in exchange for {one.mention}" in asked.text
    return await village.lena.choose(asked, other)


async def half(person: Person, notice: Message) -> str:
    """Return what somebody reads of their own place."""
    return (await person.press(notice, "Where am I?")).text


async def test_two_change_places_and_one_goes_back(village: Village, hearth: Running) -> None:
    """Told privately once the members know; a press brings one back, and then it stays so."""
    mara, jo = village.people[2], village.people[3]
    done = await exchanged(village, await village.preview(), mara, jo)
    assert f"{mara.mention} goes with **Evening Star**. They are told once the members" in done.text
    assert f"Moved by you: {jo.mention}, now with **Riverside**." in done.text
    general = hearth.server.channel("general")
    await hearth.advance(2 * DAY)
    assert not any(mara.mention in message.content for message in general.history)
    plan = await village.lena.press(done, "Back to the plan")
    assert "2 people were put elsewhere by hand" in plan.text
    assert "%" not in plan.text  # each move would tell of the ties of whoever is moved
    assert "lose" not in plan.text
    notice = await village.told()
    line = village.found(general, mara.mention)
    assert "Riverside" not in line.content
    home = await mara.press(line, "Open")
    assert (
        "put you with **Evening Star**; by itself my plan had you with **Riverside**" in home.text
    )
    back = await mara.press(home, "Put me back")
    assert "back with **Riverside**, and nobody but you changes that now" in back.text
    assert "As you chose: you'll be with **Riverside**" in await half(mara, notice)
    fine = await jo.press(await jo.command("home"), "That's fine")
    assert "you'll be with **Riverside**" in fine.text
    assert "put you with" not in (await jo.command("home")).text
    look = await village.lena.press(village.found(village.desk, "waits for your word"), "Open")
    refused = await village.lena.choose(await village.lena.press(look, "Change"), mara)
    assert "They chose that themselves, so it stays." in refused.text
    assert not any(label.startswith("Put with") for label in refused.buttons)
    await hearth.advance(5 * DAY)
    assert mara.sees(village.room("riverside"))
    assert not any("Evening" in role.name for role in (*mara.roles, *jo.roles))
    log = await hearth.owner.command("hearth log")
    assert f"put {mara.mention} into another part of **Riverside**" in log.text


async def test_who_is_moved_after_the_notice_is_told_at_once(
    village: Village, hearth: Running
) -> None:
    """And who goes with whom can be read by those who decide."""
    await village.told()
    look = await village.lena.press(village.found(village.desk, "waits for your word"), "Open")
    mara, jo = village.people[2], village.people[3]
    done = await exchanged(village, look, mara, jo)
    assert f"{mara.mention} goes with **Evening Star**. They are told privately." in done.text
    await hearth.settle()
    general = hearth.server.channel("general")
    for person in (mara, jo):
        assert village.found(general, person.mention)
    who = await village.lena.press(done, "Who is with Evening Star?")
    assert "**Evening Star**, 6 in all:" in who.text
    assert mara.mention in who.text
    assert jo.mention not in who.text


async def test_what_cannot_be_changed(village: Village, hearth: Running) -> None:
    """Strangers, who chose themselves, who is there already, and no exchange at all."""
    vera = await hearth.person("Vera")
    notice = await village.told()
    place = await village.people[2].press(notice, "Where am I?")
    await village.people[2].press(place, "Stay with Riverside")
    line = village.found(village.desk, "waits for your word")
    looks = [await village.lena.press(line, "Open") for _ in range(2)]
    change, old = [await village.lena.press(look, "Change") for look in looks]
    assert "doesn't live in **Riverside**" in (await village.lena.choose(change, vera)).text
    firm = await village.lena.choose(change, village.people[2])
    assert "They chose that themselves" in firm.text
    change = await village.lena.press(firm, "Back to the changes")
    person = await village.lena.choose(change, village.people[4])
    seen = await village.lena.choose(old, village.people[4])
    asked = await village.lena.press(person, "Put with Evening Star")
    same = await village.lena.choose(asked, village.people[6])
    assert "that would be no exchange" in same.text
    chosen = await village.lena.choose(asked, village.people[1])
    assert f"{village.people[1].mention} goes with **Riverside**" in chosen.text
    there = await village.lena.press(seen, "Put with Evening Star")
    assert "is with **Evening Star** already" in there.text
    stranger = await village.people[5].press(village.found(village.desk, "waits for"), "Open")
    assert "for the facilitators of Riverside" in stranger.text


async def test_changes_are_taken_back(village: Village, hearth: Running) -> None:
    """While nobody was told: the plan stays as it was changed, until Lena wants it anew."""
    mara, jo = village.people[2], village.people[3]
    done = await exchanged(village, await village.preview(), mara, jo)
    assert "With your changes the plan stays as it is" in done.text
    await hearth.advance(2 * DAY)
    again = await village.lena.press(done, "Back to the plan")
    assert mara.mention in (await village.lena.press(again, "Change")).text
    undone = await village.lena.press(done, "Plan anew")
    assert "Your changes are taken back" in undone.text
    await hearth.advance(timedelta(hours=1))
    notice = await village.told()
    assert "with **Riverside**" in await half(mara, notice)
    assert "with **Evening Star**" in await half(jo, notice)
    general = hearth.server.channel("general")
    assert not any(mara.mention in message.content for message in general.history)
