"""Asking another group, as everybody meets it."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.state import Message
from tests.cogs.streets import Street, built
from tests.conftest import Running

DAY = timedelta(days=1)
QUESTION = "Which shoes survive a winter of mud?"


pytestmark = pytest.mark.founded(by=built)


@pytest.fixture
def street(hearth: Running) -> Street:
    """Riverside and Millpond."""
    return hearth.founded


def prefilled(form: Answer) -> str:
    """Return what stands in the only field of a form."""
    (label,) = form.components
    return str(label["component"]["value"])


async def together(street: Street, name: str) -> Answer:
    """Open ‹Together› from somebody's /home."""
    return await street[name].press(await street[name].command("home"), "Together")


async def asks(street: Street, question: str = QUESTION, name: str = "Kim") -> Answer:
    """Let Kim ask Millpond; return what Kim reads last."""
    kim = street[name]
    form = await kim.press(await together(street, name), "Ask another group")
    fits = await kim.fill(form, question=question)
    if not fits.selects:
        return fits
    sure = await kim.choose(fits, "🦆 Millpond")
    sent = await kim.press(sure, "Send without my name")
    await street.hearth.settle()
    return sent


async def put(street: Street) -> Message:
    """Let Omar put it to his group; return the post."""
    assert "on its way" in (await asks(street)).text
    omar = street["Omar"]
    read = await omar.press(await street.desk("Omar", "Millpond"), "Read the question")
    done = await omar.press(read, "Put it to the group")
    assert "in your room now" in done.text, done.text
    await street.hearth.settle()
    return street.said("millpond", "Who'd like to answer")[0]


async def answers(street: Street, post: Message, *, named: bool = True) -> Answer:
    """Let Pia answer; return what she reads last."""
    pia = street["Pia"]
    form = await pia.press(post, "Answer")
    shown = await pia.fill(form, answer="Old ones, @everyone.\n# And two pairs.")
    assert "Nothing is sent before you press" in shown.text, shown.text
    sent = await pia.press(shown, f"Send {'with' if named else 'without'} my name")
    await street.hearth.settle()
    return sent


async def test_a_question_from_room_to_room_and_back(street: Street, hearth: Running) -> None:
    """Kim asks, Omar puts it to Millpond, Pia answers; her words stand in Riverside's thread."""
    post = await put(street)
    assert "🌊 **Riverside** asks:" in post.content
    assert QUESTION in post.content
    assert street["Kim"].mention not in post.content
    (home,) = street.said("riverside", "We've asked")
    assert "🦆 **Millpond**" in home.content
    said = await answers(street, post)
    assert "Sent to **Riverside**" in said.text, said.text
    thread = hearth.server.threads[home.id]
    (answer,) = [m for m in thread.history if "Pia" in m.content or "writes" in m.content]
    assert street["Pia"].mention in answer.content
    assert "> Old ones, @\u200beveryone." in answer.content or "@everyone" not in answer.content
    card = await together(street, "Kim")
    assert "**Millpond** has your group's question" in card.text
    seen = await street["Kim"].press(card, "Our question")
    assert "1 answer so far" in seen.text, seen.text


async def test_an_answer_without_a_name_can_be_taken_back(street: Street, hearth: Running) -> None:
    """From where it stands, by its author alone; and then another can be written."""
    post = await put(street)
    await answers(street, post, named=False)
    thread = hearth.server.threads[street.said("riverside", "We've asked")[0].id]
    (answer,) = [m for m in thread.history if "somebody there writes" in m.content]
    assert street["Pia"].mention not in answer.content
    refused = await street["Kim"].press(answer, "Mine: take it back")
    assert "Only who wrote it" in refused.text
    again = await street["Pia"].press(post, "Answer")
    assert "You've sent **Riverside** an answer" in again.text
    gone = await street["Pia"].press(again, "Take my answer back")
    assert "is taken back" in gone.text
    await hearth.settle()
    assert answer not in list(thread.history)
    assert (await street["Pia"].press(post, "Answer")).modal


async def test_a_question_is_taken_back_from_both_rooms(street: Street, hearth: Running) -> None:
    """By who asked; then their group can ask anew."""
    await put(street)
    state = await street["Kim"].press(await together(street, "Kim"), "Our question")
    taken = await street["Kim"].press(state, "Take it back")
    assert "taken back" in taken.text
    await hearth.settle()
    assert street.said("millpond", QUESTION) == []
    assert street.said("riverside", QUESTION) == []
    assert "Ask another group" in (await together(street, "Kim")).buttons


