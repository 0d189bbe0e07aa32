"""How tests of pairs begin them, and read who was put together."""

from datetime import timedelta

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message, Thread
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

ROOM = "🌊-riverside"
WEEK = timedelta(days=7)


async def cared_for(hearth: Running) -> Person:
    """Found Riverside; return Lena, who lives there and looks after it."""
    await set_up(hearth, facilitators_room=channel(hearth, "welcome"))
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return lena


async def desk(person: Person, group: str | None = None) -> Answer:
    """Return the desk's card of pairs."""
    return await person.press(await desk_page(person, "Together", group), "Pairs")


async def mine(person: Person) -> Answer:
    """Return somebody's own card of pairs."""
    return await person.press(await person.press(await person.command("home"), "Together"), "Pairs")


async def begun(
    hearth: Running, person: Person, often: str = "Once a week", room: str = ROOM
) -> Message:
    """Let somebody begin pairs; return the post in the room."""
    preview = await person.choose(await desk(person), often)
    assert "The first round would be" in preview.text, preview.text
    card = await person.press(preview, "Start pairs")
    assert "Pairs begin" in card.text, card.text
    await hearth.settle()
    return list(channel(hearth, room).history)[-1]


async def taking_part(
    hearth: Running, post: Message, host: Person, *names: str, group: str = "Riverside"
) -> list[Person]:
    """Let the host and others who move in take part; return them all."""
    people = [host, *[await at_home(hearth, name, group) for name in names]]
    for person in people:
        answer = await person.press(post, "I'd like that")
        assert "You're in! The first time is" in answer.text, answer.text
    return people


def threads(hearth: Running) -> list[Thread]:
    """Return the server's threads, oldest first."""
    return [hearth.server.threads[one] for one in sorted(hearth.server.threads)]


def opening(thread: Thread) -> Message:
    """Return the message that a thread began with."""
    return next(iter(thread.history))


def pairs_of(thread: Thread) -> list[int]:
    """Return whom a pair's thread brings together."""
    return [user.id for user in opening(thread).mentions]
