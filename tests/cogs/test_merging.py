"""Two groups become one: from the question to people at one table, as everybody meets it."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.conftest import Running

DAY = timedelta(days=1)


class Shore:
    """Millpond, where three live with Omar, and Riverside, where six live with Lena."""

    def __init__(self, hearth: Running, desk: Channel, office: Channel) -> None:
        self.hearth = hearth
        self.desk = desk
        self.office = office
        self.pond: list[Person] = []
        self.river: list[Person] = []

    @property
    def omar(self) -> Person:
        """Who looks after Millpond."""
        return self.pond[0]

    @property
    def lena(self) -> Person:
        """Who looks after Riverside."""
        return self.river[0]

    def room(self, name: str) -> Channel:
        """Return a room by the end of its name."""
        channels = self.hearth.server.channels.values()
        return next(c for c in channels if c.name.endswith(name.casefold().replace(" ", "-")))

    def found(self, channel: Channel, text: str) -> Message:
        """Return the newest message with `text` in it."""
        return next(m for m in reversed(list(channel.history)) if text in m.content)

    def waits_for(self, person: Person) -> Message:
        """Return the newest neutral line for somebody in the facilitators' room."""
        return self.found(self.desk, f"<@{person.id}>, something about your group")

    def with_role(self, name: str) -> set[str]:
        """Return the names of those who have a group's role."""
        people = [*self.pond, *self.river]
        return {p.name for p in people if any(name in role.name for role in p.roles)}

    async def small_card(self) -> Answer:
        """Wait until Millpond has been small for four weeks; return the card as Omar opens it."""
        await self.hearth.advance(DAY)
        await self.hearth.advance(28 * DAY)
        return await self.omar.press(self.waits_for(self.omar), "Open")

    async def asked(self) -> Answer:
        """Have Omar choose Riverside and ask."""
        others = await self.omar.press(await self.small_card(), "Move in with another group")
        both = await self.omar.choose(others, "🌊 Riverside")
        answer = await self.omar.press(both, "Ask them")
        await self.hearth.settle()
        return answer

    async def agreed(self) -> Answer:
        """Have Lena say yes; the members are told."""
        await self.asked()
        card = await self.lena.press(self.waits_for(self.lena), "Open")
        answer = await self.lena.press(card, "Yes, let's")
        assert "Both have said yes" in answer.text, answer.text
        await self.hearth.settle()
        return answer


async def found(hearth: Running) -> Shore:
    """Found two groups of a small type, each with a facilitator."""
    owner = hearth.owner
    desk = await owner.create_channel("desk")
    office = await owner.create_channel("office")
    await owner.command(
        "hearth setup",
        commons=hearth.server.channel("general"),
        facilitators_room=desk,
        owners_room=office,
    )
    await owner.command("hearth type add", name="Small", cap=20, minimum=5, split_delay_days=3)
    shore = Shore(hearth, desk, office)
    for name, emoji, people, count in (
        ("Millpond", "🦆", shore.pond, 3),
        ("Riverside", "🌊", shore.river, 6),
    ):
        made = await owner.command(
            "hearth group create",
            name=name,
            type="Small",
            purpose=f"Evening runs around {name}.",
            emoji=emoji,
        )
        assert "is made" in made.text, made.text
        for number in range(count):
            person = await hearth.person(f"{name}{number}")
            joined = await person.command("join", group=name)
            assert not joined.failed, joined.text
            people.append(person)
        await owner.command("hearth facilitator ask", group=name, user=people[0])
        await hearth.settle()
        question = await people[0].press(shore.found(shore.room(name), "question"), "Open")
        await people[0].press(question, "Yes, gladly")
    return shore


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def shore(hearth: Running) -> Shore:
    """Two groups of a small type, each with a facilitator."""
    assert isinstance(hearth.founded, Shore)
    return hearth.founded


