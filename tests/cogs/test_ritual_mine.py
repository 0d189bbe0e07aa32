"""A group's rituals as one of its people has them, from /home to the last button."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models import RitualChoice
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

THURSDAY = datetime(2026, 3, 5, 18, tzinfo=UTC)  # the first one of the month


async def found(hearth: Running) -> Person:
    """Lena, who holds a circle for newcomers and a quiet hour in Riverside."""
    await set_up(hearth, time_zone="UTC")
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    for kind in ("Newcomers' circle", "Quiet hour"):
        shelf = await lena.press(await lena.command("desk"), "Rituals")
        modal = await lena.choose(await lena.press(shelf, "Add"), kind)
        await lena.press(await lena.fill(modal), "Start")
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Lena, who holds a circle for newcomers and a quiet hour in Riverside."""
    return hearth.founded


async def mine(person: Person) -> Answer:
    """Return somebody's own view of the rituals of their home."""
    card = await person.press(await person.command("home"), "Together")
    return await person.press(card, "My rituals")


async def chosen(hearth: Running) -> list[tuple[int, str]]:
    """Return who pressed what about a moment that is not over."""
    async with hearth.app.database.reading() as session:
        rows = await session.execute(select(RitualChoice.user_id, RitualChoice.choice))
        return [(user_id, choice) for user_id, choice in rows]


async def test_the_next_one_can_be_taken_off_and_back(hearth: Running, lena: Person) -> None:
    """It is told to nobody but who pressed; one press takes it back."""
    kim = await at_home(hearth, "Kim")
    page = await mine(kim)
    assert "Rituals of Riverside" in page.text
    assert page.choices == ["Quiet hour", "Newcomers' circle"]
    card = await kim.choose(page, "Quiet hour")
    assert card.buttons == ["Skip this one", "Remind me", "Back"]
    card = await kim.press(card, "Skip this one")
    assert "You take this one off" in card.text
    assert card.buttons == ["As before", "Remind me", "Back"]
    assert await chosen(hearth) == [(kim.id, "skip")]
    assert "you take this one off" in (await kim.press(card, "Back")).text
    assert "take this one off" not in (await mine(lena)).text
    card = await kim.press(await kim.choose(await mine(kim), "Quiet hour"), "As before")
    assert "Skip this one" in card.buttons
    assert await chosen(hearth) == []


async def test_who_is_new_is_greeted_if_they_press(hearth: Running, lena: Person) -> None:
    """The post mentions them by name, and nobody who did not ask for it."""
    kim, zoe = await at_home(hearth, "Kim"), await at_home(hearth, "Zoe")
    assert "Greet me there" in (await zoe.choose(await mine(zoe), "Newcomers' circle")).buttons
    card = await kim.press(await kim.choose(await mine(kim), "Newcomers' circle"), "Greet me there")
    assert "it will greet you by name" in card.text
    home = await zoe.command("home")
    assert "**Newcomers' circle** comes <t:" in home.text
    assert "Greet me there" in home.buttons
    assert "Newcomers' circle" not in (await kim.command("home")).text
    assert "greeted by name" in (await kim.press(card, "Back")).text
    await hearth.advance(THURSDAY)
    room = channel(hearth, "🌊-riverside")
    post = list(room.history)[-1]
    assert "**Newcomers' circle**" in post.content
    assert f"New here, and happy to be met: {kim.mention}" in post.content
    assert [user.id for user in post.mentions] == [kim.id]
    thread = hearth.server.threads[post.id]
    await zoe.write(thread, "I came for the hills")
    await lena.write(thread, "welcome!")
    await hearth.advance(THURSDAY + timedelta(days=4, minutes=2))
    word = list(thread.history)[-1]
    assert "Thank you for being part of it" in word.content
    assert thread.archived
    assert await chosen(hearth) == []


async def test_nothing_is_taken_off_of_what_rests(hearth: Running, lena: Person) -> None:
    """A page that was open before says so; the next one is left out of it."""
    kim = await at_home(hearth, "Kim")
    page = await mine(kim)
    shelf = await lena.press(await lena.command("desk"), "Rituals")
    await lena.press(await lena.choose(shelf, "Quiet hour"), "Pause")
    assert "resting just now" in (await kim.choose(page, "Quiet hour")).text
    assert (await mine(kim)).choices == ["Newcomers' circle"]


async def test_who_is_new_no_more_is_not_offered_it(hearth: Running, lena: Person) -> None:
    """A card from the first days says so kindly; the circle is open to them all the same."""
    assert lena
    kim = await at_home(hearth, "Kim")
    card = await kim.choose(await mine(kim), "Newcomers' circle")
    await hearth.advance(timedelta(days=31))
    assert "for those who have just moved in" in (await kim.press(card, "Greet me there")).text
    assert "Greet me there" not in (await kim.choose(await mine(kim), "Newcomers' circle")).buttons
