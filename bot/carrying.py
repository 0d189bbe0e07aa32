"""How one owed message gets to where it belongs: sent, found, with its thread, or refused.

A message that comes with a thread takes two steps, each written down before the next: a public one
is opened on the message, once, since Discord gives it the message's id; a private one is opened
first, and looked for among the active ones where nobody knows.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import discord

from bot.clock import Clock
from bot.database import Database
from bot.errors import EffectError, Permanent, Temporary
from bot.gateway import posts
from bot.gateway.distance import is_page
from bot.gateway.posts import Letter
from bot.pictures import drawn
from bot.rules.message import Drawn, Message
from bot.services import sending, takedowns
from bot.services.outbox import nonce
from bot.services.sending import Delivered, Owed
from bot.texts import catalogue

log = logging.getLogger(__name__)

# Discord's JSON error codes
UNKNOWN_CHANNEL = 10003
TOO_MANY_NEW_DMS = 40003
DMS_CLOSED = frozenset({50007, 50278})  # the person's settings; no server in common any more

LOOK_BACK = timedelta(minutes=5)  # how far Discord's clock and ours may differ


class DmsClosed(EffectError):  # noqa: N818 - it names what was met
    """The person takes no direct messages from the bot."""


class Unsure(Temporary):
    """Nobody knows whether the message was sent."""


class Gone(EffectError):  # noqa: N818 - it names what was met
    """The thread that the message was meant for is there no more, or is shut."""


@dataclass(slots=True)
class Trip:
    """How far a message is that takes several steps.

    `thread_id` is the private thread that was opened for it, `message_id` where it stands; `begun`:
    what was done so far is in the tables.
    """

    owed: Owed
    thread_id: int | None
    message_id: int | None
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """Takes messages where they belong; `room_of` says where that is.

    A send that nobody confirmed `within` seconds is one of which nobody knows.
    """

    client: discord.Client
    database: Database
    clock: Clock
    within: float
    room_of: Callable[[Owed], Awaitable[int]]

    async def attempt(self, trip: Trip, *, look_first: bool) -> Delivered | None:
        """Return where the message stands, sent now or found; None if nowhere and too late."""
        owed = trip.owed
        try:
            channel_id = await self.room_of(owed)
            letter = await self._letter(owed, owed.message, owed.nonce)
            thread = owed.message.thread
            if thread is not None and thread.private:
                return await self._privately(trip, letter, look_first=look_first)
            if trip.message_id is None and look_first:
                trip.message_id = await self._found(channel_id, owed, letter)
                if trip.message_id is None and owed.expired:
                    return None
            if trip.message_id is None:
                if owed.in_thread and await posts.is_locked(self.client, channel_id):
                    raise Gone("somebody has locked the thread")
                trip.message_id = await self._send(channel_id, letter)
            if thread is None:
                return Delivered(trip.message_id, channel_id)
            return await self._with_thread(trip, letter)
        except discord.RateLimited as error:
            raise Temporary(str(error), delay=error.retry_after) from error
        except (discord.DiscordServerError, Temporary) as error:
            raise Unsure(str(error)) from error
        except discord.HTTPException as error:
            raise _meaning(error, owed) from error
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one of these
            raise Unsure(f"{type(error).__name__}: {error}") from error

    async def _letter(self, owed: Owed, message: Message, nonce: str) -> Letter:
        say = catalogue(owed.language)
        letter = Letter(message, say, nonce)
        try:
            letter.written()
        except (KeyError, ValueError, IndexError) as error:
            raise Permanent(f"its text cannot be written: {error!r}") from error
        files: list[Drawn] = []
        if message.attached:
            async with self.database.reading() as session:
                files = await sending.attached(session, message)
        pictures = await drawn(message.pictures, say)
        return replace(letter, pictures=pictures, files=files)

    async def _send(self, channel_id: int, letter: Letter, *, named: bool = False) -> int:
        return await posts.post(self.client, channel_id, letter, within=self.within, named=named)

    async def _found(self, channel_id: int, owed: Owed, letter: Letter) -> int | None:
        since = owed.claimed_at - LOOK_BACK
        return await posts.find(self.client, channel_id, letter.marker, since=since)

    async def _with_thread(self, trip: Trip, letter: Letter) -> Delivered:
        """Open the thread of a message that stands; where that is refused it stands without."""
        owed, thread, message_id = trip.owed, letter.message.thread, trip.message_id
        assert thread is not None
        assert message_id is not None
        if not trip.begun:
            async with self.database.writing() as session:
                await sending.posted(session, owed.id, message_id)
            trip.begun = True
        if owed.expired:
            return Delivered(message_id, owed.target)
        try:
            await posts.open_on(self.client, owed.target, message_id, thread, letter.say)
        except discord.DiscordServerError:
            raise
        except discord.HTTPException as error:
            if passes(error):
                raise
            log.warning("The message %s stands without its thread: %s", owed.told, error)
            return Delivered(message_id, owed.target, refusal=(error.text, error.code or None))
        return Delivered(message_id, owed.target, message_id)

    async def _privately(self, trip: Trip, letter: Letter, *, look_first: bool) -> Delivered | None:
        """Send a message into a private thread of its own, or its fallback into the room."""
        owed, thread = trip.owed, letter.message.thread
        assert thread is not None
        instead = None if owed.fallback is None else await self._instead(owed, owed.fallback)
        if look_first and trip.thread_id is None:
            # The one or the other may stand already, whatever is possible now.
            if instead is not None:
                found = await self._found(owed.target, owed, instead)
                if found is not None:
                    return Delivered(found, owed.target)
            await self._look_for_thread(trip, letter)
        if trip.thread_id is None and owed.expired:
            return None
        try:
            if trip.thread_id is None:
                refusal = posts.private_refused(self.client, owed.target)
                if refusal is not None:
                    raise refusal
                made = await posts.open_private(self.client, owed.target, thread, letter.say)
                await self._opened(trip, made)
            return await self._into(trip, letter, look_first=look_first)
        except discord.DiscordServerError:
            raise
        except (discord.HTTPException, Permanent) as error:
            why = _meaning(error, owed) if isinstance(error, discord.HTTPException) else error
            if instead is None or not isinstance(why, Permanent):
                raise
            log.warning("The message %s finds no thread: %s", owed.told, why)
            message_id = await self._send(owed.target, instead)
            await self._close(trip)
            return Delivered(message_id, owed.target, refusal=(str(why), why.code))

    async def _into(self, trip: Trip, letter: Letter, *, look_first: bool) -> Delivered | None:
        """Send a message into the private thread that was opened for it, if it is not there."""
        owed, thread_id = trip.owed, trip.thread_id
        assert thread_id is not None
        try:
            found = await self._found(thread_id, owed, letter) if look_first else None
            if found is None and owed.expired:
                return None
            message_id = found or await self._send(thread_id, letter, named=True)
        except discord.NotFound as error:
            raise Gone(str(error)) from error  # somebody deleted it, or its room
        return Delivered(message_id, thread_id, thread_id)

    async def _close(self, trip: Trip) -> None:
        """Close a thread that nothing could be sent into."""
        if trip.thread_id is not None:
            async with self.database.writing() as session:
                await takedowns.close_thread(
                    session,
                    server_id=trip.owed.server_id,
                    thread_id=trip.thread_id,
                    now=self.clock.now(),
                )

    async def _instead(self, owed: Owed, fallback: Message) -> Letter:
        return await self._letter(owed, fallback, nonce(owed.server_id, f"instead:{owed.key}"))

    async def _look_for_thread(self, trip: Trip, letter: Letter) -> None:
        owed, thread = trip.owed, letter.message.thread
        assert thread is not None
        async with self.database.reading() as session:
            known = await sending.known_threads(session, owed.server_id)
        found = await posts.find_private(
            self.client,
            owed.server_id,
            owed.target,
            posts.name_of(thread, letter.say),
            marker=letter.marker,
            since=owed.claimed_at - LOOK_BACK,
            known=known,
        )
        if found is not None:
            await self._opened(trip, found)

    async def _opened(self, trip: Trip, thread_id: int) -> None:
        async with self.database.writing() as session:
            await sending.opened(session, trip.owed.id, thread_id)
        trip.thread_id = thread_id
        trip.begun = True


def passes(error: discord.HTTPException) -> bool:
    """Return whether a refusal is one that passes by itself."""
    return error.status in {401, 429} or is_page(error)


def _meaning(error: discord.HTTPException, owed: Owed) -> EffectError:
    """Sort a refusal: the person's settings, something that passes, or for good."""
    if owed.is_dm and error.code in DMS_CLOSED:
        return DmsClosed(str(error))
    if error.code == TOO_MANY_NEW_DMS:
        return Temporary(str(error), delay=600)
    if passes(error):
        return Temporary(str(error))
    if error.code == UNKNOWN_CHANNEL and owed.in_thread:
        return Gone(str(error))
    if error.code == UNKNOWN_CHANNEL and owed.heals:
        # The room was deleted by hand; the reconciler makes it anew.
        return Temporary(str(error), delay=60)
    return Permanent(error.text or str(error), code=error.code or None)
