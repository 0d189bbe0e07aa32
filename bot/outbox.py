"""Sends the messages that are owed, each exactly once: claim, send, record.

A row is claimed in one transaction and the message sent after it, with a nonce that is always the
same for this message, so that Discord itself refuses a second copy within a few minutes. Then its
id is recorded and the row erased. Whenever it is not known whether a message was sent — the answer
was lost, or none came for two minutes, or the process died in between and finds the claimed row
when it starts — the room's history is read first: our own message with the same first button is
the message.

Rooms are served beside each other, the messages of one room in order.

A message that comes with a thread takes two steps, each written down before the next: a public one
is opened on the message, once, since Discord gives it the message's id; a private one is opened
first, and looked for among the active ones where nobody knows. What is not to stand any longer is
taken away by the same hands (bot/services/takedowns.py).
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
import discord

from bot.clock import Clock
from bot.database import Database
from bot.errors import EffectError, Permanent, TablesDown, Temporary
from bot.gateway import messages, posts
from bot.gateway.distance import is_page
from bot.gateway.posts import Letter
from bot.pictures import drawn
from bot.rules.message import Drawn, Message
from bot.services import sending, takedowns
from bot.services.outbox import nonce
from bot.services.sending import Delivered, Owed
from bot.services.takedowns import Unwanted
from bot.texts import catalogue

log = logging.getLogger(__name__)

# Discord's JSON error codes
UNKNOWN_CHANNEL = 10003
TOO_MANY_NEW_DMS = 40003
DMS_CLOSED = frozenset({50007, 50278})  # the person's settings; no server in common any more

DELAYS = (1.0, 5.0, 30.0)  # seconds between tries
SANDBOX_DELAYS = (0.05, 0.1, 0.25)  # where weeks pass in minutes

LOOK_BACK = timedelta(minutes=5)  # how far Discord's clock and ours may differ

SENT, DROPPED, REFUSED, DMS_SHUT, PUT_OFF = OUTCOMES = (
    "sent",
    "dropped",  # too late, or nobody there any more
    "refused",
    "dms closed",
    "put off",
)


class DmsClosed(EffectError):  # noqa: N818 - it names what was met
    """The person takes no direct messages from the bot."""


class Unsure(Temporary):
    """Nobody knows whether the message was sent."""


class Gone(EffectError):  # noqa: N818 - it names what was met
    """The thread that the message was meant for is there no more."""


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


class Outbox:
    """The sender; open it with `async with` and `wake` it when something new is owed.

    - One message at a time goes to one room or person; at most `at_once` in all.
    - A failure that passes is tried again after each of `delays` (seconds); then it waits for some
      minutes of the clock, longer each time.
    - At most `dms_per_minute` people are written to who were not before, as Discord's protection
      against spam counts new conversations.
    """

    def __init__(
        self,
        client: discord.Client,
        database: Database,
        clock: Clock,
        *,
        delays: Sequence[float] = DELAYS,
        unconfirmed_after: float = 120.0,
        look_every: float = 30.0,
        closing: float = 5.0,
        at_once: int = 25,
        dms_per_minute: int = 10,
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._delays = tuple(delays)
        self._unconfirmed_after = unconfirmed_after
        self._look_every = look_every
        self._closing = closing
        self._at_once = at_once
        self._dms_per_minute = dms_per_minute
        self._awake = asyncio.Event()
        self._awake.set()
        self._looking = False
        # By target; what is taken down by its row's number, below zero.
        self._flights: dict[int, asyncio.Task[None]] = {}
        self._open_dms: dict[int, int] = {}  # user to channel
        self._new_dms: deque[datetime] = deque()
        self._dispatcher: asyncio.Task[None] | None = None
        self.outcomes = Counter[str](dict.fromkeys(OUTCOMES, 0))
        """What became of messages since the start, each try that ended counted."""

    async def __aenter__(self) -> Self:
        self._dispatcher = asyncio.create_task(self._dispatch(), name="outbox")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let what is in flight land."""
        await self.finish(0 if self._client.is_closed() else self._closing)

    async def finish(self, grace: float) -> None:
        """Begin nothing more; what is in flight has `grace` seconds to land.

        What does not is looked for at the next start.
        """
        if self._dispatcher is not None:
            self._dispatcher.cancel()
            await asyncio.wait([self._dispatcher])
        tasks = list(self._flights.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.wait(tasks)

    def let_go(self, user_id: int) -> None:
        """Remember no conversation with a person who was forgotten."""
        self._open_dms.pop(user_id, None)

    def wake(self) -> None:
        """Look for what is owed, soon."""
        self._awake.set()

    @property
    def in_flight(self) -> int:
        """How many messages are being sent."""
        return sum(target > 0 for target in self._flights)

    @property
    def idle(self) -> bool:
        """Whether nothing that is due can be sent and nothing is in flight."""
        return not (self._awake.is_set() or self._looking or self._flights)

    async def _dispatch(self) -> None:
        await self._client.wait_until_ready()
        while True:
            self._looking = True
            self._awake.clear()
            try:
                await self._look()
            except TablesDown:
                pass  # it is logged; what is owed is looked for again
            except Exception:
                log.exception("The outbox could not look for what is owed; it will again.")
            finally:
                self._looking = False
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_every):
                    await self._awake.wait()

    async def _look(self) -> None:
        """Claim what may be sent now, and begin to send it."""
        now = self._clock.now()
        await self._look_down(now)
        room = self._at_once - len(self._flights)
        while self._new_dms and self._new_dms[0] <= now - timedelta(minutes=1):
            self._new_dms.popleft()
        busy = list(self._flights)
        async with self._database.reading() as session:
            if room <= 0 or not await sending.anything_due(session, now, busy=busy):
                return
        async with self._database.writing() as session:
            claimed = await sending.claim(
                session,
                now,
                most=room,
                busy=busy,
                open_dms=self._open_dms,
                new_dms=self._dms_per_minute - len(self._new_dms),
            )
        for owed in claimed:
            if owed.is_dm and owed.target not in self._open_dms:
                self._new_dms.append(now)
            self._flights[owed.target] = asyncio.create_task(
                self._fly(owed), name=f"outbox {owed.told}"
            )

    async def _look_down(self, now: datetime) -> None:
        """Begin to take away what is not to stand any longer."""
        busy = [-target for target in self._flights if target < 0]
        most = self._at_once - len(self._flights)
        async with self._database.reading() as session:
            due = await takedowns.due(session, now, most=max(most, 0), busy=busy)
        for unwanted in due:
            self._flights[-unwanted.id] = asyncio.create_task(
                self._take_down(unwanted), name=f"takedown {unwanted.id}"
            )

    async def _take_down(self, unwanted: Unwanted) -> None:
        wait: timedelta | None = None
        try:
            try:
                if unwanted.what == "thread":
                    await messages.close_thread(self._client, unwanted.target_id)
                else:
                    await messages.delete(self._client, unwanted.channel_id, unwanted.target_id)
            except EffectError as error:
                log.info("A %s (row %s) stays for now: %s", unwanted.what, unwanted.id, error)
                delay = error.delay if isinstance(error, Temporary) else None
                wait = None if delay is None else timedelta(seconds=delay)
                gone = False
            else:
                gone = True
            async with self._database.writing() as session:
                if gone:
                    await takedowns.done(session, unwanted.id)
                else:
                    await takedowns.later(session, unwanted.id, self._clock.now(), wait)
        except TablesDown:
            log.info("Row %s of what is to go is looked at again.", unwanted.id)
        except Exception:
            log.exception("Row %s of what is to go could not be followed.", unwanted.id)
        finally:
            del self._flights[-unwanted.id]
            self._awake.set()

    async def _fly(self, owed: Owed) -> None:
        """Send one claimed message and record what became of it."""
        try:
            await self._settle(owed)
        except TablesDown:
            log.info("The message %s is looked for before it is sent again.", owed.told)
        except Exception:
            # The row stays claimed: it is looked for before it is sent again.
            log.exception("The books could not be kept for the message %s.", owed.told)
        finally:
            del self._flights[owed.target]
            self._awake.set()

    async def _settle(self, owed: Owed) -> None:
        in_doubt = owed.in_doubt
        wait: timedelta | None = None
        trip = Trip(owed, owed.thread_id, owed.message_id)
        for delay in (*self._delays, None):
            try:
                where = await self._attempt(trip, look_first=in_doubt)
            except DmsClosed:
                self.outcomes[DMS_SHUT] += 1
                async with self._database.writing() as session:
                    await sending.dm_closed(session, owed.id, self._clock.now())
                return
            except Gone:
                where = None
            except Permanent as error:
                self.outcomes[REFUSED] += 1
                log.warning("The message %s was refused: %s", owed.told, error)
                async with self._database.writing() as session:
                    await sending.refused(
                        session, owed.id, self._clock.now(), why=str(error), code=error.code
                    )
                return
            except Temporary as error:
                log.info("The message %s is put off: %s", owed.told, error)
                in_doubt = in_doubt or trip.begun or isinstance(error, Unsure)
                wait = None if error.delay is None else timedelta(seconds=error.delay)
                if wait is not None or delay is None:
                    break
                await asyncio.sleep(delay)
                if not await self._still_owed(owed):
                    return
                continue
            self.outcomes[DROPPED if where is None else SENT] += 1
            async with self._database.writing() as session:
                if where is None:
                    await sending.dropped(session, owed.id)
                else:
                    await sending.sent(session, owed.id, where, self._clock.now())
            return
        self.outcomes[PUT_OFF] += 1
        async with self._database.writing() as session:
            await sending.later(session, owed.id, self._clock.now(), in_doubt=in_doubt, wait=wait)

    async def _still_owed(self, owed: Owed) -> bool:
        """Return whether it may be tried again: who it names may have been forgotten."""
        async with self._database.reading() as session:
            return await sending.stands(session, owed.id)

    async def _attempt(self, trip: Trip, *, look_first: bool) -> Delivered | None:
        """Return where the message stands, sent now or found; None if nowhere and too late."""
        owed = trip.owed
        try:
            channel_id = await self._channel(owed)
            letter = await self._letter(owed, owed.message, owed.nonce)
            thread = owed.message.thread
            if thread is not None and thread.private:
                return await self._privately(trip, letter, look_first=look_first)
            if trip.message_id is None and look_first:
                trip.message_id = await self._found(channel_id, owed, letter)
                if trip.message_id is None and owed.expired:
                    return None
            if trip.message_id is None:
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

    async def _channel(self, owed: Owed) -> int:
        if not owed.is_dm:
            return owed.target
        if owed.target not in self._open_dms:
            opened = await self._client.create_dm(discord.Object(owed.target))
            self._open_dms[owed.target] = opened.id
        return self._open_dms[owed.target]

    async def _letter(self, owed: Owed, message: Message, nonce: str) -> Letter:
        say = catalogue(owed.language)
        letter = Letter(message, say, nonce)
        try:
            letter.written()
        except (KeyError, ValueError, IndexError) as error:
            raise Permanent(f"its text cannot be written: {error!r}") from error
        files: list[Drawn] = []
        if message.attached:
            async with self._database.reading() as session:
                files = await sending.attached(session, message)
        pictures = await drawn(message.pictures, say)
        return replace(letter, pictures=pictures, files=files)

    async def _send(self, channel_id: int, letter: Letter, *, named: bool = False) -> int:
        return await posts.post(
            self._client, channel_id, letter, within=self._unconfirmed_after, named=named
        )

    async def _found(self, channel_id: int, owed: Owed, letter: Letter) -> int | None:
        since = owed.claimed_at - LOOK_BACK
        return await posts.find(self._client, channel_id, letter.marker, since=since)

    async def _with_thread(self, trip: Trip, letter: Letter) -> Delivered:
        """Open the thread of a message that stands; where that is refused it stands without."""
        owed, thread, message_id = trip.owed, letter.message.thread, trip.message_id
        assert thread is not None
        assert message_id is not None
        if not trip.begun:
            async with self._database.writing() as session:
                await sending.posted(session, owed.id, message_id)
            trip.begun = True
        if owed.expired:
            return Delivered(message_id, owed.target)
        try:
            await posts.open_on(self._client, owed.target, message_id, thread, letter.say)
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
                refusal = posts.private_refused(self._client, owed.target)
                if refusal is not None:
                    raise refusal
                made = await posts.open_private(self._client, owed.target, thread, letter.say)
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
            async with self._database.writing() as session:
                await takedowns.close_thread(
                    session,
                    server_id=trip.owed.server_id,
                    thread_id=trip.thread_id,
                    now=self._clock.now(),
                )

    async def _instead(self, owed: Owed, fallback: Message) -> Letter:
        return await self._letter(owed, fallback, nonce(owed.server_id, f"instead:{owed.key}"))

    async def _look_for_thread(self, trip: Trip, letter: Letter) -> None:
        owed, thread = trip.owed, letter.message.thread
        assert thread is not None
        async with self._database.reading() as session:
            known = await sending.known_threads(session, owed.server_id)
        found = await posts.find_private(
            self._client,
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
        async with self._database.writing() as session:
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
