"""The moderators' list of who is barred and who is kept apart, from /safety concerns."""

from datetime import timedelta

import pytest

from bot.rules.kept_out_cards import PER_PAGE
from models import Apart, Bar
from sandbox.people import Person
from sandbox.permissions import Permission
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

OPEN = "Who is kept out"


async def found(hearth: Running) -> Person:
    """Gus, who moderates a server with Riverside and a group that is not listed."""
    await set_up(hearth)
    await group(hearth)
    await group(hearth, "Quiet Harbour", type="Identity")
    guards = await hearth.owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    person = await hearth.person("Gus")
    await hearth.owner.give_role(person, guards)
    return person


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def gus(hearth: Running) -> Person:
    """Gus, who moderates a server with Riverside and a group that is not listed."""
    return hearth.founded


async def test_moderators_see_and_lift_what_others_decided(hearth: Running, gus: Person) -> None:
    """With who decided and since when; a group that is not listed stays without its name."""
    kim, jo, omar = [await at_home(hearth, name) for name in ("Kim", "Jo", "Omar")]
    assert OPEN not in (await gus.command("safety concerns")).buttons
    for where in ("🌊-riverside", "🌊-quiet-harbour"):
        hearth.owner.room = channel(hearth, where)
        form = await hearth.owner.command("safety bar", user=kim, group="here")
        await hearth.owner.fill(form, reason="")
    asked = await hearth.owner.command("safety apart", one=jo, other=omar)
    await hearth.owner.press(asked, "Jo moves out")
    waits = await gus.command("safety concerns")
    assert "Nothing waits" in waits.text
    shown = await gus.press(waits, OPEN)
    assert "2 bars\n1 pair of people kept apart" in shown.text
    assert f"• <@{kim.id}>: **Riverside**, since <t:" in shown.text
    assert f"• <@{kim.id}>: a group that isn't named here, since <t:" in shown.text
    assert "Harbour" not in shown.text
    assert f"apart since <t:{int(hearth.app.clock.now().timestamp())}:D>" in shown.text
    assert shown.text.count(f"by <@{hearth.owner.id}>") == 3
    opened = await gus.choose(shown, "Kim")
    assert {"Lift 1", "Lift 2", "The whole list"} == set(opened.buttons)
    await gus.press(opened, "Lift 1")
    shown = await gus.press(opened, "The whole list")
    assert "1 bar\n" in shown.text
    pair = next(choice for choice in shown.choices if " · " in choice)
    stale = await gus.press(await gus.command("safety concerns"), OPEN)
    opened = await gus.choose(shown, pair)
    assert "have been kept apart since" in opened.text
    assert "may share a room again" in (await gus.press(opened, "Let them meet again")).text
    assert "somebody let them meet meanwhile" in (await gus.choose(stale, pair)).text
    late = await gus.command("safety concerns")
    await gus.press(await gus.command("safety unbar", user=kim), "Lift 1")
    assert "Nobody is barred" in (await gus.press(late, OPEN)).text


async def test_a_long_list_has_pages(hearth: Running, gus: Person) -> None:
    """Bars first, then pairs, each newest first; a page that is gone by now is the last one."""
    now, server = hearth.app.clock.now(), hearth.server.id
    by = {"server_id": server, "by_user_id": gus.id}
    async with hearth.app.database.writing() as session:
        for number in range(PER_PAGE + 2):
            at = now + timedelta(seconds=number)
            session.add(Bar(user_id=100 + number, group_id=0, at=at, **by))
            session.add(Apart(low_id=200, high_id=300 + number, at=at, **by))
    first = await gus.press(await gus.command("safety concerns"), OPEN)
    stale = await gus.press(await gus.press(await gus.command("safety concerns"), OPEN), "More")
    assert first.text.index(f"<@{100 + PER_PAGE + 1}>") < first.text.index(f"<@{100 + PER_PAGE}>")
    assert first.buttons == ["More"]
    second = await gus.press(first, "More")
    assert second.text.count("all groups") == 2
    assert second.text.count("apart since") == PER_PAGE - 2
    third = await gus.press(second, "More")
    assert third.buttons == ["Back"]
    assert "Page 3 of 3" in third.text
    assert third.text.count("apart since") == 4
    async with hearth.app.database.writing() as session:
        for number in range(PER_PAGE + 2):
            await session.delete(await session.get_one(Bar, (server, 100 + number, 0)))
    assert "Page 2 of 2" in (await gus.press(stale, "More")).text


async def test_the_list_is_for_moderators(hearth: Running, gus: Person) -> None:
    """An old button says whose it is to who has lost the right."""
    kim = await at_home(hearth, "Kim")
    form = await gus.command("safety bar", user=kim, group="all")
    await gus.fill(form, reason="")
    waits = await gus.command("safety concerns")
    shown = await gus.press(await gus.command("safety concerns"), OPEN)
    await hearth.owner.take_role(gus, gus.roles[0])
    assert "for this server's moderators" in (await gus.press(waits, OPEN)).text
    assert "for this server's moderators" in (await gus.choose(shown, "Kim")).text
