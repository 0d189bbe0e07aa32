"""What a group does together: the card behind /home's ‹Together›."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, pressed
from bot.services import together


class Together(commands.Cog):
    """Shows who lives in a group or visits it what goes on there."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("together")
    async def card(self, interaction: Interaction, group_id: str, *_at: str) -> None:
        """Show what a group does together."""
        async with self.bot.database.reading() as session:
            shown = await together.card(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, shown, replace=True)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Together(bot))
