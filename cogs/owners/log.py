"""/hearth log: who changed what, when, and undoing what can be undone."""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.rules import log_cards
from bot.services import undoing
from bot.texts import catalogue

TEXTS = catalogue()


async def _log(interaction: Interaction) -> None:
    """Show what changed lately."""
    await defer(interaction)
    await show(interaction, 0)


log: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="log", description=TEXTS("log.command"), callback=_log
)


async def show(interaction: Interaction, number: int) -> None:
    """Show one page of the log."""
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        acts, older = await undoing.page(session, who, number)
    await answer(interaction, log_cards.page(acts, number, older=older))


class Log(commands.Cog):
    """Answers the buttons of the log."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("log-page")
    async def turned(self, interaction: Interaction, number: str) -> None:
        """Show another page."""
        await defer_in_place(interaction)
        await show(interaction, int(number))

    @pressed("log-undo")
    async def ask(self, interaction: Interaction, entry: str) -> None:
        """Ask once before anything is undone."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            act = await undoing.look(session, who, int(entry), now=now)
        await answer(interaction, log_cards.asked(act))

    @pressed("log-undo-sure")
    async def undo(self, interaction: Interaction, entry: str) -> None:
        """Undo it."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            act = await undoing.undo(session, who, int(entry), now=now)
        await answer(interaction, log_cards.undone(act))
