"""Messages and threads that Hearth posts: sent, opened, and found again when nobody knows."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import discord
from discord.http import Route

from bot.errors import Permanent
from bot.gateway.errors import MISSING_PERMISSIONS
from bot.gateway.once import once
from bot.gateway.payloads import files_of, mentions_of, text_of, view_of
from bot.rules.message import Drawn, Message, Thread
from bot.texts import Say

# Discord's JSON error codes and limits (topics/threads, resources/channel)
HAS_A_THREAD, NO_SUCH_ROOM = 160004, 50024
LONGEST_NAME = 100  # characters of a thread's name
PRIVATE = 12

MESSAGES_SEARCHED = 1000
THREADS_SEARCHED = 10  # of the same name in the same room, the newest first


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out: words, what goes with it, and how Discord tells it from others."""

    message: Message
    say: Say
    nonce: str
    pictures: Sequence[Drawn] = ()
    files: Sequence[Drawn] = ()

    @property
    def marker(self) -> str:
        """Return the custom_id by which the message is recognised where it stands."""
        return self.message.buttons[0].press

    def written(self) -> None:
        """Write it once, to see that it can be; KeyError, ValueError or IndexError if not."""
        text_of(self.message, self.say)
        view_of(self.message, self.say)
        if self.message.thread is not None:
            name_of(self.message.thread, self.say)


def name_of(thread: Thread, say: Say) -> str:
    """Return a thread's name: one line of plain text, as long as Discord takes."""
    name = " ".join(say(thread.name.key, **thread.name.params).split())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


async def post(
    client: discord.Client, channel_id: int, letter: Letter, *, within: float, named: bool = False
) -> int:
    """Send a message; return its id. TimeoutError when nobody confirmed it `within` seconds.

    With `named` whoever it is for stands in its text, for that is how they come into a thread.
    """
    channel = client.get_partial_messageable(channel_id)
    message = letter.message
    text, view = text_of(message, letter.say), view_of(message, letter.say)
    if named:
        missing = [f"<@{user}>" for user in message.users if f"<@{user}>" not in text]
        text = "\n".join([text, " ".join(missing)] if missing else [text])
    assert view is not None  # nothing is owed without a button

    async def sent(parts: Sequence[Drawn]) -> int:
        async with asyncio.timeout(within):
            answer = await channel.send(
                text,
                view=view,
                nonce=letter.nonce,
                allowed_mentions=mentions_of(message),
                silent=not message.loud,
                files=files_of(parts),
            )
        return answer.id

    try:
        return await sent((*letter.pictures, *letter.files))
    except discord.Forbidden:
        # A room may let Hearth write but not attach: what is said in words still comes.
        if not letter.pictures and not letter.files:
            raise
        return await sent(())


async def find(
    client: discord.Client, channel_id: int, marker: str, *, since: datetime
) -> int | None:
    """Return the id of our own message in a room or thread that carries the marker."""
    assert client.user is not None  # logged in since `wait_until_ready`
    start = discord.Object(discord.utils.time_snowflake(since))
    room = client.get_partial_messageable(channel_id)
    async for message in room.history(limit=MESSAGES_SEARCHED, after=start, oldest_first=True):
        if message.author.id == client.user.id and marker in custom_ids(message):
            return message.id
    return None


async def open_on(
    client: discord.Client, channel_id: int, message_id: int, thread: Thread, say: Say
) -> int:
    """Open a thread on a message of ours; one that stands there already is that one.

    One that the gateway told of, as after a start, is not asked for again.
    """
    if client.get_channel(message_id) is not None:
        return message_id
    route = Route(
        "POST",
        "/channels/{channel_id}/messages/{message_id}/threads",
        channel_id=channel_id,
        message_id=message_id,
    )
    payload = {"name": name_of(thread, say), "auto_archive_duration": thread.minutes}
    try:
        await once(client.http, route, payload)
    except discord.HTTPException as error:
        if error.code != HAS_A_THREAD:
            raise
    return message_id  # Discord gives the thread the id of its message


def private_refused(client: discord.Client, parent_id: int) -> Permanent | None:
    """Return why no private thread can be opened in a room, as far as that is known before."""
    room = client.get_channel(parent_id)
    if not isinstance(room, discord.abc.GuildChannel):
        return None  # Discord tells
    if not isinstance(room, discord.TextChannel):
        return Permanent("there are no private threads in rooms of this kind", code=NO_SUCH_ROOM)
    may = room.permissions_for(room.guild.me)
    if may.create_private_threads and may.send_messages_in_threads:
        return None
    return Permanent("I may not open private threads there", code=MISSING_PERMISSIONS)


async def open_private(client: discord.Client, parent_id: int, thread: Thread, say: Say) -> int:
    """Open a private thread in a room; return its id."""
    payload = {
        "name": name_of(thread, say),
        "type": PRIVATE,
        "auto_archive_duration": thread.minutes,
        "invitable": False,
    }
    route = Route("POST", "/channels/{channel_id}/threads", channel_id=parent_id)
    made = await once(client.http, route, payload)
    return int(made["id"])


async def is_locked(client: discord.Client, thread_id: int) -> bool:
    """Return whether somebody has locked a thread; of one that is asleep Discord is asked."""
    known = client.get_channel(thread_id)
    if isinstance(known, discord.Thread):
        return known.locked
    route = Route("GET", "/channels/{channel_id}", channel_id=thread_id)
    told = cast("dict[str, Any]", await client.http.request(route))
    return bool(told.get("thread_metadata", {}).get("locked"))


async def find_private(
    client: discord.Client,
    server_id: int,
    parent_id: int,
    name: str,
    *,
    marker: str,
    since: datetime,
    known: Collection[int],
) -> int | None:
    """Return a private thread that we opened and sent nothing into but the message we look for.

    That is: our own, active, made since then in that room under that name, none of those `known`.
    """
    assert client.user is not None
    route = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=server_id)
    answer = cast("dict[str, Any]", await client.http.request(route))
    start = discord.utils.time_snowflake(since)
    found = [
        int(one["id"])
        for one in answer["threads"]
        if one["type"] == PRIVATE
        and int(one["parent_id"]) == parent_id
        and int(one["owner_id"]) == client.user.id
        and one["name"] == name
        and int(one["id"]) >= start
    ]
    for thread_id in sorted(set(found) - set(known), reverse=True)[:THREADS_SEARCHED]:
        others = False
        room = client.get_partial_messageable(thread_id)
        async for message in room.history(limit=MESSAGES_SEARCHED, oldest_first=True):
            if message.author.id != client.user.id or not message.components:
                continue
            if marker in custom_ids(message):
                return thread_id
            others = True
        if not others:
            return thread_id
    return None


def custom_ids(message: discord.Message) -> set[str | None]:
    """Return what the buttons and menus of a message are known by."""
    return {
        getattr(part, "custom_id", None)
        for row in message.components
        for part in getattr(row, "children", ())
    }
