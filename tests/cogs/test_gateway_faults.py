"""What people meet while the gateway doubles, delays and loses events: the same as ever."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import ActiveDay, Group, Membership, OutboxMessage
from sandbox.app import Sandbox
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.cogs.listening import Listening, Town
from tests.conftest import Running


async def test_a_press_that_comes_twice_is_answered_once(
    hearth: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Commands, buttons and forms: the second copy is nobody's act."""
    await set_up(hearth, time_zone="Europe/Berlin")
    faults = hearth.sandbox.gateway.faults
    rule = faults.duplicate("INTERACTION_CREATE", times=None)
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    sure = await kim.command("leave")
    await kim.press(sure, sure.buttons[0])
    card = await kim.command("home")
    assert not card.failed
    await hearth.settle()
    assert rule.struck >= 5
    assert hearth.sandbox.requests.errors == [], "40060 would say that it was answered already"
    assert "Unexpected" not in caplog.text
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Membership)) == 1
        assert await session.scalar(select(Group.homes)) == 1


@pytest.mark.parametrize("kind", ["duplicate", "delay"])
async def test_a_group_comes_to_life_beside_a_bad_gateway(hearth: Running, kind: str) -> None:
    """Founding, joining, a facilitator's office: rooms, roles, rows and letters exist once."""
    faults = hearth.sandbox.gateway.faults
    if kind == "duplicate":
        faults.duplicate(times=None)
    else:
        faults.delay(times=None)
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    people = [await at_home(hearth, name) for name in ("Kim", "Lea", "Mo")]
    await looked_after(hearth, people[0])
    await hearth.advance(timedelta(hours=2))
    room = channel(hearth, "🌊-riverside")
    assert all(person.sees(room) for person in people)
    channels = [one.name for one in hearth.server.channels.values()]
    assert len(channels) == len(set(channels))
    roles = [one.name for one in hearth.server.roles.values()]
    assert len(roles) == len(set(roles))
    written = [(m.content, str(m.components)) for m in room.history]
    assert len(written) == len(set(written)), "nothing was posted twice"
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Membership)) == 3
        keys = (await session.scalars(select(OutboxMessage.key))).all()
    assert len(keys) == len(set(keys))
    assert faults.struck.total() >= 10


async def test_somebody_whose_coming_was_lost_can_join(hearth: Running) -> None:
    """The press itself says that they are there: the key is cut at once, not in an hour."""
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    hearth.sandbox.gateway.faults.lose("GUILD_MEMBER_ADD")
    kim = await at_home(hearth, "Kim")
    assert kim.sees(channel(hearth, "🌊-riverside"))


async def test_a_lost_press_harms_nobody(hearth: Running) -> None:
    """Their client says that nothing answered; a second press does what the first should have."""
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    kim = await hearth.person("Kim")
    kim.patience = 0.1
    hearth.sandbox.gateway.faults.lose("INTERACTION_CREATE")
    assert (await kim.command("join", group="Riverside")).failed
    kim.patience = 10.0
    asked = await kim.command("join", group="Riverside")
    assert not asked.failed


@pytest.mark.parametrize("kind", ["duplicate", "delay"])
async def test_messages_are_counted_once(
    bot: Listening, town: Town, sandbox: Sandbox, kind: str
) -> None:
    """A message or a reaction that comes twice, or after the next, is one sign."""
    faults = sandbox.gateway.faults
    rule = faults.duplicate(times=None) if kind == "duplicate" else faults.delay(times=None)
    mara, jo = town.people["Mara"], town.people["Jo"]
    first = await mara.write(town.room, "one")
    for text in ("two", "three"):
        await mara.write(town.room, text)
    await jo.react(first, "👋")
    await sandbox.settle()
    assert rule.struck == (4 if kind == "duplicate" else 2)
    assert await bot.rows(ActiveDay, "user_id", "signals") == sorted([(mara.id, 3), (jo.id, 1)])
