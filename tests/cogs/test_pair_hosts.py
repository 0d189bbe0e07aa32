"""Pairs on the desk: begun, changed, paused by themselves, hosted anew, shared, ended."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from models import Group, GroupRest, Lineage, Pairing, PairRound, PairSeat, Server
from sandbox.people import Person
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after
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


@pytest.fixture
async def omar(hearth: Running, lena: Person) -> Person:  # noqa: ARG001 - Riverside comes first
    """Millpond, which came out of Riverside, looked after by Omar who lives there."""
    await group(hearth, "Millpond", emoji="🌾")
    omar = await at_home(hearth, "Omar", "Millpond")
    await looked_after(hearth, omar, "Millpond")
    async with hearth.app.database.writing() as session:
        ids = {row.name: row.id for row in await session.scalars(select(Group))}
        session.add(
            Lineage(
                child_id=ids["Millpond"],
                parent_id=ids["Riverside"],
                at=datetime(2026, 3, 2, 12, tzinfo=UTC),
            )
        )
    return omar


def last(hearth: Running, name: str = ROOM) -> str:
    """Return what the newest message of a room says."""
    return list(channel(hearth, name).history)[-1].content


async def pairing(hearth: Running) -> Pairing:
    """Return the one pairing."""
    async with hearth.app.database.reading() as session:
        return (await session.scalars(select(Pairing))).one()


async def test_another_time_before_and_after_the_start(hearth: Running, lena: Person) -> None:
    """As rituals are written; cron is not for pairs; what is typed wrong is told."""
    preview = await lena.choose(await desk(lena), "Every two weeks")
    assert "<t:1773050400:F>; after that <t:1774260000:F>" in preview.text  # 9 and 23 March
    preview = await lena.choose(await desk(lena), "Once a month")
    form = await lena.press(preview, "Another time")
    assert "monthly first monday 10:00" in str(form.modal)
    wrong = await lena.fill(form, when="cron 0 10 * * *")
    assert "Pairs need a plain rhythm" in wrong.text
    wrong = await lena.fill(await lena.press(preview, "Another time"), when="some day")
    assert "some" in wrong.text
    assert "cron" not in wrong.text
    card = await lena.fill(
        await lena.press(preview, "Another time"), when="fortnightly friday 18:30 Lisbon"
    )
    assert "Pairs begin <t:1772821800:F>" in card.text  # Friday 6 March, 18:30 in Lisbon
    await hearth.settle()
    assert "every two weeks" in last(hearth)
    card = await lena.fill(await lena.press(card, "Another time"), when="weekly tuesday 9:00")
    assert "Changed. The next round is <t:1772528400:F>" in card.text
    card = await lena.press(card, "Pause")
    assert "They rest." in card.text
    card = await lena.fill(await lena.press(card, "Another time"), when="weekly monday 9:00")
    assert "Pairs rest still" in card.text
    card = await lena.press(card, "Go on")
    assert "The next round is <t:1773046800:F>" in card.text


async def test_the_first_rounds_are_on_no_day_of_rest(hearth: Running, lena: Person) -> None:
    """What is shown before the start is what comes: a Monday on which the group rests is none."""
    async with hearth.app.client.database.writing() as session:
        (group_id,) = await session.scalars(select(Group.id))
        session.add(
            GroupRest(
                server_id=lena.server.id,
                group_id=group_id,
                first="2026-03-08",
                last="2026-03-10",
                why="holidays",
            )
        )
    preview = await lena.choose(await desk(lena), "Once a week")
    assert "<t:1773655200:F>; after that <t:1774260000:F>" in preview.text  # 16 and 23 March
    card = await lena.press(preview, "Start pairs")
    assert "<t:1773655200:F>" in card.text


async def test_who_may_begin(hearth: Running, lena: Person) -> None:
    """Whoever looks after the group and lives there or is its facilitator; once; while it lives."""
    first = await desk(lena)
    second = await lena.choose(await desk(lena), "Once a week")
    others = await hearth.owner.choose(await desk(hearth.owner, "Riverside"), "Once a week")
    refused = await hearth.owner.press(others, "Start pairs")
    assert "Who hosts pairs lives in the group or looks after it" in refused.text
    closed = await hearth.owner.command("safety lock", group="Riverside")
    locked = await lena.choose(first, "Once a week")
    assert "The room is locked at the moment" in locked.text
    await hearth.owner.press(closed, "Unlock")
    await begun(hearth, lena)
    again = await lena.press(second, "Start pairs")
    assert "Your group has pairs already" in again.text
    mara = await at_home(hearth, "Mara")
    assert "facilitators" in (await mara.command("desk", group="Riverside")).text.lower()


async def test_hardly_anybody_twice_and_pairs_rest(hearth: Running, lena: Person) -> None:
    """Its host is asked in the facilitators' room, once, without the group's name."""
    post = await begun(hearth, lena)
    await lena.press(post, "I'd like that")
    await hearth.advance(WEEK)
    await hearth.advance(WEEK)
    await hearth.advance(WEEK)
    asked = list(channel(hearth, "welcome").history)[-1]
    assert asked.content == f"{lena.mention} ☕ a question about pairs in your group waits."
    assert threads(hearth) == []
    card = await lena.press(asked, "Open")
    assert "hardly anybody took part twice in a row" in card.text
    assert "hardly anybody took part" in (await lena.command("desk")).text
    said = len([m for m in channel(hearth, "welcome").history if "☕" in m.content])
    await hearth.advance(4 * WEEK)
    assert len([m for m in channel(hearth, "welcome").history if "☕" in m.content]) == said == 1
    card = await lena.press(await desk(lena), "Go on")
    assert "The next round is" in card.text
    assert "Pairs rest" in (await lena.press(asked, "Open")).text or "The next round" in card.text
    stranger = await at_home(hearth, "Ben")
    with pytest.raises(PermissionError):
        await stranger.press(card, "Pause")


async def test_nobody_met_twice_and_pairs_rest(hearth: Running, lena: Person) -> None:
    """Threads were made, nobody pressed or wrote: who missed twice rests, and so do pairs."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara")
    for _ in range(3):
        await hearth.advance(WEEK)
    assert (await pairing(hearth)).why == "thin"
    assert len(threads(hearth)) == 2
    assert all(thread.archived for thread in threads(hearth))
    card = await mine(people[1])
    assert "**Pairs** rest just now" in card.text
    back = await people[1].press(card, "I'm back")
    assert "Good to have you back. Pairs rest just now." in back.text
    ben = await at_home(hearth, "Ben")
    joined = await ben.press(post, "I'd like that")
    assert "You're in. Pairs rest just now" in joined.text
    assert "You're in already. Pairs rest" in (await ben.press(post, "I'd like that")).text