async def test_a_small_group_moves_in_with_another(shore: Shore, hearth: Running) -> None:
    """One card after four weeks, a yes of each, three days' notice; then one table of nine."""
    asked = await shore.asked()
    assert "I've asked" in asked.text, asked.text
    card = await shore.lena.press(shore.waits_for(shore.lena), "Open")
    assert "Evening runs around Millpond." in card.text
    assert "Evening runs around Riverside." in card.text
    assert "Your word is missing" in card.text
    told = await shore.lena.press(card, "Yes, let's")
    assert "Both have said yes" in told.text, told.text
    await hearth.settle()
    pond, river = shore.room("millpond"), shore.room("riverside")
    assert "**Millpond** moves in with **Riverside**" in shore.found(pond, "🤝").content
    assert "**Millpond** moves in with us: 3 people" in shore.found(river, "🤝").content
    await hearth.advance(3 * DAY)
    assert shore.with_role("Riverside") == {p.name for p in (*shore.pond, *shore.river)}
    assert shore.with_role("Millpond") == set()
    assert (
        "**Millpond** has moved in with **Riverside**: 3 people" in shore.found(river, "🤝").content
    )
    assert f"<#{river.id}>" in shore.found(pond, "We live in").content
    for person in (shore.omar, shore.lena):
        assert person.sees(pond)
        assert not person.can_send(pond)
        assert person.can_send(river)
    desk = await shore.omar.command("desk", group="Riverside")
    assert "Riverside" in desk.text
    await hearth.advance(31 * DAY)
    assert not shore.omar.sees(pond)
    assert not shore.lena.sees(pond)


async def test_a_no_needs_no_reason(shore: Shore, hearth: Running) -> None:
    """Nobody moves; who asked reads that the others would rather not, and later presses say so."""
    await shore.asked()
    line = shore.waits_for(shore.lena)
    card = await shore.lena.press(line, "Open")
    said = await shore.lena.press(card, "Not for us")
    assert "nobody has to explain" in said.text
    await hearth.settle()
    desk = await desk_page(shore.omar, "Growth", group="Millpond")
    few = await shore.omar.press(desk, "Few of us?")
    assert "has been small for 4 weeks" in few.text
    told = await shore.omar.press(shore.waits_for(shore.omar), "Open")
    assert "would rather stay on its own" in told.text
    gone = await shore.lena.press(line, "Open")
    assert "no longer open" in gone.text
    assert shore.with_role("Millpond") == {person.name for person in shore.pond}


async def test_an_owner_brings_two_together(shore: Shore, hearth: Running) -> None:
    """They see both side by side; each facilitator still has the word, in their own time."""
    owner = hearth.owner
    card = await owner.command("hearth group merge", group="Riverside", other="millpond")
    assert "the 3 of **Millpond** would move in with **Riverside**" in card.text
    asked = await owner.press(card, "Ask both")
    assert "When both have said yes" in asked.text, asked.text
    await hearth.settle()
    again = await owner.command("hearth group merge", group="Millpond", other="Riverside")
    assert "Nothing moves until they say yes" in again.text
    first = await shore.omar.press(
        await shore.omar.press(shore.waits_for(shore.omar), "Open"), "Yes, let's"
    )
    assert "Now it waits for **Riverside**" in first.text
    twice = await shore.omar.press(
        await shore.omar.press(shore.waits_for(shore.omar), "Open"), "Take it back"
    )
    assert "stay as they are" in twice.text
    over = await shore.lena.press(shore.waits_for(shore.lena), "Open")
    assert "no longer open" in over.text


async def test_what_an_owner_reads_who_cannot(shore: Shore, hearth: Running) -> None:
    """A near miss, the same group twice, one that is full: each says what stands in the way."""
    owner = hearth.owner

    async def merge(group: str, other: str) -> str:
        return (await owner.command("hearth group merge", group=group, other=other)).text

    assert "Did you mean" in await merge("Milpond", "Riverside")
    assert "the same group twice" in await merge("Millpond", "Millpond")
    await owner.command("hearth group rest", group="Riverside")
    assert "have to be open" in await merge("Millpond", "Riverside")
    await owner.command("hearth group reopen", group="Riverside")
    await owner.command(
        "hearth type add", name="Quiet", cap=20, minimum=5, access="overwrites", listed=False
    )
    made = await owner.command(
        "hearth group create",
        name="Lanterns",
        type="Quiet",
        purpose="Lights in the evening, and talk.",
        emoji="🏮",
    )
    assert "is made" in made.text, made.text
    assert "would make that public" in await merge("Lanterns", "Riverside")
    with pytest.raises(PermissionError, match="not offered"):
        await shore.lena.command("hearth group merge", group="Lanterns", other="Riverside")


