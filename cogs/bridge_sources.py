"""What becomes of messages that are shared with the commons: edited, out of sight."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.services import bridge_sources

Gone = Callable[..., Awaitable[Any]]


class BridgeSources(commands.Cog):
    """Hands on what the gateway tells of messages, rooms and threads."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Withdraw a bridge whose message was edited; Discord does not say what it reads now."""
        if event.guild_id is None or event.message.edited_at is None:
            return
        at = event.message.edited_at
        async with self.bot.database.reading() as session:
            if not await bridge_sources.concerns(session, event.guild_id, {event.message_id}):
                return
        async with self.bot.database.writing() as session:
            await bridge_sources.edited(
                session, event.guild_id, event.message_id, at, self.bot.clock.now()
            )

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Let everything go whose messages went with a room."""
        await self._channel_gone(channel.guild.id, channel.id, bridge_sources.room_gone)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Let everything go whose messages went with a thread."""
        await self._channel_gone(event.guild_id, event.thread_id, bridge_sources.channel_gone)

    async def _channel_gone(self, server_id: int, channel_id: int, gone: Gone) -> None:
        async with self.bot.database.reading() as session:
            if not await bridge_sources.any_alive(session, [server_id]):
                return
        async with self.bot.database.writing() as session:
            await gone(session, server_id, channel_id, self.bot.clock.now())

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Have every message looked at that is shared: this is a new session."""
        await self._look_again([guild.id for guild in self.bot.guilds])

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Do so for a server that comes back after an outage."""
        if self.bot.is_ready():
            await self._look_again([guild.id])

    async def _look_again(self, server_ids: list[int]) -> None:
        async with self.bot.database.reading() as session:
            if not await bridge_sources.any_alive(session, server_ids):
                return
        async with self.bot.database.writing() as session:
            await bridge_sources.look_again(session, server_ids)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(BridgeSources(bot))
