"""Whether a server welcomes newcomers with Discord's own questions, which come before a home."""

import discord

from bot.gateway.answers import LOST


async def is_on(server: discord.Guild) -> bool:
    """Return whether the server's onboarding is switched on; True when Discord cannot be asked.

    Discord tells of it nowhere but here. Who began it keeps the mark of it when the server switches
    it off, and would be sent to questions that are gone.
    """
    try:
        return (await server.onboarding()).enabled
    except (discord.DiscordException, *LOST):
        return True
