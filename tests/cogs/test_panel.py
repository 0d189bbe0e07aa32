"""The panel in the commons: posted, posted anew when stale and out of sight, gone by hand."""

from datetime import timedelta

import pytest

from models import Server
from sandbox.state import Channel, Message
from tests.cogs import founding
from tests.cogs.founding import channel, group, set_up
from tests.conftest import Running

DAY = timedelta(days=1)


def panels(hearth: Running, name: str = "general") -> list[Message]:
    """Return the panels that stand in a room."""
    room: Channel = channel(hearth, name)
    return [message for message in room.history if "Find your people here" in message.content]


@pytest.mark.founded(by=founding.riverside)
async def test_the_panel_and_its_buttons(hearth: Running) -> None:
    """Anyone may press; the answers are theirs alone, and none of it pings."""
    posted = await hearth.owner.command("hearth panel")
    await hearth.settle()
    assert f"<#{channel(hearth, 'general').id}>" in posted.text
    (panel,) = panels(hearth)
    assert "1 group is open." in panel.content
    assert "150 seats are free." in panel.content
    zoe = await hearth.person("Zoe")
    shelf = await zoe.press(panel, "All groups")
    assert shelf.ephemeral
    assert "Riverside" in shelf.text
    mine = await zoe.press(panel, "My home")
    assert "no home here yet" in mine.text
    assert (await zoe.press(panel, "Find a home")).ephemeral


async def test_who_may_not_and_where_there_is_no_commons(hearth: Running) -> None:
    """It is said what is missing: a setup, commons, or that Hearth goes on again."""
    assert "isn't set up" in (await hearth.owner.command("hearth panel")).text
    await set_up(hearth)
    async with hearth.app.database.writing() as session:
        (await session.get_one(Server, hearth.server.id)).commons_id = None
    assert "/hearth setup commons:" in (await hearth.owner.command("hearth panel")).text
    await set_up(hearth)
    posted = await hearth.owner.command("hearth panel")
    assert posted.buttons == ["Take it down"]
    await hearth.owner.command("hearth pause")
    assert "paused" in (await hearth.owner.command("hearth panel")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_new_one_takes_the_old_ones_place(hearth: Running) -> None:
    """The old one goes only once the new one stands; [Take it down] leaves none."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    (first,) = panels(hearth)
    again = await hearth.owner.command("hearth panel")
    assert "the old one goes" in again.text
    await hearth.settle()
    assert first in panels(hearth)
    await hearth.advance(timedelta(minutes=1))
    (second,) = panels(hearth)
    assert second.id > first.id
    down = await hearth.owner.press(again, "Take it down")
    assert "goes in a minute" in down.text
    await hearth.advance(timedelta(minutes=1))
    assert panels(hearth) == []
    first_answer = await hearth.owner.command("hearth panel")
    await hearth.owner.press(first_answer, "Take it down")
    await hearth.settle()
    other = await hearth.owner.command("hearth panel")
    await hearth.owner.press(other, "Take it down")
    await hearth.advance(timedelta(minutes=1))
    assert panels(hearth) == []


@pytest.mark.founded(by=founding.set_up_only)
async def test_stale_figures_out_of_sight_are_posted_anew(hearth: Running) -> None:
    """Not while it is in sight, not without change, and once a day at most."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    (first,) = panels(hearth)
    kim = await hearth.person("Kim")
    general = channel(hearth, "general")
    for number in range(15):
        await kim.write(general, f"line {number}")
    await hearth.advance(2 * DAY)
    assert panels(hearth) == [first], "the figures have not changed"
    await group(hearth)
    await hearth.advance(timedelta(hours=2))
    await hearth.advance(timedelta(minutes=1))
    (second,) = panels(hearth)
    assert "1 group is open." in second.content
    await group(hearth, "Millpond")
    for number in range(15):
        await kim.write(general, f"more {number}")
    await hearth.advance(timedelta(hours=12))
    assert panels(hearth) == [second], "once a day is enough"
    await hearth.advance(DAY)
    await hearth.advance(timedelta(minutes=1))
    (third,) = panels(hearth)
    assert "2 groups are open." in third.content
    await group(hearth, "Hillside")
    await hearth.advance(2 * DAY)
    assert panels(hearth) == [third], "it is still in sight"


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_panel_deleted_by_hand_stays_away(hearth: Running) -> None:
    """A person's decision stands until an owner posts one again; other deletions are no matter."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    (panel,) = panels(hearth)
    general = channel(hearth, "general")
    other = await hearth.owner.write(general, "hello")
    await hearth.owner.delete(other)
    await hearth.owner.delete(panel)
    await group(hearth)
    await hearth.advance(3 * DAY)
    assert panels(hearth) == []
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    assert len(panels(hearth)) == 1


@pytest.mark.founded(by=founding.set_up_only)
async def test_a_panel_deleted_while_nobody_listened(hearth: Running) -> None:
    """The event is lost; the next look finds it gone and leaves it so."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    (panel,) = panels(hearth)
    general = channel(hearth, "general")
    general.history.remove(panel.id)
    await group(hearth)
    await hearth.advance(3 * DAY)
    assert panels(hearth) == []


@pytest.mark.founded(by=founding.set_up_only)
async def test_the_commons_move(hearth: Running) -> None:
    """The panel follows to the new commons, and goes in the old ones."""
    await hearth.owner.command("hearth panel")
    await hearth.settle()
    assert len(panels(hearth)) == 1
    await set_up(hearth, commons=channel(hearth, "welcome"))
    await hearth.advance(DAY + timedelta(hours=2))
    await hearth.advance(timedelta(minutes=1))
    assert panels(hearth) == []
    assert len(panels(hearth, "welcome")) == 1
