"""What people press about one moment of a ritual: that they are in, or take it off.

A press is somebody's own word and binds nobody. It is kept until the moment is over, so that
pressing twice counts once, for those too who are not counted otherwise; then it goes, and what
stays are numbers. Nobody is told who pressed what.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.rules.ritual_kinds import KINDS, NEW_FOR
from bot.rules.ritual_kinds import Part as TakingPart
from bot.rules.ritual_mine_cards import Mine
from bot.rules.rituals import local_moment
from bot.rules.together_cards import Part
from bot.services import rights, ritual_moves, ritual_parts
from bot.services.rituals import schedule_of
from bot.settings import Settings
from models import Group, Member, Membership, Occurrence, Reminder, Ritual, RitualChoice, RitualPart

OFFERED = timedelta(days=14)  # before it comes, somebody who is new reads of it at /home


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press did; `news` is False where it had been pressed before.

    `thread_id` is where people answer, None for the room; `part` as the ritual's kind has it.
    """

    title: str
    part: TakingPart
    thread_id: int | None
    news: bool


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
        row = _choice(ritual, occurrence.local_moment, user_id, "in")
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
        row = _choice(ritual, occurrence.local_moment, user_id, "skip")
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


async def of_group(
    session: AsyncSession, *, server_id: int, group_id: int, user_id: int, now: datetime
) -> list[Mine]:
    """Return what comes in a group, the next first, to who may be in its room."""
    if not await rights.is_inside(session, server_id, user_id, group_id):
        raise NotAllowed("rituals.inside_only")
    running = await session.scalars(
        select(Ritual)
        .where(
            Ritual.server_id == server_id, Ritual.group_id == group_id, Ritual.state == "running"
        )
        .order_by(Ritual.next_due_at, Ritual.id)
    )
    found = [await _mine(session, ritual, user_id, now) for ritual in running.all()]
    return [one for one in found if one is not None]


async def one(
    session: AsyncSession, *, server_id: int, ritual_id: int, user_id: int, now: datetime
) -> Mine:
    """Return a ritual's next moment to who may be in its room; UserError while it rests."""
    ritual = await _ritual(session, server_id, ritual_id, user_id)
    found = await _mine(session, ritual, user_id, now)
    if found is None:
        raise UserError("ritual_mine.rests", title=safe(ritual.title))
    return found


async def choose_next(
    session: AsyncSession,
    *,
    server_id: int,
    ritual_id: int,
    user_id: int,
    choice: Literal["", "skip", "greet"],
    now: datetime,
) -> Mine:
    """Let somebody take a ritual's next moment off, be greeted by it, or take that back ("").

    UserError while it rests, and for wanting to be greeted of who is not new there.
    """
    here: dict[str, Any] = {"server_id": server_id, "ritual_id": ritual_id, "user_id": user_id}
    before = await one(session, **here, now=now)
    if choice == "greet" and not before.may_greet:
        raise UserError("rituals.not_new", title=safe(before.title))
    ritual = await session.get_one(Ritual, ritual_id)
    _, moment = await _next_moment(session, ritual) or (now, "")
    assert moment  # it has a next one
    row = await session.get(RitualChoice, (ritual_id, moment, user_id))
    if row is not None and not choice:
        await session.delete(row)
    elif row is not None:
        row.choice = choice
    elif choice:
        session.add(_choice(ritual, moment, user_id, choice))
    await session.flush()
    return await one(session, **here, now=now)


async def _mine(session: AsyncSession, ritual: Ritual, user_id: int, now: datetime) -> Mine | None:
    following = await _next_moment(session, ritual)
    if following is None:
        return None
    at, moment = following
    row = await session.get(RitualChoice, (ritual.id, moment, user_id))
    return Mine(
        ritual.id,
        ritual.group_id,
        ritual.title,
        at,
        choice="" if row is None else row.choice,
        reminded=await session.get(Reminder, (ritual.id, user_id)) is not None,
        may_greet=KINDS[ritual.kind].greets and await _is_new(session, ritual, user_id, now),
    )


async def _is_new(session: AsyncSession, ritual: Ritual, user_id: int, now: datetime) -> bool:
    """Return whether somebody moved into a ritual's group lately."""
    home = await session.get(Membership, (ritual.server_id, user_id))
    if home is None or home.group_id != ritual.group_id or home.state != "here":
        return False
    return home.course == "begun" and home.since > now - NEW_FOR


async def together_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Part | None:
    """Return the way to somebody's own view of a group's rituals, where any comes round."""
    del settings
    who = {"server_id": actor.server_id, "user_id": actor.user_id}
    if not await of_group(session, group_id=group.id, now=now, **who):
        return None
    return Part(buttons=(Button("ritual_mine.open", f"ritual-mine:{group.id}"),))


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return the offer to be greeted, for somebody who is new where a newcomers' circle is near."""
    del settings
    greeting = [kind.key for kind in KINDS.values() if kind.greets]
    ritual = await session.scalar(
        select(Ritual)
        .join(Membership, Membership.group_id == Ritual.group_id)
        .where(
            Membership.server_id == who.server_id,
            Membership.user_id == who.user_id,
            Membership.state == "here",
            Membership.since > now - NEW_FOR,
            Ritual.kind.in_(greeting),
            Ritual.state == "running",
            Ritual.next_due_at.between(now, now + OFFERED),
        )
        .order_by(Ritual.next_due_at)
        .limit(1)
    )
    mine = None if ritual is None else await _mine(session, ritual, who.user_id, now)
    if mine is None or mine.choice or not mine.may_greet:
        return None
    told = {"title": safe(mine.title), "at": int(mine.at.timestamp())}
    return Note(
        (Line("ritual_mine.home_new", told),),
        (Button("ritual_mine.greet", f"ritual-greet:{mine.ritual_id}"),),
    )


async def over(session: AsyncSession, occurrence: Occurrence) -> None:
    """Erase what people pressed about a moment that is over."""
    await session.execute(
        delete(RitualChoice).where(
            RitualChoice.ritual_id == occurrence.ritual_id,
            RitualChoice.moment == occurrence.local_moment,
        )
    )


def _choice(ritual: Ritual, moment: str, user_id: int, choice: str) -> RitualChoice:
    return RitualChoice(
        ritual_id=ritual.id,
        moment=moment,
        user_id=user_id,
        server_id=ritual.server_id,
        choice=choice,
        counted=False,
    )


async def _next_moment(session: AsyncSession, ritual: Ritual) -> tuple[datetime, str] | None:
    """Return when a ritual is held next, and the wall time by which that is known, moved or not."""
    following = await ritual_moves.next_held(session, ritual)
    if following is None:
        return None
    at, place = following
    return at, local_moment(schedule_of(ritual), place)


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
        title = safe(ritual.title)
        following = await ritual_moves.next_held(session, ritual)
        if following is None:
            raise UserError("rituals.over_rests", title=title)
        raise UserError("rituals.over", title=title, at=int(following[0].timestamp()))
    return ritual, occurrence


def _pressed(ritual: Ritual, occurrence: Occurrence, *, news: bool) -> Pressed:
    return Pressed(ritual.title, KINDS[ritual.kind].part, occurrence.thread_id, news)
