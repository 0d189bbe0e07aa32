"""Landing well and living together: the welcome, greeters in turn, who lives here."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import Greeter, Introduction, Welcome
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def found(hearth: Running) -> Person:
    """Lena, who lives in Riverside and looks after it."""
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Lena, who lives in Riverside and looks after it."""
    return hearth.founded


def welcome_of(hearth: Running, person: Person) -> Message:
    """Return the welcome of somebody in Riverside's room."""
    room = channel(hearth, "🌊-riverside")
    return next(m for m in room.history if f"<@{person.id}> has moved in" in m.content)


async def move_in(hearth: Running, name: str) -> tuple[Person, Answer]:
    """Let somebody new move into Riverside; return them and what they read."""
    person = await hearth.person(name)
    answer = await person.command("join", group="Riverside")
    await hearth.settle()
    return person, answer


async def offer(person: Person) -> Answer:
    """Let somebody offer to greet, by the charter's card behind /home."""
    card = await person.press(await person.command("home"), "Charter")
    return await person.press(card, "I'd like to greet newcomers")


async def test_a_facilitator_is_asked_and_says_yes(hearth: Running, lena: Person) -> None:
    """One warm line; the facilitator is mentioned; a press tells the newcomer who it is."""
    kim, told = await move_in(hearth, "Kim")
    assert f"<@{lena.id}> has been asked to show you around" in told.text
    assert {"How this room works", "Tell who I am"} <= set(told.buttons)
    welcome = welcome_of(hearth, kim)
    assert f"<@{lena.id}>, would you show them around?" in welcome.content
    assert "start small:\n> " in welcome.content
    assert {user.id for user in welcome.mentions} == {kim.id, lena.id}
    taken = await lena.press(welcome, "I'll show them around")
    assert taken.ephemeral
    await hearth.settle()
    last = list(channel(hearth, "🌊-riverside").history)[-1]
    assert f"<@{kim.id}>, <@{lena.id}> will show you around" in last.content
    assert [user.id for user in last.mentions] == [kim.id]
    again = await lena.press(welcome, "I'll show them around")
    assert "You show" in again.text


@pytest.mark.founded(by=None)
async def test_with_no_greeter_the_reply_carries_it(hearth: Running) -> None:
    """Nobody is mentioned; the newcomer reads how to begin, and where."""
    await set_up(hearth)
    await group(hearth)
    kim, told = await move_in(hearth, "Kim")
    assert "Nobody is at the door right now" in told.text
    assert "\n> " in told.text
    welcome = welcome_of(hearth, kim)
    assert "would you show them around" not in welcome.content
    assert {user.id for user in welcome.mentions} == {kim.id}
    # Whoever lives there may still do it.
    zoe, _ = await move_in(hearth, "Zoe")
    await zoe.press(welcome, "I'll show them around")
    await hearth.settle()
    assert (
        f"<@{zoe.id}> will show you around"
        in list(channel(hearth, "🌊-riverside").history)[-1].content
    )


async def test_who_may_show_around(hearth: Running, lena: Person) -> None:
    """Not oneself, not a visitor; the second comer reads who was first; late is too late."""
    kim, _ = await move_in(hearth, "Kim")
    jo, _ = await move_in(hearth, "Jo")
    welcome = welcome_of(hearth, kim)
    assert "That's for the others" in (await kim.press(welcome, "I'll show them around")).text
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    await hearth.settle()
    assert "Those who live here" in (await vera.press(welcome, "I'll show them around")).text
    await jo.press(welcome, "I'll show them around")
    second = await lena.press(welcome, "I'll show them around")
    assert f"<@{jo.id}> shows <@{kim.id}> around already" in second.text
    await kim.press(await kim.command("leave"), "Leave Riverside")
    assert "any more" in (await lena.press(welcome, "I'll show them around")).text


