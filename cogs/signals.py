"""What Hearth notices besides messages: reactions, voice, presses; and when it could not notice.

Messages do not pass here: `Hearth.on_message` hands them on directly, see bot/signals.py.
"""

from typing import Any, cast

import discord
from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction
from bot.gateway.observe import is_hidden
from bot.texts import catalogue

WORDS = frozenset(("concern", catalogue()("concerns.menu")))  # the commands of private words


class Signals(commands.Cog):
    """Hands what the gateway tells on to the buffer."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Note a reaction."""
        self.bot.signals.reaction(event)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Note that a message is gone."""
        self.bot.signals.gone(event.guild_id, event.channel_id, (event.message_id,))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Note that many messages are gone."""
        self.bot.signals.gone(event.guild_id, event.channel_id, event.message_ids)

    @commands.Cog.listener()
    async def on_voice_state_update(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        """Note that someone came into a voice channel; muting and leaving are no signs."""
        if after.channel is not None and after.channel != before.channel:
            self.bot.signals.voice(member, after.channel.id)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Note that someone deals with Hearth; what is only typed into a field is nothing yet.

        A private word is no sign of life: who came back at the moment it was sent would be known.
        """
        if interaction.type is discord.InteractionType.autocomplete or _private(interaction):
            return
        self.bot.signals.press(interaction)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Look anew at who sees the channel; read what was written while Hearth did not."""
        self.bot.signals.changed(after.id)
        if is_hidden(before) and not is_hidden(after) and not self.bot.signals.behind:
            await self.bot.signals.catch_up([after.guild])

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget the channel."""
        self.bot.signals.changed(channel.id)

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """Hold what comes now until the gap before it was read: this is a new session."""
        self.bot.signals.begun()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Read what was missed, in every server."""
        await self.bot.signals.catch_up(self.bot.guilds)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Read what was missed in a server that Discord itself could not reach.

        Discord says the same of every server at the start; those are read when all are there.
        """
        if not self.bot.signals.behind:
            await self.bot.signals.catch_up([guild])

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """Go on: Discord has sent everything that was missed."""
        self.bot.signals.resumed()

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """Note that nothing is heard from now on."""
        self.bot.signals.disconnected()


def _private(interaction: Interaction) -> bool:
    """Return whether an interaction belongs to a private word: command, menu, form or button."""
    data = cast("dict[str, Any]", interaction.data or {})
    return data.get("name") in WORDS or str(data.get("custom_id", "")).startswith("concern")


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Signals(bot))
