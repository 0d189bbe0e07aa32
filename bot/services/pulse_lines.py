"""Free lines of a pulse: somebody who looks after the group reads them first, and says which stay.

They stand in the order of their random keys. When it is said which of them the group reads, all of
them are erased here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import pulse_cards as cards
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import pulse_asking
from bot.services.outbox import owe
from models import Pulse, PulseLine


@dataclass(frozen=True, slots=True)
class Posted:
    """How many lines the group reads, and how many not."""

    shown: int
    held_back: int


async def read(session: AsyncSession, actor: Actor, pulse_id: int, page: int) -> Message:
    """Return a page of the lines to those who look after the group."""
    pulse, lines = await _waiting(session, actor, pulse_id)
    found = [cards.Written(line.key, line.said, ticked=line.ticked) for line in lines]
    return cards.reading(pulse.id, pulse.group_id, found, page)


async def tick(
    session: AsyncSession, actor: Actor, pulse_id: int, page: int, keys: Sequence[str]
) -> Message:
    """Note which lines of a page the group shall read; return the page."""
    _, lines = await _waiting(session, actor, pulse_id)
    for line in cards.on_page(lines, page):
        line.ticked = line.key in keys
    await session.flush()
    return await read(session, actor, pulse_id, page)


async def post(
    session: AsyncSession, actor: Actor, pulse_id: int, now: datetime, *, none: bool = False
) -> Posted:
    """Let the group read the ticked lines, or `none`; all of them are erased here.

    UserError when none is ticked, and when somebody else was quicker.
    """
    pulse, lines = await _waiting(session, actor, pulse_id)
    shown = [] if none else [line.said for line in lines if line.ticked]
    if not shown and not none:
        raise UserError("pulse.none_ticked")
    done = await session.execute(
        update(Pulse)
        .where(Pulse.id == pulse_id, Pulse.lines_done_at.is_(None))
        .values(lines_done_at=now)
    )
    if isinstance(done, CursorResult) and not done.rowcount:
        raise UserError("pulse.lines_done")
    messages = cards.posted(pulse_id, actor.user_id, shown, held_back=len(lines) - len(shown))
    for number, message in enumerate(messages):
        await owe(
            session,
            server_id=pulse.server_id,
            kind="pulse-lines",
            key=f"pulse-lines:{pulse_id}:{number}",
            place="room",
            group_id=pulse.group_id,
            message=message,
            now=now,
        )
    await session.execute(
        delete(PulseLine).where(PulseLine.pulse_id == pulse_id),
        execution_options={"synchronize_session": False},
    )
    return Posted(len(shown), len(lines) - len(shown))


async def _waiting(
    session: AsyncSession, actor: Actor, pulse_id: int
) -> tuple[Pulse, list[PulseLine]]:
    pulse = await pulse_asking.own_pulse(session, actor, pulse_id)
    if pulse.told_at is None:
        raise UserError("pulse.gone")
    found = await session.scalars(
        select(PulseLine).where(PulseLine.pulse_id == pulse_id).order_by(PulseLine.key)
    )
    lines = list(found)
    if pulse.lines_done_at is not None or not lines:
        raise UserError("pulse.lines_done")
    return pulse, lines
