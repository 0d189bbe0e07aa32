"""Somebody's own part in a challenge: in, checked in, on a break, with a partner, out."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models import Draft, Goal, GoalMark, GoalPart, GoalPartner, Membership
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.cogs.goals import ROOM, all_in, begun, desk, last, thread, words
from tests.conftest import Running

DAY = timedelta(days=1)


async def found(hearth: Running) -> Person:
    """Riverside, looked after by Lena who lives there."""
    await set_up(hearth)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    await hearth.advance(timedelta(minutes=1))  # since when Hearth hears the server
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Riverside, looked after by Lena who lives there."""
    return hearth.founded


@pytest.fixture
async def mara(hearth: Running, lena: Person) -> Person:  # noqa: ARG001 - she comes first
    """Mara, who lives there."""
    return await at_home(hearth, "Mara")


async def part(person: Person, post: Message) -> Answer:
    """Return somebody's own card."""
    return await person.press(post, "My part")


async def shared(hearth: Running, person: Person, post: Message, said: str) -> Message:
    """Let somebody check in and share a word; return it as it stands in the thread."""
    form = await person.press(await person.press(post, "Check in"), "Say a word")
    preview = await person.fill(form, said=said)
    await person.press(preview, "Share it")
    await hearth.settle()
    return words(hearth)[-1]


async def test_in_and_out_again(hearth: Running, lena: Person, mara: Person) -> None:
    """One press each; stepping out erases what was theirs, and says so first."""
    post = await begun(hearth, lena)
    card = await part(mara, post)
    assert "You're not in it." in card.text
    assert card.buttons == ["I'm in", "Our goals", "How we're doing", "How it works"]
    refused = await mara.press(post, "Check in")
    assert "Press ‹I'm in› first" in refused.text
    first = await mara.press(refused, "I'm in")
    assert "You're in: **Walk every day**" in first.text
    assert "in already" in (await mara.press(post, "I'm in")).text
    form = await mara.press(first, "My own goal")
    saved = await mara.fill(form, aim="To the mill *and* back")
    assert r"To the mill \*and\* back" in saved.text
    goals = await lena.press(await part(lena, post), "Our goals")
    assert rf"{mara.mention}: To the mill \*and\* back" in goals.text
    assert "To the mill" in (await mara.press(await part(mara, post), "My own goal")).text
    sure = await mara.press(await part(mara, post), "Step out")
    assert "are erased" in sure.text
    assert "your part is erased" in (await mara.press(sure, "Yes, step out")).text
    assert "You're not in it." in (await part(mara, post)).text
    goals = await lena.press(await part(lena, post), "Our goals")
    assert "Nobody has written down a goal" in goals.text
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(GoalPart)) is None


