"""How tests plan gatherings through the desk, and find what the room hears of them."""

from dataclasses import dataclass, field
from datetime import timedelta

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

WALK = {
    "what": "Lake walk\nBring boots.",
    "when": "friday 18:00",  # the clock of these tests shows a Monday noon, in UTC
    "where": "The pier",
    "long": "",
    "most": "",
}
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ROOM = "🌊-riverside"


@dataclass(slots=True)
class Town:
    """Riverside with Lena, who looks after it, and Kim, Jo and Mo, who live there."""

    hearth: Running
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    old: Message | None = None  # one of Hearth's that everybody sees

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    @property
    def room(self) -> Channel:
        """Riverside's room."""
        return channel(self.hearth, ROOM)

    async def heard(self) -> list[str]:
        """Return what the room has heard of gatherings so far, the oldest first."""
        await self.hearth.settle()
        return [message.content for message in self.posts()]

    def posts(self) -> list[Message]:
        """Return Hearth's messages about gatherings."""
        return [m for m in self.room.history if "gathering-" in str(m.components)]

    async def last(self) -> Message:
        """Return the newest of them."""
        await self.hearth.settle()
        return self.posts()[-1]

    async def form(self, who: str = "Lena") -> Answer:
        """Open the form for a new gathering, at the desk."""
        page = await desk_page(self[who], "Together")
        return await self[who].press(await self[who].press(page, "Gatherings"), "New gathering")

    async def draft(self, who: str = "Lena", **fields: str) -> Answer:
        """Plan a gathering at the desk."""
        return await self[who].fill(await self.form(who), **{**WALK, **fields})

    async def announced(self, repeat: str = "", **fields: str) -> Message:
        """Announce a gathering; return what stands in the room."""
        plan = await self.draft(**fields)
        if repeat:
            plan = await self["Lena"].choose(plan, repeat)
        done = await self["Lena"].press(plan, "Announce it")
        assert "Done: it stands in" in done.text, done.text
        return await self.last()

    async def presses(self, person: Person, custom_id: str) -> Answer:
        """Let somebody press a button that they were given at some time."""
        commons = channel(self.hearth, "general")
        if self.old is None:
            panel = await self.hearth.owner.command("hearth panel")
            assert not panel.failed
            await self.hearth.settle()
            self.old = next(m for m in reversed(list(commons.history)) if m.components)
        part = {"type": 2, "style": 2, "id": 2, "custom_id": custom_id, "label": "x"}
        self.old.components = [{"type": 1, "id": 1, "components": [part]}]
        return await person.press(self.old, custom_id=custom_id)

    async def plan(self, post: Message, who: str = "Lena") -> Answer:
        """Open a gathering's card from its post."""
        return await self[who].press(await self[who].press(post, "Details"), "Change it")

    async def says(self, who: str, post: Message, label: str = "I'm coming") -> Answer:
        """Let somebody answer below a post."""
        return await self[who].press(post, label)

    async def until_friday(self, *, before: timedelta) -> None:
        """Let the time come that is so long before Friday, 18:00 in UTC."""
        now = self.hearth.app.clock.now()
        friday = now + (DAY * ((4 - now.weekday()) % 7))
        at = friday.replace(hour=18, minute=0)
        await self.hearth.advance(at - before)


async def town_of(hearth: Running) -> Town:
    """Found Riverside."""
    await set_up(hearth)
    await group(hearth)
    town = Town(hearth)
    for name in ("Lena", "Kim", "Jo", "Mo"):
        town.people[name] = await at_home(hearth, name)
    await looked_after(hearth, town["Lena"])
    return town
