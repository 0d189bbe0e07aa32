"""A group's rituals as one of its people has them: the next one taken off, or greeted at it."""

from typing import Literal

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, pressed
from bot.rules import ritual_mine_cards
from bot.services import ritual_choices
from bot.services.groups import of_server


class RitualMine(commands.Cog):
    """What who takes part presses about a ritual that is yet to come."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("ritual-mine")
    async def page(self, interaction: Interaction, group_id: str) -> None:
        """Show what comes in a group."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            found = await ritual_choices.of_group(
                session,
                server_id=who.server_id,
                group_id=int(group_id),
                user_id=who.user_id,
                now=self.bot.clock.now(),
            )
            group = await of_server(session, who.server_id, int(group_id))
        shown = ritual_mine_cards.page(group.id, group.name, found)
        await answer(interaction, shown, replace=True)

    @pressed("ritual-mine-pick")
    async def pick(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the ritual that was picked."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            one = await ritual_choices.one(
                session,
                server_id=who.server_id,
                ritual_id=int(values[0]),
                user_id=who.user_id,
                now=self.bot.clock.now(),
            )
        await answer(interaction, ritual_mine_cards.card(one), replace=True)

    @pressed("ritual-off")
    async def off(self, interaction: Interaction, ritual_id: str) -> None:
        """Let somebody take the next one off."""
        await self._choose(interaction, int(ritual_id), "skip")

    @pressed("ritual-greet")
    async def greet(self, interaction: Interaction, ritual_id: str) -> None:
        """Let somebody who is new be greeted by name."""
        await self._choose(interaction, int(ritual_id), "greet")

    @pressed("ritual-back")
    async def back(self, interaction: Interaction, ritual_id: str) -> None:
        """Take back what somebody pressed about the next one."""
        await self._choose(interaction, int(ritual_id), "")

    async def _choose(
        self, interaction: Interaction, ritual_id: int, choice: Literal["", "skip", "greet"]
    ) -> None:
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            one = await ritual_choices.choose_next(
                session,
                server_id=who.server_id,
                ritual_id=ritual_id,
                user_id=who.user_id,
                choice=choice,
                now=self.bot.clock.now(),
            )
        await answer(interaction, ritual_mine_cards.card(one), replace=True)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualMine(bot))
