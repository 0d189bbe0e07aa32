"""What Discord says of a message that was shared, and the files that its author ticked."""

import logging
from datetime import datetime

import discord

from bot.errors import EffectError
from bot.gateway.answers import LOST
from bot.gateway.errors import effects

log = logging.getLogger(__name__)


async def look(
    client: discord.Client, channel_id: int, message_id: int
) -> tuple[bool | None, datetime | None]:
    """Return whether a message stands (one GET; None: Discord does not say), and its last edit."""
    message = client.get_partial_messageable(channel_id).get_partial_message(message_id)
    try:
        with effects():
            try:
                found = await message.fetch()
            except discord.NotFound:
                return False, None
    except EffectError as error:
        log.info("A shared message cannot be looked at: %s", error)
        return None, None
    return True, found.edited_at


def takes_posts(client: discord.Client, room_id: int) -> bool:
    """Return whether Hearth can write in a text room, by what Discord told of it."""
    room = client.get_channel(room_id)
    if not isinstance(room, discord.TextChannel):
        return False
    mine = room.permissions_for(room.guild.me)
    return mine.view_channel and mine.send_messages


async def copy(client: discord.Client, url: str, most: int) -> bytes | None:
    """Return what a file holds; None when it is gone, out of reach, empty or larger than `most`.

    Discord signs a file's address for about a day (docs.discord.com/developers/reference, Signed
    Attachment CDN URLs); this one is minutes old.
    """
    try:
        content = await client.http.get_from_cdn(url)
    except (discord.HTTPException, *LOST) as error:
        log.info("A shared file cannot be copied: %s", error)
        return None
    return content if 0 < len(content) <= most else None
