"""How tests found a small town through the commands: setup, groups, people with homes."""

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.conftest import Running


def channel(hearth: Running, name: str) -> Channel:
    """Return the server's channel of this name."""
    return next(c for c in hearth.server.channels.values() if c.name == name)


async def set_up(hearth: Running, **options: object) -> Answer:
    """Set the server up with #general as the commons."""
    return await hearth.owner.command(
        "hearth setup", **{"commons": channel(hearth, "general"), **options}
    )


async def group(hearth: Running, name: str = "Riverside", **options: object) -> Answer:
    """Make a group; it must be made."""
    answer = await hearth.owner.command(
        "hearth group create",
        **{
            "name": name,
            "type": "Interest",
            "purpose": "Evening runs around the lake.",
            "emoji": "🌊",
            **options,
        },
    )
    assert "is made" in answer.text, answer.text
    return answer


async def set_up_only(hearth: Running) -> None:
    """Found nothing but the setup; for `pytest.mark.founded`, as what follows."""
    await set_up(hearth)


async def riverside(hearth: Running) -> None:
    """Set the server up and make one group, where nobody lives yet."""
    await set_up(hearth)
    await group(hearth)


async def at_home(hearth: Running, name: str, in_group: str = "Riverside") -> Person:
    """Let somebody new join the server and a group."""
    person = await hearth.person(name)
    answer = await person.command("join", group=in_group)
    assert "Welcome home" in answer.text, answer.text
    return person


async def looked_after(hearth: Running, person: Person, in_group: str = "Riverside") -> None:
    """Let somebody be asked to look after a group, and say yes."""
    await hearth.owner.command("hearth facilitator ask", group=in_group, user=person)
    await hearth.settle()
    question = await person.press(await person.command("home"), "A question for you")
    await person.press(question, "Yes, gladly")


async def panel(hearth: Running, owner: Person) -> Message:
    """Have a message of Hearth's with buttons stand in the commons of somebody's server."""
    await owner.command("hearth panel")
    await hearth.settle()
    commons = owner.server.channel("general")
    return next(m for m in reversed(list(commons.history)) if m.components)
