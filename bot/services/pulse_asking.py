"""Asking a group how it is to live there: by those who look after it, unless it would rather not.

A pulse is the group's own: owners who do not look after it neither start nor read one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import pulse as rules
from bot.rules import pulse_cards as cards
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.pulse import Before
from bot.services import pulse_answers, pulse_closing, rights
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.services.upserts import upsert
from bot.settings import Settings
from models import Facilitator, Group, Membership, Pulse, PulseNo, PulsePart


@dataclass(frozen=True, slots=True)
class AtDesk:
    """How it stands with a group's pulses, as far as the tables know.

    `sums` are those of the last one, `written` is how many answers of the open one are on disk.
    """

    group: Group
    last: Pulse | None
    written: int
    sums: Mapping[str, Mapping[int, int]]

    def card(self, *, waiting: int, now: datetime) -> Message:
        """Return the desk's card; `waiting` answers are in memory."""
        last, again = self.last, rules.again_at(_before(self.last))
        # Against which time nothing is compared here: that stands in the room.
        told = [rules.told(one, self.sums.get(one, {}), {}) for one in rules.QUESTIONS]
        return cards.desk(
            self.group.id,
            self.group.emoji,
            self.group.name,
            None if last is None else _state(last),
            pulse_id=0 if last is None else last.id,
            closes_at=None if last is None else last.closes_at,
            people=self.written + waiting,
            shown=0 if last is None else last.people or 0,
            lines=last.lines if last is not None and last.lines_done_at is None else 0,
            again=again if again is not None and again > now else None,
            told=[one for one in told if one is not None],
        )


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the desk's button for pulses, and on its front that lines wait to be read."""
    del now, settings
    if not await _looks_after(session, actor, group.id):
        return ()
    parts = [Part("room", (), (Button("pulse.desk_button", f"pulse-desk:{group.id}"),))]
    last = await latest(session, group.id)
    if last is not None and last.lines and last.lines_done_at is None and last.told_at is not None:
        line = Line("pulse.desk_lines", {"n": last.lines})
        open_lines = Button("pulse.read_open", f"pulse-lines:{last.id}:0", "primary")
        parts.append(Part("front", (line,), (open_lines,)))
    return parts


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the way into the pulse of someone's home for their /home, until it is known they came.

    The question in the room may be far up, or gone.
    """
    del settings
    taken = (
        select(PulsePart.user_id)
        .where(PulsePart.pulse_id == Pulse.id, PulsePart.user_id == who.user_id)
        .exists()
    )
    pulse = await session.scalar(
        select(Pulse)
        .join(Membership, Membership.group_id == Pulse.group_id)
        .where(
            Membership.server_id == who.server_id,
            Membership.user_id == who.user_id,
            Membership.state == "here",
            Pulse.closed_at.is_(None),
            Pulse.closes_at > now,
            ~taken,
        )
    )
    return None if pulse is None else cards.at_home(pulse.id, pulse.closes_at)


async def at_desk(session: AsyncSession, actor: Actor, group_id: int) -> AtDesk:
    """Return how it stands with a group's pulses, to those who look after it."""
    group = await _own(session, actor, group_id)
    last = await latest(session, group_id)
    if last is None:
        return AtDesk(group, None, 0, {})
    written = await pulse_answers.kept(session, last.id)
    return AtDesk(group, last, written, await pulse_closing.sums(session, last.id))


async def ask(session: AsyncSession, actor: Actor, group_id: int, now: datetime) -> Pulse:
    """Ask a group; the question stands in its room in the asker's name.

    UserError within a month of the last one, while too few live there, and where nobody writes.
    """
    group = await _own(session, actor, group_id)
    if group.state == "archived":
        raise UserError("room.ended", group=safe(group.name))
    if group.room_id is None:
        raise UserError("room.not_made", group=safe(group.name))
    if group.locked_at is not None:
        raise UserError("room.locked", group=safe(group.name))
    last = await latest(session, group_id)
    if last is not None and last.closed_at is None:
        raise UserError("pulse.runs", at=int(last.closes_at.timestamp()))
    again = rules.again_at(_before(last))
    if again is not None and again > now:
        declined = last is not None and last.state == "declined"
        key = "pulse.declined_lately" if declined else "pulse.lately"
        raise UserError(key, again=int(again.timestamp()))
    homes = await living_there(session, group_id)
    if homes < rules.FEWEST:
        raise UserError("pulse.too_few_homes", group=safe(group.name), least=rules.FEWEST)
    if await _noes(session, group_id) >= rules.enough_to_decline(homes):
        raise UserError("pulse.not_wanted")
    pulse = Pulse(
        server_id=group.server_id,
        group_id=group_id,
        started_at=now,
        closes_at=now + rules.OPEN_FOR,
    )
    try:
        async with session.begin_nested():
            session.add(pulse)
    except IntegrityError:
        raise UserError("pulse.runs", at=int((now + rules.OPEN_FOR).timestamp())) from None
    await owe(
        session,
        server_id=group.server_id,
        kind="pulse",
        key=f"pulse:{pulse.id}",
        place="room",
        group_id=group_id,
        message=cards.asked(pulse.id, actor.user_id, pulse.closes_at),
        now=now,
    )
    return pulse


