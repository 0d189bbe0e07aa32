"""Reads what was written in rooms while Hearth could not hear them: authors and times."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import aiohttp
import discord

log = logging.getLogger(__name__)

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

PAGE = 100  # most messages per request: Discord, Get Channel Messages
# A room that had more than this is not read to its end; the gap then counts as not heard.
MOST_PAGES = 20
ROOMS_AT_ONCE = 4
WAITS = (0.25, 1.0, 0.0)  # seconds after each try that failed


@dataclass(slots=True)
class Gap:
    """What one channel may have missed: everything after a message.

    `messages` come oldest first; `complete` is False while there may be more that were not read,
    as in a channel that is `closed` to Hearth.
    """

    channel: Readable
    after: int
    messages: list[discord.Message] = field(default_factory=list[discord.Message])
    complete: bool = False
    closed: bool = False


def gaps(guild: discord.Guild, cursors: Mapping[int, int], rooms: Mapping[int, int]) -> list[Gap]:
    """Return the channels of a server in which something may have been written meanwhile.

    `cursors` gives a channel's last known message, `rooms` where a room begins that has none yet.
    What is there no longer than that needs no request: Discord tells each channel's last message.
    Of a group's room that Hearth may not read, nobody knows what was written.
    """
    found: list[Gap] = []
    for channel in [*guild.channels, *guild.threads]:
        if not isinstance(channel, Readable):
            continue
        room_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        start = cursors.get(channel.id, rooms.get(room_id))
        if start is None or (isinstance(channel, discord.Thread) and channel.parent is None):
            continue  # a thread whose channel was deleted tells nobody who may read it
        may = channel.permissions_for(guild.me)
        if not (may.view_channel and may.read_message_history):
            # Asked for the history, Discord would answer that there is none.
            if room_id in rooms:
                found.append(Gap(channel, start, closed=True))
        elif (channel.last_message_id or 0) > start:
            found.append(Gap(channel, start))
    return found


async def fill(found: Iterable[Gap]) -> None:
    """Read all these channels, a few at a time."""
    turns = asyncio.Semaphore(ROOMS_AT_ONCE)

    async def fill_one(gap: Gap) -> None:
        async with turns:
            await _fill(gap)

    async with asyncio.TaskGroup() as tasks:
        for gap in found:
            if gap.closed:
                continue
            tasks.create_task(fill_one(gap))


async def _fill(gap: Gap) -> None:
    """Read one channel; one that is gone has nothing to tell.

    discord.py repeats most failed requests itself, but neither a 503 nor a connection that was cut.
    """
    most = PAGE * MOST_PAGES
    start = discord.Object(gap.after)
    for wait in WAITS:
        try:
            pages = gap.channel.history(limit=most, after=start, oldest_first=True)
            gap.messages = [message async for message in pages]
            gap.complete = len(gap.messages) < most
        except discord.NotFound:
            gap.complete = True
        except discord.Forbidden:
            gap.complete = False
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
            log.info("The history of %d cannot be read now: %s", gap.channel.id, error)
            await asyncio.sleep(wait)
            continue
        return


async def before(channel: Readable, message_id: int, count: int) -> list[discord.Message]:
    """Return up to `count` messages before this id, oldest first; empty if they cannot be read."""
    try:
        end = discord.Object(message_id)
        found = [message async for message in channel.history(limit=count, before=end)]
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        log.info("The last messages of room %d cannot be read now: %s", channel.id, error)
        return []
    return found[::-1]
