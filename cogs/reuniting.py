"""Undoing a split: what it would do, asking for it, and doing it."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.rules import reunite_cards
from bot.rules.message import say
from bot.services import reuniting


class Reuniting(commands.Cog):
    """Answers the buttons that make the children of a split one again."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("reunite-look")
    async def look(self, interaction: Interaction, split_id: str, here: str) -> None:
        """Show what undoing a split would do, to those who may decide on it or ask for it."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            card = await reuniting.look(session, who, int(split_id), int(here), now)
        await answer(interaction, card)

    @pressed("reunite-ask")
    async def ask(self, interaction: Interaction, split_id: str) -> None:
        """Ask the owners to undo a split."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await reuniting.ask(session, actor(interaction), int(split_id), self.bot.clock.now())
        await answer(interaction, say("reunite.asked_for"))

    @pressed("reunite-do")
    async def undo(self, interaction: Interaction, split_id: str) -> None:
        """Make the children of a split one again."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await reuniting.undo(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, reunite_cards.done(found))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Reuniting(bot))
