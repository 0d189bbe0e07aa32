"""Sends the messages that are owed, each exactly once: claim, send, record.

A row is claimed in one transaction and the message sent after it, with a nonce that is always the
same for this message, so that Discord itself refuses a second copy within a few minutes. Then its
id is recorded and the row erased. Whenever it is not known whether a message was sent — the answer
was lost, or none came for two minutes, or the process died in between and finds the claimed row
when it starts — the room's history is read first: our own message with the same first button is
the message.

Rooms are served beside each other, the messages of one room in order.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
import discord

from bot.clock import Clock
from bot.database import Database
from bot.errors import EffectError, Permanent, TablesDown, Temporary
from bot.gateway.distance import is_page
from bot.gateway.payloads import files_of, mentions_of, text_of, view_of
from bot.pictures import drawn
from bot.rules.message import Drawn
from bot.services import sending
from bot.services.sending import Owed
from bot.texts import catalogue

log = logging.getLogger(__name__)

# Discord's JSON error codes
UNKNOWN_CHANNEL = 10003
TOO_MANY_NEW_DMS = 40003
DMS_CLOSED = frozenset({50007, 50278})  # the person's settings; no server in common any more

DELAYS = (1.0, 5.0, 30.0)  # seconds between tries
SANDBOX_DELAYS = (0.05, 0.1, 0.25)  # where weeks pass in minutes

LOOK_BACK = timedelta(minutes=5)  # how far Discord's clock and ours may differ
MESSAGES_SEARCHED = 1000


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
        self._flights: dict[int, asyncio.Task[None]] = {}  # by target
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
        return len(self._flights)

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
        room = self._at_once - len(self._flights)
        now = self._clock.now()
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
        for delay in (*self._delays, None):
            try:
                message_id = await self._attempt(owed, look_first=in_doubt)
            except DmsClosed:
                self.outcomes[DMS_SHUT] += 1
                async with self._database.writing() as session:
                    await sending.dm_closed(session, owed.id, self._clock.now())
                return
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
                in_doubt = in_doubt or isinstance(error, Unsure)
                wait = None if error.delay is None else timedelta(seconds=error.delay)
                if wait is not None or delay is None:
                    break
                await asyncio.sleep(delay)
                if not await self._still_owed(owed):
                    return
            else:
                self.outcomes[DROPPED if message_id is None else SENT] += 1
                async with self._database.writing() as session:
                    if message_id is None:
                        await sending.dropped(session, owed.id)
                    else:
                        await sending.sent(session, owed.id, message_id, self._clock.now())
                return
        self.outcomes[PUT_OFF] += 1
        async with self._database.writing() as session:
            await sending.later(session, owed.id, self._clock.now(), in_doubt=in_doubt, wait=wait)

    async def _still_owed(self, owed: Owed) -> bool:
        """Return whether it may be tried again: who it names may have been forgotten."""
        async with self._database.reading() as session:
            return await sending.stands(session, owed.id)

    async def _attempt(self, owed: Owed, *, look_first: bool) -> int | None:
        """Return the message's id, sent now or found; None if it is not there and too late."""
        try:
            channel = await self._channel(owed)
            if look_first:
                found = await self._find(channel, owed)
                if found is not None or owed.expired:
                    return found
            return await self._send(channel, owed)
        except discord.RateLimited as error:
            raise Temporary(str(error), delay=error.retry_after) from error
        except discord.DiscordServerError as error:
            raise Unsure(str(error)) from error
        except discord.HTTPException as error:
            raise _meaning(error, owed) from error
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one of these
            raise Unsure(f"{type(error).__name__}: {error}") from error

    async def _channel(self, owed: Owed) -> discord.PartialMessageable:
        if not owed.is_dm:
            return self._client.get_partial_messageable(owed.target)
        if owed.target not in self._open_dms:
            opened = await self._client.create_dm(discord.Object(owed.target))
            self._open_dms[owed.target] = opened.id
        return self._client.get_partial_messageable(self._open_dms[owed.target])

    async def _send(self, channel: discord.PartialMessageable, owed: Owed) -> int:
        try:
            say = catalogue(owed.language)
            text, view = text_of(owed.message, say), view_of(owed.message, say)
        except (KeyError, ValueError, IndexError) as error:
            raise Permanent(f"its text cannot be written: {error!r}") from error
        assert view is not None  # `owe` takes no message without a button
        pictures = await drawn(owed.message.pictures, say)

        async def sent(pictures: Sequence[Drawn]) -> int:
            async with asyncio.timeout(self._unconfirmed_after):
                message = await channel.send(
                    text,
                    view=view,
                    nonce=owed.nonce,
                    allowed_mentions=mentions_of(owed.message),
                    silent=not owed.message.loud,
                    files=files_of(pictures),
                )
            return message.id

        try:
            return await sent(pictures)
        except discord.Forbidden:
            # A room may let Hearth write but not attach: what is said in words still comes.
            if not pictures:
                raise
            return await sent(())

    async def _find(self, channel: discord.PartialMessageable, owed: Owed) -> int | None:
        """Return the id of our own message in the room that carries the marker."""
        since = discord.Object(discord.utils.time_snowflake(owed.claimed_at - LOOK_BACK))
        assert self._client.user is not None  # logged in since `wait_until_ready`
        async for message in channel.history(
            limit=MESSAGES_SEARCHED, after=since, oldest_first=True
        ):
            if message.author.id == self._client.user.id and owed.marker in _custom_ids(message):
                return message.id
        return None


def _custom_ids(message: discord.Message) -> set[str | None]:
    return {
        getattr(part, "custom_id", None)
        for row in message.components
        for part in getattr(row, "children", ())
    }


def _meaning(error: discord.HTTPException, owed: Owed) -> EffectError:
    """Sort a refusal: the person's settings, something that passes, or for good."""
    if owed.is_dm and error.code in DMS_CLOSED:
        return DmsClosed(str(error))
    if error.code == TOO_MANY_NEW_DMS:
        return Temporary(str(error), delay=600)
    if error.status in {401, 429} or is_page(error):
        return Temporary(str(error))
    if error.code == UNKNOWN_CHANNEL and owed.heals:
        # The room was deleted by hand; the reconciler makes it anew.
        return Temporary(str(error), delay=60)
    return Permanent(error.text or str(error), code=error.code or None)
