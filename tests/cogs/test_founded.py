"""Towns that are founded once: each test has one of its own, as it was founded."""

import pytest
from sqlalchemy import func, select

from models import Membership
from sandbox.people import Person
from tests.cogs.founding import at_home, group, set_up
from tests.conftest import Running


async def kim_lives_there(hearth: Running) -> tuple[Running, Person]:
    """Found Riverside, where Kim lives."""
    await set_up(hearth)
    await group(hearth)
    return hearth, await at_home(hearth, "Kim")


async def homes(hearth: Running) -> int | None:
    """Return how many people have a home, as the tables say."""
    async with hearth.app.database.reading() as session:
        here = select(func.count()).select_from(Membership).where(Membership.state == "here")
        return await session.scalar(here)


@pytest.mark.founded(by=kim_lives_there)
@pytest.mark.parametrize("name", ["Jo", "Mo"])
async def test_what_another_test_did_is_not_there(hearth: Running, name: str) -> None:
    """Each finds Kim alone at home, in a bot, tables and a Discord of its own; and changes both."""
    same, kim = hearth.founded
    assert same is hearth
    assert kim.server is hearth.server
    assert [role.name for role in kim.roles] == ["🌊 Riverside"]
    assert await homes(hearth) == 1
    assert len(hearth.server.members) == 3, "the owner, the bot and Kim"
    await at_home(hearth, name)
    await kim.press(await kim.command("leave", group="Riverside"), "Leave Riverside")
    await hearth.settle()
    assert kim.roles == []
    assert await homes(hearth) == 1


@pytest.mark.founded(by=None)
async def test_a_test_may_begin_with_nothing(hearth: Running) -> None:
    """Where most tests of a file share a town, one may still start in an empty server."""
    assert hearth.founded is None
    assert "isn't set up" in (await hearth.owner.command("home")).text
