"""[I'd like to be with…]: named in private, minded when the time to choose is over."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.full_group import Village, full_group
from tests.conftest import Running

DAY = timedelta(days=1)
WITH = "I'd like to be with…"


@pytest.fixture
def cogs() -> Sequence[str]:
    """What a split's buttons lead to, and what founds a group."""
    return (
        "cogs.splits",
        "cogs.split_changes",
        "cogs.wishes",
        "cogs.groups",
        "cogs.home",
        "cogs.owners",
        "cogs.facilitators",
        "cogs.signals",
        "cogs.visits",
    )


pytestmark = pytest.mark.founded(by=full_group)


@pytest.fixture
def village(hearth: Running) -> Village:
    """Return Riverside, full of two circles of friends: the even ones with Lena, the odd ones."""
    return hearth.founded


async def names(who: Person, notice: Message, whom: list[Person]) -> Answer:
    """Have somebody name people behind the notice's button."""
    card = await who.press(notice, WITH)
    assert "Name up to 3 people below" in card.text
    return await who.choose(card, whom)


async def test_two_who_name_the_other_side_change_places(village: Village, hearth: Running) -> None:
    """Each is brought to the people they named as the time to choose ends; nobody else moves."""
    notice = await village.told()
    mara, jo = village.people[2], village.people[3]
    named = await names(mara, notice, [village.people[1], village.people[5]])
    assert f"You named {village.people[1].mention}, {village.people[5].mention}." in named.text
    assert "You'll be with **Riverside**" in named.text
    await names(jo, notice, [village.people[4]])
    card = await village.people[1].press(notice, WITH)
    assert "You named nobody; that is fine, too." in card.text
    assert mara.mention not in card.text
    mine = await mara.press(await mara.command("home"), "Wishes")
    assert f"Together with {village.people[1].mention}" in mine.text
    await hearth.advance(5 * DAY)
    star = village.room("evening star")
    moved = {person.name for person in village.people if person.sees(star)}
    there = {p.name for p in village.people if any("Evening" in role.name for role in p.roles)}
    assert there == {p.name for p in village.people[1::2]} - {jo.name} | {mara.name}
    assert moved >= there
    late = await mara.press(notice, WITH)
    assert "You live in **Evening Star**" in late.text


async def test_who_chose_a_place_stays_there(village: Village, hearth: Running) -> None:
    """A choice comes before a wish, and is said so; the wish may decide instead."""
    notice = await village.told()
    mara, jo = village.people[2], village.people[3]
    place = await mara.press(notice, "Where am I?")
    await mara.press(place, "Stay with Riverside")
    named = await names(mara, notice, [village.people[1]])
    assert "You chose **Riverside** yourself, and that comes first." in named.text
    await names(jo, notice, [village.people[4]])
    decides = await mara.press(named, "Let the people I named decide")
    assert "You chose" not in decides.text
    assert "You'll be with **Riverside**" in decides.text
    await hearth.advance(5 * DAY)
    assert any("Evening" in role.name for role in mara.roles)
    assert not any("Evening" in role.name for role in jo.roles)


async def test_one_wish_alone_moves_nobody_else(village: Village, hearth: Running) -> None:
    """Where sizes allow no more, who wished stays; nobody has to go for it."""
    notice = await village.told()
    await names(village.people[2], notice, [village.people[1]])
    await hearth.advance(5 * DAY)
    there = {p.name for p in village.people if any("Evening" in role.name for role in p.roles)}
    assert there == {p.name for p in village.people[1::2]}


async def test_whom_one_cannot_name(village: Village, hearth: Running) -> None:
    """Oneself and bots; who lives elsewhere names nobody; and nobody after the parting."""
    notice = await village.told()
    mara = village.people[2]
    card = await mara.press(notice, WITH)
    assert "That is you" in (await mara.choose(card, [mara])).text
    bot = hearth.server.members[hearth.sandbox.world.state.bot.id]
    assert "That is a bot" in (await mara.choose(card, [bot])).text
    visitor = await hearth.person("Vera")
    await visitor.command("visit", group="Riverside")
    seen = await visitor.press(notice, WITH)
    assert "nothing changes for you" in seen.text
    assert seen.selects == []
    await hearth.advance(5 * DAY)
    assert "You have parted already" in (await mara.choose(card, [village.people[4]])).text
