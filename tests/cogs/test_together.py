"""‹Together›: what a group does, for those who are inside."""

import pytest

from sandbox.people import Person
from tests.cogs.founding import at_home, group, set_up
from tests.conftest import Running


async def found(hearth: Running) -> Person:
    """Kim, at home in Riverside."""
    await set_up(hearth)
    await group(hearth)
    return await at_home(hearth, "Kim")


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def kim(hearth: Running) -> Person:
    """Kim, at home in Riverside."""
    return hearth.founded


async def test_what_a_home_does_together_is_one_press_away(hearth: Running, kim: Person) -> None:
    """From /home, and back again."""
    del hearth
    card = await kim.command("home")
    shown = await kim.press(card, "Together")
    assert "**Riverside**, together" in shown.text
    assert "Away" in (await kim.press(shown, "Back to /home")).buttons


async def test_only_those_inside_may_look(hearth: Running, kim: Person) -> None:
    """Who has left reads how to come in."""
    card = await kim.command("home")
    left = await kim.command("leave")
    await kim.press(left, left.buttons[0])
    await hearth.settle()
    assert "/groups shows how to come in" in (await kim.press(card, "Together")).text
