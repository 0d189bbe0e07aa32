"""How a pulse ends: sums stay, everything else goes; the group hears of it first.

Closing writes sums and erases who took part and what was answered, in one transaction. What is said
of the sums is reckoned after it (`material`, in a thread) and owed in the next (`tell`): a stop in
between only puts it off.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import pulse_cards as cards
from bot.rules.pulse import FEWEST, KEPT, LINES_KEPT, QUESTIONS, State, Told
from bot.rules.pulse_pool import Batch
from bot.services import facilitators, pulse_answers
from bot.services.outbox import owe
from models import Group, Membership, Pulse, PulseAnswer, PulseLine, PulseNo, PulsePart, PulseTally
from models import Server as ServerRow

Tally = Mapping[int, int]  # how many people chose each step

ANY_UNTOLD = exists().where(or_(Pulse.closed_at.is_(None), Pulse.told_at.is_(None)))


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be said of a pulse: the sums of its questions, and those of the last one."""

    pulse_id: int
    now: Mapping[str, Tally]
    before: Mapping[str, Tally]


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Return the open pulses whose time is over, where Hearth is not paused."""
    found = await session.scalars(
        select(Pulse.id)
        .join(ServerRow, ServerRow.id == Pulse.server_id)
        .where(
            Pulse.closed_at.is_(None),
            Pulse.closes_at <= now,
            ServerRow.paused_at.is_(None),
            ServerRow.removed_at.is_(None),
        )
        .order_by(Pulse.id)
    )
    return list(found)


async def close(
    session: AsyncSession, pulse_id: int, batch: Batch, *, waiting: int, now: datetime
) -> bool:
    """Close a pulse: write what waits in memory, sum up, erase the rest. False if it is closed.

    `batch` is empty where too few wait to be written together; `waiting` is how many do.
    """
    pulse = await session.get(Pulse, pulse_id)
    if pulse is None or pulse.closed_at is not None:
        return False
    if batch:
        await pulse_answers.keep(session, pulse_id, batch, rest=0)
    people = await pulse_answers.kept(session, pulse_id)
    tally = await _counted(session, pulse_id)
    # Of somebody who was forgotten meanwhile the answer stays, and that they took part does not.
    people = max([people, *(sum(steps.values()) for steps in tally.values())])
    lines = await session.scalar(
        select(func.count()).select_from(PulseLine).where(PulseLine.pulse_id == pulse_id)
    )
    enough = people >= FEWEST
    if enough:
        rows = [
            {"pulse_id": pulse_id, "question": question, "step": step, "people": count}
            for question, steps in tally.items()
            if sum(steps.values()) >= FEWEST
            for step, count in steps.items()
        ]
        if rows:
            await session.execute(insert(PulseTally), rows)
    await erase(session, pulse_id, lines=not enough)
    await session.execute(
        update(Pulse)
        .where(Pulse.id == pulse_id)
        .values(
            state="shown" if enough else "few",
            closed_at=now,
            waiting=False,
            people=people if enough else people or waiting,
            lines=lines if enough else 0,
        )
    )
    await session.refresh(pulse)
    if enough and waiting and not batch:
        await owe(
            session,
            server_id=pulse.server_id,
            kind="pulse-alone",
            key=f"pulse-alone:{pulse_id}",
            place="room",
            group_id=pulse.group_id,
            message=cards.alone(pulse_id, waiting),
            now=now,
        )
    return True


async def end(session: AsyncSession, pulse: Pulse, state: State, now: datetime) -> bool:
    """End an open pulse before its time, unread: all of it is erased. False if it is closed."""
    ended = await session.execute(
        update(Pulse)
        .where(Pulse.id == pulse.id, Pulse.closed_at.is_(None))
        .values(state=state, closed_at=now, told_at=now, waiting=False)
    )
    if isinstance(ended, CursorResult) and not ended.rowcount:
        return False
    await erase(session, pulse.id)
    await session.refresh(pulse)
    return True


async def end_with_groups(session: AsyncSession, now: datetime) -> None:
    """End the pulses of groups that have ended."""
    found = await session.scalars(
        select(Pulse)
        .join(Group, Group.id == Pulse.group_id)
        .where(Pulse.closed_at.is_(None), Group.state == "archived")
    )
    for pulse in list(found):
        await end(session, pulse, "called_off", now)


async def erase(session: AsyncSession, pulse_id: int, *, lines: bool = True) -> None:
    """Erase who took part and what was answered, and the free lines unless they are to be read."""
    for table in (PulsePart, PulseAnswer, *((PulseLine,) if lines else ())):
        await session.execute(
            delete(table).where(table.pulse_id == pulse_id),
            execution_options={"synchronize_session": False},
        )


async def lost(session: AsyncSession, known: Collection[int], now: datetime) -> None:
    """Tell rooms that answers which waited in memory are gone; of pulses not `known` to wait."""
    found = await session.scalars(
        select(Pulse).where(
            Pulse.closed_at.is_(None),
            Pulse.closes_at > now,
            Pulse.waiting,
            Pulse.id.not_in(known),
        )
    )
    for pulse in list(found):
        await told_lost(session, pulse, now)


async def told_lost(session: AsyncSession, pulse: Pulse, now: datetime) -> None:
    """Tell a room that answers which waited in memory when Hearth was stopped are gone."""
    pulse.waiting = False
    at = int(now.timestamp())
    await owe(
        session,
        server_id=pulse.server_id,
        kind="pulse-lost",
        key=f"pulse-lost:{pulse.id}:{at}",
        place="room",
        group_id=pulse.group_id,
        message=cards.lost(pulse.id, pulse.closes_at, at),
        now=now,
        expires_in=pulse.closes_at - now,
    )
    await session.flush()


async def over(session: AsyncSession, pulse_ids: Collection[int]) -> set[int]:
    """Return those of these pulses that are not open any more."""
    found = await session.scalars(
        select(Pulse.id).where(Pulse.id.in_(pulse_ids), Pulse.closed_at.is_(None))
    )
    return set(pulse_ids).difference(found)


async def untold(session: AsyncSession) -> list[int]:
    """Return the closed pulses of which the group has not heard yet."""
    found = await session.scalars(
        select(Pulse.id)
        .where(Pulse.closed_at.is_not(None), Pulse.told_at.is_(None))
        .order_by(Pulse.id)
    )
    return list(found)


async def material(session: AsyncSession, pulse_id: int) -> Material:
    """Return the sums of a closed pulse, and those of the group's last one before it."""
    pulse = await session.get_one(Pulse, pulse_id)
    before = await session.scalar(
        select(Pulse.id)
        .where(
            Pulse.group_id == pulse.group_id,
            Pulse.state == "shown",
            Pulse.started_at < pulse.started_at,
        )
        .order_by(Pulse.started_at.desc())
        .limit(1)
    )
    return Material(
        pulse_id,
        await sums(session, pulse_id),
        {} if before is None else await sums(session, before),
    )


