"""The README says what the code does."""

import re
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.__main__ import parser
from bot.app import COGS
from bot.client import Hearth
from bot.clock import SystemClock
from bot.database import Database
from bot.services.checks import NEEDED
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture
async def offered(database: Database) -> dict[str, app_commands.Command[Any, Any, Any]]:
    """Every slash command by its full name, as the cogs define it."""
    client = Hearth(Settings(), database, SystemClock(), COGS)
    await client.load_cogs()
    return {
        command.qualified_name: command
        for command in client.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }


async def test_the_command_table_is_the_command_tree(
    offered: dict[str, app_commands.Command[Any, Any, Any]],
) -> None:
    """Every command has a row with its options, and every row has its command."""
    table = re.findall(r"^\| `/([^`]+)` \| (\w+) \|", README, re.MULTILINE)
    documented: set[str] = set()
    for written, who in table:
        name = max((n for n in offered if f"{written} ".startswith(f"{n} ")), key=len, default="")
        assert name, f"/{written} is not a command"
        documented.add(name)
        options = written.removeprefix(name).split()
        there = [p.display_name + ("" if p.required else "?") for p in offered[name].parameters]
        if "…" in options:
            there = [option for option in there if not option.endswith("?")]
            options.remove("…")
        assert options == there, name
        assert (who == "owners") == name.startswith("hearth "), name
    assert documented == set(offered)


def test_the_invite_link_asks_for_what_the_check_wants() -> None:
    """Whoever follows the link meets no missing permission afterwards."""
    wanted = 0
    for bit, _ in NEEDED:
        wanted |= bit
    assert f"permissions={wanted}`" in README


def test_every_make_command_exists() -> None:
    """A reader can copy any of them."""
    for page in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE):
            assert f"\n{target}:" in MAKEFILE, f"make {target} in {page}"


@pytest.mark.parametrize("line", re.findall(r"`python -m bot ([^`]+)`", README))
def test_every_line_for_operators_is_understood(line: str) -> None:
    """The command line takes what the README shows."""
    parser().parse_args(line.replace("ID", "5").split())


@pytest.mark.parametrize(
    "path",
    re.findall(r"`((?:docs/|[A-Z]+\.md|config)[\w./-]*)`", README)
    + re.findall(r"\]\(([\w./-]+)\)", README),
)
def test_every_page_and_file_that_is_named_is_there(path: str) -> None:
    """No pointer leads nowhere."""
    assert (ROOT / path).exists() or path == "config.toml"


def test_every_page_can_be_found() -> None:
    """Whoever reads the README hears of every page."""
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert {page for page in pages if page not in README} == set()
