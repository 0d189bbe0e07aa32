"""Find a home as a newcomer meets it: answers, skips, second thoughts, coming back later."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import MemberAnswer, QuestionChoice
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

FEEL, LIKE = "What should it feel like to be there?", "What would you like to spend time with?"
SHARE = "Would you like to meet people who share something personal with you?"
TOGETHER, CALM = "We do things together", "Calm: a few words now and then"
GAMES, BOOKS = "Board and card games", "Books"
HIDDEN = "☐ Look among hidden groups, too"


async def fits(hearth: Running, made: Answer, question: str, *labels: str) -> Answer:
    """Let the owner say what fits the group that was made."""
    card = await hearth.owner.press(made, "What fits here")
    card = await hearth.owner.choose(card, question)
    return await hearth.owner.choose(card, list(labels))


@pytest.fixture
async def town(hearth: Running) -> dict[str, Answer]:
    """Two groups that say what fits them."""
    await set_up(hearth, time_zone="Europe/Berlin")
    made = {
        "Card Table": await group(hearth, "Card Table", emoji="🃏", purpose="Games on Fridays."),
        "Slow Shelf": await group(hearth, "Slow Shelf", emoji="📚", purpose="Books, slowly."),
    }
    await fits(hearth, made["Card Table"], FEEL, TOGETHER)
    await fits(hearth, made["Card Table"], LIKE, GAMES)
    await fits(hearth, made["Slow Shelf"], FEEL, CALM)
    await fits(hearth, made["Slow Shelf"], LIKE, BOOKS)
    return made


async def begin(person: Person) -> Answer:
    """Press what /home offers to who has no home."""
    return await person.press(await person.command("home"), "Find a home")


async def open_porch(hearth: Running) -> None:
    """Make a group that is not listed, and say whom it is for."""
    porch = await group(hearth, "Porch", type="Identity", purpose="To sit together.")
    await fits(hearth, porch, SHARE, "Queer people")


@pytest.mark.usefixtures("town")
async def test_who_answers_moves_in(hearth: Running) -> None:
    """A question a screen, in private; then what fits, why, and who would greet them."""
    lena = await at_home(hearth, "Lena", "Slow Shelf")
    await looked_after(hearth, lena, "Slow Shelf")
    kim = await hearth.person("Kim")
    asked = await begin(kim)
    assert asked.ephemeral
    assert "2 short questions" in asked.text
    assert f"**1 of 2** · {FEEL}" in asked.text
    asked = await kim.choose(asked, [CALM])
    assert f"**2 of 2** · {LIKE}" in asked.text
    assert "short questions" not in asked.text
    asked = await kim.press(asked, "☐ May be shown in my group")
    found = await kim.choose(asked, [BOOKS, "Travel"])
    first = found.text.index("**1. 📚 Slow Shelf**")
    assert first < found.text.index("**2. 🃏 Card Table**")
    assert f"it's what they are about: {BOOKS} · {CALM}" in found.text
    assert f"{lena.mention} would greet you" in found.text
    assert found.buttons == [
        "Join Slow Shelf",
        "Visit Slow Shelf first",
        "Join Card Table",
        "Visit Card Table first",
        "My answers",
        "All groups",
        "Not now",
    ]
    joined = await kim.press(found, "Join Slow Shelf")
    assert "Welcome home" in joined.text
    await hearth.settle()
    room = channel(hearth, "📚-slow-shelf")
    assert kim.sees(room)
    welcome = next(m for m in room.history if f"{kim.mention} has moved in" in m.content)
    assert "Books, Travel" in welcome.content
    assert CALM not in welcome.content, "only what was ticked is shown"


@pytest.mark.usefixtures("town")
async def test_who_skips_everything(hearth: Running) -> None:
    """Is asked nothing twice and is suggested what has seats; nothing of them is known."""
    kim = await hearth.person("Kim")
    asked = await begin(kim)
    found = await kim.press(await kim.press(asked, "Skip"), "Skip")
    assert "2 groups may suit you" in found.text
    assert "There's room at the table" in found.text
    mine = await kim.press(found, "My answers")
    assert "You have answered nothing yet" not in mine.text
    assert mine.text.count("skipped") == 2
    again = await begin(kim)
    assert "2 groups may suit you" in again.text
    left = await kim.press(again, "Not now")
    assert "nothing has changed" in left.text
    assert "no home here yet" in (await kim.command("home")).text


@pytest.mark.usefixtures("town")
async def test_who_changes_their_mind(hearth: Running) -> None:
    """Back and forth between questions, and later from the list of answers; all can be undone."""
    kim = await hearth.person("Kim")
    asked = await kim.choose(await begin(kim), [TOGETHER])
    before = await kim.press(asked, "Back")
    assert f"Your answer so far: {TOGETHER}" in before.text
    asked = await kim.press(before, "Keep it and go on")
    assert LIKE in asked.text
    found = await kim.choose(asked, [GAMES])
    assert "**1. 🃏 Card Table**" in found.text
    mine = await kim.press(found, "My answers")
    assert f"{FEEL} **{TOGETHER}**" in mine.text
    for question, answer in ((FEEL, CALM), (LIKE, BOOKS)):
        mine = await kim.choose(await kim.choose(mine, question), [answer])
        assert f"**{answer}**" in mine.text
    found = await kim.press(mine, "Show me groups")
    assert "**1. 📚 Slow Shelf**" in found.text
    mine = await kim.press(found, "My answers")
    mine = await kim.press(await kim.choose(mine, FEEL), "☐ May be shown in my group")
    mine = await kim.press(mine, "Back")
    assert "(may be shown)" in mine.text
    mine = await kim.press(await kim.choose(mine, FEEL), "Take my answer back")
    assert f"{FEEL} skipped" in mine.text
    gone = await kim.press(mine, "Take all back")
    assert "All your answers are gone" in gone.text
    assert "**1 of 2**" in (await begin(kim)).text


@pytest.mark.usefixtures("town")
async def test_who_comes_back_later(hearth: Running) -> None:
    """Half of it answered goes on where it stood, days later; who is done sees groups at once."""
    kim = await hearth.person("Kim")
    await kim.choose(await begin(kim), [CALM])
    await hearth.advance(timedelta(days=3))
    asked = await begin(kim)
    assert "We go on where you left off" in asked.text
    assert f"**2 of 2** · {LIKE}" in asked.text
    early = await kim.press(asked, "Show me groups now")
    assert "**1. 📚 Slow Shelf**" in early.text
    await kim.choose(await begin(kim), [BOOKS])
    assert "**1. 📚 Slow Shelf**" in (await begin(kim)).text


@pytest.mark.usefixtures("town")
async def test_who_has_a_home_already(hearth: Running) -> None:
    """Is suggested the others, and asked once before anything ends."""
    kim = await hearth.person("Kim")
    asked = await kim.choose(await begin(kim), [CALM])
    await kim.press(await kim.press(asked, "Skip"), "Join Slow Shelf")
    wishes = await kim.press(await kim.command("home"), "Wishes")
    mine = await kim.press(wishes, "What I look for in a home")
    assert f"{FEEL} **{CALM}**" in mine.text
    found = await kim.press(mine, "Show me groups")
    assert "You live in **Slow Shelf** now" in found.text
    assert "Join" not in " ".join(found.buttons)
    sure = await kim.press(found, "Move to Card Table")
    assert "What ends: your seat in **Slow Shelf**" in sure.text


@pytest.mark.usefixtures("town")
async def test_what_a_role_says_already_is_not_asked(hearth: Running) -> None:
    """One question fewer; the answer stands in the list, and can be overruled."""
    role = await hearth.owner.create_role("Readers")
    async with hearth.app.database.writing() as session:
        row = await session.scalar(select(QuestionChoice).where(QuestionChoice.label == BOOKS))
        assert row is not None
        row.role_id = role.id
    kim = await hearth.person("Kim")
    await hearth.owner.give_role(kim, role)
    await hearth.settle()
    asked = await begin(kim)
    assert f"**1 of 1** · {FEEL}" in asked.text
    found = await kim.press(asked, "Skip")
    assert "**1. 📚 Slow Shelf**" in found.text
    mine = await kim.press(found, "My answers")
    assert f"{LIKE} **{BOOKS}** (from your roles)" in mine.text
    mine = await kim.choose(await kim.choose(mine, LIKE), [GAMES])
    assert f"{LIKE} **{GAMES}**" in mine.text
    found = await kim.press(mine, "Show me groups")
    assert "**1. 🃏 Card Table**" in found.text


@pytest.mark.usefixtures("town")
async def test_a_group_that_keeps_to_itself(hearth: Running) -> None:
    """Only who asks for such groups hears of one, and nobody reads its name before they are in."""
    await open_porch(hearth)
    kim, omar = await hearth.person("Kim"), await hearth.person("Omar")
    for person in (kim, omar):
        asked = await person.press(await person.press(await begin(person), "Skip"), "Skip")
        assert f"**3 of 3** · {SHARE}" in asked.text
        if person is kim:
            asked = await person.press(asked, HIDDEN)
        found = await person.choose(asked, ["Queer people"])
        assert ("A group that keeps to itself" in found.text) == (person is kim)
        assert "Porch" not in found.text
        assert ("Ask them" in found.buttons) == (person is kim)
    found, old = await begin(kim), await begin(kim)
    said = await kim.press(found, "Ask them")
    assert "✋ Asked." in said.text
    assert "I count in which of your groups' rooms" in said.text
    home = await kim.command("home")
    assert "You asked a group that keeps to itself" in home.text
    assert "Take back what I asked" in home.buttons
    assert "Porch" not in home.text
    again = await kim.press(old, "Ask them")
    assert "can't take you in just now" in again.text
    assert "Porch" not in again.text
    await kim.press(home, "Take back what I asked")
    assert "Ask them" in (await begin(kim)).buttons


@pytest.mark.usefixtures("town")
async def test_nobody_is_placed_before_they_have_arrived(hearth: Running) -> None:
    """Questions may be answered; moving in and asking wait for the server's onboarding."""
    await open_porch(hearth)
    hearth.server.onboards = True
    kim = await hearth.person("Kim")
    await kim.onboard(finished=False)
    asked = await kim.press(await kim.press(await begin(kim), "Skip"), "Skip")
    found = await kim.choose(await kim.press(asked, HIDDEN), ["Queer people"])
    refused = await kim.press(found, "Ask them")
    assert "welcome questions for this server first" in refused.text
    assert "Ask them" in (await begin(kim)).buttons


