"""Single messages and threads on Discord: whether one stands, and taking ours away."""

import discord

from bot.gateway.errors import MISSING_PERMISSIONS, effects


async def stands(client: discord.Client, channel_id: int, message_id: int) -> bool:
    """Return whether a message is there still (GET one message; anybody's, without its text).

    A room that Hearth may not read any more tells nothing: then `Permanent`, with 50001.
    `Temporary` when Discord does not say.
    """
    message = client.get_partial_messageable(channel_id).get_partial_message(message_id)
    with effects():
        try:
            await message.fetch()
        except discord.NotFound:
            return False
    return True


async def delete(client: discord.Client, channel_id: int, message_id: int) -> None:
    """Delete a message of our own; one that is gone, or whose room is, is done with.

    `Temporary`, or `Permanent` where Discord refuses.
    """
    message = client.get_partial_messageable(channel_id).get_partial_message(message_id)
    with effects():
        try:
            await message.delete()
        except discord.NotFound:
            return


async def close_thread(client: discord.Client, thread_id: int) -> None:
    """Archive and lock a thread of our own; one that is gone is done with. Errors as in `delete`.

    Without Manage Threads it is archived all the same, and whoever writes in it opens it again.
    """
    http = client.http
    with effects():
        try:
            if client.get_channel(thread_id) is None:
                # It fell asleep by itself: only one that is awake can be locked.
                await http.edit_channel(thread_id, archived=False)
            await http.edit_channel(thread_id, archived=True, locked=True)
        except discord.NotFound:
            return
        except discord.Forbidden as error:
            if error.code != MISSING_PERMISSIONS:
                raise
            await http.edit_channel(thread_id, archived=True)
