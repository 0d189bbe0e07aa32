"""Towns in which hostile people live, and what they can be seen doing."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running
from tests.hostile.texts import Bystanders
from tests.hostile.watching import Watch


@dataclass(slots=True)
class Town:
    """A server, who lives there, an old message whose buttons can be anything, and who watches."""

    hearth: Running
    watch: Watch
    who: Bystanders
    people: dict[str, Person]
    old: Message
    count: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))
    kept: dict[str, Any] = field(default_factory=dict[str, Any])

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    async def press(self, name: str, custom_id: str, value: object = None) -> Answer:
        """Let somebody press a button, or choose in a menu, that was sent at some time."""
        part: dict[str, Any] = {
            "type": 2,
            "style": 2,
            "id": 2,
            "custom_id": custom_id,
            "label": "x",
        }
        if value is not None:
            part = {"type": 3, "id": 2, "custom_id": custom_id}
            part["options"] = [{"label": "x", "value": str(value)}]
        self.old.components = [{"type": 1, "id": 1, "components": [part]}]
        person = self.people[name]
        if value is None:
            return await person.press(self.old, custom_id=custom_id)
        return await person.choose(self.old, str(value), custom_id=custom_id)

    async def look(self, what: str, *answers: Awaitable[Answer]) -> None:
        """Read what somebody sees of it."""
        for one in answers:
            self.watch.saw(what, await one)


Founding = Callable[[Running], Awaitable[Town]]


async def bystanders(hearth: Running) -> Bystanders:
    """Return somebody, a role and a room that nothing here is about."""
    zoe = await hearth.person("Zoe")
    role = await hearth.owner.create_role("Bystanders", mentionable=True)
    room = await hearth.owner.create_channel("elsewhere")
    return Bystanders(zoe.id, role.id, room.id)


async def old_message(hearth: Running) -> Message:
    """Return a message of Hearth's in the commons that has buttons."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    return next(m for m in reversed(list(channel(hearth, "general").history)) if m.components)


async def town(hearth: Running, people: dict[str, Person], who: Bystanders) -> Town:
    """Return a town whose owner and people are these; it must be set up."""
    people = {"owner": hearth.owner, **people}
    return Town(hearth, Watch(hearth, who), who, people, await old_message(hearth))


async def riverside(hearth: Running) -> Town:
    """Riverside, which Lena looks after; Jo and Kim live there, Gus moderates; Hill is beside."""
    who = await bystanders(hearth)
    owner = hearth.owner
    rooms = {
        f"{name}_room": await owner.create_channel(name)
        for name in ("owners", "facilitators", "moderators")
    }
    await set_up(hearth, **rooms)
    await group(hearth)
    await group(hearth, "Hill", purpose="Walks up the hill and down again.", emoji="⛰️")
    people = {name: await at_home(hearth, name) for name in ("Lena", "Jo", "Kim")}
    people["Omar"] = await at_home(hearth, "Omar", "Hill")
    await looked_after(hearth, people["Lena"])
    guards = await owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    people["Gus"] = await hearth.person("Gus")
    await owner.give_role(people["Gus"], guards)
    await hearth.settle()
    return await town(hearth, people, who)