async def test_a_host_who_left(hearth: Running, lena: Person) -> None:
    """Nobody hosts: pairs rest before the next round, and those who look after it are asked."""
    jo = await at_home(hearth, "Jo")
    await looked_after(hearth, jo)
    post = await begun(hearth, lena)
    await taking_part(hearth, post, jo, "Mara")
    await lena.leave()
    await hearth.advance(WEEK)
    assert threads(hearth) == []
    said = channel(hearth, "welcome").history
    (asked,) = [m for m in said if "a question about pairs" in m.content]
    card = await jo.press(asked, "Open")
    assert "whoever hosted it is not here any more" in card.text
    card = await jo.press(card, "I'll host it")
    assert f"{jo.mention} hosts it." in card.text
    await hearth.advance(WEEK)
    assert len(threads(hearth)) == 1


async def test_pairs_end(hearth: Running, lena: Person) -> None:
    """Asked once; threads close, wishes go, who met whom is known when they begin again."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara", "Jo", "Kim")
    await hearth.advance(WEEK)
    before = {frozenset(pairs_of(thread)) for thread in threads(hearth)}
    sure = await lena.press(await desk(lena), "End pairs")
    assert "End pairs here?" in sure.text
    done = await lena.press(sure, "Yes, end pairs")
    assert "Pairs have ended" in done.text
    await hearth.settle()
    assert all(thread.archived and thread.locked for thread in threads(hearth))
    assert "There are no pairs here any more" in (await lena.press(post, "I'd like that")).text
    for _ in range(2):
        again = await begun(hearth, lena)
        for person in people:
            await person.press(again, "I'd like that")
        await hearth.advance(WEEK)
        made = {frozenset(pairs_of(one)) for one in threads(hearth) if not one.archived}
        assert not made & before
        before |= made
        await lena.press(await lena.press(await desk(lena), "End pairs"), "Yes, end pairs")


async def test_siblings_say_yes(hearth: Running, lena: Person, omar: Person) -> None:
    """Asked at one desk, agreed at the other; people of both meet in the commons' threads."""
    post = await begun(hearth, lena)
    people = await taking_part(hearth, post, lena, "Mara")
    assert "no pairs" not in (await omar.command("home")).text
    card = await lena.press(await desk(lena), "Also with Millpond")
    assert "Those who look after Millpond find the question on their desk" in card.text
    front = await omar.command("desk")
    assert "Riverside would like to have pairs together with your group" in front.text
    card = await omar.press(await omar.press(front, "Pairs"), "Yes, gladly")
    assert "Agreed: from the next round on" in card.text
    assert "Your group takes part in the pairs of Riverside" in card.text
    await hearth.settle()
    there = list(channel(hearth, "🌾-millpond").history)[-1]
    assert "people of Riverside take part, too" in there.content
    assert "people of Millpond take part, too" in last(hearth)
    ida = await at_home(hearth, "Ida", "Millpond")
    for person in (omar, ida):
        assert "You're in!" in (await person.press(there, "I'd like that")).text
    await hearth.advance(WEEK)
    made = threads(hearth)
    assert len(made) == 2
    ours = {person.id for person in people}
    for thread in made:
        assert thread.parent_id == channel(hearth, "general").id
        assert len(ours & set(pairs_of(thread))) == 1
        assert "Riverside" not in opening(thread).content
    assert "This time it's you and" in (await mine(ida)).text
    card = await omar.press(await desk(omar), "Only our own again")
    assert "it's your own people only" in card.text
    await hearth.advance(timedelta(minutes=2))
    assert all("can't go on here" in list(one.history)[-1].content for one in made)
    await hearth.advance(WEEK)
    assert [sorted(pairs_of(one)) for one in threads(hearth)[2:]] == [sorted(ours)]


