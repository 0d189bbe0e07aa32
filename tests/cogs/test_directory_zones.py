"""/groups narrowed to those that live by about one's own clock."""

import pytest
from sqlalchemy import select

from bot.services import answers, finding
from models import Group, Question, QuestionChoice
from sandbox.people import Person
from tests.cogs.founding import group, set_up
from tests.conftest import Running

NEAR = "In about my time zone"


async def lives_by(hearth: Running, name: str, zone: str) -> None:
    """Give a group a time zone of its own."""
    async with hearth.app.database.writing() as session:
        (await session.scalars(select(Group).where(Group.name == name))).one().zone = zone


async def found(hearth: Running) -> Person:
    """Zoe, new in a server of Berlin with groups there, in Lagos and in New York."""
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    await group(hearth, "Market")
    await lives_by(hearth, "Market", "Africa/Lagos")
    return await hearth.person("Zoe")


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def zoe(hearth: Running) -> Person:
    """Zoe, new in a server of Berlin with groups there, in Lagos and in New York."""
    return hearth.founded


async def test_groups_by_about_ones_own_clock(hearth: Running, zoe: Person) -> None:
    """The server's zone until one has said another; what is kept to one page stays on the next."""
    await group(hearth, "Bridge")
    await lives_by(hearth, "Bridge", "America/New_York")
    shelf = await zoe.command("groups")
    assert f"🕒 {NEAR}: Berlin" in shelf.choices
    near = await zoe.choose(shelf, "near", custom_id="groups-only:")
    assert "**2 groups**" in near.text
    assert "Bridge" not in near.text
    async with hearth.app.database.writing() as session:
        await finding.begin(session, hearth.server.id)
        row = (
            await session.execute(
                select(QuestionChoice.question_id, QuestionChoice.id)
                .join(Question, Question.id == QuestionChoice.question_id)
                .where(QuestionChoice.value == "America/Sao_Paulo")
            )
        ).one()
        now = hearth.app.clock.now()
        await answers.give(session, hearth.server.id, zoe.id, row.question_id, [row.id], now=now)
    shelf = await zoe.press(near, "All groups")
    assert f"🕒 {NEAR}: Sao Paulo" in shelf.choices
    near = await zoe.choose(shelf, "near", custom_id="groups-only:")
    assert "**1 group**" in near.text
    assert "Bridge" in near.text


async def test_not_offered_where_it_would_change_nothing(hearth: Running, zoe: Person) -> None:
    """All groups live by about the same clock; an old menu of before shows them all."""
    assert not any(NEAR in choice for choice in (await zoe.command("groups")).choices)
    await group(hearth, "Bridge")
    await lives_by(hearth, "Bridge", "America/New_York")
    shelf = await zoe.command("groups")
    assert any(NEAR in choice for choice in shelf.choices)
    await lives_by(hearth, "Bridge", "Europe/Paris")
    assert "**3 groups**" in (await zoe.choose(shelf, "near", custom_id="groups-only:")).text
