"""What people press about one moment of a ritual: that they are in, or take it off.

A press is somebody's own word and binds nobody. It is kept until the moment is over, so that
pressing twice counts once, for those too who are not counted otherwise; then it goes, and what
stays are numbers. Nobody is told who pressed what.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules.naming import safe
from bot.rules.ritual_kinds import KINDS, NEW_FOR, Part
from bot.rules.rituals import local_moment
from bot.services import rights, ritual_parts
from bot.services.rituals import schedule_of
from models import Member, Membership, Occurrence, Ritual, RitualChoice, RitualPart


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press did; `news` is False where it had been pressed before.

    `thread_id` is where people answer, None for the room; `part` as the ritual's kind has it.
    """

    title: str
    part: Part
    thread_id: int | None
    news: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A ritual's next moment, and what somebody pressed about it so far."""

    ritual_id: int
    group_id: int
    title: str
    at: datetime
    choice: str  # "", skip or greet


async def join(
    session: AsyncSession, *, server_id: int, occurrence_id: int, user_id: int
) -> Pressed:
    """Count a press on [I'm in], of those who may be in the room.

    NotAllowed for others, and when the ritual is held no more; UserError when it is over.
    """
    ritual, occurrence = await _open(session, server_id, occurrence_id, user_id)
    row = await session.get(RitualChoice, (ritual.id, occurrence.local_moment, user_id))
    if row is not None and row.choice == "in":
        return _pressed(ritual, occurrence, news=False)
    if row is None:
        row = _choice(ritual, occurrence.local_moment, user_id)
        session.add(row)
    elif row.choice == "skip":
        occurrence.skips -= 1
    wrote = await session.get(RitualPart, (occurrence_id, user_id)) is not None
    row.choice, row.counted = "in", not wrote  # who wrote is one of its answers already
    if row.counted:
        occurrence.answers += 1
        member = await session.get(Member, (server_id, user_id))
        if member is not None and member.counted_since and member.opted_out_at is None:
            await ritual_parts.note(session, occurrence_id, [(server_id, user_id)])
    await session.flush()
    return _pressed(ritual, occurrence, news=not wrote)


async def skip(
    session: AsyncSession, *, server_id: int, occurrence_id: int, user_id: int
) -> Pressed:
    """Let somebody take an occurrence off that is under way; as for `join`."""
    ritual, occurrence = await _open(session, server_id, occurrence_id, user_id)
    row = await session.get(RitualChoice, (ritual.id, occurrence.local_moment, user_id))
    if row is not None and row.choice == "skip":
        return _pressed(ritual, occurrence, news=False)
    if row is None:
        row = _choice(ritual, occurrence.local_moment, user_id)
        session.add(row)
    elif row.counted:
        occurrence.answers -= 1
        part = await session.get(RitualPart, (occurrence_id, user_id))
        if part is not None:
            await session.delete(part)
    row.choice, row.counted = "skip", False
    occurrence.skips += 1
    await session.flush()
    return _pressed(ritual, occurrence, news=True)


async def coming(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int
) -> Coming | None:
    """Return a ritual's next moment to who may be in its room; None while it rests."""
    ritual = await _ritual(session, server_id, ritual_id, user_id)
    moment = _next_moment(ritual)
    if moment is None or ritual.next_due_at is None:
        return None
    row = await session.get(RitualChoice, (ritual.id, moment, user_id))
    choice = "" if row is None else row.choice
    return Coming(ritual.id, ritual.group_id, ritual.title, ritual.next_due_at, choice)


async def skip_next(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int
) -> Coming:
    """Let somebody take a ritual's next moment off: it does not call them then."""
    return await _choose_next(session, server_id, ritual_id, user_id, "skip")


async def greet_next(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int, now: datetime
) -> Coming:
    """Let somebody who moved in lately be greeted by name when a ritual comes that greets.

    UserError for who is not new there.
    """
    ritual = await _ritual(session, server_id, ritual_id, user_id)
    if not KINDS[ritual.kind].greets or not await is_new(session, ritual, user_id, now):
        raise UserError("rituals.not_new", title=safe(ritual.title))
    return await _choose_next(session, server_id, ritual_id, user_id, "greet")


async def as_before(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int
) -> Coming:
    """Take back what somebody pressed about a ritual's next moment."""
    return await _choose_next(session, server_id, ritual_id, user_id, "")


async def is_new(session: AsyncSession, ritual: Ritual, user_id: int, now: datetime) -> bool:
    """Return whether somebody moved into a ritual's group lately."""
    home = await session.get(Membership, (ritual.server_id, user_id))
    if home is None or home.group_id != ritual.group_id or home.state != "here":
        return False
    return home.course == "begun" and home.since > now - NEW_FOR


async def over(session: AsyncSession, occurrence: Occurrence) -> None:
    """Erase what people pressed about a moment that is over."""
    await session.execute(
        delete(RitualChoice).where(
            RitualChoice.ritual_id == occurrence.ritual_id,
            RitualChoice.moment == occurrence.local_moment,
        )
    )


async def _choose_next(
    session: AsyncSession, server_id: int, ritual_id: int, user_id: int, choice: str
) -> Coming:
    ritual = await _ritual(session, server_id, ritual_id, user_id)
    moment = _next_moment(ritual)
    if moment is None:
        raise UserError("rituals.rests_now", title=safe(ritual.title))
    row = await session.get(RitualChoice, (ritual_id, moment, user_id))
    if row is not None and not choice:
        await session.delete(row)
    elif row is not None:
        row.choice = choice
    elif choice:
        row = _choice(ritual, moment, user_id)
        row.choice = choice
        session.add(row)
    await session.flush()
    found = await coming(session, server_id=server_id, ritual_id=ritual_id, user_id=user_id)
    assert found is not None  # it has a next moment
    return found


def _choice(ritual: Ritual, moment: str, user_id: int) -> RitualChoice:
    return RitualChoice(
        ritual_id=ritual.id,
        moment=moment,
        user_id=user_id,
        server_id=ritual.server_id,
        choice="in",
        counted=False,
    )


def _next_moment(ritual: Ritual) -> str | None:
    """Return the wall time by which a ritual's next moment is known, moved or not."""
    place = ritual.moved_from_at or ritual.next_due_at
    if ritual.state != "running" or place is None:
        return None
    return local_moment(schedule_of(ritual), place)


async def _ritual(session: AsyncSession, server_id: int, ritual_id: int, user_id: int) -> Ritual:
    ritual = await session.get(Ritual, ritual_id)
    if ritual is None or ritual.server_id != server_id:
        raise NotAllowed("rituals.gone")
    if not await rights.is_inside(session, server_id, user_id, ritual.group_id):
        raise NotAllowed("rituals.inside_only")
    return ritual


async def _open(
    session: AsyncSession, server_id: int, occurrence_id: int, user_id: int
) -> tuple[Ritual, Occurrence]:
    occurrence = await session.get(Occurrence, occurrence_id)
    if occurrence is None:
        raise NotAllowed("rituals.gone")
    ritual = await _ritual(session, server_id, occurrence.ritual_id, user_id)
    if occurrence.closed_at is not None:
        title, following = safe(ritual.title), ritual.next_due_at
        if ritual.state != "running" or following is None:
            raise UserError("rituals.over_rests", title=title)
        raise UserError("rituals.over", title=title, at=int(following.timestamp()))
    return ritual, occurrence


def _pressed(ritual: Ritual, occurrence: Occurrence, *, news: bool) -> Pressed:
    return Pressed(ritual.title, KINDS[ritual.kind].part, occurrence.thread_id, news)
