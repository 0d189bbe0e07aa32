"""Notes about a group that its facilitators share."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.gateway.payloads import Field, form
from bot.rules.note_cards import SAID_MOST
from bot.services import facilitator_notes


class Notes(commands.Cog):
    """Shows the notes, takes new ones, and lets their authors take them back."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("notes")
    async def show(self, interaction: Interaction, group_id: str) -> None:
        """Show the notes."""
        await self._show(interaction, int(group_id))

    @pressed("note-write")
    async def write(self, interaction: Interaction, group_id: str) -> None:
        """Ask for the words; who may not write is told before they have written."""
        async with self.bot.database.reading() as session:
            await facilitator_notes.card(session, actor(interaction), int(group_id))
        said = Field(
            "said", "notes.form_said", hint="notes.form_hint", long=True, least=3, most=SAID_MOST
        )
        await give_form(
            interaction,
            form(language(interaction), "notes.form", f"note-written:{group_id}", [said]),
        )

    @submitted("note-written")
    async def written(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Keep the note and show them all."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            await facilitator_notes.write(
                session, actor(interaction), int(group_id), fields["said"], self.bot.clock.now()
            )
        await self._show(interaction, int(group_id))

    @pressed("note-take-back")
    async def take_back(
        self, interaction: Interaction, group_id: str, *, values: list[str]
    ) -> None:
        """Erase one of one's own."""
        async with self.bot.database.writing() as session:
            await facilitator_notes.take_back(
                session, actor(interaction), int(group_id), int(values[0])
            )
        await self._show(interaction, int(group_id))

    async def _show(self, interaction: Interaction, group_id: int) -> None:
        async with self.bot.database.reading() as session:
            card = await facilitator_notes.card(session, actor(interaction), group_id)
        await answer(interaction, card, replace=True)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Notes(bot))
