"""Two groups become one: from the question to people at one table, as everybody meets it."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
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
        for _ in range(29):
            await self.hearth.advance(DAY)
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


@pytest.fixture
async def shore(hearth: Running) -> Shore:
    """Two groups of a small type, each with a facilitator."""
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
    assert "**Millpond** has moved in with **Riverside**: 3 people" in shore.found(river, "🤝").content
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
