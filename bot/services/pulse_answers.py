"""Answers to a pulse: who may give one, and how those that waited together are written.

What is written has five people or more behind it, in one transaction: who took part in one order,
what was answered in another, under keys that are drawn at random. See bot/pulses.py, decision 14.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.pulse import FEWEST
from bot.rules.pulse_pool import Batch
from bot.services import rights
from models import Membership, Pulse, PulseAnswer, PulseLine, PulsePart

KEY_BYTES = 16
RANDOM = SystemRandom()


async def of_home(session: AsyncSession, actor: Actor, pulse_id: int) -> Pulse:
    """Return a pulse to somebody who lives in its group; UserError for everybody else."""
    await rights.server_row(session, actor.server_id)
    pulse = await session.get(Pulse, pulse_id)
    home = await session.get(Membership, (actor.server_id, actor.user_id))
    if (
        pulse is None
        or home is None
        or home.group_id != pulse.group_id
        or home.state != "here"
        or pulse.server_id != actor.server_id
    ):
        raise UserError("pulse.homes_only")
    return pulse


async def admitted(
    session: AsyncSession, actor: Actor, pulse_id: int, now: datetime, *, first: bool
) -> Pulse:
    """Return the pulse that somebody may answer now; `first`: no answer of theirs is in memory.

    UserError for who does not live there, after the close, and for who has answered already.
    """
    pulse = await of_home(session, actor, pulse_id)
    if pulse.closed_at is not None or pulse.closes_at <= now:
        raise UserError("pulse.over")
    if not first or await session.get(PulsePart, (pulse_id, actor.user_id)) is not None:
        raise UserError("pulse.already", at=int(pulse.closes_at.timestamp()))
    return pulse


async def wait(session: AsyncSession, pulse_id: int, now: datetime) -> None:
    """Note that an answer waits in memory, so that it is told if it is lost with it.

    UserError when the pulse has closed meanwhile.
    """
    noted = await session.execute(
        update(Pulse)
        .where(Pulse.id == pulse_id, Pulse.closed_at.is_(None), Pulse.closes_at > now)
        .values(waiting=True)
    )
    if isinstance(noted, CursorResult) and not noted.rowcount:
        raise UserError("pulse.over")


async def keep(session: AsyncSession, pulse_id: int, batch: Batch, *, rest: int) -> bool:
    """Write answers that waited together; `rest` of them go on waiting.

    False, and nothing written, for a pulse that has closed. ValueError for fewer than five people.
    """
    if len(batch) < FEWEST:
        raise ValueError(f"{len(batch)} answers have too little company")
    noted = await session.execute(
        update(Pulse)
        .where(Pulse.id == pulse_id, Pulse.closed_at.is_(None))
        .values(waiting=rest > 0)
    )
    if isinstance(noted, CursorResult) and not noted.rowcount:
        return False
    users = list(batch)
    steps = [one for given in batch.values() for one in given.steps.items()]
    lines = [given.line for given in batch.values() if given.line]
    for order in (users, steps, lines):
        RANDOM.shuffle(order)
    await session.execute(
        insert(PulsePart), [{"pulse_id": pulse_id, "user_id": user} for user in users]
    )
    if steps:
        await session.execute(
            insert(PulseAnswer),
            [
                {"key": _key(), "pulse_id": pulse_id, "question": question, "step": step}
                for question, step in steps
            ],
        )
    if lines:
        await session.execute(
            insert(PulseLine),
            [{"key": _key(), "pulse_id": pulse_id, "said": line} for line in lines],
        )
    return True


async def settled(session: AsyncSession, pulse_id: int, user_ids: Sequence[int]) -> set[int]:
    """Return whose answers of these must not be written, or not again.

    They have no home in the server any more: left for good, or were forgotten. Or theirs is written
    already: whoever waited for that was stopped after the transaction, before it was noted.
    """
    living = await session.scalars(
        select(Membership.user_id)
        .join(Pulse, Pulse.server_id == Membership.server_id)
        .where(Pulse.id == pulse_id, Membership.user_id.in_(user_ids))
    )
    written = await session.scalars(
        select(PulsePart.user_id).where(
            PulsePart.pulse_id == pulse_id, PulsePart.user_id.in_(user_ids)
        )
    )
    return set(user_ids).difference(living).union(written)


async def kept(session: AsyncSession, pulse_id: int) -> int:
    """Return of how many people answers are written down."""
    found = await session.scalar(
        select(func.count()).select_from(PulsePart).where(PulsePart.pulse_id == pulse_id)
    )
    return found or 0


def _key() -> str:
    return secrets.token_hex(KEY_BYTES)
