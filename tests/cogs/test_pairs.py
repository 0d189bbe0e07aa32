"""Pairs: who takes part, each round's threads, did you meet, rest, and who is left alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models import PairSeat, PairWish
from sandbox.people import Person
from sandbox.state import Thread
from tests.cogs.founding import at_home, channel
from tests.cogs.pairing import (
    ROOM,
    WEEK,
    begun,
    cared_for,
    desk,
    mine,
    opening,
    pairs_of,
    taking_part,
    threads,
)
from tests.conftest import Running

pytestmark = pytest.mark.founded(by=cared_for)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Riverside, looked after by Lena who lives there; facilitators have #welcome."""
    return hearth.founded


async def count(hearth: Running, table: type[Any]) -> int:
    """Return how many rows a table holds."""
    async with hearth.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def of(person: Person, every: Sequence[Thread]) -> Thread:
    """Return the thread that somebody is in."""
    return next(thread for thread in every if person.id in thread.members)


async def test_a_round_from_the_first_press_to_the_thread(hearth: Running, lena: Person) -> None:
    """The room hears of it; who pressed finds one other person, a question and four buttons."""
    post = await begun(hearth, lena)
    assert post.content.startswith(f"☕ {lena.mention} would like us to get to know each other")
    assert not post.mentions
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    stranger = await at_home(hearth, "Ben")
    assert "You're in already" in (await people[1].press(post, "I'd like that")).text
    how = await stranger.press(post, "How it works")
    assert "Whom moderators keep apart" in how.text
    assert "private thread" in how.text
    await hearth.advance(WEEK)
    made = threads(hearth)
    assert len(made) == 2
    assert sorted(user for thread in made for user in pairs_of(thread)) == sorted(
        person.id for person in people
    )
    first = opening(made[0])
    assert "this time it's the two of you" in first.content
    assert first.content.endswith("?")
    assert {user.id for user in first.mentions} == set(pairs_of(made[0]))
    assert not stranger.sees(made[0])
    card = await mine(lena)
    other = next(user for user in pairs_of(of(lena, made)) if user != lena.id)
    assert f"This time it's you and <@{other}>: <#{of(lena, made).id}>" in card.text
    assert "4 take part" not in (await desk(lena)).text, "a number is said from five on"


async def test_an_odd_number_makes_one_of_three(hearth: Running, lena: Person) -> None:
    """Nobody is left over."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim", "Ben")
    await hearth.advance(WEEK)
    made = threads(hearth)
    assert sorted(len(pairs_of(thread)) for thread in made) == [2, 3]
    three = next(thread for thread in made if len(pairs_of(thread)) == 3)
    assert "it's the three of you, so that nobody is left over" in opening(three).content
    assert "5 take part" in (await desk(lena)).text
    gone = next(person for person in people if person.id in pairs_of(three) and person != lena)
    await gone.press(await gone.command("leave"), "Leave Riverside")
    await hearth.advance(timedelta(minutes=2))
    said = list(three.history)[-1]
    assert "from here on it's the two of you; the third can't make it" in said.content
    assert gone.mention not in said.content


async def test_nobody_meets_again_while_there_is_somebody_new(
    hearth: Running, lena: Person
) -> None:
    """Four people have three rounds; each round the threads of the last one are closed."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    met: set[frozenset[int]] = set()
    for number in range(3):
        await hearth.advance(WEEK)
        made = [thread for thread in threads(hearth) if not thread.archived]
        assert len(made) == 2, number
        for thread in made:
            two = frozenset(pairs_of(thread))
            assert two not in met
            met.add(two)
            answer = await of_people(people, two)[0].press(opening(thread), "We met")
            assert "I count that this pair met, nothing else" in answer.text
    assert all(thread.locked for thread in threads(hearth) if thread.archived)
    assert len(met) == 6
    assert "3 of them met" not in (await desk(lena)).text


def of_people(people: Sequence[Person], ids: frozenset[int]) -> list[Person]:
    """Return the persons with these ids."""
    return [person for person in people if person.id in ids]