async def test_a_check_in_is_one_press(hearth: Running, lena: Person, mara: Person) -> None:
    """Counted once a day; yesterday, too; taken back as easily."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    done = await mara.press(post, "Check in")
    assert "✅ Noted for today. That's the first time." in done.text
    assert "noted already" in (await mara.press(post, "Check in")).text
    card = await part(mara, post)
    assert "The last seven days: ● · checked in once so far." in card.text
    assert "not noted any more" in (await mara.press(card, "Not today after all")).text
    await hearth.advance(DAY)
    card = await part(mara, post)
    assert "·· · checked in 0 times" in card.text
    yesterday = await mara.press(card, "Yesterday, too")
    assert "✅ Noted for yesterday, 1 so far." in yesterday.text
    card = await part(mara, post)
    assert "Yesterday, too" not in card.buttons
    assert "1 of 1 grace days left" in card.text


async def test_grace_is_told_kindly_and_breaks_cost_nothing(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """What was missed is told at the next check-in; nobody else reads it."""
    post = await begun(hearth, lena, when="today for 3 weeks", grace="2")
    await all_in([mara], post)
    await hearth.advance(3 * DAY)
    done = await mara.press(post, "Check in")
    assert "A missed day took one of your grace days; 1 is left." in done.text
    assert "1 of 2 grace days left" in (await part(mara, post)).text
    card = await mara.press(await part(mara, post), "Not today after all")
    assert "A missed day" in (await mara.press(post, "Check in")).text
    assert card.buttons == ["My part"]
    rests = await mara.press(await part(mara, post), "I need a break")
    assert "Nothing is missed meanwhile, and nobody is told." in rests.text
    await hearth.advance(5 * DAY)
    card = await part(mara, post)
    assert "You're on a break" in card.text
    assert "today counts" in (await mara.press(card, "I'm back")).text
    assert "The grace is used up, and you're on your way" in (await part(mara, post)).text
    await hearth.advance(4 * DAY)
    card = await part(mara, post)
    assert "Each day still counts, and nobody else sees this." in card.text
    assert "Noted for today" in (await mara.press(card, "Check in")).text


async def test_a_word_stands_in_the_thread_only_when_it_is_shared(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Seen first by its author alone; shared in their name; taken down again by them."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    assert "not checked" not in (await part(mara, post)).text
    form = await mara.press(await mara.press(post, "Check in"), "Say a word")
    long = await mara.fill(form, said="x" * 301)
    assert "301 characters; 300 fit" in long.text
    form = await mara.press(long, "Fix it")
    preview = await mara.fill(form, said="Rain, @everyone, *lovely*")
    twin = await mara.fill(form, said="Rain, @everyone, *lovely*")
    assert "Only you see this so far" in preview.text
    assert not words(hearth)
    left = await mara.press(preview, "Leave it")
    assert "your word is gone" in left.text
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(Draft)) is None
    assert "no word waiting any more" in (await mara.press(twin, "Share it")).text
    word = await shared(hearth, mara, post, "Rain, @everyone, *lovely*")
    assert word.content == f"💬 {mara.mention}, day 1: Rain, @\u200beveryone, \\*lovely\\*"
    assert not word.mentions
    assert word.channel_id == thread(hearth).id
    again = await mara.press(await part(mara, post), "Say a word")
    assert "shared a word for that day already" in again.text
    async with hearth.app.database.reading() as session:
        mark = (await session.scalars(select(GoalMark))).one()
    assert mark.message_id == word.id
    gone = await mara.press(await part(mara, post), "Take my word back")
    assert "is being taken down" in gone.text
    await hearth.settle()
    assert not words(hearth)


async def test_stepping_out_takes_shared_words_down(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """And so does being forgotten."""
    post = await begun(hearth, lena)
    await all_in([mara, lena], post)
    await shared(hearth, mara, post, "Rain.")
    await shared(hearth, lena, post, "Sun.")
    assert len(words(hearth)) == 2
    await mara.press(await mara.press(await part(mara, post), "Step out"), "Yes, step out")
    await hearth.settle()
    assert [word.content for word in words(hearth)] == [f"💬 {lena.mention}, day 1: Sun."]
    sure = await lena.command("privacy forget")
    await lena.press(sure, sure.buttons[0])
    await hearth.settle()
    assert not words(hearth)


async def test_a_thread_that_is_deleted_takes_no_words(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Somebody deleted it by hand: no other is made, and no word is asked for any more."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    gone = thread(hearth)
    form = await mara.press(await mara.press(post, "Check in"), "Say a word")
    preview = await mara.fill(form, said="Rain.")
    await hearth.owner.delete_thread(gone)
    await hearth.settle()
    assert "nowhere to put a word" in (await mara.press(preview, "Share it")).text
    # Deleted while Hearth is away, it is found out with the first word.
    async with hearth.app.client.database.writing() as session:
        await session.execute(update(Goal).values(message_id=post.id, thread_id=gone.id))
    assert "It stands in the thread" in (await mara.press(preview, "Share it")).text
    await hearth.settle()
    card = await part(mara, post)
    assert "checked in once" in card.text
    assert last(hearth).id == post.id
    assert not hearth.server.threads
    assert "The thread of this challenge is gone" in (await mara.press(card, "Say a word")).text
    await hearth.advance(DAY)
    assert (await mara.press(post, "Check in")).buttons == ["My part"]


async def test_a_post_that_is_deleted_is_found_at_home(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """It is not posted again; ‹Together› leads to the challenge, and its moments come."""
    post = await begun(hearth, lena)
    await hearth.owner.delete(post)
    await hearth.settle()
    shown = await mara.press(await mara.command("home"), "Together")
    done = await mara.press(await mara.press(shown, "Challenge"), "I'm in")
    card = await mara.press(done, "My part")
    assert "Noted for today" in (await mara.press(card, "Check in")).text
    await hearth.advance(2 * DAY)
    begins = [m for m in channel(hearth, ROOM).history if "begins a challenge" in m.content]
    assert not begins
    assert "Half-time of **Walk every day**" in last(hearth).content


async def test_partners_see_each_other_and_nobody_else_does(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Asked by a menu, answered at /home; a no is never told."""
    post = await begun(hearth, lena)
    jo = await at_home(hearth, "Jo")
    await all_in([mara, lena, jo], post)
    await lena.press(post, "Check in")
    card = await mara.press(await part(mara, post), "A partner")
    for other in (lena, jo):
        asked = await mara.choose(card, other)
        assert "a no looks like no answer" in asked.text
        card = await mara.press(await mara.press(asked, "My part"), "A partner")
    home = await lena.command("home")
    assert f"{mara.mention} would like to be your partner in **Walk every day**." in home.text
    question = await lena.press(home, "Look")
    assert "you'd see each other's check-ins, nobody else would" in question.text
    assert "You two are partners now" in (await lena.press(question, "Yes, with 1")).text
    no = await jo.press(await jo.press(await jo.command("home"), "Look"), "Rather not (1)")
    assert "They hear nothing of it." in no.text
    card = await mara.press(await part(mara, post), "A partner")
    assert f"1 · {lena.mention}: ● over the last seven days" in card.text
    assert f"You've asked {jo.mention}." in card.text
    assert "partner" not in (await jo.press(await part(jo, post), "A partner")).text.split("\n")[2:]
    ended = await mara.press(card, "End with 1")
    assert "Nobody is told" in ended.text
    assert lena.mention not in (await mara.press(await part(mara, post), "A partner")).text
    assert mara.mention not in (await lena.press(await part(lena, post), "A partner")).text
    async with hearth.app.database.reading() as session:
        states = {row.state for row in await session.scalars(select(GoalPartner))}
    assert states == {"asked", "no"}


