"""People of a circle: what they are asked, what they say, and what became of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import membership
from bot.rules.actor import Actor
from bot.rules.circle_cards import Suggestion
from bot.rules.circle_offers import ANSWER_FOR, suits
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.naming import safe
from bot.services import circles, people, rights
from bot.settings import Settings
from models import Circle, CircleMember, Group, GroupType, Member, Membership


async def look(
    session: AsyncSession, who: Actor, circle_id: int, now: datetime, settings: Settings
) -> Suggestion:
    """Return what somebody of a circle is asked; UserError for anybody else, and when it's over."""
    await rights.server_row(session, who.server_id)
    circle, row = await _open(session, who, circle_id, now)
    return await _shown(session, circle, row, now, settings)


async def say(
    session: AsyncSession,
    who: Actor,
    circle_id: int,
    now: datetime,
    settings: Settings,
    *,
    yes: bool,
    would_help: bool = False,
) -> Suggestion:
    """Take in what somebody of a circle says; until it is over they may change it.

    A yes moves nobody: once there is a group, they are asked in.
    """
    await rights.server_row(session, who.server_id)
    await people.member(session, who.server_id, who.user_id)  # one after the other
    circle, row = await _open(session, who, circle_id, now)
    row.answer, row.answered_at = "yes" if yes else "no", now
    row.would_help = yes and would_help
    await session.flush()
    return await _shown(session, circle, row, now, settings)


async def seen(session: AsyncSession, who: Actor, circle_id: int) -> None:
    """Put out of sight that nothing came of a circle."""
    row = await session.get(CircleMember, (circle_id, who.user_id))
    circle = await session.get(Circle, circle_id)
    if row is None or circle is None or circle.server_id != who.server_id:
        return
    if circle.state == "over":
        await session.delete(row)
        await session.flush()


async def _open(
    session: AsyncSession, who: Actor, circle_id: int, now: datetime
) -> tuple[Circle, CircleMember]:
    circle = await session.get(Circle, circle_id)
    row = await session.get(CircleMember, (circle_id, who.user_id))
    if circle is None or row is None or circle.server_id != who.server_id:
        raise UserError("circles.not_asked")
    if circle.offered_at is None:
        raise UserError("circles.not_asked")
    if circle.closed_at is not None or circle.ends_at is None or circle.ends_at <= now:
        raise UserError("circles.too_late")
    return circle, row


async def _shown(
    session: AsyncSession,
    circle: Circle,
    row: CircleMember,
    now: datetime,
    settings: Settings,
) -> Suggestion:
    assert circle.ends_at is not None
    type_ = None if circle.type_id is None else await session.get(GroupType, circle.type_id)
    if type_ is None or not suits(kind=type_.kind, listed=type_.listed):
        raise UserError("circles.too_late")
    member = await session.get(Member, (circle.server_id, row.user_id))
    home = await session.get(Membership, (circle.server_id, row.user_id))
    lives_in: str | None = None
    if home is not None and home.state == "here" and home.group_id != circle.group_id:
        lives_in = (await session.get_one(Group, home.group_id)).name
    return Suggestion(
        circle_id=circle.id,
        size=circle.size,
        charter=circles.charter_of(circle),
        minimum=type_.minimum,
        ends_at=circle.ends_at,
        answer=row.answer,  # pyright: ignore[reportArgumentType] - the table holds nothing else
        would_help=row.would_help,
        group_id=circle.group_id,
        invited=row.invited_at is not None,
        lives_in=lives_in,
        next_move_at=membership.next_move_at(
            people.past(member, home), now, people.bounds(settings)
        ),
    )


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what circles have to say on someone's /home: a question, an answer, how it ended."""
    del settings
    rows = await session.execute(
        select(Circle, CircleMember)
        .join(CircleMember, CircleMember.circle_id == Circle.id)
        .where(
            Circle.server_id == who.server_id,
            Circle.offered_at.is_not(None),
            CircleMember.user_id == who.user_id,
        )
        .order_by(Circle.offered_at.desc())
    )
    for circle, row in rows.all():
        name = {"name": safe(circles.charter_of(circle).name)}
        see = f"circle-see:{circle.id}:home"
        if circle.closed_at is not None:
            if circle.state == "over" and row.answer == "yes" and _lately(circle, now):
                done = Button("circles.all_right", f"circle-seen:{circle.id}")
                return Note((Line("circles.home_over", name),), (done,))
            continue
        if circle.ends_at is None or circle.ends_at <= now or row.invited_at is not None:
            continue
        at = int(circle.ends_at.timestamp())
        if row.answer == "none":
            return Note(
                (Line("circles.home_asked", {**name, "at": at}),),
                (Button("circles.see", see, "primary"),),
                urgent=True,
            )
        if row.answer == "yes":
            line = Line("circles.home_yes", name)
            return Note((line,), (Button("circles.change", see),))
    return None


def _lately(circle: Circle, now: datetime) -> bool:
    return circle.closed_at is not None and circle.closed_at + ANSWER_FOR > now
