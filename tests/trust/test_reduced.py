"""Without the members intent: who comes, visits, leaves, falls silent or parts, end to end.

Discord tells nothing of who comes and goes then. The sandbox refuses a connection that asks for
the intent all the same.
"""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.settings import Settings
from models import Member, Membership, QuietEpisode
from sandbox.app import Sandbox
from sandbox.intents import Intent
from tests.cogs.founding import at_home, channel, group, set_up
from tests.cogs.full_group import full_group
from tests.whole import Running, driven


@pytest.fixture
async def reduced(laid: Settings, now: datetime) -> AsyncGenerator[Running]:
    """A Hearth in reduced mode, in a portal where the intent is switched off."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        sandbox.gateway.allow_members_intent = False
        server = sandbox.add_server()
        async with driven(sandbox, laid.model_copy(update={"reduced": True})) as app:
            yield Running(sandbox, server, server.owner, app)


async def state(hearth: Running, user_id: int) -> str | None:
    """Return how somebody's home is; None if they have none."""
    async with hearth.app.client.database.reading() as session:
        home = await session.get(Membership, (hearth.server.id, user_id))
        return None if home is None else home.state


async def test_a_life_without_the_list_of_members(reduced: Running) -> None:
    """Join, visit, leave, come back, be forgotten: keys fit all the way."""
    (session,) = reduced.sandbox.gateway.sessions.values()
    assert not session.intents & Intent.GUILD_MEMBERS
    await set_up(reduced)
    await group(reduced)
    await group(reduced, "Millpond")
    kim, mara = await at_home(reduced, "Kim"), await at_home(reduced, "Mara")
    home, other = channel(reduced, "🌊-riverside"), channel(reduced, "🌊-millpond")
    assert kim.sees(home)
    assert not kim.sees(other)
    await kim.command("visit", group="Millpond")
    await reduced.settle()
    assert kim.sees(other)
    shown = await kim.command("privacy show")
    assert "where your home is" in shown.text
    # Nobody tells that she leaves; the next daily look asks for her by name.
    await mara.leave()
    await reduced.settle()
    assert await state(reduced, mara.id) == "here"
    await reduced.advance(timedelta(days=1, hours=1))
    assert await state(reduced, mara.id) == "gone"
    assert await state(reduced, kim.id) == "here"
    await mara.rejoin()
    await reduced.settle()
    back = await mara.command("join", group="Riverside")
    assert not back.failed, back.text
    await reduced.settle()
    assert (await state(reduced, mara.id), mara.sees(home)) == ("here", True)
    await reduced.advance(timedelta(days=3))
    assert await state(reduced, mara.id) == "here"
    done = await kim.press(await kim.command("privacy forget"), "Yes, forget me")
    assert "seat is free" in done.text
    await reduced.settle()
    assert not kim.sees(home)
    assert not kim.sees(other)
    async with reduced.app.client.database.reading() as opened:
        assert await opened.get(Member, (reduced.server.id, kim.id)) is None


async def test_silence_and_a_split_without_the_list_of_members(reduced: Running) -> None:
    """Both go by what is counted and by the tables; whoever is moved gets the other key."""
    village = await full_group(reduced)
    assert "two" in (await village.preview()).text
    await village.told()
    await reduced.advance(timedelta(days=6))
    rooms = [village.room("riverside")]
    rooms += [c for c in reduced.server.channels.values() if c.name.startswith(("🌱", "🌳"))]
    homes = {person.name: [r.name for r in rooms if person.sees(r)] for person in village.people}
    assert all(homes.values()), homes
    await reduced.advance(timedelta(days=30))
    async with reduced.app.client.database.reading() as session:
        quiet = set(await session.scalars(select(QuietEpisode.user_id)))
    # All but who looks after the group: of facilitators no letter tells.
    assert quiet == {person.id for person in village.people} - {village.lena.id}
