"""What two places say of the same thing is the same."""

from tests.cogs.founding import at_home, group, set_up
from tests.conftest import Running


async def test_while_the_brake_holds_nobody_is_told_how_long_it_takes(hearth: Running) -> None:
    """Neither by the answer to Wait nor by /home; afterwards both may say it."""
    await set_up(hearth, brake_joins_per_hour=1)
    await group(hearth)
    await at_home(hearth, "Kim")
    zed = await hearth.person("Zed")
    braked = await zed.command("join", group="Riverside")
    waits = await zed.press(braked, braked.buttons[0])
    for said in (waits, await zed.command("home")):
        assert "I can't tell yet how long it takes" in said.text
        assert "often takes" not in said.text
