"""Pulses over a stop of Hearth's: what waited is told to be gone, and can be given again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.app import App
from bot.settings import Settings
from models import PulsePart
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Message, Server
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.whole import Running, pointed_at, ready

STEPS = {"belonging": "4", "trust": "4", "connection": "4"}


@asynccontextmanager
async def started(sandbox: Sandbox, server: Server, settings: Settings) -> AsyncGenerator[Running]:
    """Run a Hearth on the same tables as the one before, until the scope ends in good order."""
    here = pointed_at(sandbox, settings)
    async with App.open(here) as app:
        run = asyncio.create_task(app.run())
        try:
            await ready(sandbox, run)
            yield Running(sandbox, server, server.owner, app)
        finally:
            await app.close()
            await run


def newest(hearth: Running) -> Message:
    """Return the newest message of the group's room."""
    return list(channel(hearth, "🌊-riverside").history)[-1]


async def answer(people: list[Person], message: Message) -> None:
    """Let these people answer by the button of a message."""
    for person in people:
        form = await person.press(message, "Take part")
        assert "that's in" in (await person.fill(form, **STEPS)).text


async def written(hearth: Running) -> int:
    """Return of how many answers are written down."""
    async with hearth.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(PulsePart)) or 0


async def test_a_stop_in_the_middle(laid: Settings, now: datetime) -> None:
    """Five are put away by it; the two after them are lost by the next, and answer once more."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        async with started(sandbox, server, laid) as hearth:
            await set_up(hearth)
            await group(hearth)
            lena = await at_home(hearth, "Lena")
            await looked_after(hearth, lena)
            names = ("Mara", "Jo", "Kim", "Ben", "Ida", "Tom")
            people = [lena, *[await at_home(hearth, name) for name in names]]
            card = await lena.press(await desk_page(lena, "Room"), "Pulse")
            await lena.press(card, "Ask the group")
            await hearth.settle()
            question = newest(hearth)
            await answer(people[:5], question)
            assert await written(hearth) == 0
        async with started(sandbox, server, laid) as hearth:
            await hearth.advance(timedelta(minutes=2))
            assert await written(hearth) == 5
            assert newest(hearth) is question, "nothing was lost, so nothing is said"
            again = await people[0].press(question, "Take part")
            assert "one each is enough" in again.text
            await answer(people[5:], question)
        async with started(sandbox, server, laid) as hearth:
            await hearth.advance(timedelta(minutes=2))
            told = newest(hearth)
            assert "answers that were still in the pot may be gone" in told.content
            assert not told.mentions
            again = await people[0].press(told, "Take part")
            assert "one each is enough" in again.text
            await answer(people[5:6], told)
            await hearth.advance(timedelta(days=7, minutes=1))
            said = [m.content for m in list(channel(hearth, "🌊-riverside").history)[-2:]]
            assert "1 more answer came after I was stopped" in said[0]
            assert "5 of you answered" in said[1]