async def test_before_it_begins_and_after_it_is_over(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Coming in early is fine; checking in is not; afterwards only one's own part can be read."""
    post = await begun(hearth, lena, when="tomorrow for 3 days")
    await all_in([mara], post)
    assert "begins <t:" in (await mara.press(post, "Check in")).text
    assert "It begins" in (await part(mara, post)).text
    await hearth.advance(5 * DAY)
    assert "**Walk every day** is over." in (await mara.press(post, "Check in")).text
    assert "**Walk every day** is over." in (await lena.press(post, "I'm in")).text
    card = await part(mara, post)
    assert card.buttons == ["How we're doing"]
    assert "You took part, and that is worth something." in card.text


async def test_together_and_visitors(hearth: Running, lena: Person, mara: Person) -> None:
    """‹Together› tells who lives there; a visitor may see the room, and takes no part."""
    shown = await mara.press(await mara.command("home"), "Together")
    assert "Walk" not in shown.text
    post = await begun(hearth, lena)
    shown = await mara.press(await mara.command("home"), "Together")
    assert "You could join in." in shown.text
    await mara.press(await mara.press(shown, "Challenge"), "I'm in")
    shown = await mara.press(await mara.command("home"), "Together")
    assert "day 1 of 4. You're in." in shown.text
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    await hearth.settle()
    for button in ("I'm in", "Check in", "My part"):
        assert "for those who live in the group" in (await vera.press(post, button)).text
    assert "How a challenge works" in (await vera.press(post, "How it works")).text


async def test_numbers_need_company(hearth: Running, lena: Person, mara: Person) -> None:
    """Below five people nobody reads any, not even those who look after the group."""
    post = await begun(hearth, lena)
    await all_in([lena, mara], post)
    await mara.press(post, "Check in")
    doing = await mara.press(await part(mara, post), "How we're doing")
    assert "once five people take part" in doing.text
    await hearth.advance(2 * DAY)
    assert last(hearth).content.startswith("🎯 Half-time of **Walk every day**: day 3 of 4.\nWhat")
    assert not last(hearth).attachments
    await hearth.advance(2 * DAY)
    assert "Thank you for going along." in last(hearth).content
    assert not any(char.isdigit() for char in last(hearth).content.split("\n")[1])


async def test_a_seat_that_is_only_kept_cannot_press(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Until they are back; then their part is there as it was."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    await mara.press(post, "Check in")
    left = await mara.command("leave")
    await mara.press(left, left.buttons[0])
    await hearth.settle()
    async with hearth.app.database.reading() as session:
        home = await session.get(Membership, (hearth.server.id, mara.id))
        assert home is not None
        assert home.state != "here"
        assert await session.scalar(select(GoalMark.user_id)) == mara.id


async def test_on_its_last_day_nobody_comes_in_any_more(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Nothing would be asked of them; and the morning after notes the day before, and says so."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    await hearth.advance(3 * DAY)
    late = await lena.press(post, "I'm in")
    assert "**Walk every day** has come to its last day" in late.text
    assert "You're not in it." in (await part(lena, post)).text
    morning = hearth.app.clock.now().replace(hour=5, minute=0) + DAY
    await hearth.advance(morning)
    assert "✅ Noted for yesterday, 1 so far." in (await mara.press(post, "Check in")).text
    assert "noted already" in (await mara.press(post, "Check in")).text


async def test_one_that_asks_once_can_be_come_into_to_the_end(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Any day completes it, and nobody reads of days that count or do not."""
    post = await begun(hearth, lena, often="once")
    await hearth.advance(3 * DAY)
    done = await mara.press(post, "I'm in")
    assert "One check-in completes it, on any day until <t:1772755199:D>." in done.text
    await mara.press(post, "Check in")
    await hearth.advance(DAY)
    assert "You kept it up to the end." in (await part(mara, post)).text


async def test_nothing_is_asked_of_anybody_once_it_was_ended(
    hearth: Running, lena: Person, mara: Person
) -> None:
    """Ended early, one's card says nothing of what may still be missed."""
    post = await begun(hearth, lena)
    await all_in([mara], post)
    await lena.press(await lena.press(await desk(lena), "End it"), "Yes, end it")
    card = await part(mara, post)
    assert "You took part, and that is worth something." in card.text
    assert "grace" not in card.text
