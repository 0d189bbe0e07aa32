"""Sends the messages that are owed, each exactly once: claim, send, record.

A row is claimed in one transaction and the message sent after it, with a nonce that is always the
same for this message, so that Discord itself refuses a second copy within a few minutes. Then its
id is recorded and the row erased. Whenever it is not known whether a message was sent — the answer
was lost, or none came for two minutes, or the process died in between and finds the claimed row
when it starts — the room's history is read first: our own message with the same first button is
the message.

Rooms are served beside each other, the messages of one room in order.

How one message gets there, with its thread, is bot/carrying.py. What is not to stand any longer is
taken away by the same hands (bot/services/takedowns.py).
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import discord

from bot.carrying import Carrier, DmsClosed, Gone, Trip, Unsure
from bot.clock import Clock
from bot.database import Database
from bot.errors import EffectError, Permanent, TablesDown, Temporary
from bot.gateway import messages
from bot.services import sending, sending_queue, takedowns
from bot.services.sending import Owed
from bot.services.takedowns import Unwanted

log = logging.getLogger(__name__)

DELAYS = (1.0, 5.0, 30.0)  # seconds between tries
SANDBOX_DELAYS = (0.05, 0.1, 0.25)  # where weeks pass in minutes

SENT, DROPPED, REFUSED, DMS_SHUT, PUT_OFF = OUTCOMES = (
    "sent",
    "dropped",  # too late, or nobody there any more
    "refused",
    "dms closed",
    "put off",
)


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
        self._carrier = Carrier(client, database, clock, unconfirmed_after, self._channel)
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
        async with self._database.reading() as session:
            waiting = await sending_queue.waiting(session, now)
        if waiting.takedowns:
            await self._look_down(now)
        room = self._at_once - len(self._flights)
        while self._new_dms and self._new_dms[0] <= now - timedelta(minutes=1):
            self._new_dms.popleft()
        if not waiting.messages or room <= 0:
            return
        busy = list(self._flights)
        async with self._database.reading() as session:
            if not await sending.anything_due(session, now, busy=busy):
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
                where = await self._carrier.attempt(trip, look_first=in_doubt)
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

    async def _channel(self, owed: Owed) -> int:
        if not owed.is_dm:
            return owed.target
        if owed.target not in self._open_dms:
            opened = await self._client.create_dm(discord.Object(owed.target))
            self._open_dms[owed.target] = opened.id
        return self._open_dms[owed.target]
