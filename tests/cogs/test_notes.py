"""Notes about a group: written, read and taken back by those who look after it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.rules.note_cards import NOTES_MOST
from bot.services import retention
from models import FacilitatorNote, Group
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, group, looked_after, set_up
from tests.conftest import Running


async def found(hearth: Running) -> tuple[Person, Person]:
    """Riverside, looked after by Lena and Omar."""
    await set_up(hearth)
    await group(hearth)
    lena, omar = await at_home(hearth, "Lena"), await at_home(hearth, "Omar")
    for person in (lena, omar):
        await looked_after(hearth, person)
    return lena, omar


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def both(hearth: Running) -> tuple[Person, Person]:
    """Riverside, looked after by Lena and Omar."""
    return hearth.founded


async def notes(person: Person) -> Answer:
    """Open the notes from the desk."""
    return await person.press(await desk_page(person, "Room"), "Notes")


async def write(person: Person, said: str) -> Answer:
    """Write a note."""
    return await person.fill(await person.press(await notes(person), "Write a note"), said=said)


async def kept(hearth: Running) -> list[str]:
    """Return what the tables hold, in the order it was written."""
    async with hearth.app.database.reading() as session:
        rows = await session.scalars(select(FacilitatorNote).order_by(FacilitatorNote.id))
        return [row.said for row in rows]


async def test_notes_are_shared(hearth: Running, both: tuple[Person, Person]) -> None:
    """One writes, the other reads, with who said it and when; the newest stands first."""
    lena, omar = both
    assert "None yet" in (await notes(lena)).text
    card = await write(lena, "Mondays are *slow*,\nFridays full.")
    now = int(hearth.app.clock.now().timestamp())
    assert f"<t:{now}:d> {lena.mention}: Mondays are \\*slow\\*,\nFridays full." in card.text
    await hearth.advance(timedelta(hours=1))
    await write(omar, "Ask before the next trip.")
    read = (await notes(lena)).text
    assert read.index("next trip") < read.index("Mondays")


async def test_only_the_author_takes_a_note_back(
    hearth: Running, both: tuple[Person, Person]
) -> None:
    """The menu holds one's own; a card left open finds a note that is gone."""
    lena, omar = both
    await write(lena, "Mondays are slow.")
    assert (await notes(omar)).choices == []
    card, old = await notes(lena), await notes(lena)
    after = await lena.choose(card, "Mondays are slow.")
    assert "None yet" in after.text
    assert await kept(hearth) == []
    assert "not there any more" in (await lena.choose(old, "Mondays are slow.")).text


async def test_nobody_else_reads_them(hearth: Running, both: tuple[Person, Person]) -> None:
    """Not the owners, whatever desk they open, nor who has stepped down."""
    lena, _omar = both
    await write(lena, "Mondays are slow.")
    page = await desk_page(hearth.owner, "Room", group="Riverside")
    assert "Notes" not in page.buttons
    opened = await desk_page(lena, "Room")
    card = await notes(lena)
    form = await lena.press(await notes(lena), "Write a note")
    sure = await lena.press(await desk_page(lena, "People"), "Step down")
    await lena.press(sure, "Step down today")
    assert "facilitators of" in (await lena.press(opened, "Notes")).text
    assert "facilitators of" in (await lena.press(card, "Write a note")).text
    assert "facilitators of" in (await lena.choose(card, "Mondays are slow.")).text
    assert "facilitators of" in (await lena.fill(form, said="One more")).text
    assert await kept(hearth) == ["Mondays are slow."]


async def test_an_owner_is_told_whose_notes_they_are(
    hearth: Running, both: tuple[Person, Person]
) -> None:
    """A facilitator who owns the server and steps down is an owner like any other."""
    lena, _omar = both
    manager = await hearth.owner.create_role("Keeper", permissions=1 << 5)  # Manage Server
    await hearth.owner.give_role(lena, manager)
    await hearth.settle()
    opened = await desk_page(lena, "Room")
    sure = await lena.press(await desk_page(lena, "People"), "Step down")
    await lena.press(sure, "Step down today")
    assert "and for nobody else" in (await lena.press(opened, "Notes")).text


async def test_a_note_has_words_and_an_end(hearth: Running, both: tuple[Person, Person]) -> None:
    """What cannot be seen is none; what is more than a group keeps goes, and all in half a year."""
    lena, _omar = both
    assert "a few words" in (await write(lena, "\u200b\u200b\u200b")).text
    now = hearth.app.clock.now()
    async with hearth.app.database.writing() as session:
        for number in range(NOTES_MOST):
            session.add(
                FacilitatorNote(
                    server_id=hearth.server.id,
                    group_id=1,
                    by_user_id=lena.id,
                    said=f"Note {number}",
                    at=now,
                )
            )
    await write(lena, "The newest")
    found = await kept(hearth)
    assert len(found) == NOTES_MOST
    assert (found[0], found[-1]) == ("Note 1", "The newest")
    async with hearth.app.database.writing() as session:
        later = hearth.app.clock.now() + timedelta(days=180)
        await retention.sweep(session, later, hearth.app.settings)
    assert await kept(hearth) == []


async def test_an_archived_group_keeps_its_notes(
    hearth: Running, both: tuple[Person, Person]
) -> None:
    """Whoever looked after it may still read them."""
    lena, _omar = both
    await write(lena, "Mondays were slow.")
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(state="archived"))
    assert "Mondays were slow" in (await notes(lena)).text


async def test_a_person_forgets_and_takes_along_their_own(
    hearth: Running, both: tuple[Person, Person]
) -> None:
    """Forgetting erases what one wrote, and nobody else's."""
    lena, omar = both
    await write(lena, "Mine.")
    await write(omar, "His.")
    sure = await lena.command("privacy forget")
    gone = await lena.press(sure, sure.buttons[0])
    assert gone.text
    assert await kept(hearth) == ["His."]
