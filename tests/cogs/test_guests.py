"""Guest evenings as people meet them: asked, agreed to, opened and closed by the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, group, looked_after, set_up
from tests.conftest import Running

HOUR = timedelta(hours=1)
EVENING = {"day": "tomorrow", "from": "19:00", "to": "10pm", "zone": ""}


class Street:
    """Riverside, where Lena and Kim live, and Millpond next door with Omar and Pia."""

    def __init__(self, hearth: Running) -> None:
        self.hearth = hearth
        self.people: dict[str, Person] = {}
        self.made: dict[str, Channel] = {}

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def room(self, name: str) -> Channel:
        """Return a group's room by the end of its name."""
        return next(
            c for c in self.hearth.server.channels.values() if c.name.endswith(name.casefold())
        )

    def said(self, room: str, text: str) -> list[Message]:
        """Return what Hearth has said in a room with `text` in it, the newest first."""
        return [m for m in reversed(list(self.room(room).history)) if text in m.content]

    async def asks(self, **fields: str) -> Answer:
        """Let Lena have Millpond asked over."""
        lena = self["Lena"]
        neighbours = await lena.press(await desk_page(lena, "Together", "Riverside"), "Neighbours")
        whom = await lena.press(neighbours, "Open our door for an evening")
        form = await lena.choose(whom, "🦆 Millpond")
        answer = await lena.fill(form, **{**EVENING, **fields})
        await self.hearth.settle()
        return answer

    async def agreed(self, **fields: str) -> Answer:
        """Let Omar say yes to it."""
        asked = await self.asks(**fields)
        assert "I've asked those who look after" in asked.text, asked.text
        card = await self["Omar"].press(await self.waits(), "An evening at 🌊 Riverside")
        answer = await self["Omar"].press(card, "Yes, we'd love to")
        await self.hearth.settle()
        return answer

    async def waits(self) -> Answer:
        """Return Omar's desk, on whose front the question stands."""
        return await self["Omar"].command("desk", group="Millpond")

    def opens_in(self) -> timedelta:
        """Return how long it is until tomorrow, 19:00."""
        return datetime(2026, 3, 3, 19, tzinfo=UTC) - self.hearth.sandbox.clock.now()


@pytest.fixture
async def street(hearth: Running) -> Street:
    """Two groups, each with somebody who looks after it."""
    desk = await hearth.owner.create_channel("desk")
    await set_up(hearth, facilitators_room=desk)
    street = Street(hearth)
    await group(hearth)
    await group(hearth, "Millpond", emoji="🦆", purpose="Slow evening runs around the pond.")
    for name, home in (
        ("Lena", "Riverside"),
        ("Kim", "Riverside"),
        ("Omar", "Millpond"),
        ("Pia", "Millpond"),
    ):
        street.people[name] = await at_home(hearth, name, home)
    await looked_after(hearth, street["Lena"], "Riverside")
    await looked_after(hearth, street["Omar"], "Millpond")
    await hearth.settle()
    return street


async def test_an_evening_from_the_question_to_the_last_guest(
    street: Street, hearth: Running
) -> None:
    """Asked at one desk, agreed to at the other, told in both rooms, open for three hours."""
    said = await street.agreed()
    assert "It's on" in said.text, said.text
    (here,), (there,) = street.said("riverside", "comes over"), street.said("millpond", "has us")
    assert "**Millpond** 🦆 comes over to us" in here.content
    assert f"<@{street['Lena'].id}> welcomes us there" in there.content
    room, pia = street.room("riverside"), street["Pia"]
    assert not pia.sees(room)
    await hearth.advance(street.opens_in() - timedelta(minutes=2))
    assert not pia.sees(room)
    await hearth.advance(timedelta(minutes=3))
    assert pia.sees(room)
    assert pia.can_send(room)
    assert f"<#{room.id}>" in street.said("millpond", "The door is open")[0].content
    assert not street["Kim"].sees(street.room("millpond"))
    await hearth.advance(3 * HOUR)
    assert not pia.sees(room)
    assert street["Kim"].sees(room)
