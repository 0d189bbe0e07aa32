"""A bud: somebody begins a new group with a few who say yes, and everybody is asked privately."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel
from tests.cogs.desks import desk_page
from tests.conftest import Running

DAY = timedelta(days=1)
ALONG = 6  # the fewest who go with a founder


class Garden:
    """Riverside, where fourteen live with Lena; Kim might begin a new group out of it."""

    def __init__(self, hearth: Running, people: list[Person]) -> None:
        self.hearth = hearth
        self.people = people

    @property
    def lena(self) -> Person:
        """Who looks after Riverside."""
        return self.people[0]

    @property
    def kim(self) -> Person:
        """Who might begin a new group."""
        return self.people[1]

    @property
    def friends(self) -> list[Person]:
        """Whom Kim would have along."""
        return self.people[2 : 2 + ALONG]

    def room(self, name: str) -> Channel:
        """Return a room by the end of its name."""
        channels = self.hearth.server.channels.values()
        return next(c for c in channels if c.name.endswith(name))

    def lives_in(self, name: str) -> set[str]:
        """Return the names of those who have a group's role."""
        return {p.name for p in self.people if any(name in role.name for role in p.roles)}

    async def line(self, person: Person) -> Answer:
        """Press the newest neutral line for somebody."""
        room = self.room("riverside")
        waits = f"<@{person.id}>, something waits for you"
        found = next(m for m in reversed(list(room.history)) if waits in m.content)
        return await person.press(found, "Look")

    async def asked(self) -> Answer:
        """Have Lena ask Kim; return the question as Kim opens it."""
        card = await self.lena.press(await desk_page(self.lena, "Growth"), "Grow a bud")
        answer = await self.lena.choose(card, self.kim)
        assert "finds a question" in answer.text, answer.text
        await self.hearth.settle()
        return await self.line(self.kim)

    async def named(self, name: str = "Millpond") -> Answer:
        """Have Kim say yes and give the new group a name; return the card."""
        form = await self.kim.press(await self.asked(), "Yes, I'd like to")
        return await self.kim.fill(
            form, name=name, emoji="🦆", purpose="Slow walks around the pond."
        )

    async def gathering(self) -> Answer:
        """Have Kim ask the friends along."""
        answer = await self.kim.choose(await self.named(), self.friends)
        await self.hearth.settle()
        return answer


async def found(hearth: Running) -> Garden:
    """A group of fourteen with a facilitator."""
    owner = hearth.owner
    desk = await owner.create_channel("desk")
    await owner.command(
        "hearth setup", commons=hearth.server.channel("general"), facilitators_room=desk
    )
    await owner.command("hearth type add", name="Small", cap=20, minimum=5)
    await owner.command(
        "hearth group create",
        name="Riverside",
        type="Small",
        purpose="Evening runs around the lake.",
        emoji="🌊",
    )
    people: list[Person] = []
    for number in range(14):
        person = await hearth.person(f"P{number}")
        joined = await person.command("join", group="Riverside")
        assert not joined.failed, joined.text
        people.append(person)
    garden = Garden(hearth, people)
    await owner.command("hearth facilitator ask", group="Riverside", user=people[0])
    await hearth.settle()
    room = garden.room("riverside")
    waits = next(m for m in reversed(list(room.history)) if "question" in m.content)
    await people[0].press(await people[0].press(waits, "Open"), "Yes, gladly")
    return garden


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def garden(hearth: Running) -> Garden:
    """A group of fourteen with a facilitator."""
    return hearth.founded


