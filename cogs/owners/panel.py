"""/hearth panel: three buttons in the commons for everyone, and what happens to them by hand."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.rules import panels as cards
from bot.rules.message import say
from bot.services import panels
from bot.texts import catalogue

TEXTS = catalogue()


async def _post(interaction: Interaction) -> None:
    """Post the panel in the commons."""
    await defer(interaction)
    bot = interaction.client
    async with bot.database.writing() as session:
        posted = await panels.post(session, actor(interaction), now=bot.clock.now())
    await answer(interaction, cards.posted(posted.room_id, again=posted.again))


panel: app_commands.Command[Any, ..., None] = app_commands.Command(
    name="panel", description=TEXTS("panel.command"), callback=_post
)


class PanelKeeper(commands.Cog):
    """Takes the panel down when an owner says so, and knows when somebody did by hand."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("panel-down")
    async def down(self, interaction: Interaction) -> None:
        """Take the panel down."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            stood = await panels.take_down(session, actor(interaction))
        await answer(interaction, say("panel.taken_down" if stood else "panel.none_stands"))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Take in that a message was deleted, which may be the panel."""
        await self._deleted(event.guild_id, {event.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Take in that many messages were deleted at once."""
        await self._deleted(event.guild_id, event.message_ids)

    async def _deleted(self, server_id: int | None, message_ids: set[int]) -> None:
        if server_id is None:
            return
        async with self.bot.database.reading() as session:
            is_panel = await panels.stands_among(session, server_id, message_ids)
        if is_panel:
            async with self.bot.database.writing() as session:
                await panels.removed(session, server_id, message_ids)
