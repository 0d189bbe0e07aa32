"""The desk's ‹Health›: how one's own group is doing."""

import asyncio

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.rules import health_cards
from bot.rules.message import Button
from bot.services import health, health_reading


class Health(commands.Cog):
    """Shows those who look after a group its picture and three sentences."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("health-group")
    async def group(self, interaction: Interaction, group_id: str) -> None:
        """Show how a group is doing."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            found = await health_reading.group(session, actor(interaction), int(group_id))
            now = self.bot.clock.now()
            at = await health.next_figures_at(session, actor(interaction).server_id, now)
        back = Button("desk.back", f"desk-page:{group_id}:room")
        if not found.lines:
            await answer(interaction, health_cards.none_yet(at, back))
            return
        shown = await asyncio.to_thread(
            health_cards.of_group, found.group_id, found.name, found.emoji, found.lines, back
        )
        await answer(interaction, shown)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Health(bot))
