"""What fits a group: those who look after it tick the answers of people who would like it there."""

from collections.abc import Collection

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.rules import fit_cards
from bot.services import finding, fitting, rights


class Fitting(commands.Cog):
    """Opened at the desk, and by the answer to a group that was made."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("fits-open")
    async def open(self, interaction: Interaction, group_id: str, beside: str = "") -> None:
        """Show what is said so far; `beside` the answer that was pressed, which has more to do."""
        await (defer(interaction) if beside else defer_in_place(interaction))
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await rights.require_facilitator(session, who, int(group_id))
            await finding.begin(session, who.server_id)
        await self._card(interaction, int(group_id))

    @pressed("fits-which")
    async def choose(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Show one question with its answers."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            group, fit = await fitting.question(
                session, actor(interaction), int(group_id), int(values[0])
            )
        await answer(interaction, fit_cards.question(group.id, group.name, fit))

    @pressed("fits-tick")
    async def tick(
        self, interaction: Interaction, group_id: str, question_id: str, *, values: list[str]
    ) -> None:
        """Keep what fits."""
        await self._say(interaction, int(group_id), int(question_id), [int(v) for v in values])

    @pressed("fits-clear")
    async def clear(self, interaction: Interaction, group_id: str, question_id: str) -> None:
        """Say nothing on a question."""
        await self._say(interaction, int(group_id), int(question_id), ())

    async def _say(
        self, interaction: Interaction, group_id: int, question_id: int, choices: Collection[int]
    ) -> None:
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await fitting.say(
                session,
                actor(interaction),
                group_id,
                question_id,
                choices,
                now=self.bot.clock.now(),
            )
        await self._card(interaction, group_id)

    async def _card(self, interaction: Interaction, group_id: int) -> None:
        async with self.bot.database.reading() as session:
            group, fits = await fitting.read(session, actor(interaction), group_id)
        await answer(interaction, fit_cards.card(group.id, group.name, fits))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Fitting(bot))
