"""A facilitator who stops today, a group that is asked, an offer that others confirm."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Facilitator, Group, GroupType, Server
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def riverside(hearth: Running) -> Person:
    """Found Riverside, which Lena looks after; the owners' and facilitators' rooms are set up."""
    facilitators_room = await hearth.owner.create_channel("desk")
    await set_up(
        hearth, owners_room=channel(hearth, "welcome"), facilitators_room=facilitators_room
    )
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return lena


async def stops(hearth: Running, person: Person) -> Answer:
    """Let somebody stop looking after their group today."""
    sure = await person.press(await desk_page(person, "People"), "Step down")
    answer = await person.press(sure, "Step down today")
    await hearth.settle()
    return answer


def newest(hearth: Running, room: str, having: str) -> Message:
    """Return the newest message of a room that holds these words."""
    found = [m for m in channel(hearth, room).history if having in m.content]
    assert found, [m.content for m in channel(hearth, room).history]
    return found[-1]


async def offices(hearth: Running) -> list[tuple[int, str]]:
    """Return who looks after a group, or would."""
    async with hearth.app.client.database.reading() as session:
        rows = await session.execute(select(Facilitator.user_id, Facilitator.state))
        return sorted((user, state) for user, state in rows)


ROOM = "🌊-riverside"


@pytest.mark.founded(by=riverside)
async def test_stopping_today_then_the_group_is_asked(hearth: Running) -> None:
    """No successor is needed; a card asks everyone, and only the one who presses reads on."""
    lena = hearth.founded
    kim, jo = await at_home(hearth, "Kim"), await at_home(hearth, "Jo")
    assert "thank you for what you gave **Riverside**" in (await stops(hearth, lena)).text
    card = newest(hearth, ROOM, "Nobody looks after **Riverside** right now")
    assert not card.mentions
    means = await kim.press(card, "I would")
    assert "no powers over anyone" in means.text
    assert await offices(hearth) == []
    thanks = await kim.press(means, "Yes, I would")
    assert "nobody else is told" in thanks.text
    await hearth.settle()
    assert await offices(hearth) == [(kim.id, "offered")]
    line = newest(hearth, "welcome", "Somebody would look after a group.")
    assert "Kim" not in line.content
    assert "Riverside" not in line.content
    refused = await jo.press(line, "Open")
    assert "for the facilitators of Riverside" in refused.text
    asked = await hearth.owner.press(line, "Open")
    assert f"{kim.mention} would look after **Riverside**" in asked.text
    done = await hearth.owner.press(asked, "Yes, gladly")
    assert "looks after **Riverside** now" in done.text
    await hearth.settle()
    told = newest(hearth, ROOM, "said yes to looking after")
    assert kim.mention in told.content
    assert await offices(hearth) == [(kim.id, "active")]
    assert "Riverside" in (await kim.command("desk")).text
    assert "say yes" not in (await kim.press(card, "I would")).text
    assert "Nobody waits for an answer" in (await hearth.owner.press(line, "Open")).text


@pytest.mark.founded(by=riverside)
async def test_an_offer_leaves_no_trace_when_nothing_comes_of_it(hearth: Running) -> None:
    """Taken back by who made it, or passed over: nobody reads of it anywhere."""
    lena = hearth.founded
    kim, jo = await at_home(hearth, "Kim"), await at_home(hearth, "Jo")
    await stops(hearth, lena)
    card = newest(hearth, ROOM, "Nobody looks after")
    await kim.press(await kim.press(card, "I would"), "Rather not")
    assert await offices(hearth) == []
    await kim.press(await kim.press(card, "I would"), "Yes, I would")
    await jo.press(await jo.press(card, "I would"), "Yes, I would")
    await hearth.settle()
    again = await kim.press(card, "I would")
    assert "You have said that you would" in again.text
    line = newest(hearth, "welcome", "Somebody would look after a group.")
    before = len(list(channel(hearth, ROOM).history))
    asked = await hearth.owner.press(line, "Open")
    assert "1 more person would, too" in asked.text
    assert "Nobody is told" in (await kim.press(again, "Rather not")).text
    gone = await hearth.owner.press(asked, "Yes, gladly")
    assert "has taken that back meanwhile" in gone.text
    asked = await hearth.owner.press(line, "Open")
    assert jo.mention in asked.text
    assert "Nobody is told" in (await hearth.owner.press(asked, "Not now")).text
    await hearth.settle()
    assert await offices(hearth) == []
    assert len(list(channel(hearth, ROOM).history)) == before


@pytest.mark.founded(by=riverside)
async def test_the_card_is_for_those_who_live_there(hearth: Running) -> None:
    """A visitor reads why not; who looks after it already reads where to stop."""
    lena = hearth.founded
    guest = await hearth.person("Vera")
    await guest.command("visit", group="Riverside")
    await hearth.settle()
    charter = await lena.press(await desk_page(lena, "Room"), "Charter")
    said = await lena.press(charter, "Ask the group for help")
    assert "A card in the room asks who would look after **Riverside**" in said.text
    await hearth.settle()
    card = newest(hearth, ROOM, "could use somebody else who helps")
    assert "for those who live in the group" in (await guest.press(card, "I would")).text
    assert "You said yes before" in (await lena.press(card, "I would")).text
    lately = await lena.press(charter, "Ask the group for help")
    assert "once in two weeks is enough" in lately.text


@pytest.mark.founded(by=riverside)
async def test_who_helps_confirms_an_offer(hearth: Running) -> None:
    """With somebody there already it is theirs to say yes, in the facilitators' room."""
    lena = hearth.founded
    kim = await at_home(hearth, "Kim")
    charter = await lena.press(await desk_page(lena, "Room"), "Charter")
    await lena.press(charter, "Ask the group for help")
    await hearth.settle()
    card = newest(hearth, ROOM, "could use somebody else")
    await kim.press(await kim.press(card, "I would"), "Yes, I would")
    await hearth.settle()
    line = newest(hearth, "desk", "somebody would help to look after a group")
    assert line.mentions == [lena.user]
    asked = await lena.press(line, "Open")
    await lena.press(asked, "Yes, gladly")
    assert await offices(hearth) == sorted([(lena.id, "active"), (kim.id, "active")])


