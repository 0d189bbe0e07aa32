"""What members decide whose role and room were adopted: to be counted, and which group is home."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import adopted_messages
from bot.rules.actor import Actor
from bot.rules.arriving import require_arrived
from bot.rules.home_cards import Note
from bot.rules.place_names import Place
from bot.rules.scope import MemberScope
from bot.rules.visits import NO_END
from bot.services import membership, people, rights
from bot.services.desired import ADOPTED
from bot.services.groups import of_server
from bot.settings import Settings
from models import Group, Membership, Visit

OPEN_AFTER = timedelta(days=30)  # how long the others stay open once a home is chosen


@dataclass(frozen=True, slots=True)
class Hello:
    """Who somebody is in a room that was adopted; `home` of a guest."""

    group: str
    home: str | None
    told: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The home that somebody chose, and until when the other rooms stay open."""

    group: str
    until: datetime
    moved: bool
    told: bool


async def hello(session: AsyncSession, who: Actor, group_id: int, *, now: datetime) -> Hello:
    """Begin to count somebody who wants to be part of it; UserError for who is not there."""
    await rights.server_row(session, who.server_id)
    group = await of_server(session, who.server_id, group_id)
    home = await session.get(Membership, (who.server_id, who.user_id))
    lives = home is not None and home.group_id == group_id
    visit = select(Visit.id).where(
        Visit.group_id == group_id, Visit.user_id == who.user_id, Visit.ended_at.is_(None)
    )
    if not lives and await session.scalar(visit) is None:
        raise UserError("adopt.hello_nobody")
    told = await people.consent(session, who.server_id, who.user_id, now)
    if lives or home is None:
        return Hello(group.name, None, told)
    return Hello(group.name, (await session.get_one(Group, home.group_id)).name, told)


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Tell in /home of rooms that are open by a role from before, until a home is chosen."""
    del settings
    found = await _others(session, who, now)
    return adopted_messages.note([place for _visit, place in found]) if found else None


async def options(
    session: AsyncSession, who: Actor, *, now: datetime
) -> tuple[Place | None, list[Place]]:
    """Return the home, if there is one, and what it could be; UserError when nothing is left."""
    row = await session.get(Membership, (who.server_id, who.user_id))
    others = await _others(session, who, now)
    if not others or (row is not None and row.state == "held"):
        raise UserError("adopt.nothing_to_choose")
    home: Place | None = None
    if row is not None and row.state == "here":
        group = await session.get_one(Group, row.group_id)
        home = Place(group.id, group.name, group.emoji, group.room_id, None)
    return home, [place for _visit, place in others]


async def choose(
    session: AsyncSession, who: Actor, group_id: int, *, now: datetime, settings: Settings
) -> Chosen:
    """Make one of the groups whose role somebody had before their home; the first move is free.

    The others stay open for a while, by the roles they have. UserError where joining is not
    possible now: then everything stays as it is.
    """
    await rights.server_row(session, who.server_id)
    home, places = await options(session, who, now=now)
    lives = None if home is None else home.group_id
    if group_id not in {lives, *(place.group_id for place in places)}:
        raise UserError("adopt.nothing_to_choose")
    told = False
    if group_id != lives:
        require_arrived(who)
        joined = await membership.join(
            session,
            who.server_id,
            who.user_id,
            group_id,
            now=now,
            settings=settings,
            admitted=True,
        )
        told = joined.told
    else:
        told = await people.consent(session, who.server_id, who.user_id, now)
    until = now + OPEN_AFTER
    for visit, _place in await _others(session, who, now):
        visit.ends_at = until
    await session.flush()
    note_after_commit(session, MemberScope(who.server_id, who.user_id))
    group = await session.get_one(Group, group_id)
    return Chosen(group.name, until, group_id != lives, told)


async def _others(session: AsyncSession, who: Actor, now: datetime) -> list[tuple[Visit, Place]]:
    """Return the open visits that have no end of their own, until somebody chooses."""
    rows = await session.execute(
        select(Visit, Group)
        .join(Group, Group.id == Visit.group_id)
        .where(
            Visit.server_id == who.server_id,
            Visit.user_id == who.user_id,
            Visit.ended_at.is_(None),
            Visit.origin == ADOPTED,
            Visit.ends_at > now + NO_END,
        )
        .order_by(Group.name_key)
    )
    return [
        (visit, Place(group.id, group.name, group.emoji, group.room_id, None))
        for visit, group in rows
    ]