async def test_where_there_is_nothing_to_suggest(hearth: Running) -> None:
    """Said plainly, with the way on; nothing to ask means nothing is asked."""
    await set_up(hearth)
    kim = await hearth.person("Kim")
    none = await begin(kim)
    assert "no group with a free seat yet" in none.text
    assert none.buttons == ["All groups", "Not now"]
    await group(hearth)
    found = await begin(kim)
    assert "One group may suit you" in found.text
    await hearth.owner.command("hearth group rest", group="Riverside")
    assert "no group with a free seat yet" in (await begin(kim)).text


@pytest.mark.usefixtures("town")
async def test_when_nothing_goes(hearth: Running) -> None:
    """Who is barred everywhere reads that nothing suits, and not why."""
    kim = await hearth.person("Kim")
    form = await hearth.owner.command("safety bar", user=kim, group="all")
    await hearth.owner.fill(form, reason="For a while.")
    found = await kim.press(await begin(kim), "Show me groups now")
    assert "no group has a seat that would suit you" in found.text


@pytest.mark.usefixtures("town")
async def test_while_hearth_is_paused(hearth: Running) -> None:
    """Every press says so; what was answered stays, and can be taken back."""
    kim = await hearth.person("Kim")
    asked = await begin(kim)
    await hearth.owner.command("hearth pause")
    for pressed in (
        await kim.choose(asked, [CALM]),
        await kim.press(asked, "Skip"),
        await kim.press(asked, "☐ May be shown in my group"),
        await kim.press(asked, "Show me groups now"),
    ):
        assert "paused" in pressed.text
    async with hearth.app.database.reading() as session:
        assert (await session.scalars(select(MemberAnswer))).all() == []