@pytest.mark.founded(by=riverside)
async def test_two_who_thought_of_each_other_need_no_third(hearth: Running) -> None:
    """Asked by an owner and willing by oneself: the office begins, whoever came second."""
    lena = hearth.founded
    kim, jo = await at_home(hearth, "Kim"), await at_home(hearth, "Jo")
    await stops(hearth, lena)
    card = newest(hearth, ROOM, "Nobody looks after")
    await hearth.owner.command("hearth facilitator ask", group="Riverside", user=kim)
    both = await kim.press(await kim.press(card, "I would"), "Yes, I would")
    assert "it is settled: you look after **Riverside**" in both.text
    await jo.press(await jo.press(card, "I would"), "Yes, I would")
    listed = await hearth.owner.command("hearth facilitator list")
    assert f"{jo.mention} would look after it" in listed.text
    assert "Who would? Riverside" in listed.buttons
    await hearth.owner.command("hearth facilitator ask", group="Riverside", user=jo)
    assert await offices(hearth) == sorted([(kim.id, "active"), (jo.id, "active")])


async def test_one_person_with_too_much_is_told_and_so_is_who_asks(hearth: Running) -> None:
    """Three groups are enough for one; the fourth is not refused, it is said."""
    await set_up(hearth)
    owner = hearth.owner
    lena = await hearth.person("Lena")
    names = ("Riverside", "Millpond", "Orchard", "Quarry")
    for name in names:
        await group(hearth, name, emoji="🌊")
        asked = await owner.command("hearth facilitator ask", group=name, user=lena)
        assert ("which is a lot for one person" in asked.text) == (name == "Quarry")
        await hearth.settle()
        question = await lena.press(await lena.command("home"), "A question for you")
        taken = await lena.press(question, "Yes, gladly")
        assert ("It is a lot for one person" in taken.text) == (name == "Quarry")
    chosen = await lena.choose(await lena.command("desk"), "🌊 Quarry")
    assert "That makes 4 groups with 0 people" in chosen.text


