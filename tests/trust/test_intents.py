"""docs/intents.md names exactly what the client asks Discord for, with the periods as they are."""

import re
from pathlib import Path

import discord

from bot.settings import Settings
from sandbox.intents import Intent
from tests.conftest import Running

PAGE = (Path(__file__).parents[2] / "docs" / "intents.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (no|\*\*yes\*\*) \| .{20,} \|$", re.MULTILINE)
PRIVILEGED = {"members", "message_content", "presences"}


async def test_the_page_names_what_is_asked_for(hearth: Running) -> None:
    """Every intent of the connection has a row, and every row is asked for."""
    (session,) = hearth.sandbox.gateway.sessions.values()
    named = {name: privileged != "no" for name, privileged in ROW.findall(PAGE)}
    asked = discord.Intents._from_value(session.intents)
    assert {name for name, on in asked if on} >= named.keys()
    whole = discord.Intents(**dict.fromkeys(named, True))
    assert whole.value == session.intents
    assert {name for name, privileged in named.items() if privileged} == PRIVILEGED & named.keys()
    assert not session.intents & (Intent.MESSAGE_CONTENT | Intent.GUILD_PRESENCES)


def test_the_periods_are_the_settings() -> None:
    """What the review is told is what the daily sweep does."""
    settings = Settings()
    for days in (settings.retention_days, settings.ties_days, settings.left_days):
        assert f"{days} days" in PAGE
