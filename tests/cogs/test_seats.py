"""Standing in line, a seat that is kept, and the week's pace, as people meet them."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

WAIT_1 = "Wait for a seat: you'd be 1st"
DAY = timedelta(days=1)


async def found(hearth: Running) -> None:
    """A server with Riverside, where ten can live."""
    await set_up(hearth)
    await group(hearth)
    await hearth.owner.command("hearth type edit", type="Interest", cap=10, minimum=5)


pytestmark = pytest.mark.founded(by=found)


async def fill(hearth: Running) -> list[Person]:
    """Let ten people live in Riverside."""
    return [await at_home(hearth, f"P{number}") for number in range(10)]


async def leaves(hearth: Running, person: Person) -> None:
    """Let somebody leave Riverside, and their seat come free."""
    await person.press(await person.command("leave"), "Leave Riverside")
    await hearth.advance(timedelta(hours=49))


async def waits(person: Person) -> Answer:
    """Stand in line for Riverside."""
    full = await person.command("join", group="Riverside")
    label = next(label for label in full.buttons if label.startswith("Wait for a seat"))
    return await person.press(full, label)


async def test_a_seat_is_offered_kept_and_taken(hearth: Running) -> None:
    """A line in the commons that names no group; in /home the seat, until when, and the yes."""
    people = await fill(hearth)
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    said = await waits(kim)
    assert "1st in line" in said.text
    assert "I can't tell yet how long it takes" in said.text
    assert "kept for you for 48 hours" in said.text
    assert "2nd in line" in (await waits(zoe)).text
    await leaves(hearth, people[0])
    line = list(channel(hearth, "general").history)[-1]
    assert line.content == f"{kim.mention}, something waits for you: /home"
    card = await kim.press(line, "Open")
    assert "A seat in **Riverside** is yours if you like" in card.text
    assert "in line" not in card.text.replace("the next in line", "")
    assert card.buttons[:2] == ["Take the seat", "No, thank you"]
    assert "1st in line" in (await zoe.command("home")).text
    jo = await hearth.person("Jo")
    passing = await jo.command("join", group="Riverside")
    assert "are kept for those who stand in line" in passing.text
    home = await kim.press(card, "Take the seat")
    assert "Welcome home" in home.text
    assert "From now on I count" in home.text
    assert kim.sees(channel(hearth, "🌊-riverside"))
    assert not zoe.sees(channel(hearth, "🌊-riverside"))


async def test_a_seat_can_be_declined(hearth: Running) -> None:
    """The next in line is told within the minute; an old button says how things are."""
    people = await fill(hearth)
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    await waits(kim)
    await waits(zoe)
    await leaves(hearth, people[0])
    card = await kim.command("home")
    said = await kim.press(card, "No, thank you")
    assert "goes to the next in line, and you no longer wait" in said.text
    await hearth.advance(timedelta(minutes=1))
    assert "Take the seat" in (await zoe.command("home")).buttons
    home = await kim.command("home")
    assert "Take the seat" not in home.buttons
    assert "in line" not in home.text
    first, second = await zoe.command("home"), await zoe.command("home")
    await zoe.press(first, "No, thank you")
    gone = await zoe.press(second, "No, thank you")
    assert "not kept for you any more" in gone.text


async def test_who_has_a_home_is_asked_once_more(hearth: Running) -> None:
    """The offer says from where they would move; what ends and what stays comes before."""
    people = await fill(hearth)
    await group(hearth, "Millpond")
    zoe = await at_home(hearth, "Zoe", "Millpond")
    await waits(zoe)
    await leaves(hearth, people[0])
    card = await zoe.command("home")
    assert "You'd move there from **Millpond**" in card.text
    asked = await zoe.press(card, "Take the seat")
    assert "What ends: your seat in **Millpond**" in asked.text
    moved = await zoe.press(asked, "Move to Riverside")
    assert "Welcome home" in moved.text


async def test_a_seat_that_nobody_takes_goes_on(hearth: Running) -> None:
    """Told politely in /home: the end of the line, then out of it; [Wait again] is one press."""
    people = await fill(hearth)
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    await waits(kim)
    await waits(zoe)
    await leaves(hearth, people[0])
    await hearth.advance(2 * DAY)
    card = await kim.command("home")
    assert "then went to the next. You are at the end of the line now" in card.text
    assert "Take the seat" in (await zoe.command("home")).buttons
    await hearth.advance(2 * DAY)
    assert "Take the seat" in (await kim.command("home")).buttons
    await hearth.advance(2 * DAY)
    card = await kim.command("home")
    assert "You have left the line" in card.text
    again = await kim.press(card, "Wait again")
    assert "1st in line" in again.text  # behind Zoe, for whom a seat is kept
    assert "You have left the line" not in (await kim.command("home")).text


async def test_what_was_missed_can_be_put_away(hearth: Running) -> None:
    """[All right], and the card is as it was."""
    people = await fill(hearth)
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    await waits(kim)
    await waits(zoe)
    await leaves(hearth, people[0])
    await hearth.advance(2 * DAY)
    card = await kim.command("home")
    assert "All right" in (await kim.press(card, "All right")).text
    card = await kim.command("home")
    assert "went to the next" not in card.text
    assert "1st in line" in card.text


async def test_a_group_takes_in_so_many_a_week(hearth: Running) -> None:
    """The pace is said, with an estimate; next week the first in line is offered a seat."""
    await hearth.owner.command("hearth type edit", type="Interest", newcomers_per_week=2)
    for name in ("Mara", "Jo"):
        await at_home(hearth, name)
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Riverside")
    assert "takes in 2 new people a week" in full.text
    assert "Wait for a seat: you'd be 1st, often 1–2 weeks" in full.buttons
    said = await kim.press(full, "Wait for a seat: you'd be 1st, often 1–2 weeks")
    assert "It often takes 1–2 weeks." in said.text
    await hearth.advance(6 * DAY)
    assert "Take the seat" not in (await kim.command("home")).buttons
    await hearth.advance(DAY)
    card = await kim.command("home")
    assert "Welcome home" in (await kim.press(card, "Take the seat")).text


async def test_nobody_waits_for_what_they_can_have(hearth: Running) -> None:
    """An old [Wait] button, pressed when a seat has come free and nobody is in line."""
    people = await fill(hearth)
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Riverside")
    await leaves(hearth, people[0])
    free = await kim.press(full, WAIT_1)
    assert "has a seat right now" in free.text


async def test_a_group_that_rests_keeps_the_line(hearth: Running) -> None:
    """Said on the card; the offer is taken back, and comes again when the group is open again."""
    people = await fill(hearth)
    kim = await hearth.person("Kim")
    await waits(kim)
    await leaves(hearth, people[0])
    offer = await kim.command("home")
    await hearth.owner.command("hearth group rest", group="Riverside")
    refused = await kim.press(offer, "Take the seat")
    assert "resting" in refused.text
    await hearth.advance(timedelta(minutes=1))
    card = await kim.command("home")
    assert "It is resting right now; your place in line is kept." in card.text
    await hearth.owner.command("hearth group reopen", group="Riverside")
    await hearth.advance(timedelta(minutes=1))
    assert "Take the seat" in (await kim.command("home")).buttons
