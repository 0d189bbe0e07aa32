"""The prompts of a ritual: a page of them, as a file and from one, and the thread of each time."""

import io
from typing import Any

import discord
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
from bot.gateway import answers, uploads
from bot.gateway.payloads import FILE, file_form
from bot.rules import ritual_kind_cards
from bot.rules.message import Line
from bot.rules.naming import safe
from bot.rules.ritual_files import BYTES_MOST
from bot.services import hosting, ritual_making


class RitualPrompts(commands.Cog):
    """What hosts do with a ritual's prompts."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("ritual-prompts")
    async def page(self, interaction: Interaction, ritual_id: str) -> None:
        """Show a ritual's prompts."""
        await self._show(interaction, int(ritual_id))

    @pressed("ritual-thread")
    async def thread(self, interaction: Interaction, ritual_id: str, which: str) -> None:
        """Let each time open a thread of its own, or no more."""
        async with self.bot.database.writing() as session:
            await ritual_making.give_thread(
                session,
                actor(interaction),
                int(ritual_id),
                self.bot.clock.now(),
                thread=which == "1",
            )
        await self._show(interaction, int(ritual_id))

    @pressed("ritual-ours")
    async def ours(self, interaction: Interaction, ritual_id: str) -> None:
        """Add the prompts of its kind that it does not have."""
        async with self.bot.database.writing() as session:
            added = await ritual_making.add_ours(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await self._show(interaction, int(ritual_id), Line("ritual_kinds.ours_added", {"n": added}))

    @pressed("ritual-file")
    async def as_file(self, interaction: Interaction, ritual_id: str) -> None:
        """Hand over the prompts as a plain text file."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            found = await ritual_making.as_file(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        told = language(interaction)(
            "ritual_kinds.file_here", n=found.prompts, title=safe(found.title)
        )
        await answers.later(
            lambda: interaction.edit_original_response(
                content=told,
                attachments=[discord.File(io.BytesIO(found.content), found.name)],
                allowed_mentions=discord.AllowedMentions.none(),
            )
        )

    @pressed("ritual-send")
    async def send(self, interaction: Interaction, ritual_id: str) -> None:
        """Ask for a file of prompts."""
        async with self.bot.database.reading() as session:
            await hosting.one(session, actor(interaction), int(ritual_id), self.bot.clock.now())
        await give_form(
            interaction,
            file_form(
                language(interaction),
                "ritual_kinds.file_title",
                f"ritual-sent:{ritual_id}",
                "ritual_kinds.file_label",
                "ritual_kinds.file_hint",
            ),
        )

    @submitted("ritual-sent")
    async def sent(
        self, interaction: Interaction, ritual_id: str, *, fields: dict[str, Any]
    ) -> None:
        """Let the ritual have the prompts of the file that was sent."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            await hosting.one(session, who, int(ritual_id), now)
        content = await uploads.one(
            interaction,
            fields.get(FILE) or (),
            most=BYTES_MOST,
            lost="ritual_kinds.file_lost",
            big="ritual_kinds.file_big",
        )
        async with self.bot.database.writing() as session:
            taken = await ritual_making.take_file(session, who, int(ritual_id), content, now)
            page = await ritual_making.page(session, who, int(ritual_id), now)
        told = Line("ritual_kinds.taken", {"n": taken})
        await answer(interaction, ritual_kind_cards.page(page, told))

    async def _show(
        self, interaction: Interaction, ritual_id: int, told: Line | None = None
    ) -> None:
        async with self.bot.database.reading() as session:
            page = await ritual_making.page(
                session, actor(interaction), ritual_id, self.bot.clock.now()
            )
        await answer(interaction, ritual_kind_cards.page(page, told), replace=True)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualPrompts(bot))
