"""Whom one could ask to help: seen in the room, suggested at the desk, asked privately."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models import Care, CarePause, Facilitator, Membership
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

DAY = timedelta(days=1)


async def found_first(hearth: Running) -> dict[str, Person]:
    """Riverside: Lena looks after it, Mara and Jo have lived there for long, Kim is new."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await group(hearth)
    found = {name: await at_home(hearth, name) for name in ("Lena", "Mara", "Jo")}
    await looked_after(hearth, found["Lena"])
    room = channel(hearth, "🌊-riverside")
    for _ in range(5):
        for person in (found["Mara"], found["Jo"]):
            await person.write(room, "around")
        await hearth.advance(DAY)
    await hearth.advance(20 * DAY)
    found["Kim"] = await at_home(hearth, "Kim")
    return found


pytestmark = pytest.mark.founded(by=found_first)


@pytest.fixture
def people(hearth: Running) -> dict[str, Person]:
    """Riverside: Lena looks after it, Mara and Jo have lived there for long, Kim is new."""
    return hearth.founded


async def helps(hearth: Running, room: Channel, *helpful: Person, new: Person) -> None:
    """Let newcomers be answered in this week and the next."""
    for _ in range(2):
        for _ in range(2):
            asked = await new.write(room, "How does this work?")
            for person in helpful:
                await person.write(room, "Like this.", reply_to=asked)
        await hearth.advance(7 * DAY)


async def look(lena: Person) -> Answer:
    """Press the desk's button."""
    return await lena.press(await desk_page(lena, "People"), "Who could help?")


async def test_somebody_who_answers_newcomers_is_asked(
    hearth: Running, people: dict[str, Person]
) -> None:
    """From words in the room to an office; no number is shown on the way."""
    lena, mara = people["Lena"], people["Mara"]
    room = channel(hearth, "🌊-riverside")
    assert "Who could help?" not in (await desk_page(lena, "People")).buttons
    await helps(hearth, room, mara, new=people["Kim"])
    page = await desk_page(lena, "People")
    assert "already does what facilitators do" in page.text
    card = await lena.press(page, "Who could help?")
    assert card.text.startswith(f"{mara.mention} often answers people who are new in **Riverside**")
    assert card.buttons == ["Ask them", "Not now", "Back"]
    assert not any(char.isdigit() for char in card.text.replace(str(mara.id), ""))
    asked = await lena.press(card, "Ask them")
    assert f"{mara.mention} finds a question" in asked.text
    await hearth.settle()
    question = await mara.press(await mara.command("home"), "A question for you")
    await mara.press(question, "Yes, gladly")
    async with hearth.app.database.reading() as session:
        office = await session.get(Facilitator, (1, mara.id))
        assert office is not None
        assert office.state == "active"
    assert "Who could help?" not in (await desk_page(lena, "People")).buttons


async def test_one_at_a_time_and_not_now(hearth: Running, people: dict[str, Person]) -> None:
    """Somebody else is one press away; who is not to be asked now is not suggested again."""
    lena, mara, jo = people["Lena"], people["Mara"], people["Jo"]
    await helps(hearth, channel(hearth, "🌊-riverside"), mara, jo, new=people["Kim"])
    card = await look(lena)
    first = mara if mara.mention in card.text else jo
    other = jo if first is mara else mara
    following = await lena.press(card, "Somebody else?")
    assert other.mention in following.text
    assert first.mention in (await lena.press(following, "Somebody else?")).text
    left_open = await look(lena)
    rested = await lena.press(await look(lena), "Not now")
    assert "three months" in rested.text
    assert other.mention in (await look(lena)).text
    assert "Somebody else?" not in (await look(lena)).buttons
    asked = await lena.press(left_open, "Ask them")  # a card left open may still ask
    assert f"{first.mention} finds a question" in asked.text
    again = await lena.press(await look(lena), "Not now")
    old = await desk_page(lena, "People")
    assert "Who could help?" not in old.buttons
    assert again.buttons == ["Back"]
    async with hearth.app.database.reading() as session:
        paused = set(await session.scalars(select(CarePause.user_id)))
    assert paused >= {mara.id, jo.id}


async def test_a_suggestion_that_is_no_longer_one(
    hearth: Running, people: dict[str, Person]
) -> None:
    """Cards left open: they moved away, somebody else was quicker, nobody is left."""
    lena, mara = people["Lena"], people["Mara"]
    await helps(hearth, channel(hearth, "🌊-riverside"), mara, new=people["Kim"])
    pages = [await desk_page(lena, "People") for _ in range(2)]
    cards = [await look(lena) for _ in range(3)]
    async with hearth.app.database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id == mara.id).values(state="kept")
        )
    assert "doesn't live in **Riverside**" in (await lena.press(cards[0], "Ask them")).text
    assert "Nobody comes to mind" in (await lena.press(pages[0], "Who could help?")).text
    async with hearth.app.database.writing() as session:
        await session.execute(
            update(Membership).where(Membership.user_id == mara.id).values(state="here")
        )
    await lena.press(cards[1], "Ask them")
    assert "was asked already" in (await lena.press(cards[2], "Ask them")).text
    assert "Nobody comes to mind" in (await lena.press(pages[1], "Who could help?")).text


async def test_only_the_group_is_told(hearth: Running, people: dict[str, Person]) -> None:
    """Who steps down reads nothing more of it; owners do, at any desk."""
    lena, mara = people["Lena"], people["Mara"]
    await helps(hearth, channel(hearth, "🌊-riverside"), mara, new=people["Kim"])
    page, card = await desk_page(lena, "People"), await look(lena)
    sure = await lena.press(await desk_page(lena, "People"), "Step down")
    await lena.press(sure, "Step down today")
    await hearth.settle()
    left = list(channel(hearth, "welcome").history)[-1]
    told = await hearth.owner.press(left, "Who looks after it?")
    assert "Nobody looks after **Riverside** right now" in told.text
    assert mara.mention in (await hearth.owner.press(told, "Who could help?")).text
    for where, label in ((page, "Who could help?"), (card, "Ask them"), (card, "Not now")):
        assert "facilitators of" in (await lena.press(where, label)).text
    owners = await desk_page(hearth.owner, "People", group="Riverside")
    assert mara.mention in (await hearth.owner.press(owners, "Who could help?")).text
    async with hearth.app.database.reading() as session:
        assert {row.user_id for row in await session.scalars(select(Care))} == {mara.id}