async def test_volunteers_greet_in_turn(hearth: Running, lena: Person) -> None:
    """Before facilitators, one after the other, not who is away; the offer can be taken back."""
    jo, _ = await move_in(hearth, "Jo")
    mara, _ = await move_in(hearth, "Mara")
    for person in (jo, mara):
        assert "I'll ask you in the room" in (await offer(person)).text
        await hearth.advance(timedelta(minutes=1))
    asked: list[str] = []
    names = {jo.id: "jo", mara.id: "mara", lena.id: "lena"}
    for number in range(4):
        kim, _ = await move_in(hearth, f"K{number}")
        mentioned = {user.id for user in welcome_of(hearth, kim).mentions} - {kim.id}
        asked += [names[user] for user in mentioned]
        await hearth.advance(timedelta(hours=13))
    assert asked == ["jo", "mara", "jo", "mara"]
    await jo.command("away", until="a week")
    for number in range(2):
        kim, _ = await move_in(hearth, f"Z{number}")
        assert mara.id in {user.id for user in welcome_of(hearth, kim).mentions}
        await hearth.advance(timedelta(hours=13))
    card = await mara.press(await mara.command("home"), "Charter")
    assert "I'd like to greet newcomers" not in card.buttons
    over = await mara.press(card, "I'd rather not greet any more")
    assert "won't ask you any more" in over.text
    kim, _ = await move_in(hearth, "Last")
    assert lena.id in {user.id for user in welcome_of(hearth, kim).mentions}


async def test_nobody_is_asked_too_often(hearth: Running, lena: Person) -> None:
    """Three newcomers a day; the fourth is welcomed by everyone."""
    mentioned: list[bool] = []
    for number in range(4):
        kim, _ = await move_in(hearth, f"K{number}")
        mentioned.append(lena.id in {user.id for user in welcome_of(hearth, kim).mentions})
    assert mentioned == [True, True, True, False]


async def test_a_group_says_how_newcomers_begin(hearth: Running, lena: Person) -> None:
    """At the desk; what is refused is kept; emptied, Hearth's own stands again."""
    desk = await lena.press(await desk_page(lena, "People"), "Welcome")
    assert "Nobody has offered" in desk.text
    form = await lena.press(desk, "Change how they begin")
    refused = await lena.fill(form, thing="Say hi to @everyone")
    assert "can't call people" in refused.text
    half_done = await lena.command("home")
    assert "How newcomers begin in **Riverside** is half done" in half_done.text
    mend = await lena.press(half_done, "Go on")
    assert "Say hi to @everyone" in str(mend.components)
    long = await lena.fill(mend, thing="x" * 201)
    assert "201 characters" in long.text
    saved = await lena.fill(await lena.press(long, "Fix it"), thing="Which path is *yours*?")
    assert "> Which path is \\*yours\\*?" in saved.text
    kim, told = await move_in(hearth, "Kim")
    assert "Which path is" in told.text
    assert "> Which path is \\*yours\\*?" in welcome_of(hearth, kim).content
    form = await lena.press(await lena.press(saved, "Back"), "Change how they begin")
    emptied = await lena.fill(form, thing="")
    assert "suits groups of your kind" in emptied.text


async def test_who_lives_here(hearth: Running, lena: Person) -> None:
    """Opt-in, written in a form, changed, taken away; read by those inside only."""
    empty = await lena.press(await lena.command("home"), "Who lives here")
    assert "nobody has told anything" in empty.text
    form = await lena.press(empty, "Tell who I am")
    refused = await lena.fill(form, said="??")
    assert "A few words are enough" in refused.text
    half_done = await lena.command("home")
    assert "nobody has read it" in half_done.text
    assert "??" in str((await lena.press(half_done, "Go on")).components)
    long = await lena.fill(await lena.press(refused, "Fix it"), said="y" * 301)
    assert "301 characters" in long.text
    links = await lena.fill(await lena.press(long, "Fix it"), said="See https://x.example")
    assert "can't call people or link" in links.text
    form = await lena.press(links, "Fix it")
    assert "https://x.example" in str(form.components)
    done = await lena.fill(form, said="I run *slowly*\nand talk a lot.")
    assert "nobody has read it" not in (await lena.command("home")).text
    page = await lena.press(done, "Who lives here")
    assert "> I run \\*slowly\\* and talk a lot." in page.text
    assert "here since <t:" in page.text
    kim, _ = await move_in(hearth, "Kim")
    seen = await kim.press(await kim.command("home"), "Who lives here")
    assert "talk a lot" in seen.text
    assert "You aren't on this page" in seen.text
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    await hearth.settle()
    card = await vera.command("groups", find="Riverside")
    how = await vera.press(card, "How this room works")
    inside = await vera.press(how, "Who lives here")
    assert "talk a lot" in inside.text
    assert "Tell who I am" not in inside.buttons
    change = await lena.press(page, "Change mine")
    assert "talk a lot" in str(change.components)
    await lena.fill(change, said="I run with dogs.")
    assert "with dogs" in (await lena.press(await lena.command("home"), "Who lives here")).text
    gone = await lena.press(page, "Take mine away")
    assert "erased" in gone.text
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Introduction)) == 0


