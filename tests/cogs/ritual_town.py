"""A village whose group, Riverside, has one weekly ritual: a question on Mondays at 18:00 UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from models import Base
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
WEEK = timedelta(days=7)
QUESTION = "Question of the week"
TOO = f"I'd host {QUESTION} too"
MINE = f"Hosting {QUESTION}"


@dataclass(frozen=True, slots=True)
class Village:
    """Lena looks after Riverside, Jo and Mara live there; `office` is the facilitators' room."""

    hearth: Running
    lena: Person
    jo: Person
    mara: Person
    room: Channel
    office: Channel

    async def begun(self) -> Answer:
        """Set the usual ritual up and start it, hosted by Lena; its card."""
        usual = await self.lena.press(await self.listed(), "Set up the usual rituals")
        return await self.lena.press(await self.lena.choose(usual, QUESTION), "Start")

    async def listed(self) -> Answer:
        """Open the group's rituals from Lena's desk."""
        return await self.lena.press(await self.lena.command("desk"), "Rituals")

    async def shown(self) -> Answer:
        """Open the ritual's card from Lena's desk."""
        return await self.lena.choose(await self.listed(), QUESTION)

    async def hosted_by_two(self) -> None:
        """Start the ritual, hosted by Lena, and let Jo host too."""
        await self.begun()
        await self.jo.press(await together(self.jo), TOO)

    def posts(self) -> list[Message]:
        """Return the ritual's posts in the room, oldest first."""
        return [m for m in self.room.history if m.content.startswith(f"**{QUESTION}**")]

    def hosts(self) -> list[str]:
        """Return whom each post names as its host; nothing where it names nobody."""
        found: list[str] = []
        for post in self.posts():
            named = [line for line in post.content.split("\n") if line.startswith("🪑")]
            found.append(named[0].removeprefix("🪑 Today's host: ") if named else "")
        return found

    def line_for(self, person: Person) -> Message:
        """Return the line in the room that says something waits for somebody."""
        found = [message for message in self.room.history if person.user in message.mentions]
        assert found[-1].content.endswith("a question is waiting for you.")
        return found[-1]

    async def rows(self, table: type[Base], *columns: str) -> list[tuple[Any, ...]]:
        """Return these columns of all rows, in order."""
        async with self.hearth.app.database.reading() as session:
            found = await session.execute(select(*(getattr(table, name) for name in columns)))
            return sorted(tuple(row) for row in found)


async def village(hearth: Running) -> Village:
    """Found the village."""
    office = channel(hearth, "welcome")
    await set_up(hearth, facilitators_room=office)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    jo, mara = await at_home(hearth, "Jo"), await at_home(hearth, "Mara")
    await hearth.settle()
    room = next(c for c in hearth.server.channels.values() if c.name.endswith("riverside"))
    return Village(hearth, lena, jo, mara, room, office)


async def together(person: Person) -> Answer:
    """Open the card of what somebody's home does together."""
    return await person.press(await person.command("home"), "Together")
