"""From an empty server to a home: setup, a group, a join, the link that works."""

import pytest

from sandbox.people import Person
from tests.conftest import Running


async def commons(hearth: Running) -> None:
    """Set the server up with its #general as the commons."""
    general = next(c for c in hearth.server.channels.values() if c.name == "general")
    answer = await hearth.owner.command("hearth setup", commons=general)
    assert "Hearth is set up" in answer.text


async def riverside(hearth: Running, **options: object) -> None:
    """Make the group Riverside."""
    answer = await hearth.owner.command(
        "hearth group create",
        **{
            "name": "Riverside",
            "type": "Interest",
            "purpose": "Evening runs around the lake.",
            "emoji": "🌊",
            **options,
        },
    )
    assert "is made" in answer.text, answer.text


@pytest.fixture
async def kim(hearth: Running) -> Person:
    """Somebody new, in a server with one group."""
    await commons(hearth)
    await riverside(hearth)
    return await hearth.person("Kim")


async def test_joining_links_a_room_that_opens(hearth: Running, kim: Person) -> None:
    """The reply comes when the key fits: the linked room is seen and can be written in."""
    answer = await kim.command("join", group="Riverside")
    assert answer.ephemeral
    room = next(c for c in hearth.server.channels.values() if c.name == "🌊-riverside")
    assert f"<#{room.id}>" in answer.text
    assert kim.sees(room)
    assert kim.can_send(room)
    assert "From now on I count" in answer.text
    assert "Don't count me" in answer.buttons
    await hearth.settle()
    texts = [message.content for message in room.history]
    assert any(f"<@{kim.id}> has moved in" in text for text in texts)