async def test_who_is_outside_reads_nothing(hearth: Running, lena: Person) -> None:
    """Neither from the directory nor by a button that was kept from better days."""
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    await hearth.settle()
    how = await vera.press(await vera.command("groups", find="Riverside"), "How this room works")
    inside = await vera.press(how, "Who lives here")
    assert "Who lives in" in inside.text
    await vera.press(
        await vera.press(await vera.command("home"), "End visit: Riverside"), "End the visit"
    )
    how = await vera.command("groups", find="Riverside")
    outside = await vera.press(how, "How this room works")
    assert "Who lives here" not in outside.buttons
    assert lena.present


async def test_pages_and_taking_lines_down(hearth: Running, lena: Person) -> None:
    """Four a page, the newest first; facilitators take lines down, their author mends them."""
    people: list[Person] = []
    for number in range(6):
        person, told = await move_in(hearth, f"P{number}")
        await hearth.advance(timedelta(minutes=1))
        await person.fill(await person.press(told, "Tell who I am"), said=f"Line of {number}")
        people.append(person)
    first = await lena.press(await lena.command("home"), "Who lives here")
    assert "6 tell something" in first.text
    assert "Line of 5" in first.text
    assert "Line of 0" not in first.text
    second = await lena.press(first, "More")
    assert "Line of 0" in second.text
    assert "Page 2 of 2" in second.text
    hidden = await lena.choose(second, "P0")
    assert "lines are down" in hidden.text
    back = await lena.press(hidden, "Who lives here")
    assert "5 tell something" in back.text
    card = await people[0].command("home")
    assert "took down what you told" in card.text
    form = await people[0].press(card, "Change what I told")
    await people[0].fill(form, said="A kinder line")
    assert "took down" not in (await people[0].command("home")).text
    again = await lena.press(await lena.command("home"), "Who lives here")
    assert "6 tell something" in again.text
    plain = await people[1].press(await people[1].command("home"), "Who lives here")
    assert plain.selects == []


async def test_what_goes_with_a_move_and_what_waits_for_a_return(
    hearth: Running, lena: Person
) -> None:
    """Left and back within two days it all stands; moved for good it is erased, as was said."""
    await group(hearth, "Millpond")
    kim, told = await move_in(hearth, "Kim")
    await kim.fill(await kim.press(told, "Tell who I am"), said="I knit.")
    await offer(kim)
    left = await kim.press(await kim.command("leave"), "Leave Riverside")
    page = await lena.press(await lena.command("home"), "Who lives here")
    assert "I knit" not in page.text
    await kim.press(left, "Go back")
    page = await lena.press(await lena.command("home"), "Who lives here")
    assert "I knit" in page.text
    asked = await kim.command("join", group="Millpond")
    assert "You no longer greet newcomers there." in asked.text
    assert "What you told about yourself there is erased" in asked.text
    assert "open for a visit of 30 days" in asked.text
    await kim.press(asked, "Move to Millpond")
    async with hearth.app.database.reading() as session:
        for table in (Introduction, Greeter):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    await hearth.advance(timedelta(days=29))
    assert kim.sees(channel(hearth, "🌊-riverside"))
    await hearth.advance(timedelta(days=2))
    assert not kim.sees(channel(hearth, "🌊-riverside"))
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Welcome)) == 0
