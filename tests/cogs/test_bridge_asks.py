"""Asking an author to share what they wrote: in private, rarely, and without a trace of a no."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Apart, Bridge, BridgeAsk, Facilitator, Membership
from sandbox.state import Message
from tests.cogs.bridge_town import MENU, Town, bridge_town
from tests.cogs.founding import at_home
from tests.conftest import Running

LATELY = "They can't be asked just now."


pytestmark = pytest.mark.founded(by=bridge_town)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Kim and Lena in Riverside."""
    return hearth.founded


async def ask(town: Town, message: Message, how: str = "Ask them") -> str:
    """Let Lena ask for a message; return what she reads."""
    card = await town.lena.menu(MENU, message)
    answer = await town.lena.press(card, how)
    await town.hearth.settle()
    return answer.text


def line(town: Town) -> Message:
    """Return the newest message of the room."""
    return list(town.room.history)[-1]


async def test_the_author_is_asked_in_private_and_chooses_the_menu(town: Town) -> None:
    """The line in the room says nothing; of what they wrote nothing is stored."""
    message = await town.kim.write(town.room, "Small steps count.")
    card = await town.lena.menu(MENU, message)
    assert card.text.startswith(f"That is {town.kim.mention}'s to share.")
    assert (await ask(town, message)).startswith("Asked.")
    assert line(town).content == f"{town.kim.mention}, something waits for you."
    assert [user.id for user in line(town).mentions] == [town.kim.id]
    async with town.hearth.app.database.reading() as session:
        (row,) = (await session.scalars(select(BridgeAsk))).all()
        assert (row.user_id, row.by_user_id, row.message_id) == (town.kim.id, None, message.id)
        assert (await session.scalars(select(Bridge))).all() == []
    assert (await town.lena.press(line(town), "Open")).text == "That is for somebody else."
    opened = await town.kim.press(line(town), "Open")
    assert str(message.id) in opened.text
    assert str(town.lena.id) not in opened.text
    home = await town.kim.command("home")
    assert str(message.id) in (await town.kim.press(home, "Which message?")).text
    await town.share(message)
    assert "Which message?" not in (await town.kim.command("home")).buttons
    assert (
        await town.kim.press(line(town), "Open")
    ).text == "That question about your message is over."


async def test_who_asks_is_named_only_if_they_want(town: Town) -> None:
    """To the author alone."""
    message = await town.kim.write(town.room, "Small steps count.")
    await ask(town, message, "Ask them, with my name")
    assert str(town.lena.id) not in line(town).content
    opened = await town.kim.press(line(town), "Open")
    assert opened.text.startswith(f"{town.lena.mention} would like to see")


async def test_a_no_leaves_no_trace(town: Town) -> None:
    """Nobody hears of it, and for a week nobody can ask again; then it is as if it never was."""
    message = await town.kim.write(town.room, "Small steps count.")
    await ask(town, message, "Ask them, with my name")
    opened = await town.kim.press(line(town), "Open")
    assert (await town.kim.press(opened, "Rather not")).text == "Fine. Nobody hears of it."
    assert (
        await town.kim.press(line(town), "Open")
    ).text == "That question about your message is over."
    assert "Which message?" not in (await town.kim.command("home")).buttons
    assert (await ask(town, message)).startswith(LATELY)
    async with town.hearth.app.database.reading() as session:
        (row,) = (await session.scalars(select(BridgeAsk))).all()
        assert row.by_user_id is None
    await town.hearth.advance(timedelta(days=7, hours=1))
    again = await town.kim.write(town.room, "And rest.")
    assert (await ask(town, again)).startswith("Asked.")


async def test_whatever_keeps_somebody_from_being_asked_looks_the_same(town: Town) -> None:
    """Kept apart by moderators, shared already, asked lately."""
    message = await town.kim.write(town.room, "Small steps count.")
    async with town.hearth.app.database.writing() as session:
        low, high = sorted((town.kim.id, town.lena.id))
        session.add(
            Apart(
                server_id=town.hearth.server.id,
                low_id=low,
                high_id=high,
                by_user_id=0,
                at=town.hearth.app.clock.now(),
            )
        )
    told = {await ask(town, message)}
    mara = await at_home(town.hearth, "Mara")
    theirs = await town.shared("Mine to share.", by=mara)
    told.add(await ask(town, theirs))
    omar = await at_home(town.hearth, "Omar")
    asked = await omar.write(town.room, "Hm.")
    assert (await ask(town, asked)).startswith("Asked.")
    told.add(await ask(town, asked))
    assert len(told) == 1
    assert told.pop().startswith(LATELY)


async def test_a_room_does_not_fill_with_such_lines(town: Town) -> None:
    """Three a week in one group, whoever asks."""
    people = [await at_home(town.hearth, name) for name in ("Mara", "Omar", "Jo")]
    for person in people:
        assert (await ask(town, await person.write(town.room, "Hm."))).startswith("Asked.")
    assert (await ask(town, await town.kim.write(town.room, "Hm."))).startswith(LATELY)


async def test_who_belongs_there_no_more_is_not_asked(town: Town) -> None:
    """Between the card and the press, too; and a question that was asked is over with its time."""
    message = await town.kim.write(town.room, "Hm.")
    card = await town.lena.menu(MENU, message)
    async with town.hearth.app.database.writing() as session:
        home = await session.get_one(Membership, (town.hearth.server.id, town.kim.id))
        home.state = "held"
    left = "Who wrote that doesn't belong to this group"
    assert (await town.lena.press(card, "Ask them")).text.startswith(left)
    assert (await town.lena.menu(MENU, message)).text.startswith(left)
    async with town.hearth.app.database.writing() as session:
        home = await session.get_one(Membership, (town.hearth.server.id, town.kim.id))
        home.state = "here"
        assert await session.get(Facilitator, (home.group_id, town.kim.id)) is None
    await ask(town, message)
    await town.hearth.advance(timedelta(days=8))
    assert (
        await town.kim.press(line(town), "Open")
    ).text == "That question about your message is over."