async def test_a_bud_begins_when_all_have_said_yes(garden: Garden, hearth: Running) -> None:
    """Seven people have a home of their own then, and the old room's door stays open to them."""
    question = await garden.asked()
    assert "would you begin a new group out of **Riverside**" in question.text
    assert "a no is fine" in question.text.casefold()
    form = await garden.kim.press(question, "Yes, I'd like to")
    card = await garden.kim.fill(
        form, name="Millpond", emoji="🦆", purpose="Slow walks around the pond."
    )
    assert "Pick 6 to 8 people" in card.text, card.text
    card = await garden.kim.choose(card, garden.friends)
    assert "6 people find a question." in card.text, card.text
    await hearth.settle()
    for number, friend in enumerate(garden.friends, 1):
        invitation = await garden.line(friend)
        assert f"<@{garden.kim.id}> begins a new group out of **Riverside**" in invitation.text
        assert "Slow walks around the pond." in invitation.text
        said = await friend.press(invitation, "I'm in")
        expected = "begins, with 7 of you" if number == ALONG else "nothing changes"
        assert expected in said.text, said.text
    await hearth.settle()
    went = {person.name for person in (garden.kim, *garden.friends)}
    assert garden.lives_in("Millpond") == went
    assert garden.lives_in("Riverside") == {p.name for p in garden.people} - went
    pond, river = garden.room("millpond"), garden.room("riverside")
    assert all(person.sees(river) for person in garden.people)
    assert not garden.lena.sees(pond)
    assert any("all 7 of you" in m.content for m in pond.history)
    told = next(m for m in reversed(list(river.history)) if "A bud" in m.content)
    assert f"<@{garden.kim.id}> and 6 others have begun **Millpond**" in told.content
    assert "your desk" in (await garden.kim.command("desk")).text
    log = await hearth.owner.command("hearth log")
    assert "began a new group out of **Riverside**" in log.text
    await hearth.advance(31 * DAY)
    assert not garden.kim.sees(river)


async def test_a_no_is_seen_by_nobody_and_enough_can_begin(garden: Garden, hearth: Running) -> None:
    """The founder reads how many said yes, and begins without who would rather stay."""
    card = await garden.kim.choose(await garden.named(), garden.people[2:9])
    await hearth.settle()
    stays, *others = garden.people[2:9]
    said = await stays.press(await garden.line(stays), "No, thank you")
    assert "nobody hears of it" in said.text
    early = await garden.kim.press(
        await garden.kim.press(await garden.kim.command("home"), "Look"), "Name and purpose"
    )
    assert early.modal is not None
    for friend in others[:-1]:
        await friend.press(await garden.line(friend), "I'm in")
    card = await garden.kim.press(await garden.kim.command("home"), "Look")
    assert "5 people have said yes" in card.text
    assert stays.name not in card.text
    last = await others[-1].press(await garden.line(others[-1]), "I'm in")
    assert "begins, with 7 of you" in last.text, last.text
    await hearth.settle()
    assert stays.name in garden.lives_in("Riverside")


async def test_who_said_yes_may_stay_after_all(garden: Garden, hearth: Running) -> None:
    """Until it begins; and with too few nothing begins, but the founder may ask others."""
    await garden.gathering()
    first, *others = garden.friends
    yes = await first.press(await garden.line(first), "I'm in")
    back = await first.press(yes, "I'd rather stay")
    assert "you stay where you are" in back.text
    for friend in others:
        await friend.press(await garden.line(friend), "I'm in")
    card = await garden.kim.press(await garden.kim.command("home"), "Look")
    assert "5 people have said yes so far" in card.text
    more = await garden.kim.choose(card, [garden.people[9], first])
    assert "1 person finds a question." in more.text, more.text
    await hearth.settle()
    said = await garden.people[9].press(await garden.line(garden.people[9]), "I'm in")
    assert "begins, with 7 of you" in said.text, said.text


async def test_a_week_without_enough_ends_it(garden: Garden, hearth: Running) -> None:
    """Who said yes reads it where only they do: the room learns nobody's answer."""
    await garden.gathering()
    friend = garden.friends[0]
    line = await garden.line(friend)
    await friend.press(line, "I'm in")
    await hearth.advance(8 * DAY)
    room = garden.room("riverside")
    assert not any("new group" in m.content or "yes" in m.content for m in room.history)
    told = await garden.line(friend)
    assert told.ephemeral
    assert "Nothing changes for you after all" in told.text
    gone = await garden.line(garden.friends[1])
    assert "not open any more" in gone.text
    assert garden.lives_in("Riverside") == {p.name for p in garden.people}


