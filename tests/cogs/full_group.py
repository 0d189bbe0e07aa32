"""A full group in two circles of friends, about to split; founded through the commands."""

from datetime import timedelta

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.conftest import Running

CAP = 12


class Village:
    """A full group of twelve, in two circles of friends, and its rooms."""

    def __init__(
        self, hearth: Running, people: list[Person], desk: Channel, office: Channel
    ) -> None:
        self.hearth = hearth
        self.people = people
        self.lena = people[0]
        self.desk = desk
        self.office = office

    def room(self, name: str) -> Channel:
        """Return a room by the end of its name."""
        channels = self.hearth.server.channels.values()
        return next(c for c in channels if c.name.endswith(name.casefold().replace(" ", "-")))

    def found(self, channel: Channel, text: str) -> Message:
        """Return the newest message with `text` in it."""
        return next(m for m in reversed(list(channel.history)) if text in m.content)

    def members(self, room: Channel) -> set[str]:
        """Return the names of those who see a room."""
        return {person.name for person in self.people if person.sees(room)}

    async def also_looks_after(self, person: Person) -> None:
        """Have the owner ask somebody else to look after Riverside, who says yes."""
        owner = self.hearth.owner
        asked = await owner.command("hearth facilitator ask", group="Riverside", user=person)
        assert not asked.failed
        await self.hearth.settle()
        line = self.found(self.room("riverside"), person.mention)
        question = await person.press(line, "Open")
        assert not (await person.press(question, "Yes, gladly")).failed

    async def plan(self) -> Message:
        """Wait until the ties of the first day are in the plan; return its line."""
        await self.hearth.advance(timedelta(days=1, hours=1))
        return self.found(self.desk, "something about your group")

    async def preview(self) -> Answer:
        """Return the plan as Lena opens it."""
        return await self.lena.press(await self.plan(), "Open")

    async def told(self) -> Message:
        """Have Lena suggest it and the owner say yes; return the notice."""
        answer = await self.lena.press(await self.preview(), "Tell the members")
        assert "An owner has the last word now" in answer.text, answer.text
        await self.hearth.settle()
        question = self.found(self.office, "It could become two")
        answer = await self.hearth.owner.press(question, "Yes, tell the members")
        assert "The members are told" in answer.text, answer.text
        await self.hearth.settle()
        return self.found(self.room("riverside"), "We've grown too big")


async def full_group(hearth: Running, *, cap: int = CAP) -> Village:
    """Riverside is full; six write with each other, and six others do; Lena looks after it.

    With another `cap` it is not full: twelve live there.
    """
    owner = hearth.owner
    desk = await owner.create_channel("desk")
    office = await owner.create_channel("office")
    await owner.command(
        "hearth setup",
        commons=hearth.server.channel("general"),
        facilitators_room=desk,
        owners_room=office,
    )
    added = await owner.command(
        "hearth type add", name="Small", cap=cap, minimum=5, split_delay_days=5
    )
    assert "Small" in added.text, added.text
    made = await owner.command(
        "hearth group create",
        name="Riverside",
        type="Small",
        purpose="Evening runs around the lake.",
        emoji="🌊",
    )
    assert "is made" in made.text, made.text
    people = [await hearth.person(f"P{number}") for number in range(CAP)]
    for person in people:
        joined = await person.command("join", group="Riverside")
        assert not joined.failed
    village = Village(hearth, people, desk, office)
    asked = await owner.command("hearth facilitator ask", group="Riverside", user=people[0])
    assert not asked.failed
    await hearth.settle()
    question = await people[0].press(village.found(village.room("riverside"), "question"), "Open")
    await people[0].press(question, "Yes, gladly")
    room = village.room("riverside")
    for circle in (people[::2], people[1::2]):
        first = await circle[0].write(room, "Who runs tonight?")
        for person in circle[1:]:
            await person.write(room, "Me!", reply_to=first)
        await hearth.advance(timedelta(hours=2))
    return village
