"""What facilitators and moderators do with private words: open, take on, answer, pass on, close.

Who wrote is never looked up here but for what its author allowed: `concerns.card` decides. Whoever
wrote a word cannot handle it, also where they look after the group themselves.
"""

from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import concern_cards as cards
from bot.rules.actor import Actor
from bot.rules.concern_cards import Card
from bot.rules.naming import clean
from bot.services import concerns, rights
from models import Concern, ConcernReply, Facilitator, Group


async def look(session: AsyncSession, actor: Actor, concern_id: int) -> Card:
    """Return a concern, to those it is for."""
    return await concerns.card(session, await _theirs(session, actor, concern_id))


async def take(session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime) -> Card:
    """Take a concern on, so that the others know; UserError if somebody has."""
    row = await _theirs(session, actor, concern_id)
    if row.state != "open":
        raise UserError("concerns.taken_already")
    row.state, row.by_user_id, row.last_at = "taken", actor.user_id, now
    await session.flush()
    return await concerns.card(session, row)


async def answer(
    session: AsyncSession, actor: Actor, concern_id: int, said: str, *, now: datetime
) -> Card:
    """Answer whoever wrote; they find it in /home, and nothing in any room tells of it."""
    row = await _theirs(session, actor, concern_id)
    session.add(
        ConcernReply(
            server_id=row.server_id,
            concern_id=row.id,
            by_user_id=actor.user_id,
            said=clean(said, lines=True)[: cards.REPLY_MOST],
            at=now,
        )
    )
    if row.state == "open":
        row.state, row.by_user_id = "taken", actor.user_id
    row.last_at = now
    await session.flush()
    return await concerns.card(session, row)


async def pass_on(session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime) -> None:
    """Give a concern from the facilitators to the moderators; its author reads that in /home."""
    row = await _theirs(session, actor, concern_id)
    await concerns.to_moderators(session, row, now)


async def close(session: AsyncSession, actor: Actor, concern_id: int, *, now: datetime) -> Card:
    """Close a concern; its author may still write back, which opens it again."""
    row = await _theirs(session, actor, concern_id)
    row.state, row.closed_at, row.last_at = "closed", now, now
    await session.flush()
    return await concerns.card(session, row)


async def for_moderators(session: AsyncSession, actor: Actor) -> list[Card]:
    """Return what waits for the moderators, what nobody has taken on first. For moderators."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    await rights.require_moderator(session, actor)
    return await _waiting(session, actor, Concern.for_whom == "moderators")


async def for_facilitators(session: AsyncSession, actor: Actor, group_id: int) -> list[Card]:
    """Return what waits for those who look after a group; they alone, and owners."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    group = await session.get(Group, group_id)
    office = await session.get(Facilitator, (group_id, actor.user_id))
    mine = office is not None and office.state == "active"
    if (
        group is None
        or group.server_id != actor.server_id
        or not (mine or await rights.is_owner(session, actor))
    ):
        raise UserError("errors.facilitators_only_there")
    return await _waiting(
        session, actor, (Concern.for_whom == "facilitators") & (Concern.group_id == group_id)
    )


async def for_person(session: AsyncSession, actor: Actor) -> list[int]:
    """Return the ids of what waits for someone as a facilitator, not yet taken on."""
    rows = await session.scalars(
        select(Concern.id)
        .join(Facilitator, Facilitator.group_id == Concern.group_id)
        .where(
            Concern.server_id == actor.server_id,
            Concern.for_whom == "facilitators",
            Concern.state == "open",
            Concern.user_id != actor.user_id,
            Facilitator.user_id == actor.user_id,
            Facilitator.state == "active",
        )
        .order_by(Concern.last_at, Concern.id)
    )
    return list(rows)


async def _waiting(session: AsyncSession, actor: Actor, which: object) -> list[Card]:
    rows = await session.scalars(
        select(Concern)
        .where(
            Concern.server_id == actor.server_id,
            Concern.state != "closed",
            Concern.user_id != actor.user_id,
            which,  # pyright: ignore[reportArgumentType] - a condition
        )
        .order_by(case((Concern.state == "open", 0), else_=1), Concern.last_at, Concern.id)
    )
    return [await concerns.card(session, row) for row in rows.all()]


async def _theirs(session: AsyncSession, actor: Actor, concern_id: int) -> Concern:
    """Return a concern that the actor may handle; UserError else, alike for all reasons but one."""
    await rights.server_row(session, actor.server_id, allow_paused=True)
    row = await session.get(Concern, concern_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("concerns.gone")
    if row.for_whom == "moderators":
        if not actor.moderates_members and not await rights.is_owner(session, actor):
            raise UserError("concerns.not_for_you")
    else:
        office = await session.get(Facilitator, (row.group_id or 0, actor.user_id))
        mine = office is not None and office.state == "active"
        if not mine and not await rights.is_owner(session, actor):
            raise UserError("concerns.not_for_you")
    if row.user_id == actor.user_id:
        raise UserError("concerns.your_own")
    return row
