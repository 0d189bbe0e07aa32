"""How an owner names a room in a command."""

import discord
from discord import app_commands


class _TextRooms(app_commands.Transformer[discord.Client]):
    """Lets a person choose among rooms for text only, seen by the bot or not."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(
        self, interaction: discord.Interaction[discord.Client], value: object, /
    ) -> app_commands.AppCommandChannel:
        del interaction
        assert isinstance(value, app_commands.AppCommandChannel)
        return value


TextRoom = app_commands.Transform[app_commands.AppCommandChannel, _TextRooms]
