"""The panel's message in its room: whether it is still in sight, and taking it down."""

import logging
from typing import Literal

import discord

from bot.gateway.answers import LOST
from bot.rules.panels import SCROLLED

log = logging.getLogger(__name__)

# there: on the first screens · away: scrolled out of sight · gone: deleted, or its room is
Sight = Literal["there", "away", "gone"]


async def sight(client: discord.Client, channel_id: int, message_id: int) -> Sight:
    """Return how the panel stands in its room, by the messages from it on (one request).

    "there" too when Discord does not say: then it is looked at again in an hour.
    """
    room = client.get_partial_messageable(channel_id)
    since = discord.Object(message_id - 1)
    try:
        found = [message.id async for message in room.history(limit=SCROLLED + 1, after=since)]
    except discord.NotFound:
        return "gone"
    except (discord.HTTPException, discord.RateLimited, *LOST) as refused:
        log.info("The panel cannot be looked at: %s", refused)
        return "there"
    if message_id not in found:
        return "gone"
    return "away" if len(found) > SCROLLED else "there"


async def take_down(client: discord.Client, channel_id: int, message_id: int) -> bool:
    """Delete the panel's message; False when it should be tried again later.

    One that is gone already, or whose room the bot may not see any more, is done with.
    """
    message = client.get_partial_messageable(channel_id).get_partial_message(message_id)
    try:
        await message.delete()
    except (discord.NotFound, discord.Forbidden):
        return True
    except (discord.HTTPException, discord.RateLimited, *LOST) as refused:
        log.info("The old panel cannot be taken down yet: %s", refused)
        return False
    return True