async def test_what_passes_passes_silently(street: Street, hearth: Running) -> None:
    """It leaves the desk's front, is found under the neighbours, and ends after a week."""
    await asks(street)
    line = street.hearth.server.channels[street.office.id]
    (told,) = [m for m in line.history if "something to ask your group" in m.content]
    assert "Riverside" not in told.content
    read, late = [await street["Omar"].press(told, "Open") for _ in range(2)]
    assert "It passes" in (await street["Omar"].press(read, "Let it pass")).text
    assert "Read the question" not in (await street.desk("Omar", "Millpond")).buttons
    assert "waits for your word" in (await street.neighbours("Omar", "Millpond")).text
    state = await street["Kim"].press(await together(street, "Kim"), "Our question")
    assert "waits for those who look after **Millpond**" in state.text
    await hearth.advance(8 * DAY)
    assert "Ask another group" in (await together(street, "Kim")).buttons
    assert "over" in (await street["Omar"].press(late, "Put it to the group")).text


async def test_after_a_week_the_thread_closes(street: Street, hearth: Running) -> None:
    """Answers stay where they stand; nothing more can be sent."""
    post = await put(street)
    await answers(street, post)
    thread = hearth.server.threads[street.said("riverside", "We've asked")[0].id]
    await hearth.advance(8 * DAY)
    assert thread.archived
    assert len([m for m in thread.history if "writes" in m.content]) == 1
    assert "question is over" in (await street["Pia"].press(post, "Answer")).text
    assert "This one is open" not in (await street["Pia"].press(post, "How does this work?")).text


async def test_what_is_refused_on_the_way(street: Street, hearth: Running) -> None:
    """Too short, too long, a second one, strangers, and words that are gone."""
    short = await asks(street, "Shoes?")
    assert "very short" in short.text
    form = await street["Kim"].press(short, "Fix it")
    assert prefilled(form) == "Shoes?"
    long = await street["Kim"].fill(form, question="Shoes " * 60)
    assert "at most 300 characters" in long.text
    fits = await street["Kim"].fill(await street["Kim"].press(long, "Fix it"), question=QUESTION)
    sure = await street["Kim"].choose(fits, "🦆 Millpond")
    sent = await street["Kim"].press(sure, "Send with my name")
    assert "on its way" in sent.text
    await hearth.settle()
    post_read = await street["Omar"].press(
        await street.desk("Omar", "Millpond"), "Read the question"
    )
    assert street["Kim"].mention in post_read.text
    await street["Omar"].press(post_read, "Put it to the group")
    await hearth.settle()
    post = street.said("millpond", "Who'd like to answer")[0]
    form = await street["Pia"].press(post, "Answer")
    tiny = await street["Pia"].fill(form, answer="a")
    assert "very short" in tiny.text
    assert prefilled(await street["Pia"].press(tiny, "Fix it")) == "a"


async def test_a_group_can_say_that_it_wants_no_questions(street: Street) -> None:
    """Then it is not among those to choose; a yes brings it back."""
    card = await street.neighbours("Omar", "Millpond")
    assert (
        "nobody can ask **Millpond**"
        in (await street["Omar"].press(card, "No questions for now")).text
    )
    nobody = await asks(street)
    assert "there is no group to ask" in nobody.text
    card = await street.neighbours("Omar", "Millpond")
    await street["Omar"].press(card, "Questions are welcome")
    again = await street["Kim"].fill(
        await street["Kim"].press(nobody, "Change it"), question=QUESTION
    )
    assert again.selects


async def test_a_room_that_is_locked_gets_no_question(street: Street) -> None:
    """The question waits until the room is open again."""
    await asks(street)
    read = await street["Omar"].press(await street.desk("Omar", "Millpond"), "Read the question")
    await street.hearth.owner.command("safety lock", group="Millpond", reason="Let's breathe.")
    assert (
        "nothing can be put to it" in (await street["Omar"].press(read, "Put it to the group")).text
    )


async def test_a_thread_that_somebody_deleted_ends_it(street: Street, hearth: Running) -> None:
    """What was meant for it is not said elsewhere, and nothing more can be sent."""
    post = await put(street)
    thread = hearth.server.threads[street.said("riverside", "We've asked")[0].id]
    await hearth.owner.delete_thread(thread)
    await answers(street, post)
    assert street.said("riverside", "Old ones") == []
    assert "question is over" in (await street["Pia"].press(post, "Answer")).text


async def test_a_post_that_somebody_deleted_ends_it(street: Street, hearth: Running) -> None:
    """Nobody can answer any more, so both groups read that it is over; what was said stays."""
    post = await put(street)
    (home,) = street.said("riverside", "We've asked")
    await hearth.owner.delete(home)
    await answers(street, post)
    await hearth.owner.delete(post)
    await hearth.settle()
    assert "has your group's question" not in (await together(street, "Kim")).text
    thread = hearth.server.threads[home.id]
    assert any("Old ones" in message.content for message in thread.history)
    assert thread.archived
    assert "stands in your room" not in (await street.neighbours("Omar", "Millpond")).text
    assert street.said("millpond", "Who'd like to answer") == []
