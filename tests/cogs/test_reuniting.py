"""Undoing a split in the sandbox: from the desk, from the owners' log, and what refuses it."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from tests.cogs.full_group import Village, full_group
from tests.conftest import Running


async def found(hearth: Running) -> Village:
    """Riverside and Evening Star, an hour after they parted."""
    village = await full_group(hearth)
    await village.told()
    await hearth.advance(timedelta(days=5, hours=1))
    assert any(room.name.endswith("evening-star") for room in hearth.server.channels.values())
    return village


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def parted(hearth: Running) -> Village:
    """Riverside and Evening Star, an hour after they parted."""
    return hearth.founded


async def growth(village: Village, person: int = 0) -> Answer:
    """Open the desk's page of growth."""
    who = village.people[person]
    return await who.press(await who.command("desk"), "Growth")


async def test_one_group_again_from_the_desk(parted: Village, hearth: Running) -> None:
    """Lena asks, an owner looks and says yes; everybody is back where they were."""
    desk = await growth(parted)
    assert "it can be undone until" in desk.text
    card = await parted.lena.press(desk, "Undo the split")
    assert "6 people go back. Nobody else lives there" in card.text
    assert "would have 12 of 12 seats taken" in card.text
    assert "Owners decide" in card.text
    asked = await parted.lena.press(card, "Ask an owner")
    assert "I've asked the owners" in asked.text
    await hearth.settle()
    line = parted.found(parted.office, "would rather have its split undone")
    card = await hearth.owner.press(line, "Look at it")
    before = hearth.sandbox.requests.snapshot()
    done = await hearth.owner.press(card, "Yes, one group again")
    assert "**Riverside** is one again: 6 people are on the way back" in done.text
    await hearth.settle()
    asked_for = hearth.sandbox.requests.since(before)
    assert asked_for.errors == []
    await hearth.advance(timedelta(minutes=5))
    river, pond = parted.room("riverside"), parted.room("evening star")
    assert parted.members(river) == {person.name for person in parted.people}
    roles = [{role.name for role in person.roles} for person in parted.people]
    assert all(any("Riverside" in name for name in names) for names in roles)
    assert not any("Evening Star" in name for names in roles for name in names)
    words = parted.found(river, "We're one again")
    assert "6 people are back, and now there are 12 of us" in words.content
    last = parted.found(pond, "The split is undone")
    assert f"<#{river.id}>" in last.content
    assert parted.members(pond) == {person.name for person in parted.people}  # to read, for a month
    where = await parted.people[1].press(last, "Where am I?")
    assert f"You live in **Riverside** now: <#{river.id}>" in where.text
    assert "can be undone" not in (await growth(parted)).text
    await hearth.advance(timedelta(days=31))
    assert parted.members(pond) == set()
    assert parted.members(river) == {person.name for person in parted.people}


async def test_from_the_log_with_the_sum_first(parted: Village, hearth: Running) -> None:
    """The line of the split shows what undoing does; afterwards it says that it was undone."""
    log = await hearth.owner.command("hearth log")
    assert "**Riverside** split" in log.text
    place = next(line for line in log.text.splitlines() if "**Riverside** split" in line)
    asked = await hearth.owner.press(log, f"Undo {place.split('**')[1]}")
    assert "6 people go back" in asked.text
    done = await hearth.owner.press(asked, "Undo it")
    assert "↩️ Undone." in done.text
    await hearth.advance(timedelta(minutes=5))
    assert parted.members(parted.room("riverside")) == {person.name for person in parted.people}
    log = await hearth.owner.command("hearth log")
    assert "undid the split of **Riverside**" in log.text


async def test_why_it_cannot_be(parted: Village, hearth: Running) -> None:
    """When somebody took a seat since it does not fit; a member, and an old button, are refused."""
    one, other = [
        await hearth.owner.press(await hearth.owner.command("desk", group="Riverside"), "Growth")
        for _ in range(2)
    ]
    card = await hearth.owner.press(one, "Undo the split")
    for name in ("Nora", "Nils", "Nele"):
        newcomer = await hearth.person(name)
        joined = await newcomer.command("join", group="Riverside")
        assert not joined.failed, joined.text
    refused = await hearth.owner.press(card, "Yes, one group again")
    assert "Together you'd need 15 seats, and **Riverside** has 12" in refused.text
    page = await growth(parted)
    shown = await parted.lena.press(page, "Undo the split")
    assert "Together you'd need 15 seats" in shown.text
    await hearth.advance(timedelta(days=14))
    late = await hearth.owner.press(other, "Undo the split")
    assert "more than two weeks ago" in late.text
    assert "can be undone" not in (await growth(parted)).text


async def test_who_came_since_is_asked_to_come_along(parted: Village, hearth: Running) -> None:
    """One newcomer is no table: their seat stays, and a way to the others waits for them alone."""
    gone = parted.people[3]
    sure = await gone.command("leave", group="Evening Star")
    await gone.press(sure, sure.buttons[0])
    await hearth.advance(timedelta(hours=49))
    newcomer = await hearth.person("Nora")
    joined = await newcomer.command("join", group="Evening Star")
    assert not joined.failed, joined.text
    page = await hearth.owner.press(
        await hearth.owner.command("desk", group="Evening Star"), "Growth"
    )
    card = await hearth.owner.press(page, "Undo the split")
    assert "5 people go back. 1 came since, fewer than the 5" in card.text
    await hearth.owner.press(card, "Yes, one group again")
    await hearth.advance(timedelta(minutes=5))
    pond = parted.room("evening star")
    assert parted.found(pond, "**Evening Star** goes on with you, 1 person")
    assert newcomer.sees(pond)
    line = parted.found(hearth.server.channel("general"), f"<@{newcomer.id}>")
    assert "Riverside" not in line.content
    waits = await newcomer.press(line, "Open")
    moved = await newcomer.press(await newcomer.press(waits, "Move in"), "Move to Riverside")
    assert not moved.failed, moved.text
    assert newcomer.sees(parted.room("riverside"))
