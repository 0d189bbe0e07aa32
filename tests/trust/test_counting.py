"""Nobody is counted before they were told, nothing is said to keep a room busy."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from models import ActiveDay, Presence, Ritual
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running
from tests.trust.dumping import remembered, standing
from tests.trust.test_forgotten import roots


async def counted(hearth: Running, person: Person) -> bool:
    """Return whether anything was counted about a person."""
    await hearth.settle()
    async with hearth.app.client.database.reading() as session:
        for table in (ActiveDay, Presence):
            if person.id in set(await session.scalars(select(table.user_id))):
                return True
    return False


async def test_counting_begins_with_the_answer_that_says_so(hearth: Running, file: Path) -> None:
    """Writing, reacting, looking around and asking what is kept leave no trace before it."""
    await set_up(hearth)
    await group(hearth)
    jo, kim = await at_home(hearth, "Jo"), await hearth.person("Kim")
    said = await jo.write(hearth.server.channel("general"), "Hello")
    await kim.write(hearth.server.channel("general"), "Hi", reply_to=said)
    await kim.react(said, "👋")
    await kim.command("groups")
    await kim.command("privacy show")
    await hearth.settle()
    assert standing(file, kim.id) == set()
    assert remembered(roots(hearth), kim.id)[0] == []
    joined = await kim.command("join", group="Riverside")
    assert "Don't count me" in joined.buttons
    room = channel(hearth, "🌊-riverside")
    await kim.write(room, "Here I am")
    assert await counted(hearth, kim)
    await kim.press(joined, "Don't count me")
    await kim.write(room, "And still here")
    assert not await counted(hearth, kim)


async def test_a_groups_rituals_are_its_own_choice(hearth: Running) -> None:
    """The usual ones wait, paused, for a host: in a month nothing is posted to keep a room busy.

    One that its host started, and that nobody answers three times, pauses itself.
    """
    await set_up(hearth)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    listed = await lena.press(await lena.command("desk"), "Rituals")
    listed = await lena.press(listed, "Set up the usual rituals")
    await hearth.settle()
    room = channel(hearth, "🌊-riverside")
    before = len(list(room.history))
    await hearth.advance(timedelta(days=30))
    assert len(list(room.history)) == before
    assert set(await states(hearth)) == {("paused", None)}
    name = listed.choices[0]
    listed = await lena.press(await lena.command("desk"), "Rituals")
    await lena.press(await lena.choose(listed, name), "Start")
    assert ("running", lena.id) in await states(hearth)
    for _ in range(9):
        due = await next_due(hearth)
        if due is None:
            break
        await hearth.advance(due + timedelta(minutes=1))
    assert {state for state, _ in await states(hearth)} == {"paused"}
    # Three times, and then a line for Lena alone: whether it shall go on.
    *_, asked = (posted := list(room.history)[before:])
    assert len(posted) == 4
    assert [user.id for user in asked.mentions] == [lena.id]


async def next_due(hearth: Running) -> datetime | None:
    """Return when a ritual is due next; None where all are paused."""
    async with hearth.app.client.database.reading() as session:
        return await session.scalar(select(func.min(Ritual.next_due_at)))


async def states(hearth: Running) -> list[tuple[str, int | None]]:
    """Return how every ritual is, and who hosts it."""
    async with hearth.app.client.database.reading() as session:
        return [(row.state, row.host_id) for row in await session.scalars(select(Ritual))]