@pytest.mark.usefixtures("town")
async def test_a_question_that_is_gone(hearth: Running) -> None:
    """A card that stood open too long says how to go on."""
    kim = await hearth.person("Kim")
    asked = await begin(kim)
    async with hearth.app.database.writing() as session:
        for choice in await session.scalars(select(QuestionChoice)):
            await session.delete(choice)
    late = await kim.choose(asked, [CALM])
    assert "That question has changed meanwhile" in late.text


async def test_what_fits_is_said_at_the_desk(hearth: Running, town: dict[str, Answer]) -> None:
    """By a facilitator, question by question; what was said is there again, and can be unsaid."""
    lena = await at_home(hearth, "Lena", "Card Table")
    await looked_after(hearth, lena, "Card Table")
    card = await lena.press(await desk_page(lena, "People"), "What fits here")
    assert f"{FEEL} **{TOGETHER}**" in card.text
    one = await lena.choose(card, FEEL)
    assert "Say nothing on this" in one.buttons
    card = await lena.press(one, "Say nothing on this")
    assert f"{FEEL} not said yet" in card.text
    card = await lena.choose(await lena.choose(card, FEEL), [TOGETHER, "We learn from each other"])
    assert f"{FEEL} **{TOGETHER}, We learn from each other**" in card.text
    again = await hearth.owner.press(town["Card Table"], "What fits here")
    assert f"{FEEL} **{TOGETHER}, We learn from each other**" in again.text


@pytest.mark.usefixtures("town")
async def test_a_card_of_another_group(hearth: Running) -> None:
    """What fits is neither shown to nor said by who does not look after the group."""
    kim = await at_home(hearth, "Kim", "Card Table")
    lena = await at_home(hearth, "Lena", "Slow Shelf")
    await looked_after(hearth, lena, "Slow Shelf")
    card = await lena.press(await desk_page(lena, "People"), "What fits here")
    one = await lena.choose(card, LIKE)
    await hearth.owner.command("hearth facilitator remove", group="Slow Shelf", user=lena)
    refused = await lena.choose(one, [GAMES])
    assert "Slow Shelf" in refused.text
    assert "Say nothing" not in refused.text
    found = await kim.press(await kim.command("home"), "See other groups")
    assert "Slow Shelf" in found.text
