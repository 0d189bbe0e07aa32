"""Moves by hand before a split: facilitators put somebody elsewhere, who may go back."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer_in_place, pressed
from bot.services import split_changes, split_veto


class SplitChanges(commands.Cog):
    """Answers what is pressed behind [Change], and what those who were moved say to it."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("split-change")
    async def change(self, interaction: Interaction, split_id: str, _round: str = "") -> None:
        """Show the plan with the means to move somebody."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await split_changes.card(session, actor(interaction), int(split_id))
        await answer(interaction, shown)

    @pressed("split-who")
    async def who_goes(
        self, interaction: Interaction, split_id: str, index: str, page: str
    ) -> None:
        """Show one page of who goes with a part."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await split_changes.who_goes(
                session, actor(interaction), int(split_id), int(index), int(page)
            )
        await answer(interaction, shown)

    @pressed("split-person")
    async def somebody(self, interaction: Interaction, split_id: str, *, values: list[str]) -> None:
        """Show where somebody goes."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await split_changes.somebody(
                session, actor(interaction), int(split_id), int(values[0])
            )
        await answer(interaction, shown)

    @pressed("split-put")
    async def put(self, interaction: Interaction, split_id: str, user_id: str, child: str) -> None:
        """Put somebody elsewhere, or ask who goes the other way."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_changes.put(
                session,
                actor(interaction),
                int(split_id),
                user_id=int(user_id),
                child=int(child),
                now=self.bot.clock.now(),
            )
        await answer(interaction, shown)

    @pressed("split-swap")
    async def exchange(
        self,
        interaction: Interaction,
        split_id: str,
        user_id: str,
        child: str,
        *,
        values: list[str],
    ) -> None:
        """Let two people change places."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_changes.exchange(
                session,
                actor(interaction),
                int(split_id),
                pair=(int(user_id), int(values[0])),
                child=int(child),
                now=self.bot.clock.now(),
            )
        await answer(interaction, shown)

    @pressed("split-anew")
    async def plan_anew(self, interaction: Interaction, split_id: str) -> None:
        """Take the moves by hand back, so that the plan is made anew."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_changes.plan_anew(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, shown)

    @pressed("split-back")
    async def put_back(self, interaction: Interaction, split_id: str) -> None:
        """Let somebody who was moved go back."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_veto.put_back(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, shown)

    @pressed("split-fine")
    async def fine(self, interaction: Interaction, split_id: str) -> None:
        """Take in that somebody who was moved is fine with it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            shown = await split_veto.fine(
                session, actor(interaction), int(split_id), self.bot.clock.now()
            )
        await answer(interaction, shown)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(SplitChanges(bot))
