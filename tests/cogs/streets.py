"""Two groups next door to each other, for what neighbours do."""

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, group, looked_after, set_up
from tests.conftest import Running


class Street:
    """Riverside, where Lena and Kim live, and Millpond next door with Omar and Pia."""

    def __init__(self, hearth: Running, office: Channel) -> None:
        self.hearth = hearth
        self.office = office
        self.people: dict[str, Person] = {}

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def room(self, name: str) -> Channel:
        """Return a group's room by the end of its name."""
        return next(
            c for c in self.hearth.server.channels.values() if c.name.endswith(name.casefold())
        )

    def said(self, room: str, text: str) -> list[Message]:
        """Return what stands in a room with `text` in it, the newest first."""
        return [m for m in reversed(list(self.room(room).history)) if text in m.content]

    async def desk(self, name: str, group_name: str) -> Answer:
        """Open somebody's desk."""
        return await self[name].command("desk", group=group_name)

    async def neighbours(self, name: str, group_name: str) -> Answer:
        """Open the card of a group's neighbours at somebody's desk."""
        page = await self[name].press(await self.desk(name, group_name), "Together")
        return await self[name].press(page, "Neighbours")


async def built(hearth: Running, **second: object) -> Street:
    """Found both groups, each with somebody who looks after it; `second`: what Millpond is."""
    office = await hearth.owner.create_channel("office")
    await set_up(hearth, facilitators_room=office)
    street = Street(hearth, office)
    await group(hearth)
    pond = {"emoji": "🦆", "purpose": "Slow evening runs around the pond.", **second}
    await group(hearth, "Millpond", **pond)
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