async def test_the_founders_no_leaves_no_trace(garden: Garden) -> None:
    """The desk offers a bud as if nothing had been."""
    declined = await garden.kim.press(await garden.asked(), "No, thank you")
    assert declined.text == "All right. Nobody hears of it."
    card = await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud")
    assert "Who might like to begin one?" in card.text


async def test_whoever_looks_after_the_group_begins_one(garden: Garden, hearth: Running) -> None:
    """Their old group stays in their care, with a key of its own."""
    card = await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud")
    question = await garden.lena.press(card, "I'd begin it myself")
    form = await garden.lena.press(question, "Yes, I'd like to")
    card = await garden.lena.fill(
        form, name="Millpond", emoji="", purpose="Slow walks around the pond."
    )
    await garden.lena.choose(card, garden.friends)
    await hearth.settle()
    for friend in garden.friends:
        await friend.press(await garden.line(friend), "I'm in")
    await hearth.settle()
    assert garden.lena.name in garden.lives_in("Millpond")
    await hearth.advance(40 * DAY)
    assert garden.lena.sees(garden.room("riverside"))
    desks = await garden.lena.command("desk")
    assert "Which desk?" in desks.text


async def test_what_stands_in_the_way_is_said(garden: Garden, hearth: Running) -> None:
    """Refusals: a second bud, a stranger, a name that is taken, nobody new, called off."""
    stranger = await hearth.person("Stranger")
    page = await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud")
    answer = await garden.lena.choose(page, stranger)
    assert "doesn't live in **Riverside**" in answer.text
    question = await garden.asked()
    again = await garden.lena.choose(page, garden.people[5])
    assert "Somebody begins a group out of **Riverside** already" in again.text
    status = await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud")
    assert f"<@{garden.kim.id}> was asked" in status.text
    form = await garden.kim.press(question, "Yes, I'd like to")
    refused = await garden.kim.fill(
        form, name="Riverside", emoji="🦆", purpose="Slow walks around the pond."
    )
    assert "is a group here already" in refused.text
    form = await garden.kim.press(refused, "Fix it")
    card = await garden.kim.fill(
        form, name="Millpond", emoji="🦆", purpose="Slow walks around the pond."
    )
    nobody = await garden.kim.choose(card, [stranger])
    assert "doesn't live here" in nobody.text or "don't live here" in nobody.text
    card = await garden.kim.press(await garden.kim.command("home"), "Look")
    off = await garden.lena.press(
        await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud"), "Call it off"
    )
    assert "It is off" in off.text
    late = await garden.kim.choose(card, garden.friends)
    assert "not open any more" in late.text


async def test_a_small_group_has_no_bud(garden: Garden, hearth: Running) -> None:
    """Where too few would stay, the desk says so."""
    for person in garden.people[-3:]:
        left = await person.command("leave", group="Riverside")
        await person.press(left, "Leave Riverside")
    await hearth.advance(3 * DAY)
    answer = await garden.lena.press(await desk_page(garden.lena, "Growth"), "Grow a bud")
    assert "too few for two groups" in answer.text


async def test_who_moved_away_is_asked_no_more(garden: Garden, hearth: Running) -> None:
    """Their yes goes with their home: /home and the founder's card count them no more."""
    card = await garden.gathering()
    friend = garden.friends[0]
    await friend.press(await garden.line(friend), "I'm in")
    left = await friend.command("leave", group="Riverside")
    await friend.press(left, "Leave Riverside")
    await hearth.advance(3 * DAY)
    assert "new group" not in (await friend.command("home")).text
    back = await friend.command("join", group="Riverside")
    assert not back.failed, back.text
    assert "new group" not in (await friend.command("home")).text
    card = await garden.kim.press(await garden.kim.command("home"), "Look")
    assert "0 people have said yes" in card.text, card.text