async def call_off(session: AsyncSession, actor: Actor, pulse_id: int, now: datetime) -> Pulse:
    """End a pulse before its time, in the name of whoever looks after the group; all is erased."""
    pulse = await own_pulse(session, actor, pulse_id)
    if not await pulse_closing.end(session, pulse, "called_off", now):
        raise UserError("pulse.over")
    await owe(
        session,
        server_id=pulse.server_id,
        kind="pulse-off",
        key=f"pulse-off:{pulse.id}",
        place="room",
        group_id=pulse.group_id,
        message=cards.called_off(pulse.id, actor.user_id),
        now=now,
    )
    return pulse


async def says_no(session: AsyncSession, actor: Actor, pulse_id: int) -> bool:
    """Return whether somebody who lives in the group has said that pulses are not for it."""
    pulse = await pulse_answers.of_home(session, actor, pulse_id)
    return await session.get(PulseNo, (pulse.group_id, actor.user_id)) is not None


async def say_no(session: AsyncSession, actor: Actor, pulse_id: int, now: datetime) -> bool:
    """Note that pulses are not for somebody's group; True if that was enough to end this one."""
    pulse = await pulse_answers.of_home(session, actor, pulse_id)
    await session.execute(
        upsert(session, PulseNo)
        .values(group_id=pulse.group_id, user_id=actor.user_id, server_id=actor.server_id)
        .on_conflict_do_nothing()
    )
    homes = await living_there(session, pulse.group_id)
    if await _noes(session, pulse.group_id) < rules.enough_to_decline(homes):
        return False
    if not await pulse_closing.end(session, pulse, "declined", now):
        return False
    await session.execute(delete(PulseNo).where(PulseNo.group_id == pulse.group_id))
    await owe(
        session,
        server_id=pulse.server_id,
        kind="pulse-declined",
        key=f"pulse-declined:{pulse.id}",
        place="room",
        group_id=pulse.group_id,
        message=cards.declined(pulse.id),
        now=now,
    )
    return True


async def take_no_back(session: AsyncSession, actor: Actor, pulse_id: int) -> None:
    """Let a group have pulses again, as far as one person goes."""
    pulse = await pulse_answers.of_home(session, actor, pulse_id)
    await session.execute(
        delete(PulseNo).where(PulseNo.group_id == pulse.group_id, PulseNo.user_id == actor.user_id)
    )


async def own_pulse(session: AsyncSession, actor: Actor, pulse_id: int) -> Pulse:
    """Return a pulse to those who look after its group; UserError for everybody else."""
    pulse = await session.get(Pulse, pulse_id)
    if pulse is None or pulse.server_id != actor.server_id:
        raise UserError("pulse.gone")
    await _own(session, actor, pulse.group_id)
    return pulse


async def latest(session: AsyncSession, group_id: int) -> Pulse | None:
    """Return the group's newest pulse."""
    found = await session.scalars(
        select(Pulse)
        .where(Pulse.group_id == group_id)
        .order_by(Pulse.started_at.desc(), Pulse.id.desc())
        .limit(1)
    )
    return found.first()


async def living_there(session: AsyncSession, group_id: int) -> int:
    """Return how many people live in a group now."""
    found = await session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.group_id == group_id, Membership.state == "here")
    )
    return found or 0


async def _noes(session: AsyncSession, group_id: int) -> int:
    """Return how many of those who live in a group would have no pulses."""
    found = await session.scalar(
        select(func.count())
        .select_from(PulseNo)
        .join(
            Membership,
            (Membership.group_id == PulseNo.group_id) & (Membership.user_id == PulseNo.user_id),
        )
        .where(PulseNo.group_id == group_id, Membership.state == "here")
    )
    return found or 0


async def _own(session: AsyncSession, actor: Actor, group_id: int) -> Group:
    await rights.require_facilitator(session, actor, group_id)
    if not await _looks_after(session, actor, group_id):
        raise UserError("pulse.not_for_owners")
    return await of_server(session, actor.server_id, group_id)


async def _looks_after(session: AsyncSession, actor: Actor, group_id: int) -> bool:
    row = await session.get(Facilitator, (group_id, actor.user_id))
    return row is not None and row.state == "active"


def _before(last: Pulse | None) -> Before | None:
    return None if last is None else Before(_state(last), last.started_at, last.closed_at)


def _state(pulse: Pulse) -> rules.State:
    match pulse.state:
        case "open" | "shown" | "few" | "called_off" | "declined" as state:
            return state
        case other:
            raise ValueError(f"pulse {pulse.id} is {other}")