async def test_an_office_ends_with_its_key(hearth: Running) -> None:
    """Who was barred from a group that they do not live in looks after it no more."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await group(hearth)
    lena = await hearth.person("Lena")
    await looked_after(hearth, lena)
    await hearth.settle()
    room = channel(hearth, ROOM)
    assert lena.sees(room)
    # Prolonged for as long as the office lasts, however long that is.
    await hearth.advance(timedelta(days=40))
    assert lena.sees(room)
    form = await hearth.owner.command("safety bar", user=lena, group="Riverside")
    await hearth.owner.fill(form)
    await hearth.advance(timedelta(hours=2))
    assert not lena.sees(room)
    assert await offices(hearth) == []


async def test_somebody_who_may_not_enter_cannot_be_asked(hearth: Running) -> None:
    """The owner reads so; the person reads nothing."""
    await set_up(hearth)
    await group(hearth)
    lena = await hearth.person("Lena")
    form = await hearth.owner.command("safety bar", user=lena, group="Riverside")
    await hearth.owner.fill(form)
    refused = await hearth.owner.command("hearth facilitator ask", group="Riverside", user=lena)
    assert "can't be let into **Riverside**" in refused.text
    assert await offices(hearth) == []


@pytest.mark.founded(by=riverside)
async def test_somebody_who_is_gone_for_long(hearth: Running) -> None:
    """Who helps is asked first; their word, or a week without it, brings it to the owners."""
    lena = hearth.founded
    omar = await at_home(hearth, "Omar")
    await looked_after(hearth, omar)
    await lena.command("away", until="in 6 weeks")
    await hearth.advance(timedelta(hours=2))
    line = newest(hearth, "desk", "there is a question about a group that you look after")
    assert line.mentions == [omar.user]
    assert "Lena" not in line.content
    asked = await omar.press(line, "Open")
    assert f"{lena.mention} looks after **Riverside** and is away for three weeks" in asked.text
    assert "End their office" not in asked.buttons
    assert "owners find the question" in (await omar.press(asked, "Let the owners decide")).text
    await hearth.settle()
    owners = newest(hearth, "welcome", "There is a question about who looks after a group.")
    refused = await (await hearth.person("Kim")).press(owners, "Open")
    assert "for the facilitators of Riverside" in refused.text
    card = await hearth.owner.press(owners, "Open")
    assert "End their office" in card.buttons
    ended = await hearth.owner.press(card, "End their office")
    assert "others look after the group" in ended.text
    assert await offices(hearth) == [(omar.id, "active")]
    assert "is back, or looks after it no more" in (await hearth.owner.press(owners, "Open")).text


async def test_who_uses_the_desk_in_the_commons_is_there(hearth: Running) -> None:
    """Nobody asks about somebody who calls /desk; a private word alone is no sign of life."""
    owners_room = await hearth.owner.create_channel("helm")
    await set_up(hearth, owners_room=owners_room)
    await group(hearth)
    lena = await hearth.person("Lena")
    await looked_after(hearth, lena)

    def asked() -> int:
        return sum("There is a question" in m.content for m in owners_room.history)

    for _ in range(7):
        await lena.command("desk")
        await hearth.advance(timedelta(days=4))
    assert asked() == 0
    for _ in range(6):
        await lena.command("concern", to="moderators")
        await hearth.advance(timedelta(days=4))
    assert asked() == 1


@pytest.mark.founded(by=riverside)
async def test_fine_as_it_is_is_the_last_word(hearth: Running) -> None:
    """Nobody is asked twice about one absence; coming back ends the matter."""
    lena = hearth.founded
    await lena.command("away", until="in 6 weeks")
    await hearth.advance(timedelta(hours=2))
    owners = newest(hearth, "welcome", "There is a question about who looks after a group.")
    card = await hearth.owner.press(owners, "Open")
    assert "Nobody else looks after it right now." in card.text
    assert "I'll ask again only if" in (await hearth.owner.press(card, "It's fine as it is")).text
    said = len(list(channel(hearth, "welcome").history))
    await hearth.advance(timedelta(days=10))
    assert len(list(channel(hearth, "welcome").history)) == said
    await lena.command("away", until="I'm back")
    await hearth.advance(timedelta(hours=2))
    async with hearth.app.client.database.reading() as session:
        assert (await session.scalars(select(Facilitator))).one().absence_asked_of is None
    back = await hearth.owner.press(owners, "Open")
    assert "is back, or looks after it no more" in back.text


@pytest.mark.founded(by=riverside)
async def test_an_unlisted_group_is_named_in_its_room_only(hearth: Running) -> None:
    """The owners' lines about it carry no name; its own card does."""
    lena = hearth.founded
    async with hearth.app.client.database.writing() as session:
        found = (await session.scalars(select(Group))).one()
        (await session.get_one(GroupType, found.type_id)).listed = False
        (await session.get_one(Server, hearth.server.id)).owners_room_id = channel(
            hearth, "welcome"
        ).id
    kim = await at_home_by_invitation(hearth, lena)
    await stops(hearth, lena)
    card = newest(hearth, ROOM, "Nobody looks after **Riverside**")
    await kim.press(await kim.press(card, "I would"), "Yes, I would")
    await hearth.settle()
    assert "Riverside" not in "".join(m.content for m in channel(hearth, "welcome").history)


async def at_home_by_invitation(hearth: Running, lena: Person) -> Person:
    """Let somebody move into a group that they do not know of, invited from its desk."""
    kim = await hearth.person("Kim")
    form = await lena.press(await desk_page(lena, "People"), "Invite")
    await lena.fill(form, who=kim.mention)
    await hearth.settle()
    line = next(m for m in channel(hearth, "general").history if kim.mention in m.content)
    invitation = await kim.press(line, "Open")
    await kim.press(invitation, "Move in")
    await hearth.settle()
    return kim
