"""Messages that something stands by are deleted: it follows, whoever's hand that was."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.services import ask_gone, bridge_sources


@dataclass(frozen=True, slots=True)
class Following:
    """What follows messages: whether these concern it, and what it does about them."""

    concerns: Callable[..., Awaitable[bool]]
    deleted: Callable[..., Awaitable[Any]]


FOLLOWING = (
    Following(bridge_sources.concerns, bridge_sources.deleted),
    Following(ask_gone.concerns, ask_gone.deleted),
)


class DeletedMessages(commands.Cog):
    """Hands on which messages were deleted."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Let what stood by a message follow it."""
        await self._deleted(event.guild_id, {event.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Do so for many at once."""
        await self._deleted(event.guild_id, event.message_ids)

    async def _deleted(self, server_id: int | None, message_ids: Collection[int]) -> None:
        if server_id is None:
            return
        async with self.bot.database.reading() as session:
            concerned = [
                one for one in FOLLOWING if await one.concerns(session, server_id, message_ids)
            ]
        for one in concerned:
            async with self.bot.database.writing() as session:
                await one.deleted(session, server_id, message_ids, self.bot.clock.now())


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(DeletedMessages(bot))
