"""Questions of Discord's own welcome, taken over in /hearth questions: nobody is asked twice."""

from typing import Any

import pytest

from sandbox.state import Role
from tests.cogs.founding import group, set_up
from tests.conftest import Running

DRINK = "What do you drink?"
TAKE = "questions-take"


def prompt(
    id_: int, title: str, options: dict[str, list[int]], *, several: bool = False
) -> dict[str, Any]:
    """Return a prompt as Discord gives it (its docs, Onboarding Prompt Structure)."""
    return {
        "id": str(id_),
        "type": 0,
        "title": title,
        "options": [
            {
                "id": str(id_ * 100 + number),
                "channel_ids": [],
                "role_ids": [str(role) for role in roles],
                "emoji": {"id": None, "name": None, "animated": False},
                "title": label,
                "description": None,
            }
            for number, (label, roles) in enumerate(options.items())
        ],
        "single_select": not several,
        "required": True,
        "in_onboarding": True,
    }


async def found(hearth: Running) -> tuple[Role, Role]:
    """Roles that a server's welcome gives out, which is on; Hearth is set up there."""
    await set_up(hearth)
    await group(hearth)
    tea = await hearth.owner.create_role("Tea")
    coffee = await hearth.owner.create_role("Coffee")
    options = {"Tea": [tea.id], "Coffee": [coffee.id], "Nothing of that": []}
    hearth.server.onboards = True
    hearth.server.prompts = [
        prompt(1, DRINK, options),
        prompt(2, "Which rooms do you like?", {"All": [], "None": []}),
    ]
    return tea, coffee


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def roles(hearth: Running) -> tuple[Role, Role]:
    """Roles that a server's welcome gives out, which is on; Hearth is set up there."""
    return hearth.founded


async def test_a_prompt_is_taken_over_by_one_press(
    hearth: Running, roles: tuple[Role, Role]
) -> None:
    """Its answers are linked with its roles; who has one is not asked, and their answer counts."""
    tea, coffee = roles
    card = await hearth.owner.command("hearth questions")
    assert "Discord's own welcome asks 1 more question whose answers give roles" in card.text
    assert "Which rooms do you like?" not in card.choices
    taken = await hearth.owner.choose(card, DRINK, custom_id=TAKE)
    assert "Taken over." in taken.text
    assert f"• Tea (also by <@&{tea.id}>" in taken.text
    assert f"• Coffee (also by <@&{coffee.id}>" in taken.text
    assert "• Nothing of that" in taken.text
    assert "One answer may be chosen" in taken.text
    card = await hearth.owner.press(taken, "All questions")
    assert f"• {DRINK} (3 answers)" in card.text
    assert "own welcome asks" not in card.text
    kettle = await group(hearth, "Kettle")
    fits = await hearth.owner.press(kettle, "What fits here")
    await hearth.owner.choose(await hearth.owner.choose(fits, DRINK), ["Tea"])
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    await hearth.owner.give_role(zoe, tea)
    await hearth.settle()
    assert DRINK in (await kim.press(await kim.command("home"), "Find a home")).text
    assert "**1. 🌊 Kettle**" in (await zoe.press(await zoe.command("home"), "Find a home")).text


@pytest.mark.usefixtures("roles")
async def test_what_changed_meanwhile(hearth: Running) -> None:
    """Taken over by another owner, or gone from Discord, or Discord is silent: it is said."""
    cards = [await hearth.owner.command("hearth questions") for _ in range(2)]
    await hearth.owner.choose(cards[0], DRINK, custom_id=TAKE)
    again = await hearth.owner.choose(cards[1], DRINK, custom_id=TAKE)
    assert "is here already" in again.text
    hearth.server.prompts[1] = prompt(2, "Rooms?", {"All": [hearth.server.id + 1], "None": []})
    card = await hearth.owner.command("hearth questions")
    hearth.sandbox.faults.add("503", "GET", "/guilds/{guild_id}/onboarding", times=None)
    assert "try again" in (await hearth.owner.choose(card, "Rooms?", custom_id=TAKE)).text
    silent = await hearth.owner.command("hearth questions")
    assert "own welcome asks" not in silent.text
    assert f"• {DRINK} (3 answers)" in silent.text
    hearth.sandbox.faults.clear()
    hearth.server.prompts.clear()
    assert (
        "changed in Discord meanwhile"
        in (await hearth.owner.choose(card, "Rooms?", custom_id=TAKE)).text
    )


@pytest.mark.usefixtures("roles")
async def test_a_welcome_that_is_off_gives_nobody_a_role(hearth: Running) -> None:
    """So there is nothing to take over, neither by the card nor by an old one."""
    card = await hearth.owner.command("hearth questions")
    hearth.server.onboards = False
    assert "changed in Discord" in (await hearth.owner.choose(card, DRINK, custom_id=TAKE)).text
    assert "own welcome" not in (await hearth.owner.command("hearth questions")).text