async def test_did_you_meet_is_asked_once_where_nobody_said(hearth: Running, lena: Person) -> None:
    """A day before the round ends, in the thread; what was pressed goes with the round."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    await hearth.advance(WEEK)
    said, silent = of(lena, threads(hearth)), None
    silent = next(thread for thread in threads(hearth) if thread is not said)
    await lena.press(opening(said), "Not this time")
    await hearth.advance(timedelta(days=6, hours=1))
    asked = [m for m in silent.history if "did you find a moment" in m.content]
    assert len(asked) == 1
    assert not [m for m in said.history if "did you find a moment" in m.content]
    one = of_people(people, frozenset(pairs_of(silent)))[0]
    assert "I count that this pair met" in (await one.press(asked[0], "We met")).text
    await hearth.advance(timedelta(days=1))
    assert silent.archived
    async with hearth.app.database.reading() as session:
        kept = await session.scalars(select(PairSeat.answer).where(PairSeat.answer.is_not(None)))
        assert kept.all() == []


async def test_another_question_comes_into_the_thread(hearth: Running, lena: Person) -> None:
    """Five in all, each another one; then they ask each other."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    await hearth.advance(WEEK)
    thread = of(lena, threads(hearth))
    for _ in range(4):
        done = await lena.press(opening(thread), "Another question")
        assert "on its way" in done.text
        await hearth.settle()
    enough = await lena.press(opening(thread), "Another question")
    assert "one of your own" in enough.text
    asked = [
        m.content.splitlines()[1] for m in thread.history if m.components and "\n" in m.content
    ]
    assert len(asked) == len(set(asked)) == 5


async def test_what_is_pressed_by_others(hearth: Running, lena: Person) -> None:
    """Somebody else's pair, a stranger's press, a pair of another time."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    ben = await at_home(hearth, "Ben")
    await hearth.advance(WEEK)
    first = opening(of(lena, threads(hearth)))
    await hearth.owner.add_to_thread(of(lena, threads(hearth)), ben)
    for label in ("We met", "Not this time", "Another question", "I need a break"):
        assert "That pair is somebody else's" in (await ben.press(first, label)).text
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    assert (
        "Pairs are for those who live in the group"
        in (await vera.press(post, "I'd like that")).text
    )


async def test_a_break_frees_the_other(hearth: Running, lena: Person) -> None:
    """Who is left hears that it can't go on and comes first; who rests comes back by a press."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara")
    await hearth.advance(WEEK)
    thread = of(lena, threads(hearth))
    done = await people[1].press(opening(thread), "I need a break")
    assert "I leave you out until you press" in done.text
    await hearth.advance(timedelta(minutes=1))
    said = list(thread.history)[-1].content
    assert said.startswith(f"{lena.mention}, it can't go on here this time. Nothing you did")
    assert people[1].mention not in said
    assert "That round is over" in (await lena.press(opening(thread), "We met")).text
    card = await mine(people[1])
    assert "You're on a break" in card.text
    await hearth.advance(WEEK)
    home = await lena.command("home")
    assert "had nobody for you, sorry" in home.text
    back = await people[1].press(await mine(people[1]), "I'm back")
    assert "Good to have you back" in back.text
    assert "All right." in (await lena.press(home, "All right")).text
    assert "had nobody for you" not in (await lena.command("home")).text


async def test_who_misses_twice_rests(hearth: Running, lena: Person) -> None:
    """Neither pressed nor wrote: told at /home, kindly; a word in the thread is as good."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    jo = people[2]
    for _ in range(2):
        await hearth.advance(WEEK)
        for thread in [one for one in threads(hearth) if not one.archived]:
            there = of_people(people, frozenset(pairs_of(thread)))
            if jo in there:
                other = next(person for person in there if person is not jo)
                await other.write(thread, "Hello Jo")
            else:
                await there[0].press(opening(thread), "We met")
        await hearth.settle()
    await hearth.advance(WEEK)
    home = await jo.command("home")
    assert "two rounds went by without a word, and that's all right" in home.text
    for person in people:
        if person is not jo:
            assert "without a word" not in (await person.command("home")).text
    (last,) = [one for one in threads(hearth) if not one.archived]
    assert sorted(pairs_of(last)) == sorted(one.id for one in people if one is not jo)
    done = await jo.press(home, "Leave it so")
    assert "All right." in done.text
    assert "without a word" not in (await jo.command("home")).text
    back = await jo.press(await mine(jo), "I'm back")
    assert "Good to have you back" in back.text


async def test_a_thread_that_somebody_deleted(hearth: Running, lena: Person) -> None:
    """None is opened in its place; whoever had no place to answer missed nothing."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    await hearth.advance(WEEK)
    lost, other = threads(hearth)
    await lena.press(opening(of(lena, [lost, other])), "We met")
    if lena.id in pairs_of(lost):
        lost, other = other, lost
    alone = of_people(people, frozenset(pairs_of(lost)))
    await hearth.owner.delete_thread(lost)
    await hearth.settle()
    for person in alone:
        card = await mine(person)
        assert "This time it's you and" in card.text
        assert str(lost.id) not in card.text
    await hearth.advance(timedelta(days=6, hours=1))
    await hearth.advance(timedelta(days=1))
    assert len([one for one in threads(hearth) if one.id > max(lost.id, other.id)]) == 2
    async with hearth.app.database.reading() as session:
        wishes = (await session.scalars(select(PairWish))).all()
        assert {wish.user_id for wish in wishes} >= {person.id for person in alone}
        assert {wish.misses for wish in wishes} == {0}


