"""What safety adds to somebody's /home: what was taken from them, and private words."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import concern_cards, safety_cards
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.safety_cards import Told
from bot.services import appeals, concern_desk, concerns, removals
from bot.services.appeals import Answered
from bot.services.removals import Taken
from bot.settings import Settings
from models import Appeal, Removal, Server


async def removed(
    session: AsyncSession, who: Actor, now: datetime, _settings: Settings
) -> Note | None:
    """Return what was taken from somebody and what became of their question, until they saw it."""
    found = await removals.of_person(session, who.server_id, who.user_id, now)
    if not found:
        return None
    asked = await appeals.answers(session, who.server_id, who.user_id)
    read = await _read(session, [one.id for one in found])
    shown = [told(one, asked.get(one.id)) for one in found if one.id not in read]
    return safety_cards.on_home_card(shown)


async def words(
    session: AsyncSession, who: Actor, _now: datetime, _settings: Settings
) -> Note | None:
    """Return private words: half-written ones, one's own, and those that wait for a facilitator."""
    server = await session.get(Server, who.server_id)
    waiting = [] if server is None else await concern_desk.for_person(session, who)
    if server is not None and server.facilitators_room_id is not None:
        waiting = []  # their room says it
    return concern_cards.on_home_card(
        await concerns.drafts_of(session, who),
        [(one.id, one.news) for one in await concerns.of_author(session, who)],
        waiting,
    )


def told(one: Taken, asked: Answered | None) -> Told:
    """Return a removal with what was asked about it, as its card takes it."""
    return Told(
        id=one.id,
        kind=one.kind,
        group=one.group,
        everywhere=one.group_id is None,
        reason=one.reason,
        at=one.at,
        shut_until=one.shut_until,
        asked_at=None if asked is None else asked.asked_at,
        let_back=None if asked is None else asked.let_back,
        answer="" if asked is None else asked.answer,
    )


async def _read(session: AsyncSession, ids: list[int]) -> set[int]:
    """Return which of these removals their person has put away, and asked nothing about since."""
    rows = await session.execute(
        select(Removal.id)
        .outerjoin(Appeal, (Appeal.removal_id == Removal.id) & Appeal.seen_at.is_(None))
        .where(Removal.id.in_(ids), Removal.seen_at.is_not(None), Appeal.id.is_(None))
    )
    return {row.id for row in rows}
