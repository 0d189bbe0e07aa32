"""Pulses while they are open: answers wait in memory until they can be written unrecognised.

A row for each answer at the moment it is given would tie it to its author for whoever reads the
write-ahead log or compares two backups. So answers wait in a pool (bot/rules/pulse_pool.py), and
are written for five people or more at once. What a kill takes along is gone: the room is told, and
who took part may do so again. Decision 14 says what this keeps secret, and what it cannot.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from random import SystemRandom
from typing import Any, Self

from bot.database import Database
from bot.errors import TablesDown, UserError
from bot.rules import pulse as rules
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.rules.pulse import Given, Told
from bot.rules.pulse_pool import Pool
from bot.services import pulse_answers, pulse_closing
from bot.services.pulse_closing import Material

# How what waits stands in somebody's copy of what is kept about them, beside the tables.
WAITING = "pulse_waiting"
PURPOSE = "Answers to a pulse that wait in memory for company; on no disk."
ERASED = "Goes when it is put away with others, at the close of the pulse, and on forget."

# Refusals that somebody who had written a line reads together with it, so that it is not lost.
GIVES_BACK = {
    "pulse.homes_only": "pulse.homes_only_kept",
    "pulse.over": "pulse.over_kept",
    "pulse.already": "pulse.already_kept",
}

log = logging.getLogger(__name__)


class Pulses:
    """Takes answers in and puts them away; open it with `async with`.

    Invariants: an answer is in the pool until a transaction that wrote it has ended well, or until
    its author has no home in the server any more (the command line may have forgotten them); one
    transaction of these at a time; nothing here is logged that tells of a person.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pool = Pool(SystemRandom())
        self._waiting: set[int] = set()  # pulses whose note that answers wait is this process's own
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Put away what has company enough; the rest is gone, and its room told at the start."""
        try:
            async with self._lock:
                for pulse_id in self._pool.pulses:
                    await self._put_away(pulse_id, everything=True)
        except TablesDown:
            pass  # it is logged; the rooms are told at the next start
        left = sum(self._pool.count(pulse_id) for pulse_id in self._pool.pulses)
        if left:
            log.warning("%d answers to pulses had too little company to be written down.", left)

    async def take(self, actor: Actor, pulse_id: int, given: Given, now: datetime) -> datetime:
        """Take somebody's answer; return when the pulse closes.

        UserError for nothing at all, for who may not answer or has answered, and after the close.
        """
        if given.is_empty:
            raise UserError("pulse.empty")
        async with self._lock:
            try:
                closes_at = await self._take(actor, pulse_id, given, now)
            except UserError as refused:
                if given.line and refused.key in GIVES_BACK:
                    typed = safe(given.line)
                    key = GIVES_BACK[refused.key]
                    raise UserError(key, **refused.params, typed=typed) from None
                raise
            await self._put_away(pulse_id)
        return closes_at

    async def _take(self, actor: Actor, pulse_id: int, given: Given, now: datetime) -> datetime:
        user_id = actor.user_id
        new = not self._pool.holds(pulse_id, user_id)
        try:
            async with self._database.writing() as session:
                pulse = await pulse_answers.admitted(session, actor, pulse_id, now, first=new)
                if pulse.waiting and pulse_id not in self._waiting:
                    await pulse_closing.told_lost(session, pulse, now)
                self._pool.add(pulse_id, actor.server_id, user_id, given)
                await pulse_answers.wait(session, pulse_id, now)
        except BaseException:
            if new:
                self._pool.take_back(pulse_id, user_id)
            raise
        self._waiting.add(pulse_id)
        return pulse.closes_at

    def has(self, pulse_id: int, user_id: int) -> bool:
        """Return whether an answer of this person waits."""
        return self._pool.holds(pulse_id, user_id)

    def count(self, pulse_id: int) -> int:
        """Return how many answers wait."""
        return self._pool.count(pulse_id)

    @property
    def hold(self) -> bool:
        """Whether any answer may wait."""
        return bool(self._waiting)

    def waiting_of(self, user_id: int, server_ids: Collection[int] | None) -> list[dict[str, Any]]:
        """Return a person's own answers that wait, in some servers or in all, ready for JSON."""
        return [
            {"pulse_id": pulse_id, **given.steps, "line": given.line}
            for pulse_id, given in self._pool.of(user_id, server_ids).items()
        ]

    def forget(self, user_id: int, server_ids: Collection[int] | None) -> int:
        """Let go of a person's answers that wait, in some servers or in all; return how many.

        Call it before what is kept about them is erased: what is being written at that moment is
        then found by it.
        """
        return self._pool.forget(user_id, server_ids)

    def drop(self, pulse_id: int) -> None:
        """Let go of all answers to a pulse that has ended unread."""
        self._pool.drop(pulse_id)
        self._waiting.discard(pulse_id)

    async def step(self, now: datetime) -> None:
        """Do what is due by the minute: tell what was lost, close, tell what came of it.

        What fails with one pulse keeps no other waiting, and is raised at the end.
        """
        failed: list[Exception] = []
        async with self._lock:
            async with self._database.writing() as session:
                await pulse_closing.lost(session, self._waiting, now)
                await pulse_closing.end_with_groups(session, now)
            async with self._database.reading() as session:
                ended = await pulse_closing.over(session, self._waiting)
                due = await pulse_closing.due(session, now)
            for pulse_id in ended:
                self.drop(pulse_id)
            for pulse_id in due:
                async with _each_by_itself(failed):
                    await self._close(pulse_id, now)
        async with self._database.reading() as session:
            found = await pulse_closing.untold(session)
        for pulse_id in found:
            async with _each_by_itself(failed):
                await self._tell(pulse_id, now)
        if failed:
            raise failed[0]

    async def _tell(self, pulse_id: int, now: datetime) -> None:
        async with self._database.reading() as session:
            material = await pulse_closing.material(session, pulse_id)
        told = await asyncio.to_thread(_told, material)
        async with self._database.writing() as session:
            await pulse_closing.tell(session, pulse_id, told, now)

    async def _put_away(self, pulse_id: int, *, everything: bool = False) -> None:
        """Write answers that have company: some, or everything; see the pool."""
        if not (self._pool.all(pulse_id) if everything else self._pool.some(pulse_id)):
            return
        async with self._database.writing() as session:
            # Drawn only now: who was forgotten while this waited for its turn is in it no more.
            settled = await pulse_answers.settled(session, pulse_id, self._pool.people(pulse_id))
            self._pool.written(pulse_id, settled)
            batch = self._pool.all(pulse_id) if everything else self._pool.some(pulse_id)
            if not batch:
                return
            rest = self._pool.count(pulse_id) - len(batch)
            is_open = await pulse_answers.keep(session, pulse_id, batch, rest=rest)
        if is_open:
            self._pool.written(pulse_id, batch)
        else:
            self.drop(pulse_id)

    async def _close(self, pulse_id: int, now: datetime) -> None:
        async with self._database.writing() as session:
            settled = await pulse_answers.settled(session, pulse_id, self._pool.people(pulse_id))
            self._pool.written(pulse_id, settled)
            await pulse_closing.close(
                session,
                pulse_id,
                self._pool.all(pulse_id),
                waiting=self._pool.count(pulse_id),
                now=now,
            )
        self.drop(pulse_id)


@asynccontextmanager
async def _each_by_itself(failed: list[Exception]) -> AsyncGenerator[None]:
    """Go on with the next pulse where one fails; note why."""
    try:
        yield
    except TablesDown:
        raise
    except Exception as error:  # noqa: BLE001 - it is raised when the others are seen to
        failed.append(error)


def _told(material: Material) -> list[Told]:
    """Return what is said of each question; loads what reckons, so it runs in a thread."""
    found = [
        rules.told(question, material.now.get(question, {}), material.before.get(question, {}))
        for question in rules.QUESTIONS
    ]
    return [one for one in found if one is not None]