async def sums(session: AsyncSession, pulse_id: int) -> dict[str, dict[int, int]]:
    """Return how many people chose each step, question by question."""
    rows = await session.execute(
        select(PulseTally.question, PulseTally.step, PulseTally.people)
        .where(PulseTally.pulse_id == pulse_id)
        .order_by(PulseTally.question, PulseTally.step)
    )
    return _by_question([(question, step, people) for question, step, people in rows])


async def tell(session: AsyncSession, pulse_id: int, told: Sequence[Told], now: datetime) -> None:
    """Owe the group what came of its pulse, and to those who look after it the lines to read."""
    pulse = await session.get_one(Pulse, pulse_id)
    if pulse.told_at is not None or pulse.closed_at is None:
        return
    pulse.told_at = now
    readers = await facilitators.active(session, pulse.group_id)
    read_by = pulse.closed_at + LINES_KEPT
    if pulse.state == "few":
        message = cards.few(pulse.id, pulse.people or 0)
    else:
        message = cards.results(
            pulse.id,
            told,
            people=pulse.people or 0,
            lines=pulse.lines,
            readers=readers,
            read_by=read_by,
        )
    await owe(
        session,
        server_id=pulse.server_id,
        kind="pulse-results",
        key=f"pulse-results:{pulse.id}",
        place="room",
        group_id=pulse.group_id,
        message=message,
        now=now,
    )
    server = await session.get_one(ServerRow, pulse.server_id)
    if pulse.lines and readers and server.facilitators_room_id is not None:
        await owe(
            session,
            server_id=pulse.server_id,
            kind="pulse-read",
            key=f"pulse-read:{pulse.id}",
            place="facilitators",
            message=cards.to_read(pulse.id, readers, read_by),
            now=now,
        )
    await session.flush()


async def sweep(session: AsyncSession, now: datetime) -> int:
    """Erase what is past its time: lines nobody has read, noes of who moved out, old pulses."""
    late = select(Pulse.id).where(
        Pulse.lines > 0, Pulse.lines_done_at.is_(None), Pulse.closed_at <= now - LINES_KEPT
    )
    ids = list(await session.scalars(late))
    lives_there = (
        select(Membership.user_id)
        .where(Membership.group_id == PulseNo.group_id, Membership.user_id == PulseNo.user_id)
        .exists()
    )
    gone = 0
    for statement in (
        delete(PulseLine).where(PulseLine.pulse_id.in_(ids)),
        delete(PulseNo).where(~lives_there),
        delete(Pulse).where(Pulse.closed_at <= now - KEPT),
    ):
        done = await session.execute(statement.execution_options(synchronize_session=False))
        gone += done.rowcount if isinstance(done, CursorResult) else 0
    await session.execute(update(Pulse).where(Pulse.id.in_(ids)).values(lines_done_at=now))
    return gone


async def _counted(session: AsyncSession, pulse_id: int) -> dict[str, dict[int, int]]:
    rows = await session.execute(
        select(PulseAnswer.question, PulseAnswer.step, func.count())
        .where(PulseAnswer.pulse_id == pulse_id)
        .group_by(PulseAnswer.question, PulseAnswer.step)
    )
    return _by_question([(question, step, people) for question, step, people in rows])


def _by_question(rows: Sequence[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for question, step, people in rows:
        found[question][step] = people
    return {question: found[question] for question in QUESTIONS if question in found}