async def test_hours_are_told_and_taken_back(hearth: Running, lena: Person) -> None:
    """Parts of one's own day; a city that nobody knows is told with near misses."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    card = await lena.press(await mine(lena), "My hours")
    assert "on your own clock, that of **UTC** now" in card.text
    form = await lena.press(card, "Another city")
    wrong = await lena.fill(form, city="Lisbonn")
    assert "Lisbon" in wrong.text
    card = await lena.fill(await lena.press(card, "Another city"), city="Lisbon")
    assert "that of **Lisbon** now" in card.text
    card = await lena.choose(card, ["morning, 9 to 12", "evening, 18 to 22"])
    assert "Kept." in card.text
    async with hearth.app.database.reading() as session:
        wish = (await session.scalars(select(PairWish).where(PairWish.user_id == lena.id))).one()
        assert (wish.hours, wish.zone) == ("morning,evening", "Europe/Lisbon")
    card = await lena.press(card, "Back")
    assert "on the clock of Lisbon" in card.text
    card = await lena.choose(await lena.press(card, "My hours"), [])
    assert "Taken back" in card.text


async def test_not_any_more(hearth: Running, lena: Person) -> None:
    """One press ends it; nobody else hears of it, and one press is the way back."""
    post = await begun(hearth, lena)
    mara = (await taking_part(hearth, post, lena, "Mara"))[1]
    hours = await mara.press(await mine(mara), "My hours")
    card = await mara.press(await mine(mara), "Not any more")
    assert "You're out, and nobody is told" in card.text
    old = await mara.press(card, "I'd like that")
    assert "You're in!" in old.text
    await mara.press(old, "Not any more")
    refused = await mara.choose(hours, ["morning, 9 to 12"])
    assert "You don't take part in pairs just now" in refused.text
    await hearth.advance(WEEK)
    assert threads(hearth) == []
    assert await count(hearth, PairWish) == 1
    assert "had nobody for you" in (await lena.command("home")).text


async def test_whom_somebody_would_rather_not_meet(hearth: Running, lena: Person) -> None:
    """They are never paired, and nothing is said of it."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    _, mara, jo, _ = people
    card = await mara.press(await mara.command("home"), "Wishes")
    await mara.choose(card, [jo], custom_id="wishes-set:apart")
    for _ in range(4):
        await hearth.advance(WEEK)
        for thread in threads(hearth):
            assert set(pairs_of(thread)) != {mara.id, jo.id}
            if not thread.archived:
                await of_people(people, frozenset(pairs_of(thread)))[0].press(
                    opening(thread), "We met"
                )


async def test_a_thread_that_cannot_be_opened(
    hearth: Running, lena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they are named in the room, with the same buttons; an old one says that it is over."""
    monkeypatch.setattr("sandbox.acts.threads.MAX_ACTIVE", 0)
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    await hearth.advance(WEEK)
    assert threads(hearth) == []
    said = list(channel(hearth, ROOM).history)[-1]
    assert "it's the two of you" in said.content
    assert "I count that this pair met" in (await lena.press(said, "We met")).text
    await hearth.advance(WEEK)
    for label in ("We met", "Not this time", "Another question", "I need a break"):
        assert "That round is over" in (await lena.press(said, label)).text


async def test_named_in_the_room_where_the_group_likes_that(hearth: Running, lena: Person) -> None:
    """No threads; another question is for who asks."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    card = await lena.press(await desk(lena), "Name them in the room")
    assert "Each pair is named in the room" in card.text
    assert (
        "In this group a pair is named in the room" in (await lena.press(post, "How it works")).text
    )
    await hearth.advance(WEEK)
    assert threads(hearth) == []
    said = list(channel(hearth, ROOM).history)[-1]
    assert "it's the two of you" in said.content
    more = await lena.press(said, "Another question")
    assert more.ephemeral
    assert "Here is another one" in more.text
    assert "I count that this pair met" in (await lena.press(more, "We met")).text
    assert "This time it's you and" in (await mine(lena)).text


async def test_away_is_no_miss(hearth: Running, lena: Person) -> None:
    """Who is away is not paired, and is again when they are back."""
    post = await begun(hearth, lena)
    mara = (await taking_part(hearth, post, lena, "Mara", "Jo"))[1]
    await mara.press(await mara.command("away"), "A week")
    await hearth.advance(timedelta(days=6))
    await mara.press(await mara.command("away"), "Two weeks")
    await hearth.advance(timedelta(days=1))
    assert mara.id not in {user for thread in threads(hearth) for user in pairs_of(thread)}