async def test_siblings_say_no(hearth: Running, lena: Person, omar: Person) -> None:
    """Nothing changes; a question that is answered is answered; one sibling at a time."""
    await begun(hearth, lena)
    asked = await lena.press(await desk(lena), "Also with Millpond")
    first, second = [await desk(omar) for _ in range(2)]
    done = await omar.press(first, "Not for us")
    assert "nothing changes" in done.text
    assert "That question is answered already" in (await omar.press(second, "Yes, gladly")).text
    assert "Also with Millpond" in (await desk(lena)).buttons
    old = await lena.press(asked, "Only our own again")
    assert "only" in old.text
    before = await desk(lena)
    await lena.press(await desk(lena), "Also with Millpond")
    assert "One sibling at a time" in (await lena.press(before, "Also with Millpond")).text
    await lena.press(await desk(lena), "Only our own again")
    async with hearth.app.database.writing() as session:
        await session.execute(update(Server).values(commons_id=None))
    assert "this server has named none" in (await lena.press(before, "Also with Millpond")).text
    await lena.press(await desk(lena), "Pause")
    assert "Pairs don't run just now" in (await lena.press(before, "Also with Millpond")).text


async def test_a_locked_room_and_a_pause_wait(hearth: Running, lena: Person) -> None:
    """No round while nobody may write; what is late by more than a day is left out, not made up."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    closed = await hearth.owner.command("safety lock", group="Riverside")
    await hearth.advance(WEEK + timedelta(days=3))
    await hearth.owner.press(closed, "Unlock")
    await hearth.advance(timedelta(minutes=2))
    assert threads(hearth) == []
    await hearth.advance(timedelta(days=4))
    assert len(threads(hearth)) == 1
    async with hearth.app.database.reading() as session:
        assert len((await session.scalars(select(PairRound))).all()) == 1


async def test_a_group_that_ends(hearth: Running, lena: Person) -> None:
    """Pairs go with it; who met whom stays for its year."""
    post = await begun(hearth, lena)
    await taking_part(hearth, post, lena, "Mara")
    await hearth.advance(WEEK)
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(state="archived"))
    await hearth.advance(timedelta(minutes=2))
    async with hearth.app.database.reading() as session:
        assert (await session.scalars(select(Pairing))).all() == []
        assert len((await session.scalars(select(PairSeat))).all()) == 2
    assert all(thread.archived for thread in threads(hearth))
    page = await desk_page(lena, "Together")
    assert "Pairs" not in page.buttons
