"""Together or apart: from a person's menu and from /home, for the one who asks alone."""

from collections.abc import Sequence

import pytest

from sandbox.people import Person
from tests.conftest import Running

MENU = "Together or apart"


@pytest.fixture
def cogs() -> Sequence[str]:
    """What the wishes' buttons lead to."""
    return ("cogs.wishes", "cogs.home", "cogs.finding", "cogs.concerns", "cogs.owners")


async def found(hearth: Running) -> Person:
    """Return Kim, in a server that is set up."""
    office = await hearth.owner.create_channel("office")
    await hearth.owner.command(
        "hearth setup", commons=hearth.server.channel("general"), owners_room=office
    )
    return await hearth.person("Kim")


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def kim(hearth: Running) -> Person:
    """Return Kim, in a server that is set up."""
    return hearth.founded


async def test_a_wish_is_made_changed_and_taken_back(hearth: Running, kim: Person) -> None:
    """From Omar's menu, for Kim's eyes only; Omar's own card says nothing of it."""
    omar = await hearth.person("Omar")
    card = await kim.menu(MENU, omar)
    assert card.ephemeral
    assert f"<@{omar.id}> never hears of it" in card.text
    assert card.buttons == ["Together", "Apart", "My wishes"]
    kept = await kim.press(card, "Together")
    assert "you'd like to stay together" in kept.text
    again = await kim.menu(MENU, omar)
    assert f"So far you'd like to stay together with <@{omar.id}>." in again.text
    assert again.buttons == ["Apart", "No wish after all", "My wishes"]
    apart = await kim.press(again, "Apart")
    assert "you'd rather be apart" in apart.text
    assert "Tell the moderators" in apart.buttons
    assert (await kim.press(apart, "Tell the moderators")).kind == "modal"
    back = await kim.press(await kim.menu(MENU, omar), "No wish after all")
    assert f"no wish about <@{omar.id}> any more" in back.text
    await kim.press(await kim.menu(MENU, omar), "Apart")
    his = await omar.press(await omar.command("home"), "Wishes")
    assert "No wishes yet" in his.text
    assert str(kim.id) not in his.text


async def test_the_answer_is_the_same_whatever_the_other_wishes(
    hearth: Running, kim: Person
) -> None:
    """Nobody finds out about somebody by wishing something about them."""
    omar, jo = await hearth.person("Omar"), await hearth.person("Jo")
    await omar.press(await omar.menu(MENU, kim), "Apart")
    answers: list[str] = []
    for other in (omar, jo):
        kept = await kim.press(await kim.menu(MENU, other), "Together")
        answers.append(kept.text.replace(str(other.id), "?"))
    assert answers[0] == answers[1]


async def test_home_shows_and_takes_back_mine(hearth: Running, kim: Person) -> None:
    """Both menus hold what is wished; choosing others replaces them, choosing nobody empties."""
    omar, jo = await hearth.person("Omar"), await hearth.person("Jo")
    await kim.press(await kim.menu(MENU, omar), "Together")
    card = await kim.press(await kim.command("home"), "Wishes")
    assert f"Together with <@{omar.id}>" in card.text
    changed = await kim.choose(card, [jo, omar], custom_id="wishes-set:together")
    assert f"<@{jo.id}>" in changed.text
    moved = await kim.choose(changed, [jo], custom_id="wishes-set:apart")
    assert f"Together with <@{omar.id}>" in moved.text
    assert f"Apart from <@{jo.id}>" in moved.text
    emptied = await kim.choose(moved, [], custom_id="wishes-set:together")
    assert "Together with <@" not in emptied.text
    looked = await kim.press(emptied, "What I look for in a home")
    assert not looked.failed
    again = await kim.press(await kim.command("home"), "Wishes")
    assert "You have no home here yet" in (await kim.press(again, "Back to /home")).text


async def test_what_cannot_be_wished(hearth: Running, kim: Person) -> None:
    """Oneself, a bot, and a fourth person; what there was stays."""
    assert "That is you" in (await kim.menu(MENU, kim)).text
    bot = hearth.server.members[hearth.sandbox.world.state.bot.id]
    assert "That is a bot" in (await kim.menu(MENU, bot)).text
    four = [await hearth.person(name) for name in ("Ada", "Bo", "Cy", "Di")]
    for kind, said in (("Together", "3 wishes to be together"), ("Apart", "3 wishes to be apart")):
        for one in four[:3]:
            await kim.press(await kim.menu(MENU, one), kind)
        refused = await kim.press(await kim.menu(MENU, four[3]), kind)
        assert said in refused.text
    card = await kim.press(await kim.command("home"), "Wishes")
    assert "That is you" in (await kim.choose(card, [kim], custom_id="wishes-set:apart")).text
    assert "That is a bot" in (await kim.choose(card, [bot], custom_id="wishes-set:apart")).text
    shown = await kim.press(await kim.command("home"), "Wishes")
    assert "Together with <@" not in shown.text
    assert all(f"<@{one.id}>" in shown.text for one in four[:3])


@pytest.mark.founded(by=None)
@pytest.mark.parametrize("cogs", [("cogs.wishes",)])
async def test_before_setup_there_is_nothing_to_wish_for(hearth: Running) -> None:
    """The answer says so, as everywhere."""
    kim = await hearth.person("Kim")
    assert "set up" in (await kim.menu(MENU, hearth.owner)).text
