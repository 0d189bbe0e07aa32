"""The table of rights is whole: nothing can be asked for that does not stand in it."""

import pytest
from discord import AppCommandType

from bot.app import COGS
from bot.client import Hearth
from bot.clock import SystemClock
from bot.database import Database
from bot.settings import Settings
from tests.rights.everything import things
from tests.rights.page import AREAS, PAGE, page
from tests.rights.refusals import refusals
from tests.rights.scenes import SCENES
from tests.rights.table import rows

HOW = "`python -m tests.rights.observe` shows what happens; judge it, then put it into the table."


@pytest.fixture
async def client(database: Database, settings: Settings) -> Hearth:
    """Hearth with all that can be asked of it, and no connection."""
    client = Hearth(settings, database, SystemClock(), COGS)
    await client.load_cogs()
    return client


async def test_everything_that_can_be_asked_for_stands_in_it(client: Hearth) -> None:
    """Every command, menu, button and form that is loaded, and nothing else."""
    there = {thing.key for thing in things(client)}
    told = [row.key for row in rows()]
    assert len(told) == len(set(told))
    assert sorted(there - set(told)) == [], HOW
    assert sorted(set(told) - there) == []


async def test_what_it_asks_with_is_what_is_taken(client: Hearth) -> None:
    """As many arguments as the button carries, choices where it is a menu, options there are."""
    known = {thing.key: thing for thing in things(client)}
    for row in rows():
        thing = known[row.key]
        assert row.scene in SCENES, row.name
        if row.kind in {"press", "form"}:
            assert len(row.given) <= len(thing.takes), row.name
            assert (row.values is not None) == thing.chosen, row.name
        if row.kind == "command":
            assert set(row.options) <= set(thing.takes), row.name


def test_everything_is_for_somebody() -> None:
    """A thing that nobody gets is not tried at all; where it can't be, the table says why."""
    for row in rows():
        assert any(does != "no" for does in row.gets.values()) != bool(row.nobody), row.name


def test_every_no_is_a_text_that_the_code_raises() -> None:
    """And it stands in the table where somebody reads it."""
    for row in rows():
        assert set(row.by) <= set(refusals()), row.name
        refused = [part for part, does in row.gets.items() if does == "no"]
        assert bool(set(refused) - set(row.cannot)) == bool(row.by), row.name


async def test_discord_shows_commands_to_whom_they_are_for(client: Hearth) -> None:
    """Owners' to those with Manage Server, moderators' to those who moderate, the rest to all."""
    for command in client.tree.get_commands(type=AppCommandType.chat_input):
        shown = command.default_permissions
        wanted = {"hearth": "manage_guild", "safety": "moderate_members"}.get(command.name)
        if wanted is None:
            assert shown is None, command.name
        else:
            assert shown is not None
            assert {name for name, on in shown if on} == {wanted}


def test_the_page_says_what_the_table_says() -> None:
    """docs/rights.md is written from it: python -m tests.rights.page."""
    assert {row.area for row in rows()} == set(AREAS)
    assert PAGE.read_text(encoding="utf-8") == page()
