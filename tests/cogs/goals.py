"""How tests set out on a challenge: drafted at the desk, begun, checked in to."""

from collections.abc import Sequence

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message, Thread
from tests.cogs.desks import desk_page
from tests.cogs.founding import channel
from tests.conftest import Running

ROOM = "🌊-riverside"
WALK = {
    "title": "Walk every day",
    "counts": "Twenty minutes outside",
    "when": "today for 4 days",
    "often": "daily",
    "grace": "",
}


def last(hearth: Running, name: str = ROOM) -> Message:
    """Return the newest message of a room."""
    return list(channel(hearth, name).history)[-1]


def thread(hearth: Running) -> Thread:
    """Return the only thread there is."""
    (found,) = hearth.server.threads.values()
    return found


def words(hearth: Running) -> list[Message]:
    """Return what people shared in the only thread there is."""
    return [message for message in thread(hearth).history if message.components]


async def desk(lena: Person, group: str | None = None) -> Answer:
    """Return the desk's card of challenges."""
    return await lena.press(await desk_page(lena, "Together", group), "Challenge")


async def drafted(lena: Person, **fields: str) -> Answer:
    """Let Lena draft a challenge; return the answer."""
    form = await lena.press(await desk(lena), "Plan one")
    assert form.kind == "modal", form.text
    return await lena.fill(form, **{**WALK, **fields})


async def begun(hearth: Running, lena: Person, **fields: str) -> Message:
    """Let Lena draft and begin a challenge; return its post."""
    done = await lena.press(await drafted(lena, **fields), "Begin")
    assert "stands in the room" in done.text, done.text
    await hearth.settle()
    return last(hearth)


async def all_in(people: Sequence[Person], post: Message) -> None:
    """Let these people take part."""
    for person in people:
        assert "You're in" in (await person.press(post, "I'm in")).text


async def all_check_in(people: Sequence[Person], post: Message) -> None:
    """Let these people check in."""
    for person in people:
        done = await person.press(post, "Check in")
        assert "Noted for today" in done.text, done.text
