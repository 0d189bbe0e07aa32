"""/privacy in the bot's direct messages: for who has left the server, and for who is barred."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import ActiveDay, Bar, Member, Membership
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running


async def known(hearth: Running) -> Person:
    """Let Kim move in, say something, and have written with the bot before."""
    await set_up(hearth)
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    await kim.write(channel(hearth, "🌊-riverside"), "Hello")
    await hearth.settle()
    return kim


async def in_private(person: Person, command: str) -> Answer:
    """Use a command in the conversation with the bot."""
    person.room = person.dm
    return await person.command(command)


async def rows(hearth: Running, person: Person) -> dict[str, int]:
    """Return in how many rows of some tables a person stands."""
    found: dict[str, int] = {}
    async with hearth.app.client.database.reading() as session:
        for table in (ActiveDay, Bar, Member, Membership):
            own = await session.scalars(select(table.user_id))
            found[table.__tablename__] = list(own).count(person.id)
    return found


async def test_who_has_left_reads_copies_stops_and_erases(hearth: Running) -> None:
    """A week after leaving, when even the seat is gone."""
    kim = await known(hearth)
    await kim.leave()
    await hearth.advance(timedelta(days=7))
    assert await rows(hearth, kim) == {"active_day": 1, "bar": 0, "member": 1, "membership": 0}
    shown = await in_private(kim, "privacy show")
    assert "What I keep about you, in all servers" in shown.text
    assert "1 day on which you were around" in shown.text
    copy = await kim.press(shown, "Give me a copy")
    file = json.loads(copy.opened(copy.attachments[0]))
    assert file["kept"]["What was counted"]["active_day"]["rows"]
    stopped = await kim.press(shown, "Don't count me")
    assert "no longer counted" in stopped.text
    assert await rows(hearth, kim) == {"active_day": 0, "bar": 0, "member": 1, "membership": 0}
    asked = await in_private(kim, "privacy forget")
    done = await kim.press(asked, "Yes, forget me")
    assert "Your wish not to be counted stays too" in done.text
    await kim.rejoin()
    await hearth.settle()
    assert await rows(hearth, kim) == {"active_day": 0, "bar": 0, "member": 1, "membership": 0}


@pytest.mark.parametrize("left", [False, True], ids=["still here", "left"])
async def test_a_bar_stays_and_that_is_said(hearth: Running, *, left: bool) -> None:
    """Everything else goes; who comes back is barred as before."""
    kim = await known(hearth)
    barring = await hearth.owner.command("safety bar", user=kim, group="Riverside")
    await hearth.owner.fill(barring, reason="A quarrel.")
    if left:
        await kim.leave()
    await hearth.settle()
    shown = await in_private(kim, "privacy show")
    assert "**What others decided**" in shown.text
    assert "This stays when you ask me to forget you." in shown.text
    done = await kim.press(await in_private(kim, "privacy forget"), "Yes, forget me")
    assert "What the moderators decided about you stays, for the safety of others." in done.text
    assert await rows(hearth, kim) == {"active_day": 0, "bar": 1, "member": 0, "membership": 0}
    if left:
        await kim.rejoin()
    kim.room = hearth.server.channel("general")
    refused = await kim.command("join", group="Riverside")
    assert "Welcome home" not in refused.text


async def test_who_is_banned_may_still_ask(hearth: Running) -> None:
    """A ban is the server's; what Hearth keeps is theirs to read and to erase."""
    kim = await known(hearth)
    await hearth.owner.ban(kim)
    await hearth.settle()
    assert "1 day on which" in (await in_private(kim, "privacy show")).text
    await kim.press(await in_private(kim, "privacy forget"), "Yes, forget me")
    found = await rows(hearth, kim)
    assert found["active_day"] == found["membership"] == found["member"] == 0


async def test_a_stranger_reads_that_there_is_nothing(hearth: Running) -> None:
    """Who never used Hearth: the same commands, nothing kept, and nothing begins by asking."""
    await set_up(hearth)
    vera = await hearth.person("Vera")
    shown = await in_private(vera, "privacy show")
    assert "Nothing at all." in shown.text
    done = await vera.press(await in_private(vera, "privacy forget"), "Yes, forget me")
    assert "there was nothing about you" in done.text
    assert sum((await rows(hearth, vera)).values()) == 0