async def test_members_choose_until_the_day(shore: Shore, hearth: Running) -> None:
    """Along, without, along again; in the other group; as a guest; and too late."""
    await shore.agreed()
    notice = shore.found(shore.room("millpond"), "🤝")
    goes, other, stays = shore.pond[1], shore.pond[2], shore.river[1]
    mine = await goes.press(notice, "What changes for me?")
    assert "you move in with **Riverside**, together with everybody here" in mine.text
    rather = await goes.press(mine, "I'd rather…")
    assert {"Find a home", "All groups", "Move without me"} <= set(rather.buttons)
    without = await goes.press(rather, "Move without me")
    assert "you don't move along" in without.text
    along = await goes.press(without, "I'll come along after all")
    assert "you move along with everybody" in along.text
    await other.press(await other.press(notice, "I'd rather…"), "Move without me")
    kept_open = await goes.press(notice, "I'd rather…")
    theirs = await stays.press(shore.found(shore.room("riverside"), "🤝"), "I'd rather…")
    assert "your home stays as it is" in theirs.text
    assert "Move without me" not in theirs.buttons
    home = await stays.command("home")
    assert "**Millpond** moves in with **Riverside**" in home.text
    guest = await hearth.person("Vera")
    await guest.command("visit", group="Millpond")
    await hearth.settle()
    assert "nothing changes for you" in (await guest.press(notice, "What changes for me?")).text
    await hearth.advance(3 * DAY)
    assert goes.name in shore.with_role("Riverside")
    assert other.roles == []
    assert other.sees(shore.room("millpond"))
    assert not other.can_send(shore.room("millpond"))
    after = await goes.press(kept_open, "Move without me")
    assert "They have moved in together already" in after.text
    lives = await goes.press(notice, "What changes for me?")
    assert f"<#{shore.room('riverside').id}>" in lives.text


async def test_it_is_called_off_and_both_rooms_hear(shore: Shore, hearth: Running) -> None:
    """By a facilitator of either side; a member who saw the line cannot."""
    await shore.agreed()
    line = shore.waits_for(shore.lena)
    assert "facilitators of both groups" in (await shore.pond[1].press(line, "Open")).text
    off = await shore.lena.press(await shore.lena.press(line, "Open"), "Call it off")
    assert "It is off" in off.text
    await hearth.settle()
    for name, person in (("Millpond", shore.pond[1]), ("Riverside", shore.river[1])):
        said = shore.found(shore.room(name), "🤝")
        assert "The move is off" in said.content
        mine = await person.press(said, "What changes for me?")
        assert "Nothing changes for you" in mine.text
    await hearth.advance(4 * DAY)
    assert shore.with_role("Millpond") == {person.name for person in shore.pond}


async def test_a_small_group_asks_people_in(shore: Shore, hearth: Running) -> None:
    """Who waits for a seat elsewhere finds a neutral line, and comes by their own press."""
    owner = hearth.owner
    await owner.command("hearth type add", name="Tiny", cap=10, minimum=5)
    await owner.command(
        "hearth group create",
        name="Harbour",
        type="Tiny",
        purpose="Boats and the people on them.",
        emoji="⛵",
    )
    for number in range(10):
        person = await hearth.person(f"H{number}")
        joined = await person.command("join", group="Harbour")
        assert "Welcome home" in joined.text, joined.text
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Harbour")
    waits = await kim.press(full, next(label for label in full.buttons if "Wait" in label))
    assert not waits.failed, waits.text
    card = await shore.small_card()
    asked = await shore.omar.press(card, "Ask people in")
    assert "I've asked 1 person" in asked.text, asked.text
    assert "Kim" not in asked.text
    await hearth.settle()
    home = await kim.command("home")
    assert "Millpond" in home.text, home.text
    again = await shore.omar.press(await shore.omar.press(asked, "Back"), "Ask people in")
    assert "Right now nobody looks" in again.text


async def test_a_small_group_rests_or_stays_as_it_is(shore: Shore) -> None:
    """Both are fine; a rest is asked about once, and an owner ends it."""
    card = await shore.small_card()
    left = await shore.omar.press(card, "Leave it as it is")
    assert "stays just as it is" in left.text
    again = await shore.omar.press(left, "Look again")
    also = await shore.omar.press(
        await shore.omar.press(shore.waits_for(shore.omar), "Open"), "Let it rest"
    )
    sure = await shore.omar.press(again, "Let it rest")
    assert "nothing is deleted" in sure.text
    rests = await shore.omar.press(sure, "Yes, let it rest")
    assert "rests now" in rests.text
    twice = await shore.omar.press(also, "Yes, let it rest")
    assert "rests already" in twice.text
    others = await shore.lena.press(shore.waits_for(shore.omar), "Open")
    assert "for the facilitators of Millpond" in others.text
    reopened = await shore.hearth.owner.command("hearth group reopen", group="Millpond")
    assert not reopened.failed
